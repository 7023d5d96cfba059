"""What the pictures that are drawn of a page are called."""

from __future__ import annotations

import os.path
from pathlib import PurePosixPath


def annotated_name(file: str, page: int) -> PurePosixPath:
    """Where the picture of a page with its readings drawn on goes, relative to the folder of such pictures.

    ``sub/form.pdf`` page 2 becomes ``sub/form.pdf.p2.png``.  File and page can
    be told from the name, so no two pages share one, ``a.png`` and ``a.jpg``
    included.

    Args:
        file: name in results; of one on another drive the drive becomes a folder.
        page: page number within the file, from 1.
    """
    return _place(file, f".p{page}.png")


def stages_folder(file: str, page: int) -> PurePosixPath:
    """Where the pictures of the stages of a page go, relative to the folder of such folders.

    ``sub/form.pdf`` page 2 becomes ``sub/form.pdf.p2``; arguments as for :func:`annotated_name`, and as there no two
    pages share one.
    """
    return _place(file, f".p{page}")


def _place(file: str, ending: str) -> PurePosixPath:
    drive, path = os.path.splitdrive(file)
    return PurePosixPath(drive.rstrip(":"), path.lstrip("/") + ending)
