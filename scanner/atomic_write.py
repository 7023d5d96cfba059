"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from typing import TYPE_CHECKING

from scanner.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from scanner.types import Image


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, line ends as they are; see ``write_chunks``.

    Raises:
        OutputError: if the file cannot be written.
    """
    write_chunks(path, (text,))


def write_chunks(path: Path, chunks: Iterable[str]) -> None:
    """Write pieces of text one after the other, as UTF-8, line ends as they are; see ``write_bytes``.

    Each piece is asked for when the one before it is written, so that a text
    larger than memory can be written.  What is raised in making one is passed
    on as it is, and the file left as it was before.

    A lone surrogate, which UTF-8 cannot hold, is written as its backslash
    escape rather than losing the whole file for it.

    Args:
        path: of the file.
        chunks: the text, cut anywhere.

    Raises:
        OutputError: if the file cannot be written; nothing is left behind.
    """
    _write_atomically(path, (chunk.encode("utf-8", "backslashreplace") for chunk in chunks))


def write_bytes(path: Path, data: bytes) -> None:
    """Write the file whole or leave what was there before; missing parent folders are made.

    The bytes go to a temporary file in the same folder, which then takes the
    name in one step, so a reader never sees half a file.  A link keeps
    pointing where it did.  What is no file (a pipe, ``/dev/null``) is written to directly.

    Raises:
        OutputError: if the file cannot be written; nothing is left behind.
    """
    _write_atomically(path, (data,))


def write_image(path: Path, image: Image) -> None:
    """Write ``image``, shape (height, width, 3) BGR or (height, width), as PNG or JPEG after the suffix.

    Raises:
        OutputError: for any other suffix, an image the format cannot hold, or a file that cannot be written.
    """
    import cv2

    suffix = path.suffix.lower()
    if suffix not in {".png", ".jpg", ".jpeg"}:
        raise OutputError(f"{path}: pictures are written as .png or .jpg; change the name")
    try:
        done, data = cv2.imencode(suffix, image)
    except cv2.error as error:
        raise OutputError(f"{path}: the picture could not be packed as {suffix} ({error.err})") from error
    if not done:
        raise OutputError(f"{path}: the picture could not be packed as {suffix}; try .png")
    write_bytes(path, data.tobytes())


def _write_atomically(path: Path, chunks: Iterable[bytes]) -> None:
    failed: list[Exception] = []
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.writelines(_recording_errors(chunks, failed))
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace_file(path.resolve(), _recording_errors(chunks, failed))
    except (OSError, ValueError) as error:
        if error in failed:
            raise
        raise OutputError(f"{path}: {_write_error_advice(error)}") from error


def _recording_errors(chunks: Iterable[bytes], failed: list[Exception]) -> Iterator[bytes]:
    # An error of whoever makes the text says nothing about the file it goes to: the two are told apart by this list.
    try:
        yield from chunks
    except (OSError, ValueError) as error:
        failed.append(error)
        raise


def _replace_file(path: Path, chunks: Iterable[bytes]) -> None:
    # Not tempfile: its files are for their owner only, and the result would stay so.
    # Not derived from the name either, which may be as long as the file system allows.
    temporary = path.with_name(f".digitscan-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.writelines(chunks)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_error_advice(error: OSError | ValueError) -> str:
    match error:
        case PermissionError():
            return "may not be written; choose another folder or change its permissions"
        case IsADirectoryError():
            return "is a folder; give the name of a file"
        case FileExistsError() | NotADirectoryError():
            return "cannot be made, since a part of its path is a file; choose another folder"
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return "could not be written, the disk is full; free some space and run it again"
        case OSError(errno=errno.ENAMETOOLONG):
            return "the name is too long; choose a shorter one"
        case OSError(strerror=str(reason)):
            return f"could not be written ({reason}); choose another place"
        case _:
            return f"is not a possible file name ({error}); choose another"
