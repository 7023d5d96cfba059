"""Files written whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from typing import TYPE_CHECKING

from scanner.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from scanner.types import Image


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, line ends as they are; see ``write_chunks``.

    Raises:
        OutputError: if the file cannot be written.
    """
    write_chunks(path, (text,))


def write_chunks(path: Path, chunks: Iterable[str]) -> None:
    """Write chunks of text one after the other, encoded by ``encode_chunks``; see ``write_binary_chunks``.

    Raises:
        OutputError: if the file cannot be written; nothing is left behind.
    """
    write_binary_chunks(path, encode_chunks(chunks))


def encode_chunks(chunks: Iterable[str]) -> Iterator[bytes]:
    """Encode chunks of text as UTF-8, line ends as they are.

    A lone surrogate, which UTF-8 cannot encode, becomes its backslash escape, so that it does not cost the whole file.
    """
    return (chunk.encode("utf-8", "backslashreplace") for chunk in chunks)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file, or leave the old one in place; missing parent folders are created.

    The bytes go to a temporary file in the same folder, which then replaces the old one in one step, so a reader never
    sees half a file.  A link keeps pointing where it did.  Anything but a regular file (a pipe, ``/dev/null``) is
    written to directly.

    Raises:
        OutputError: if the file cannot be written; nothing is left behind.
    """
    _write_atomically(path, (data,))


def write_binary_chunks(
    path: Path, chunks: Iterable[bytes], before_replacing: Callable[[str], None] | None = None
) -> None:
    """Write chunks of bytes one after the other; see ``write_bytes``.

    Each chunk is fetched only when the one before it is written, so the file may be larger than memory.  An exception
    raised by ``chunks`` is passed on unchanged, and the file stays as it was.

    Args:
        path: path of the file.
        chunks: the bytes, split anywhere.
        before_replacing: called with the SHA-256 of the new bytes, in hexadecimal, when all are on the disk and the old
            file is still in place.  Not called for anything but a regular file.

    Raises:
        OutputError: if the file cannot be written; nothing is left behind.
    """
    _write_atomically(path, chunks, before_replacing)


def write_image(path: Path, image: Image) -> None:
    """Write an image of shape (height, width, 3), BGR, or (height, width) as PNG or JPEG, depending on the suffix.

    Raises:
        OutputError: for another suffix, an image that the format cannot hold, or a file that cannot be written.
    """
    import cv2

    suffix = path.suffix.lower()
    if suffix not in {".png", ".jpg", ".jpeg"}:
        raise OutputError(f"{path}: pictures are written as .png or .jpg; change the name")
    try:
        encoded, data = cv2.imencode(suffix, image)
    except cv2.error as error:
        raise OutputError(f"{path}: the picture could not be encoded as {suffix} ({error.err})") from error
    if not encoded:
        raise OutputError(f"{path}: the picture could not be encoded as {suffix}; try .png")
    write_bytes(path, data.tobytes())


def _write_atomically(
    path: Path, chunks: Iterable[bytes], before_replacing: Callable[[str], None] | None = None
) -> None:
    chunk_errors: list[Exception] = []
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.writelines(_recording_errors(chunks, chunk_errors))
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace_file(path.resolve(), _recording_errors(chunks, chunk_errors), before_replacing)
    except (OSError, ValueError) as error:
        if error in chunk_errors:
            raise
        raise OutputError(f"{path}: {_write_error_advice(error)}") from error


def _recording_errors(chunks: Iterable[bytes], chunk_errors: list[Exception]) -> Iterator[bytes]:
    # An error in making the text has nothing to do with the file: this list distinguishes it from an error in writing.
    try:
        yield from chunks
    except (OSError, ValueError) as error:
        chunk_errors.append(error)
        raise


def _replace_file(path: Path, chunks: Iterable[bytes], before_replacing: Callable[[str], None] | None) -> None:
    # tempfile is not used because its files, and so the result, are readable by their owner only.  The name is not
    # derived from the path's, which may be as long as the file system allows.
    temporary = path.with_name(f".digitscan-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.writelines(_hashed(chunks, digest := hashlib.sha256()))
            stream.flush()
            os.fsync(stream.fileno())
        if before_replacing is not None:
            before_replacing(digest.hexdigest())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _hashed(chunks: Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _write_error_advice(error: OSError | ValueError) -> str:
    match error:
        case PermissionError():
            return "cannot be written; choose another folder or change its permissions"
        case IsADirectoryError():
            return "is a folder; give the name of a file"
        case FileExistsError() | NotADirectoryError():
            return "cannot be created, because a part of its path is a file; choose another folder"
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return "could not be written because the disk is full; free some space and run the command again"
        case OSError(errno=errno.ENAMETOOLONG):
            return "has a name that is too long; choose a shorter one"
        case OSError(strerror=str(reason)):
            return f"could not be written ({reason}); choose another folder"
        case _:
            return f"is not a possible file name ({error}); choose another"
