"""The reference page of a form: what is printed on it, and what pages are registered to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.errors import FormError
from scanner.form_reading.cell_borders import BAND_CELL_SHARE
from scanner.forms.form import ReferenceState
from scanner.forms.form_file import check_reference_size
from scanner.image.measured_ink import measure_ink
from scanner.layout.rules import find_rules
from scanner.options import PageOrCrop, ScanOptions
from scanner.preparation import isolate_page
from scanner.registration.registration import describe_reference
from scanner.sources.decoding import PageFailure, decode_file
from scanner.types import PageRef

if TYPE_CHECKING:
    from scanner.forms.form import Form
    from scanner.layout.line_segments import Rule
    from scanner.registration.registration import ReferenceDescription
    from scanner.types import Image

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


def load_reference(form: Form) -> ReferencePage:
    """Load the reference of a form.

    Raises:
        FormError: if it cannot be read, or fields lie outside of it.
    """
    image = _decode(form)
    height, width = image.shape[:2]
    check_reference_size(form, width, height)
    return reference_of(form, image)


def reference_of(form: Form, image: Image) -> ReferencePage:
    """Make the reference of a form from its picture, shape (height, width, 3), BGR."""
    scan = isolate_page(image, _OPTIONS).scan
    rules = find_rules(measure_ink(scan.ink))
    if form.reference.state is ReferenceState.BLANK:
        return ReferencePage(form, describe_reference(scan.flat), rules.rules, scan.ink.mask)
    return ReferencePage(form, describe_reference(_without_writing(scan.flat, form)), rules.rules, rules.pixels)


def _without_writing(flat: Image, form: Form) -> Image:
    """The darkness of a filled reference with what is written in its fields painted out: it is on no other page."""
    blank = flat.copy()
    for field in form.all_fields():
        box = field.box
        margin = round(BAND_CELL_SHARE * min(box.width, box.height))
        blank[box.y + margin : box.bottom - margin, box.x + margin : box.right - margin] = 0
    return blank


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
