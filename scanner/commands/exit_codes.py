"""Exit codes, in one place for the help and for scripts."""

from __future__ import annotations

from scanner.errors import (
    DataError,
    DigitscanError,
    NoDisplayError,
    NothingToReadError,
    NotInstalledError,
    OutputError,
    PageError,
)

INTERRUPTED_CODE = 130
"""As shells report a process that Ctrl-C ended."""
_WRONG_USAGE_CODE = 2  # click's

EXIT_CODES = {
    0: "all was read",
    DigitscanError.exit_code: "another error",
    _WRONG_USAGE_CODE: "wrong usage",
    PageError.exit_code: "a page could not be read; the others are in the results",
    NothingToReadError.exit_code: "there was nothing to read",
    OutputError.exit_code: "a result could not be written",
    NotInstalledError.exit_code: "a model or an optional package is not installed",
    NoDisplayError.exit_code: "there is no display for a window",
    DataError.exit_code: "training data, results or truth missing or not in the format expected",
    INTERRUPTED_CODE: "interrupted; the same command goes on where it was",
}
"""What each exit code means."""

EXIT_CODES_HELP = "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
"""The same for ``--help``."""


def interrupt_message(interrupt: KeyboardInterrupt) -> str:
    """What to say when Ctrl-C ends a command; with what to do, if it was raised with that."""
    return "; ".join(("interrupted", *map(str, interrupt.args)))
