"""The reference page of a form: what is printed on it, and what pages are registered to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.errors import FormError
from scanner.forms.form import ReferenceState
from scanner.forms.form_file import check_reference_size
from scanner.geometry.page_map import identity_map
from scanner.image.measured_ink import measure_ink
from scanner.layout.ink_classes import InkClass
from scanner.layout.number_search import see_once
from scanner.layout.rules import find_rules
from scanner.options import PageOrCrop, ScanOptions
from scanner.preparation import isolate_page
from scanner.registration.registration import describe_reference
from scanner.sources.decoding import PageFailure, decode_file
from scanner.types import PageRef

if TYPE_CHECKING:
    from scanner.forms.form import Form
    from scanner.geometry.rectification import ScannedPage
    from scanner.layout.line_segments import Rule
    from scanner.layout.page_network import PageNetwork
    from scanner.registration.registration import ReferenceDescription
    from scanner.types import Image

_MIN_HANDWRITING_PROBABILITY = 0.5
"""Least probability of digits and writing together at which ink is by hand."""
_OPTIONS = ScanOptions(page_or_crop=PageOrCrop.PAGE, correct_perspective=False)
"""How a reference is prepared: its boxes are in its own pixels, so nothing of it is moved or left out."""


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePage:
    """A form with its reference, in pixels of the reference."""

    form: Form
    description: ReferenceDescription
    """What pages are registered to."""
    rules: tuple[Rule, ...]
    """Its rules."""
    known_print: Image
    """Shape (height, width), 255 where it is known to have print: all ink of a blank reference, the rules of a filled
    one."""


def load_reference(form: Form, network: PageNetwork | None = None) -> ReferencePage:
    """Load the reference of a form.

    Args:
        form: the form.
        network: the page network, to tell handwriting on a filled reference from print; without it, only what is in
            the fields is known to be handwriting, and fewer pages are found to be of the form.

    Raises:
        FormError: if it cannot be read, or fields lie outside of it.
    """
    image = _decode(form)
    height, width = image.shape[:2]
    check_reference_size(form, width, height)
    return reference_of(form, image, network)


def reference_of(form: Form, image: Image, network: PageNetwork | None = None) -> ReferencePage:
    """Make the reference of a form from its picture.

    Args:
        form: the form.
        image: shape (height, width, 3), uint8, BGR.
        network: as for :func:`load_reference`.
    """
    scan = isolate_page(image, _OPTIONS).scan
    rules = find_rules(measure_ink(scan.ink))
    if form.reference.state is ReferenceState.BLANK:
        return ReferencePage(form, describe_reference(scan.flat), rules.rules, scan.ink.mask)
    handwriting = _handwriting(scan, form, image, network)
    # The ragged edges of rules are theirs.
    near_rules = np.asarray(cv2.dilate(rules.pixels, np.ones((3, 3), np.uint8)), np.uint8)
    return ReferencePage(form, describe_reference(scan.flat, handwriting, near_rules), rules.rules, rules.pixels)


def _handwriting(scan: ScannedPage, form: Form, image: Image, network: PageNetwork | None) -> Image:
    """Where somebody has written on a filled reference: what is in its fields, and what the page network sees."""
    written = np.zeros_like(scan.flat)
    for field in form.all_fields():
        box = field.box
        written[box.y : box.bottom, box.x : box.right] = 255
    if network is None:
        return written
    height, width = scan.flat.shape
    ink = measure_ink(scan.ink)
    probabilities = see_once(network, ink, scan.flat, image, identity_map(width, height)).ink_classes.probabilities
    by_hand = probabilities[..., [InkClass.DIGIT, InkClass.WRITING]].sum(axis=-1) >= _MIN_HANDWRITING_PROBABILITY
    seen = cv2.resize(by_hand.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_NEAREST)
    side = 2 * round(ink.stroke_width) + 1
    return np.asarray(cv2.bitwise_or(written, cv2.dilate(seen, np.ones((side, side), np.uint8))), np.uint8)


def _decode(form: Form) -> Image:
    """The picture of the reference.

    Raises:
        FormError: if it cannot be read.
    """
    path, number = form.reference_path, form.reference.page
    found = False
    for page in decode_file(PageRef(path, str(path))):
        if isinstance(page, PageFailure):
            if page.page_number in {0, number}:
                raise FormError([f"{form.file}: reference: {page.error}"])
        elif page.page_number == number:
            return page.image
        found = True
    advice = f"it has no page {number}" if found else "it has no pages"
    raise FormError([f"{form.file}: reference: {path}: {advice}; give FILE#PAGE of a page that it has"])
