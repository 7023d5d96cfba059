"""Paths of the pictures drawn of a page.

A path is valid on every system, stays in its folder, and no two pages share one.  Ordinary names stay as they are.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

_RESERVED_CHARACTERS = frozenset('<>:"|?*\\~')
"""Characters with a meaning in paths of Windows: drives, streams, patterns, folders and short names (``SCANS~1``).

No ordinary name contains a tilde then, so one marks the hash.
"""
_DEVICE_NAME = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?", re.IGNORECASE
)
"""Names that Windows takes for a device, in any folder and with any suffix."""
DOCUMENT_ENDING = ".annotated.pdf"
"""How names of PDFs of annotated pages end."""
_PICTURE_ENDING = re.compile(rf"\.p[0-9]+(\.png|\.jpg)?$|{re.escape(DOCUMENT_ENDING)}$", re.IGNORECASE)
"""How names of pictures end; a folder whose name ends so could have the path of a picture."""
_MAX_PART_BYTES = 180
"""Longest part of a path in bytes: file systems allow 255, and the hash and the ending are still to come."""
_HASH_DIGITS = 16
"""Length of the hash in hexadecimal digits: 64 bits, so that no two names in practice share one."""


def annotated_page_path(file: str, page: int, suffix: str) -> PurePosixPath:
    """Make the path of the annotated picture of a page, relative to the folder of such pictures.

    ``sub/form.pdf`` page 2 becomes ``sub/form.pdf.p2.jpg``.  The path contains file and page, so no two pages share
    one, ``a.png`` and ``a.jpg`` included.  Whatever is unsafe on some system is replaced, and a hash of the name added.

    Capitals are ordinary: where a system takes ``A.png`` and ``a.png`` for the same, only a folder scanned on another
    system can hold both, and the picture of one then replaces the other's.

    Args:
        file: name in results; a drive or a server in it becomes a folder.
        page: page number within the file, from 1.
        suffix: ``.jpg`` or ``.png``.
    """
    return _relative_path(file, f".p{page}{suffix}")


def annotated_document_path(file: str) -> PurePosixPath:
    """Make the path of the PDF of all annotated pages of a file, relative to the folder of such pictures.

    ``sub/form.pdf`` becomes ``sub/form.pdf.annotated.pdf``.  Otherwise as :func:`annotated_page_path`.
    """
    return _relative_path(file, DOCUMENT_ENDING)


def picture_stem(file: str) -> str:
    """Return what the paths of all annotated pictures and of the document of a file begin with, and no other's."""
    return _relative_path(file, "").as_posix()


def stages_folder_path(file: str, page: int) -> PurePosixPath:
    """Make the path of the folder for the pictures of a page's stages, relative to the folder of such folders.

    ``sub/form.pdf`` page 2 becomes ``sub/form.pdf.p2``.  Otherwise as :func:`annotated_page_path`.
    """
    return _relative_path(file, f".p{page}")


def _relative_path(file: str, ending: str) -> PurePosixPath:
    *folders, name = file.split("/")
    # An empty part, from one or two slashes at the start, is no folder.
    parts = [_safe_folder(folder) for folder in folders if folder] + [_safe_part(name)]
    path = "/".join(parts)
    # Some systems take an accented letter for the same as the letter and its accent.
    is_unchanged = path == file and unicodedata.is_normalized("NFC", file)
    return PurePosixPath(f"{path}{'' if is_unchanged else f'~{_hash(file)}'}{ending}")


def _hash(file: str) -> str:
    return hashlib.sha256(file.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]


def _safe_folder(part: str) -> str:
    safe = _safe_part(part)
    return f"{safe}_" if _PICTURE_ENDING.search(safe) else safe


def _safe_part(part: str) -> str:
    """Change a part of a path so that it is a valid name on every system; a part that is one already stays."""
    replaced = "".join("_" if char in _RESERVED_CHARACTERS or not char.isprintable() else char for char in part)
    # Windows drops dots and blanks at the end; nothing is left of "." and "..".
    safe = replaced.encode()[:_MAX_PART_BYTES].decode(errors="ignore").rstrip(". ") or "_"
    return f"_{safe}" if _DEVICE_NAME.fullmatch(safe) else safe
