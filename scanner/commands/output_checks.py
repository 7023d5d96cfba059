"""What a scan is to write, checked before the long work starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.types import PageRef

STDOUT = Path("-")
"""Stands for standard output in place of a file."""


def check_files(outputs: Sequence[Path], refs: Iterable[PageRef]) -> None:
    """Check that files can be written, and make their folders.

    Raises:
        OutputError: if one is a page to be read, comes twice, is a folder, or its folder cannot be made or written to.
    """
    pages = {_real_path(ref.path) for ref in refs}
    places = [STDOUT if path == STDOUT else _real_path(path) for path in outputs]
    for path, place in zip(outputs, places, strict=True):
        if places.count(place) > 1:
            raise OutputError(f"{path}: is to hold two results; give each a name of its own")
        if place in pages:
            raise OutputError(f"{path}: is one of the pages to read; choose another name")
        if path.is_dir():
            raise OutputError(f"{path}: is a folder; give the name of a file")
        # Pipes and devices are written to directly, whatever their folder.
        if path != STDOUT and not (path.exists() and not path.is_file()):
            _make_folder(place.parent)


def check_folder(folder: Path, inputs: Iterable[Path], refs: Iterable[PageRef]) -> None:
    """Check that pictures can be written below ``folder`` and are not taken for pages later, and make it.

    Raises:
        OutputError: if it is, or is in, a folder of pages, or it cannot be made or written to.
    """
    place = _real_path(folder)
    scanned = [_real_path(path) for path in inputs if path.is_dir()]
    # Of files given by name the folder is no input, but pictures among them would be when it is.
    scanned += [parent for ref in refs if (parent := _real_path(ref.path).parent) == place]
    for source in scanned:
        if place.is_relative_to(source):
            raise OutputError(
                f"{folder}: lies in {source}, and its pictures would be read as pages next time; choose another folder"
            )
    _make_folder(place)


def write_output(path: Path, chunks: Iterable[str]) -> None:
    """Write to a file, whole or not at all, or to standard output, piece by piece.

    Args:
        path: of the file, or STDOUT.
        chunks: the text, each piece asked for when the one before it is written.

    Raises:
        OutputError: if the file cannot be written.
    """
    from scanner.atomic_write import write_chunks

    if path == STDOUT:
        # Bytes: text would get other line ends and another encoding on some machines.
        for chunk in chunks:
            click.echo(chunk.encode("utf-8", "backslashreplace"), nl=False)
    else:
        write_chunks(path, chunks)


def _real_path(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(f"{folder}: a part of this path is a file; choose another folder") from error
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror}); choose another folder") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: may not be written to; choose another folder or change its permissions")
