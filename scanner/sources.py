"""Files and folders to pages.

``find_files`` says which files there are and what they are called in the
results; ``read_file`` reads one; ``pages_of`` and ``pages_of_bytes`` decode
one, page by page.  A page
that cannot be read is a value like any other (``PageFailure``), so it never
keeps the pages after it from being read.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import unicodedata
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scanner.errors import NoPagesError, NothingToReadError
from scanner.types import Page, PageRef

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from scanner.types import Image

    Decoded = tuple[int, Image | str]
    """Page number (0: the whole file) and its picture, or what is wrong with it."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".webp", ".tif", ".tiff", ".heic", ".heif", ".pdf")
"""Suffixes taken from folders, in lower case."""

# The formats, known by their first bytes: a suffix is only what somebody called the file.
_SIGNATURES = (
    ("PNG", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("JPEG", re.compile(rb"\xff\xd8\xff")),
    ("TIFF", re.compile(rb"II[*+]\0|MM\0[*+]")),
    ("WEBP", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("BMP", re.compile(rb"BM")),
    # Brands of ISO 23008-12 with pictures coded by HEVC.
    ("HEIF", re.compile(rb"....ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL)),
    # PDF readers accept up to 1024 bytes of anything before the header (ISO 32000-1, annex H).
    ("PDF", re.compile(rb".{0,1024}%PDF-", re.DOTALL)),
)
_SIGNATURE_BYTES = 1024 + 5

# Line breaks and control characters, which would make two lines of an error or a table row.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_SHUT = "is a folder that may not be opened; change its permissions"
_LEADS_OUT = "is a link that leads out of the folder; name the file itself to read it"

# What looking at a path says when nothing is there.  The last: Windows, of names that it does not allow.
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL})


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused or made smaller, so that one hostile or broken file cannot stop a batch."""

    file_bytes: int = 2**30
    """Largest file, bytes.  It is held in memory; no scan of one document comes near a gibibyte."""
    pixels: int = 150_000_000
    """Most pixels of a picture: A0 at 300 dpi (140 million) passes.  Checked before decoding, 3 bytes each."""
    pages: int = 10_000
    """Most pages of a file: a day of a production scanner.  Ends what a hostile page list would not."""
    pdf_dpi: float = 300
    """Resolution for PDF pages that are no scan: the usual one for forms; a 3 mm digit is 35 pixels high."""
    pdf_least_dpi: float = 72
    """A coarser picture on a PDF page is a background, not a scan: 72 is one pixel per point."""
    pdf_pixels: int = 40_000_000
    """A PDF page is drawn no larger than this: A4 at 600 dpi (35 million) passes, finer shows no more of a pen."""


DEFAULT_LIMITS = Limits()
EVERY_PAGE = range(1, sys.maxsize)
"""The numbers of all pages there may be."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Which of the files in folders are wanted.

    A shell pattern (``*``, ``?``, ``[ab]``) is held against the name of a file
    and against its path from the input folder, with ``/``; ``*`` matches ``/``
    too.  Capitals do not matter, nor how an accent is encoded.
    """

    include: tuple[str, ...] = ()
    """A file is wanted if it matches one of these; without any, every file is."""
    exclude: tuple[str, ...] = ()
    """A file that matches one of these is not wanted all the same."""

    def take(self, path: str) -> bool:
        """Whether a file is wanted.

        Args:
            path: from the input folder, with ``/``.
        """
        forms = {_folded(path), _folded(path.rpartition("/")[2])}
        return (not self.include or _match_any(forms, self.include)) and not _match_any(forms, self.exclude)

    def take_from(self, folder: str) -> bool:
        """Whether files in a folder may be wanted: not all of them are left out.

        Args:
            folder: its path from the input folder, with ``/``.
        """
        return not _match_any({_folded(f"{folder}/")}, self.exclude)


EVERYTHING = Patterns()


@dataclass(frozen=True, slots=True)
class _There:
    """What an input has."""

    path: Path
    refused: str = ""
    """As ``PageRef`` has it."""
    folder: bool = False


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page, or a whole file, that could not be read."""

    file: str
    """Name in results, as in ``Page``."""
    number: int
    """Page number within the file, from 1; 0 when the file could not be opened at all."""
    error: str
    """One line for the user: the file, what is wrong with it and what to do."""


def find_files(inputs: Sequence[Path], patterns: Patterns = EVERYTHING) -> tuple[PageRef, ...]:
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
    else to the deepest folder that holds all inputs; bytes that are not UTF-8
    and control characters in it are written as backslash escapes.

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
    there = [(source, one) for source in inputs for one in _files_of(source)]
    root = _common_folder(inputs)
    refs = (
        PageRef(one.path, _name_in_results(one.path, root), one.refused)
        for source, one in there
        if _is_wanted(one, source, patterns)
    )
    found = _each_once(sorted(refs, key=lambda ref: _natural_key(ref.file)))
    if not found:
        places = ", ".join(_printable(source) for source in inputs)
        if there:
            raise NoPagesError(
                f"{places}: the patterns leave nothing to read of {len(there)} found; include more or exclude less"
            )
        raise NoPagesError(f"{places}: holds no pages; put {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} files there")
    return found


def read_file(ref: PageRef, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Read a file whole, once, without waiting for anybody to write it.

    Args:
        ref: the file.
        limits: of a larger file than ``file_bytes`` one byte more is returned, which ``pages_of_bytes`` refuses.

    Raises:
        OSError: if it cannot be read, is refused, or is a regular file no more: a folder, pipe, socket or device took
            its place since it was found.
    """
    if ref.refused:
        raise PermissionError(errno.EPERM, ref.refused, str(ref.path))
    with open(ref.path, "rb", opener=_open_at_once) as stream:
        # Asked of what was opened: the path may lead elsewhere by now.
        at = os.fstat(stream.fileno())
        if not stat.S_ISREG(at.st_mode):
            raise OSError(errno.ENXIO, "not a regular file", str(ref.path))
        # As much memory as is asked for is taken, whatever there is to read.
        return stream.read(min(limits.file_bytes, at.st_size) + 1)


def pages_of(ref: PageRef, limits: Limits = DEFAULT_LIMITS) -> Iterator[Page | PageFailure]:
    """Read a file and decode its pages; see ``pages_of_bytes``.

    A file that cannot be read, or is refused, is one ``PageFailure`` with number 0.
    """
    if ref.refused:
        yield PageFailure(ref.file, 0, f"{ref.file}: {ref.refused}")
        return
    try:
        data = read_file(ref, limits)
    except OSError as error:
        yield PageFailure(ref.file, 0, f"{ref.file}: {_reading_advice(error)}")
        return
    yield from pages_of_bytes(data, ref.file, limits)


def page_numbers(data: bytes, limits: Limits = DEFAULT_LIMITS) -> range:
    """Which pages a file seems to have, found out without decoding any.

    Asked for one by one with ``pages_of_bytes`` they are what it yields for all: one of them may turn out to be no
    page, as a preview in a TIFF, or to stand for all that is wrong with the file.

    Args:
        data: the whole file.
        limits: what to refuse.

    Returns:
        Page numbers from 1; 0 alone, which stands for the whole file, where it cannot be opened.
    """
    kind = _kind_of(data)
    whole_file = range(1)
    if not kind or len(data) > limits.file_bytes:
        return whole_file
    if kind not in {"TIFF", "PDF"}:
        return range(1, 2)
    # One more than is read: it tells that there are more.
    if kind == "PDF":
        from scanner.pdf import count_pages

        count = count_pages(data, limits.pages + 1)
    else:
        from scanner.pictures import count_directories

        count = count_directories(data, limits.pages + 1)
    return range(1, count + 1) if count else whole_file


def pages_of_bytes(
    data: bytes, name: str, limits: Limits = DEFAULT_LIMITS, wanted: Container[int] = EVERY_PAGE
) -> Iterator[Page | PageFailure]:
    """Decode the pages of a PNG, JPEG, BMP, WebP, TIFF, HEIC or PDF file, each when it is asked for.

    Nothing is raised for what is in the file.  Pictures come upright (EXIF
    orientation), transparent parts over white, brighter is larger; a PDF page
    that is a scan comes at the scan's own resolution.  The first frame of an
    animation is its page; small previews stored as TIFF pages are left out.

    Args:
        data: the whole file.
        name: of the file in results and errors.
        limits: what to refuse.
        wanted: numbers of the pages to decode; what is wrong with the whole file is told all the same.

    Yields:
        In page order: ``Page`` with a read-only, contiguous image, or ``PageFailure``.
    """
    kind = _kind_of(data)
    for number, content in _decode(data, kind, limits, wanted):
        if isinstance(content, str):
            place = f"{name}, page {number}" if number and kind in {"TIFF", "PDF"} else name
            yield PageFailure(name, number, f"{place}: {content}")
        else:
            content.flags.writeable = False
            yield Page(name, number, content)


def _kind_of(data: bytes) -> str:
    return next((kind for kind, start in _SIGNATURES if start.match(data[:_SIGNATURE_BYTES])), "")


def _decode(data: bytes, kind: str, limits: Limits, wanted: Container[int]) -> Iterator[Decoded]:
    # The decoders are imported only when needed: PDFium and Pillow each cost a
    # noticeable part of a second when the program starts.
    if not data:
        return iter([(0, "is empty; copy or scan it again")])
    if len(data) > limits.file_bytes:
        return iter([(0, f"is larger than {limits.file_bytes / 2**20:.0f} MiB; split it into smaller files")])
    if kind == "PDF":
        from scanner.pdf import decode_pdf

        return decode_pdf(data, limits, wanted)
    if kind:
        from scanner.pictures import decode_picture

        return decode_picture(data, kind, limits, wanted)
    return iter([(0, "is not a PNG, JPEG, BMP, WebP, TIFF, HEIC or PDF file; save it as one of these")])


def _reading_advice(error: OSError) -> str:
    match error:
        case PermissionError():
            return "may not be opened; change its permissions"
        case FileNotFoundError():
            return "is not there any more; give its new place"
        case IsADirectoryError():
            return "is a folder, not a file; give the name of a file"
        case BlockingIOError():
            return "is held by another program; close it there and try again"
        case OSError(errno=errno.ENXIO):
            return "is no file any more; put the file back and try again"
        case _:
            return f"cannot be read ({error.strerror}); copy it to another disk and try again"


def _open_at_once(path: str, flags: int) -> int:
    # A pipe that nobody writes to would keep its reader waiting for ever, a terminal would become the program's own.
    # Windows has neither.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))


def _files_of(source: Path) -> Iterator[_There]:
    """The files of an input."""
    try:
        mode = _mode(source)
    except OSError as error:
        _refuse_input(error)
    if stat.S_ISDIR(mode):
        yield from _files_in(source)
    elif stat.S_ISREG(mode):
        yield _There(source)
    elif mode:
        raise NothingToReadError(f"{_printable(source)}: is neither a file nor a folder; give one of these")
    else:
        raise NothingToReadError(f"{_printable(source)}: does not exist; check the spelling")


def _files_in(source: Path) -> Iterator[_There]:
    real = os.path.realpath(source)
    shut: list[OSError] = []
    for folder, folders, names in os.walk(source, onerror=shut.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in SUFFIXES:
                continue
            if not Path(os.path.realpath(path)).is_relative_to(real):
                yield _There(path, _LEADS_OUT)  # whatever is there: not even that is told
            elif _may_be_file(path):
                yield _There(path)
    for error in shut:
        if Path(error.filename) == source:
            _refuse_input(error)
        # One that is gone since its name was read has no pages; of any other, passing over it would leave them out
        # without a word.
        if error.errno not in _ABSENT:
            yield _There(Path(error.filename), _SHUT, folder=True)


def _mode(path: Path) -> int:
    """What a path leads to, as ``stat`` has it; 0 if nothing is there."""
    try:
        return path.stat().st_mode
    except ValueError:  # a null character, which no name has
        return 0
    except OSError as error:
        if error.errno in _ABSENT:
            return 0
        raise


def _may_be_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(_mode(path))
    except OSError:
        # Passing over it would leave pages out without a word; opening it will say what is wrong.
        return True


def _each_once(refs: Sequence[PageRef]) -> tuple[PageRef, ...]:
    targets = [os.path.realpath(ref.path) for ref in refs]
    read = {target for ref, target in zip(refs, targets, strict=True) if not ref.refused}
    found: dict[str, PageRef] = {}
    for ref, target in zip(refs, targets, strict=True):
        if not ref.refused:
            found.setdefault(target, ref)
        elif target not in read:
            found.setdefault(os.path.abspath(ref.path), ref)  # noqa: PTH100 - each link is told, whatever it leads to
    return tuple(found.values())


def _is_wanted(one: _There, source: Path, patterns: Patterns) -> bool:
    # A file that is an input itself was asked for by its name.
    if one.path == source:
        return True
    path = one.path.relative_to(source).as_posix()
    return patterns.take_from(path) if one.folder else patterns.take(path)


def _match_any(forms: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(form, _folded(pattern)) for pattern in patterns for form in forms)


def _folded(text: str) -> str:
    # macOS keeps an accent apart from its letter in names, keyboards type both as one.  lower and not casefold, which
    # makes two letters of one: ? stands for one.
    return unicodedata.normalize("NFC", text).lower()


def _refuse_input(error: OSError) -> NoReturn:
    raise NothingToReadError(
        f"{_printable(error.filename)}: cannot be opened ({error.strerror}); change its permissions"
    ) from error


def _common_folder(inputs: Sequence[Path]) -> str:
    folders = [source if stat.S_ISDIR(_mode(source)) else source.absolute().parent for source in inputs]
    try:
        return os.path.commonpath([os.path.abspath(folder) for folder in folders])  # noqa: PTH100 - folds "..", follows no link
    except ValueError:  # two drives of a Windows machine have nothing in common
        return ""


def _name_in_results(path: Path, root: str) -> str:
    absolute = os.path.abspath(path)  # noqa: PTH100 - as in _common_folder
    return _printable(Path(os.path.relpath(absolute, root) if root else absolute).as_posix())


def _printable(name: str | Path) -> str:
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return _CONTROLS.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def _natural_key(file: str) -> tuple[list[list[str | int]], str]:
    # Splitting at the digits puts text at even places and numbers at odd ones: like meets like.
    parts = [re.split("([0-9]+)", part.casefold()) for part in file.split("/")]
    return [[int(bit) if place % 2 else bit for place, bit in enumerate(part)] for part in parts], file
