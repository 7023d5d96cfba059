"""Exit codes and what they mean, for the help."""

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
"""Exit code after Ctrl-C, the one that shells use for it."""
_WRONG_USAGE_CODE = 2  # click's
RESUME_ADVICE = "the same command resumes where it stopped"

EXIT_CODES = {
    0: "everything was read",
    DigitscanError.exit_code: "another error",
    _WRONG_USAGE_CODE: "wrong usage",
    PageError.exit_code: "some pages could not be read; the others are in the results",
    NothingToReadError.exit_code: "there was nothing to read",
    OutputError.exit_code: "a result could not be written",
    NotInstalledError.exit_code: "a model or an optional package is not installed",
    NoDisplayError.exit_code: "there is no display for a window",
    DataError.exit_code: "a file of data or results is missing or has the wrong format",
    INTERRUPTED_CODE: f"interrupted; {RESUME_ADVICE}",
}
"""Meaning of each exit code."""

EXIT_CODES_HELP = "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())
"""The list of exit codes for the end of a command's help."""


def interrupt_message(interrupt: KeyboardInterrupt) -> str:
    """Return what to print when Ctrl-C ends a command, with the advice that the exception carries, if any."""
    return "; ".join(("interrupted", *map(str, interrupt.args)))
