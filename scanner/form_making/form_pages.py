"""Pages that forms are made from and shown on: opened, and laid on each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.errors import NothingToReadError, PageError
from scanner.form_making.form_picture import draw_form
from scanner.form_reading.reference_page import reference_of
from scanner.forms.form import Reference
from scanner.forms.form_file import check_reference_size, load_form
from scanner.options import PageOrCrop, ScanOptions
from scanner.preparation import isolate_page
from scanner.registration.registration import register
from scanner.sources.decoding import PageFailure, decode_file
from scanner.types import PageRef

if TYPE_CHECKING:
    from scanner.registration.registration import ReferenceDescription
    from scanner.types import Image, PageImage


def open_page(path: Path, page_number: int = 1) -> PageImage:
    """Decode a page of a file.

    Args:
        path: picture or PDF.
        page_number: number of the page, from 1.

    Raises:
        PageError: if it cannot be read.
        NothingToReadError: if there is no such file, or no such page in it.
    """
    if path.is_dir():
        raise NothingToReadError(f"{path}: is a folder; give the name of one page")
    if not path.exists():
        raise NothingToReadError(f"{path}: does not exist; check the name")
    for page in decode_file(PageRef(path, str(path))):
        if isinstance(page, PageFailure) and page.page_number in {0, page_number}:
            raise PageError(page.error)
        if not isinstance(page, PageFailure) and page.page_number == page_number:
            return page
    raise NothingToReadError(f"{path}: has no page {page_number}; count its pages from 1")


def page_at(address: str) -> PageImage:
    """Decode a page given as ``FILE``, or ``FILE#PAGE``.

    Raises:
        PageError: if it cannot be read.
        NothingToReadError: if there is no such file, or no such page in it.
    """
    place = place_of(address)
    return open_page(Path(place.file), place.page)


def place_of(address: str) -> Reference:
    """File and page of ``FILE``, or ``FILE#PAGE``; a file that has such a name is meant first."""
    return Reference(address) if Path(address).is_file() else Reference.at(address)


def darkness(image: Image) -> Image:
    """Darkness of a page relative to its paper, without what lies around a photographed sheet, as it is registered.

    Args:
        image: shape (H, W, 3), uint8, BGR.

    Returns:
        Shape (H, W), uint8, 0 = paper.
    """
    return isolate_page(image, ScanOptions(page_or_crop=PageOrCrop.PAGE)).scan.flat


def lay_on(page: PageImage, reference: ReferenceDescription) -> Image | None:
    """Lay a page on a reference.

    Args:
        page: the page.
        reference: from ``registration.describe_reference``.

    Returns:
        The page in pixels of the reference, shape (H, W, 3), white where it has nothing; None if it is another form.
    """
    registration = register(darkness(page.image), reference, scale=1.0)
    if registration is None or not registration.fit.is_this_form:
        return None
    # A map fills what is beyond the page with 0, which is black.
    return inverted(registration.page_map.warp(inverted(page.image)))


def inverted(image: Image) -> Image:
    """Light for dark."""
    return np.asarray(cv2.bitwise_not(image), np.uint8)


def draw_on_reference(form_file: Path, page: str | None = None) -> Image:
    """Draw the fields of a form on its reference, or on a page laid on it.

    Args:
        form_file: the form.
        page: ``FILE``, or ``FILE#PAGE``; None for the reference.

    Raises:
        FormError: if the form is not right, or has fields outside of its reference.
        PageError: if a page cannot be read, or is not of this form.
        NothingToReadError: if there is no such page.
    """
    form = load_form(form_file)
    reference = open_page(form.reference_path, form.reference.page).image
    check_reference_size(form, reference.shape[1], reference.shape[0])
    if page is None:
        return draw_form(reference, form)
    laid = lay_on(page_at(page), reference_of(form, reference).description)
    if laid is None:
        raise PageError(f"{page}: is no page of {form_file}, or too little of its print is seen; compare the two")
    return draw_form(laid, form)
