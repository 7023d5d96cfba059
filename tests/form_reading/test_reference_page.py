from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from scanner.errors import FormError
from scanner.form_reading.reference_page import load_reference, reference_of
from scanner.forms.form import Form, FormField, Reference, ReferenceState
from scanner.types import Box

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.types import Image

FIELD = Box(60, 300, 160, 70)
FORM = Form(name="f", reference=Reference("a.png"), fields=(FormField(name="a", box=FIELD),))
FILLED = replace(FORM, reference=replace(FORM.reference, state=ReferenceState.FILLED))


def drawn(*, written: bool = False) -> Image:
    """A page with words above a box; and a stroke in the box."""
    page = np.full((600, 500, 3), 250, np.uint8)
    for line in range(4):
        cv2.putText(page, "words of the form", (60, 60 + 50 * line), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (30, 30, 30), 2)
    cv2.rectangle(page, (FIELD.x, FIELD.y), (FIELD.right, FIELD.bottom), (30, 30, 30), 3)
    if written:
        page[315:355, 130:136] = 40
    return page


def inked(known: Image, box: Box) -> bool:
    return bool(known[box.y : box.bottom, box.x : box.right].any())


STROKE = Box(130, 315, 6, 40)
WORDS = Box(60, 30, 300, 40)
SIDE = Box(57, 310, 8, 50)


def test_all_ink_of_a_blank_reference_is_print() -> None:
    reference = reference_of(FORM, drawn())
    assert reference.form is FORM
    assert reference.known_print.shape == (600, 500)
    assert set(np.unique(reference.known_print)) == {0, 255}
    assert [inked(reference.known_print, box) for box in (WORDS, SIDE, STROKE)] == [True, True, False]
    assert reference.description.size == (500, 600)


def test_of_a_filled_one_only_the_lines_are_known_to_be_print() -> None:
    known = reference_of(FILLED, drawn(written=True)).known_print
    assert [inked(known, box) for box in (WORDS, SIDE, STROKE)] == [False, True, False]


def test_pages_are_not_registered_to_what_is_written_in_a_filled_one() -> None:
    blank, filled = reference_of(FILLED, drawn()).description, reference_of(FILLED, drawn(written=True)).description
    for one, other in zip(blank.keypoints, filled.keypoints, strict=True):
        assert np.array_equal(one.points, other.points)
    seen = reference_of(FORM, drawn(written=True)).description
    assert any(
        not np.array_equal(one.points, other.points) for one, other in zip(blank.keypoints, seen.keypoints, strict=True)
    )


def saved(folder: Path, address: str = "a.png") -> Form:
    return replace(FORM, file=folder / "form.toml", reference=Reference.at(address))


def test_it_is_loaded_from_its_file(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), drawn())
    form = saved(tmp_path)
    assert np.array_equal(load_reference(form).known_print, reference_of(FORM, drawn()).known_print)


def test_a_page_of_several_is_loaded(tmp_path: Path) -> None:
    pages = [PilImage.new("RGB", (500, 600), "white"), PilImage.fromarray(drawn())]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert load_reference(saved(tmp_path, "a.tif#2")).known_print.any()
    assert not load_reference(saved(tmp_path, "a.tif")).known_print.any()


@pytest.mark.parametrize(
    ("address", "data", "mistake"),
    [
        ("none.png", None, "reference: .*none.png: does not exist"),
        ("a.png", b"no picture", "reference: .*a.png"),
        ("a.png", b"", "reference: .*a.png"),
    ],
)
def test_one_that_cannot_be_read_is_a_mistake_of_the_form(
    tmp_path: Path, address: str, data: bytes | None, mistake: str
) -> None:
    if data is not None:
        (tmp_path / address).write_bytes(data)
    with pytest.raises(FormError, match=mistake):
        load_reference(saved(tmp_path, address))


def test_a_page_that_it_lacks_is_a_mistake_of_the_form(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), drawn())
    with pytest.raises(FormError, match=r"a\.png: it has no page 2; give FILE#PAGE of a page that it has"):
        load_reference(saved(tmp_path, "a.png#2"))


def test_fields_outside_of_it_are_a_mistake_of_the_form(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), drawn()[:340])
    with pytest.raises(FormError, match="field"):
        load_reference(saved(tmp_path))
