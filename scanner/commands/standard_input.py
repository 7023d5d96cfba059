"""An image or a PDF on standard input, as a file that workers can read."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN = Path("-")
"""Stands for standard input in place of a file."""
_FILE_NAME = "stdin"
"""Name of what is read there, in results."""


@contextmanager
def with_standard_input(inputs: tuple[Path, ...], max_bytes: int) -> Iterator[tuple[Path, ...]]:
    """Return the inputs; if it is standard input, a temporary file with its bytes, for the time of the block.

    Args:
        inputs: files and folders, or ``STDIN`` alone.
        max_bytes: of more than that, one byte more is kept, so that the file is refused as too large.

    Raises:
        click.UsageError: if standard input is not the only input.
    """
    if STDIN not in inputs:
        yield inputs
        return
    if len(inputs) > 1:
        raise click.UsageError("- stands for one image or PDF on standard input, and can only be read by itself")
    with TemporaryDirectory(prefix="digitscan-") as folder:
        path = Path(folder) / _FILE_NAME
        path.write_bytes(sys.stdin.buffer.read(max_bytes + 1))
        yield (path,)
