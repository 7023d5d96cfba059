"""Inputs, files and folders, to the files to read: which there are, in order, and what they are called in results."""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scanner.errors import NoPagesError, NothingToReadError
from scanner.types import PageRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".heif", ".pdf")
"""Suffixes taken from folders, in lower case."""

# Line breaks and control characters, which would make two lines of an error or a table row; what is no UTF-8, as Python
# has it; and the backslash, which is written before all these.
_ESCAPED = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\udc80-\udcff]")
_BYTES = 0xDC00
"""Python has a byte that is no UTF-8 as the character of this number and its own together."""

_FOLDER_NOT_READABLE = "is a folder that may not be opened; change its permissions"
_LINK_LEADS_OUTSIDE = "is a link that leads out of the folder; name the file itself to read it"

# What looking at a path says when nothing is there.  The last: Windows, of names that it does not allow.
_NOT_FOUND_ERRNOS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})


@dataclass(frozen=True, slots=True)
class FilePatterns:
    """Which of the files in folders are wanted.

    A shell pattern (``*``, ``?``, ``[ab]``) is held against the name of a file
    and against its path from the input folder, with ``/``; ``*`` matches ``/``
    too.  Capitals do not matter, nor how an accent is encoded.
    """

    include: tuple[str, ...] = ()
    """A file is wanted if it matches one of these; without any, every file is."""
    exclude: tuple[str, ...] = ()
    """A file that matches one of these is not wanted all the same."""

    def accepts(self, path: str) -> bool:
        """Whether a file is wanted.

        Args:
            path: from the input folder, with ``/``.
        """
        forms = {_normalized_name(path), _normalized_name(path.rpartition("/")[2])}
        return (not self.include or _matches_any(forms, self.include)) and not _matches_any(forms, self.exclude)

    def may_accept_from(self, folder: str) -> bool:
        """Whether files in a folder may be wanted: not all of them are left out.

        Args:
            folder: its path from the input folder, with ``/``.
        """
        return not _matches_any({_normalized_name(f"{folder}/")}, self.exclude)


ALL_FILES = FilePatterns()


@dataclass(frozen=True, slots=True)
class _FoundPath:
    """What an input has."""

    path: Path
    refused: str = ""
    """As ``PageRef`` has it."""
    is_folder: bool = False


def find_files(inputs: Sequence[Path], patterns: FilePatterns = ALL_FILES) -> tuple[PageRef, ...]:
    """Find the files to read, in natural order of their names (page2 before page10).

    Folders are searched to any depth for files with one of ``SUFFIXES``;
    hidden files and folders, links to folders and whatever is no regular file
    are passed over, and so is what ``patterns`` leave out.  A file named
    directly is taken whatever it is called.  A file reached twice, by a link
    too, is taken once.

    A link in a folder that leads out of it is refused (``PageRef.refused``),
    unless the file is taken anyway: who may put a file into a folder of scans
    could else have any file of this machine read.  A folder within a folder
    that may not be opened is refused in the same way.

    The name in the results is relative to the folder if one folder is given,
    else to the deepest folder that holds all inputs; bytes that are not UTF-8,
    control characters and backslashes in it are written as backslash escapes,
    so that no two files have one name.

    Args:
        inputs: files and folders.
        patterns: which files in folders are wanted.

    Raises:
        NoPagesError: if there is no file to read.
        NothingToReadError: if an input does not exist or is neither file nor
            folder, or cannot be opened.
    """
    if not inputs:
        raise NothingToReadError("no input was given; name a folder or files to read")
    there = [(source, one) for source in inputs for one in _find_in_input(source)]
    root = _common_folder(inputs)
    refs = (
        PageRef(one.path, _name_in_results(one.path, root), one.refused)
        for source, one in there
        if _is_selected(one, source, patterns)
    )
    found = _without_duplicates(sorted(refs, key=lambda ref: _natural_sort_key(ref.file)))
    if not found:
        places = ", ".join(_printable(source) for source in inputs)
        if there:
            raise NoPagesError(
                f"{places}: the patterns leave nothing to read of {len(there)} found; include more or exclude less"
            )
        raise NoPagesError(f"{places}: holds no pages; put {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} files there")
    return found


def _find_in_input(source: Path) -> Iterator[_FoundPath]:
    """The files of an input."""
    try:
        mode = _file_mode(source)
    except OSError as error:
        _raise_unreadable_input(error)
    if stat.S_ISDIR(mode):
        yield from _find_in_folder(source)
    elif stat.S_ISREG(mode):
        yield _FoundPath(source)
    elif mode:
        raise NothingToReadError(f"{_printable(source)}: is neither a file nor a folder; give one of these")
    else:
        raise NothingToReadError(f"{_printable(source)}: does not exist; check the spelling")


def _find_in_folder(source: Path) -> Iterator[_FoundPath]:
    real = os.path.realpath(source)
    shut: list[OSError] = []
    for folder, folders, names in os.walk(source, onerror=shut.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in SUFFIXES:
                continue
            if not Path(os.path.realpath(path)).is_relative_to(real):
                yield _FoundPath(path, _LINK_LEADS_OUTSIDE)  # whatever is there: not even that is told
            elif _may_be_regular_file(path):
                yield _FoundPath(path)
    for error in shut:
        if Path(error.filename) == source:
            _raise_unreadable_input(error)
        # One that is gone since its name was read has no pages; of any other, passing over it would leave them out
        # without a word.
        if error.errno not in _NOT_FOUND_ERRNOS:
            yield _FoundPath(Path(error.filename), _FOLDER_NOT_READABLE, is_folder=True)


def _file_mode(path: Path) -> int:
    """What a path leads to, as ``stat`` has it; 0 if nothing is there."""
    try:
        return path.stat().st_mode
    except ValueError:  # a null character, which no name has
        return 0
    except OSError as error:
        if error.errno in _NOT_FOUND_ERRNOS:
            return 0
        raise


def _may_be_regular_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(_file_mode(path))
    except OSError:
        # Passing over it would leave pages out without a word; opening it will say what is wrong.
        return True


def _without_duplicates(refs: Sequence[PageRef]) -> tuple[PageRef, ...]:
    targets = [os.path.realpath(ref.path) for ref in refs]
    read = {target for ref, target in zip(refs, targets, strict=True) if not ref.refusal_reason}
    found: dict[str, PageRef] = {}
    for ref, target in zip(refs, targets, strict=True):
        if not ref.refusal_reason:
            found.setdefault(target, ref)
        elif target not in read:
            found.setdefault(os.path.abspath(ref.path), ref)  # noqa: PTH100 - each link is told, whatever it leads to
    return tuple(found.values())


def _is_selected(one: _FoundPath, source: Path, patterns: FilePatterns) -> bool:
    # A file that is an input itself was asked for by its name.
    if one.path == source:
        return True
    path = one.path.relative_to(source).as_posix()
    return patterns.may_accept_from(path) if one.is_folder else patterns.accepts(path)


def _matches_any(forms: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(form, _normalized_name(pattern)) for pattern in patterns for form in forms)


def _normalized_name(text: str) -> str:
    # macOS keeps an accent apart from its letter in names, keyboards type both as one.  lower and not casefold, which
    # makes two letters of one: ? stands for one.
    return unicodedata.normalize("NFC", text).lower()


def _raise_unreadable_input(error: OSError) -> NoReturn:
    raise NothingToReadError(
        f"{_printable(error.filename)}: cannot be opened ({error.strerror}); change its permissions"
    ) from error


def _common_folder(inputs: Sequence[Path]) -> str:
    folders = [source if stat.S_ISDIR(_file_mode(source)) else source.absolute().parent for source in inputs]
    try:
        return os.path.commonpath([_absolute(folder) for folder in folders])
    except ValueError:  # two drives of a Windows machine have nothing in common
        return ""


def _absolute(path: Path) -> str:
    """An absolute path without ``..``; links stay, but where one before ``..`` leads elsewhere."""
    folded = os.path.abspath(path)  # noqa: PTH100 - folds "..", follows no link
    if ".." not in path.parts:
        return folded
    real = os.path.realpath(path)
    return folded if os.path.realpath(folded) == real else real


def _name_in_results(path: Path, root: str) -> str:
    absolute = _absolute(path)
    return _printable(Path(os.path.relpath(absolute, root) if root else absolute).as_posix())


def _printable(name: str | Path) -> str:
    """A name in one line, and no two names in the same."""
    return _ESCAPED.sub(_escape, os.fsencode(name).decode("utf-8", "surrogateescape"))


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code > _BYTES:
        return f"\\x{code - _BYTES:02x}"
    # Two digits are a byte's: a character that is none has four.
    return f"\\u{code:04x}" if code > 0x7F else found.group().encode("unicode_escape").decode("ascii")


def _natural_sort_key(file: str) -> tuple[list[list[str | int]], str]:
    # Splitting at the digits puts text at even places and numbers at odd ones: like meets like.
    parts = [re.split("([0-9]+)", part.casefold()) for part in file.split("/")]
    return [[int(bit) if place % 2 else bit for place, bit in enumerate(part)] for part in parts], file
