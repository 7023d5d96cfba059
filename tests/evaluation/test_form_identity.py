from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.evaluation import form_identity
from scanner.evaluation.form_identity import IdentityCounts, compare_pages, compare_with_other_forms
from scanner.form_making.form_pages import darkness
from scanner.form_reading.reference_page import ReferencePage, reference_of
from scanner.forms.form import Form, Reference
from scanner.registration.registration import ReferenceDescription, describe_reference


def page(words: str) -> NDArray[np.uint8]:
    image = np.full((560, 420, 3), 245, np.uint8)
    for row in range(10):
        text = "".join(words[(row * 7 + 3 * index) % len(words)] for index in range(12))
        cv2.putText(image, text, (20 + 5 * (row % 3), 60 + 50 * row), cv2.FONT_HERSHEY_DUPLEX, 1.2, (20, 20, 20), 2)
    return image


ONE, OTHER = page("Name of the sheet"), page("WKZQ0187#&%$")


def reference(image: NDArray[np.uint8]) -> ReferencePage:
    return reference_of(Form(name="form", reference=Reference("a.png")), image)


def test_a_page_that_fits_is_taken_and_another_is_not() -> None:
    description = describe_reference(darkness(ONE))
    assert compare_pages([ONE, OTHER], [description]) == IdentityCounts(2, 2, 1)
    assert compare_pages([OTHER], []) == IdentityCounts(1, 0, 0)


def test_no_page_is_compared_with_forms_of_its_own_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compare(pages: Iterable[NDArray[np.uint8]], others: Sequence[ReferenceDescription]) -> IdentityCounts:
        return IdentityCounts(len(list(pages)), sum(range(len(others) + 1)), 0)

    monkeypatch.setattr(form_identity, "compare_pages", compare)
    for name in ("ones/a.png", "others/b.png", "others/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / name), ONE)
    forms = {"ones": [reference(ONE)] * 4, "elsewhere": [reference(ONE)]}
    # The page of "ones" is compared with one form; the two others with that and two of the four: 1 and 1 + 2 + 3.
    assert compare_with_other_forms(tmp_path, forms) == IdentityCounts(3, 7, 0)


def test_of_many_files_some_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for index in range(form_identity._MANY_FILES):
        cv2.imwrite(str(tmp_path / "many" / f"{index:03d}.png"), np.full((4, 4, 3), 255, np.uint8))
    ((name, pages),) = form_identity.pages_by_folder(tmp_path)
    assert (name, len(list(pages))) == ("many", 17)
