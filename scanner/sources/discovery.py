"""Find the files to read in the given files and folders, in order, and name them for the results."""

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
"""Suffixes of the files that are taken from folders, in lower case."""

# Line breaks and control characters, which would split an error or a table row in two; bytes that are not UTF-8, as
# Python represents them; and the backslash, which starts the escapes of all these.
_ESCAPED = re.compile("[\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\udc80-\udcff]")
_SURROGATE_OFFSET = 0xDC00
"""Offset from a byte that is not UTF-8 to the surrogate character that Python represents it by (PEP 383)."""

_FOLDER_NOT_READABLE = "is a folder that cannot be opened; change its permissions"
_LINK_LEADS_OUTSIDE = "is a link that leads out of the folder; name the file itself to read it"

# Error numbers of stat if a path does not exist.  Windows gives the last one for names that it does not allow.
_NOT_FOUND_ERRNOS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})


@dataclass(frozen=True, slots=True)
class FilePatterns:
    """Shell patterns that select files in folders.

    A pattern (``*``, ``?``, ``[ab]``) is compared with the name of a file and with its path relative to the input
    folder, with ``/``; ``*`` matches ``/`` too.  Case is ignored, and so is how an accent is encoded.
    """

    include: tuple[str, ...] = ()
    """Patterns of files to read; every file if there is none."""
    exclude: tuple[str, ...] = ()
    """Patterns of files to leave out, even if they match ``include``."""

    def accepts(self, path: str) -> bool:
        """Whether a file is selected.

        Args:
            path: path relative to the input folder, with ``/``.
        """
        forms = {_normalized_name(path), _normalized_name(path.rpartition("/")[2])}
        return (not self.include or _matches_any(forms, self.include)) and not _matches_any(forms, self.exclude)

    def may_accept_from(self, folder: str) -> bool:
        """Whether a folder may contain selected files: no pattern of ``exclude`` matches all files in it.

        Args:
            folder: path relative to the input folder, with ``/``.
        """
        return not _matches_any({_normalized_name(f"{folder}/")}, self.exclude)


ALL_FILES = FilePatterns()


@dataclass(frozen=True, slots=True)
class _FoundPath:
    """A file in an input, or a folder that could not be searched."""

    path: Path
    target: str
    """Real path of the file."""
    refusal_reason: str = ""
    """Why it may not be read, as in ``PageRef``."""
    is_folder: bool = False


def find_files(inputs: Sequence[Path], patterns: FilePatterns = ALL_FILES) -> tuple[PageRef, ...]:
    """Find the files to read, in natural order of their names (page2 before page10).

    Folders are searched to any depth for files with one of ``SUFFIXES``.  Hidden files and folders, links to folders,
    anything that is not a regular file, and files that ``patterns`` leave out are skipped.  A file that is an input
    itself is taken whatever its name.  A file that is found twice, also through a link, is taken once.

    A link in a folder that leads out of the folder is refused (``PageRef.refusal_reason``) unless its target is taken
    anyway: otherwise, anyone who can put a file into a folder of scans could have any file of this machine read.  A
    subfolder that cannot be opened is refused in the same way.

    Names in results are relative to the folder if one folder is given, else to the deepest folder that contains all
    inputs.  Bytes that are not UTF-8, control characters and backslashes are written as backslash escapes, so that no
    two files have the same name.

    Args:
        inputs: files and folders.
        patterns: selection of the files in folders.

    Raises:
        NoPagesError: if there is no file to read.
        NothingToReadError: if an input does not exist, is neither a file nor a folder, or cannot be opened.
    """
    if not inputs:
        raise NothingToReadError("no input was given; name a folder or files to read")
    candidates = [(source, path) for source in inputs for path in _find_in_input(source)]
    root = _common_folder(inputs)
    found = (
        (PageRef(candidate.path, _name_in_results(candidate.path, root), candidate.refusal_reason), candidate.target)
        for source, candidate in candidates
        if _is_selected(candidate, source, patterns)
    )
    files = _without_duplicates(sorted(found, key=lambda ref_and_target: natural_sort_key(ref_and_target[0].file)))
    if not files:
        names = ", ".join(_printable(source) for source in inputs)
        if candidates:
            raise NoPagesError(
                f"{names}: the patterns leave nothing to read of {len(candidates)} found; include more or exclude less"
            )
        raise NoPagesError(f"{names}: holds no pages; put {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} files there")
    return files


def _find_in_input(source: Path) -> Iterator[_FoundPath]:
    try:
        mode = _file_mode(source)
    except OSError as error:
        _raise_unreadable_input(error)
    if stat.S_ISDIR(mode):
        yield from _find_in_folder(source)
    elif stat.S_ISREG(mode):
        yield _FoundPath(source, os.path.realpath(source))
    elif mode:
        raise NothingToReadError(f"{_printable(source)}: is neither a file nor a folder; give one of these")
    else:
        raise NothingToReadError(f"{_printable(source)}: does not exist; check the spelling")


def _find_in_folder(source: Path) -> Iterator[_FoundPath]:
    real_source = os.path.realpath(source)
    errors: list[OSError] = []
    for folder, folders, names in os.walk(source, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        real_folder = os.path.realpath(folder)
        folder_is_inside = Path(real_folder).is_relative_to(real_source)
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in SUFFIXES:
                continue
            # A real path takes long to find, and a watched folder is searched every other second.
            is_link = os.path.islink(path)  # noqa: PTH114 - that of Path raises where nothing may be looked at
            target = os.path.realpath(path) if is_link else os.path.join(real_folder, name)  # noqa: PTH118 - is faster
            if not (Path(target).is_relative_to(real_source) if is_link else folder_is_inside):
                # Whether its target exists is not revealed.
                yield _FoundPath(path, target, _LINK_LEADS_OUTSIDE)
            elif _may_be_regular_file(path):
                yield _FoundPath(path, target)
    for error in errors:
        if Path(error.filename) == source:
            _raise_unreadable_input(error)
        # A folder that was removed since its name was read has no pages; any other is reported, not silently skipped.
        if error.errno not in _NOT_FOUND_ERRNOS:
            target = os.path.realpath(error.filename)
            yield _FoundPath(Path(error.filename), target, _FOLDER_NOT_READABLE, is_folder=True)


def _file_mode(path: Path) -> int:
    """The mode of the file that a path leads to, from ``stat``; 0 if there is none."""
    try:
        return path.stat().st_mode
    except ValueError:  # a null character, which no file name contains
        return 0
    except OSError as error:
        if error.errno in _NOT_FOUND_ERRNOS:
            return 0
        raise


def _may_be_regular_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(_file_mode(path))
    except OSError:
        # Skipping it would silently leave out pages; opening it will report the error.
        return True


def _without_duplicates(refs_and_targets: Sequence[tuple[PageRef, str]]) -> tuple[PageRef, ...]:
    readable = {target for ref, target in refs_and_targets if not ref.refusal_reason}
    distinct: dict[str, PageRef] = {}
    for ref, target in refs_and_targets:
        if not ref.refusal_reason:
            distinct.setdefault(target, ref)
        elif target not in readable:
            distinct.setdefault(os.path.abspath(ref.path), ref)  # noqa: PTH100 - each refused link is reported itself
    return tuple(distinct.values())


def _is_selected(candidate: _FoundPath, source: Path, patterns: FilePatterns) -> bool:
    # A file that is an input itself was asked for by its name.
    if patterns == ALL_FILES or candidate.path == source:
        return True
    path = candidate.path.relative_to(source).as_posix()
    return patterns.may_accept_from(path) if candidate.is_folder else patterns.accepts(path)


def _matches_any(forms: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(form, _normalized_name(pattern)) for pattern in patterns for form in forms)


def _normalized_name(text: str) -> str:
    # macOS stores an accent apart from its letter, while keyboards type both as one character.  lower() and not
    # casefold(), which turns one letter into two, because ? stands for one.
    return unicodedata.normalize("NFC", text).lower()


def _raise_unreadable_input(error: OSError) -> NoReturn:
    raise NothingToReadError(
        f"{_printable(error.filename)}: cannot be opened ({error.strerror}); change its permissions"
    ) from error


def _common_folder(inputs: Sequence[Path]) -> str:
    folders = [source if stat.S_ISDIR(_file_mode(source)) else source.absolute().parent for source in inputs]
    try:
        return os.path.commonpath([_absolute(folder) for folder in folders])
    except ValueError:  # paths on two drives of Windows have no common folder
        return ""


def _absolute(path: Path) -> str:
    """An absolute path without ``..``; links are only resolved if a link before ``..`` leads elsewhere."""
    folded = os.path.abspath(path)  # noqa: PTH100 - removes ".." without following links
    if ".." not in path.parts:
        return folded
    real = os.path.realpath(path)
    return folded if os.path.realpath(folded) == real else real


def _name_in_results(path: Path, root: str) -> str:
    absolute = _absolute(path)
    return _printable(Path(os.path.relpath(absolute, root) if root else absolute).as_posix())


def _printable(name: str | Path) -> str:
    """Write a name on one line, so that different names stay different."""
    return _ESCAPED.sub(_escape, os.fsencode(name).decode("utf-8", "surrogateescape"))


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code > _SURROGATE_OFFSET:
        return f"\\x{code - _SURROGATE_OFFSET:02x}"
    # Two digits are for bytes; a character has four.
    return f"\\u{code:04x}" if code > 0x7F else match.group().encode("unicode_escape").decode("ascii")


def natural_sort_key(file: str) -> tuple[list[list[str | int]], str]:
    """Key that sorts names in results naturally, page2 before page10; no two names have the same."""
    # Splitting at the digits puts text at even indices and numbers at odd ones, so equal types are compared.
    parts = [re.split("([0-9]+)", part.casefold()) for part in file.split("/")]
    return [[int(piece) if index % 2 else piece for index, piece in enumerate(part)] for part in parts], file
