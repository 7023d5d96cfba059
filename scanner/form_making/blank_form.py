"""Compute the blank form from filled pages: what is at the same place on nearly all of them is print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.atomic_write import write_image
from scanner.errors import PageError
from scanner.form_making.form_pages import darkness, inverted, page_at
from scanner.form_making.new_form import refuse_to_overwrite
from scanner.image.background import page_brightness, to_gray
from scanner.registration.registration import describe_reference, register
from scanner.sources.decoding import PageFailure, decode_file, page_label
from scanner.sources.discovery import find_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image, PageImage

MIN_PAGES = 2
"""Fewest pages: of one alone nobody can tell what is print."""
GOOD_PAGES = 5
"""Number of pages from which on little writing is left: with fewer, numbers in the same boxes meet often."""
MAX_PAGES = 25
"""Most pages that are laid on each other: more change nothing, and take their memory."""
_PAGES_PER_LACK = 6
"""Number of pages of which one may lack print at a place, because it is folded or laid wrongly there.  Of eight tally
sheets, seven must have it: 94 % of the print is kept, and of what is written in combs, 14 % of their inside, 0.4 % is
left.  If six are enough, all print is kept, and 2 % is left; if all must have it, 84 % and nothing."""
_REACH_PIXELS = 1
"""How far, in pixels, print of one page may lie beside that of another."""
_MAX_BLACK_BRIGHTNESS_SHARE = 0.4
"""Maximum brightness of black areas, relative to the paper of the page."""
_STRIP_ROWS = 256
"""Rows of all pages that are sorted at a time."""


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A blank form that was written."""

    used: int
    """Number of pages that it was computed from, the reference included."""
    left_out: tuple[str, ...]
    """A line for each page that was left out: which, and why."""


def write_blank_form(inputs: Sequence[Path], out: Path, reference: str | None = None, *, overwrite: bool) -> BlankForm:
    """Compute the blank form of filled pages, and write it as a picture.

    Args:
        inputs: files and folders with pages, of which ``MAX_PAGES`` are used.
        out: the picture to write.
        reference: page on which the others are laid, ``FILE`` or ``FILE#PAGE``; None for the first.
        overwrite: whether a file that exists is replaced.

    Raises:
        NothingToReadError: if there is no page.
        PageError: if the reference cannot be read, or fewer than ``MIN_PAGES`` are of one form.
        OutputError: if the picture exists, or cannot be written.
    """
    refuse_to_overwrite(out, overwrite=overwrite)
    pages = (page for ref in find_files(inputs) for page in decode_file(ref))
    left_out: list[str] = []
    laying = _Laying(page_at(reference)) if reference else None
    for page in pages:
        if isinstance(page, PageFailure):
            left_out.append(page.error)
        elif laying is None:
            laying = _Laying(page)
        elif not laying.add(page):
            label = page_label(page.file, page.page_number)
            left_out.append(f"{label}: is no page of the same form as {laying.name}; left out")
        if laying is not None and len(laying.laid) == MAX_PAGES:
            break
    if laying is None or len(laying.laid) < MIN_PAGES:
        raise PageError(
            "; ".join(
                [*left_out, f"{len(laying.laid) if laying else 0} pages are too few to tell what is print; give 5"]
            )
        )
    write_image(out, inverted(common_ink(laying.laid)))
    return BlankForm(len(laying.laid), tuple(left_out))


class _Laying:
    """Pages laid on a reference."""

    def __init__(self, reference: PageImage) -> None:
        self.name = page_label(reference.file, reference.page_number)
        self._image = reference.image
        flat = darkness(reference.image)
        self._description = describe_reference(flat)
        self.laid = [_with_black_areas(flat, reference.image)]
        """Darkness of each page, in pixels of the reference."""

    def add(self, page: PageImage) -> bool:
        """Lay a page on the reference; False if it is of another form.  The reference itself counts once."""
        if np.array_equal(page.image, self._image):
            return True
        flat = darkness(page.image)
        registration = register(flat, self._description, scale=1.0)
        if registration is None or not registration.fit.is_this_form:
            return False
        self.laid.append(registration.page_map.warp(_with_black_areas(flat, page.image)))
        return True


def _with_black_areas(flat: Image, image: Image) -> Image:
    """Darkness of a page with that of black bars and emblems, which are as wide as paper between lines."""
    gray = to_gray(image)
    black = gray < _MAX_BLACK_BRIGHTNESS_SHARE * page_brightness(gray)
    return np.asarray(np.where(black, cv2.max(flat, inverted(gray)), flat), np.uint8)


def common_ink(pages: Sequence[Image]) -> Image:
    """Keep what is dark at the same place on nearly all of some pages.

    Lines that lie beside each other by a pixel are the same line: each is made as much wider before pages are compared,
    and narrower thereafter.  Where strokes of some pages happen to cross, what they share is too small to be left.

    Args:
        pages: darkness of each, shape (H, W), uint8, 0 = paper; at least one.
    """
    kernel = np.ones((2 * _REACH_PIXELS + 1, 2 * _REACH_PIXELS + 1), np.uint8)
    wide = [np.asarray(cv2.dilate(page, kernel), np.uint8) for page in pages]
    needed = len(wide) - len(wide) // _PAGES_PER_LACK
    common = np.concatenate(
        [
            _nth_largest([page[top : top + _STRIP_ROWS] for page in wide], needed)
            for top in range(0, len(wide[0]), _STRIP_ROWS)
        ]
    )
    return np.asarray(cv2.erode(common, kernel), np.uint8)


def _nth_largest(values: Sequence[Image], number: int) -> NDArray[np.uint8]:
    """The value that so many of some images have at least, pixel by pixel."""
    index = len(values) - number
    return np.asarray(np.partition(np.stack(values), index, axis=0)[index], np.uint8)
