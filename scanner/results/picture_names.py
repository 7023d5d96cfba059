"""What the pictures that are drawn of a page are called.

A name is made so that it is one on every system, stays in its folder, and no
two pages share one, also where capitals and small letters are the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

_TAKEN = frozenset('<>:"|?*\\~')
"""Have a meaning of their own in paths of Windows: drives, streams, patterns, folders, short names (``SCANS~1``)."""
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?", re.IGNORECASE
)
"""What Windows takes for a device, in any folder and with any suffix."""
_PICTURE = re.compile(r"\.p[0-9]+(\.png)?$", re.IGNORECASE)
"""How the names of pictures end: a folder of such a name would be in the way of one."""
_LONGEST = 180
"""Bytes of a part of a name; file systems allow 255, and an ending is still to come."""
_HASH = 16
"""Digits, of four bits each, that tell a name from any other."""


def annotated_page_path(file: str, page: int) -> PurePosixPath:
    """Where the picture of a page with its readings drawn on goes, relative to the folder of such pictures.

    ``sub/form.pdf`` page 2 becomes ``sub/form.pdf.p2.png``.  File and page can
    be told from the name, so no two pages share one, ``a.png`` and ``a.jpg``
    included.  After a name with capitals it says which of its letters they
    are, in a number of base 16 (``Scan 1.png~x1.p1.png``: the first); what is
    not safe on every system is replaced, and a hash of the name added.

    Args:
        file: name in results; of one on another drive, or of another machine, that becomes a folder.
        page: page number within the file, from 1.
    """
    return _relative_path(file, f".p{page}.png")


def stages_folder_path(file: str, page: int) -> PurePosixPath:
    """Where the pictures of the stages of a page go, relative to the folder of such folders.

    ``sub/form.pdf`` page 2 becomes ``sub/form.pdf.p2``; arguments as for :func:`annotated_page_path`, and as there no two
    pages share one.
    """
    return _relative_path(file, f".p{page}")


def _relative_path(file: str, ending: str) -> PurePosixPath:
    *folders, name = file.split("/")
    # Two slashes at the start, or one, are no folders.
    parts = [_safe_folder(folder) for folder in folders if folder] + [_safe(name)]
    place = "/".join(parts)
    return PurePosixPath(f"{place}{_told_apart(file, place)}{ending}")


def _told_apart(file: str, place: str) -> str:
    """What is to come after a place, so that no other file is there: nothing, which letters are large, or a hash."""
    small = file.casefold()
    # Some systems take an accent and its letter for the same as both in one, too.
    if place == file and all(unicodedata.is_normalized("NFC", text) for text in (file, small)):
        if small == file:
            return ""
        if all(letter in {letter.casefold(), letter.casefold().upper()} for letter in file):
            letters = [letter for letter in file if letter.lower() != letter.upper()]
            large = sum(1 << index for index, letter in enumerate(letters) if letter != letter.casefold())
            if len(told := f"~x{large:x}") <= _HASH:
                return told
    return f"~{hashlib.sha256(file.encode('utf-8', 'surrogatepass')).hexdigest()[:_HASH]}"


def _safe_folder(part: str) -> str:
    safe = _safe(part)
    return f"{safe}_" if _PICTURE.search(safe) else safe


def _safe(part: str) -> str:
    """A part of a path that is a name on every system: the same wherever it is one already."""
    printed = "".join("_" if letter in _TAKEN or not letter.isprintable() else letter for letter in part)
    # Windows drops dots and blanks at the end; of "." and ".." nothing is left.
    safe = printed.encode()[:_LONGEST].decode(errors="ignore").rstrip(". ") or "_"
    return f"_{safe}" if _DEVICE.fullmatch(safe) else safe
