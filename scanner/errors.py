"""Errors whose messages are meant for the user.

The library raises them; the command line prints their message on stderr and exits with their exit code.
Exit code 2 is click's, for wrong usage; 130 stands for an interrupt.
"""

from __future__ import annotations


class DigitscanError(Exception):
    """Base of all errors meant for the user.  ``str(error)`` is one line: what happened, where, and what to do.

    Only a ``FormError`` may have several, each like that.
    """

    exit_code = 1

    def __str__(self) -> str:
        """Return the message, with line breaks and control characters of file names escaped: it stays one line."""
        return _one_line(super().__str__())


class PageError(DigitscanError):
    """A page or file cannot be read; others can.  Exit code 3."""

    exit_code = 3


class NothingToReadError(DigitscanError):
    """There is no input page.  Exit code 4."""

    exit_code = 4


class NoPagesError(NothingToReadError):
    """The input folders contain no page.  Exit code 4."""


class OutputError(DigitscanError):
    """A result cannot be written.  Exit code 5."""

    exit_code = 5


class NotInstalledError(DigitscanError):
    """A model or an optional package is not installed.  Exit code 6."""

    exit_code = 6


class NoDisplayError(DigitscanError):
    """There is no display to open a window on.  Exit code 7."""

    exit_code = 7


class DataError(DigitscanError):
    """Training data, ground truth or results are missing or malformed.  Exit code 8."""

    exit_code = 8


class FormError(DataError):
    """A form cannot be used: its file is missing or has mistakes.  Exit code 8.

    Unlike other errors it tells of all mistakes at once: ``str(error)`` has a line for each.

    Args:
        mistakes: a line for each, one or more: file, place in it, what is wrong, and what to do.
    """

    def __init__(self, mistakes: list[str] | tuple[str, ...]) -> None:
        super().__init__(mistakes)
        self.mistakes = tuple(map(_one_line, mistakes))
        """A line for each mistake."""

    def __str__(self) -> str:
        """Return the lines."""
        return "\n".join(self.mistakes)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
