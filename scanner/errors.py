"""What can go wrong, in the user's words.

The library raises; the command line turns an exception into one line on stderr
and the exception's exit code.  Exit code 2 is click's, for wrong usage; 130 is
an interrupt.
"""

from __future__ import annotations


class DigitscanError(Exception):
    """Base of all errors meant for the user.  ``str(error)`` is one line: what happened, to what, what to do."""

    exit_code = 1


class PageError(DigitscanError):
    """A page or file could not be read; other pages can.  Exit code 3."""

    exit_code = 3


class NothingToReadError(DigitscanError):
    """No input page was found at all.  Exit code 4."""

    exit_code = 4


class NoPagesError(NothingToReadError):
    """The folders are there, and no page is in them."""


class OutputError(DigitscanError):
    """A result could not be written.  Exit code 5."""

    exit_code = 5


class NotInstalledError(DigitscanError):
    """A model or an optional package is not installed.  Exit code 6."""

    exit_code = 6


class NoDisplayError(DigitscanError):
    """A window was asked for where there is no display.  Exit code 7."""

    exit_code = 7


class DataError(DigitscanError):
    """Training data, truth or result files are missing or not in the format expected.  Exit code 8."""

    exit_code = 8
