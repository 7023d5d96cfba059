import numpy as np
import pytest

from scanner.datasets.page_sources import find_held_out_fonts
from scanner.errors import DataError
from scanner.evaluation.field_scoring import AskedField
from scanner.evaluation.real_forms import FORM_FILES
from scanner.evaluation.synthetic_forms import (
    PrintedForm,
    asked_on_page,
    make_printed_form,
    random_report,
    synthesize_filled_page,
)
from scanner.forms.form import FieldKind, Form
from scanner.forms.form_file import parse_form
from scanner.synthesis.page_content import PageContent, PageNumber
from scanner.synthesis.scans import SyntheticPage


@pytest.fixture
def form() -> Form:
    return parse_form((FORM_FILES / "report.toml").read_text("utf-8"), "report.toml")


@pytest.fixture(scope="module")
def printed() -> PrintedForm:
    try:
        find_held_out_fonts()
    except DataError as error:
        pytest.skip(str(error))
    return make_printed_form(None)


def test_texts_are_of_fields_of_the_form_and_mostly_add_up(form: Form) -> None:
    names = {field.name for field in form.all_fields()}
    sums = []
    for seed in range(30):
        texts = random_report(np.random.default_rng(seed))
        assert set(texts) <= names
        rows = [row for row in range(1, 11) if f"readings.{row}.left" in texts]
        assert rows == list(range(1, len(rows) + 1))
        for row in rows:
            left, right, total = (int(texts[f"readings.{row}.{column}"]) for column in ("left", "right", "total"))
            sums.append(total == left + right)
    assert 0.9 < np.mean(sums) < 1


def test_what_is_asked_is_what_can_be_seen(form: Form) -> None:
    index = {field.name: number for number, field in enumerate(form.all_fields())}

    def written(name: str, text: str, *, optional: bool = False) -> PageNumber:
        outline = np.array([(0, 0), (9, 9)], np.float64)
        return PageNumber(text, outline, "handwritten", row_and_column=(index[name], 0), optional=optional)

    numbers = written("people", "12"), written("weight", "3.5", optional=True)
    all_written = PageContent((), (*numbers, written("account", "123456")))
    nothing = np.zeros((9, 9), np.uint8)
    page = SyntheticPage(np.zeros((9, 9, 3), np.uint8), nothing, numbers, 150.0)
    asked = asked_on_page(form, {"heated": "1"}, all_written, page)
    found = {each.names[0]: each.written for each in asked}
    # The weight is too faint, the account is cut off, and a signature is no number.
    assert set(index) - set(found) == {"weight", "account", "signature"}
    assert (found["people"], found["heated"], found["rented"], found["rate"]) == ("12", "1", "0", "")


def test_a_page_is_the_same_each_time_and_says_what_is_written_on_it(printed: PrintedForm) -> None:
    (first, asked), (second, asked_again) = (synthesize_filled_page(printed, 3) for _ in range(2))
    assert np.array_equal(first.image, second.image)
    assert asked == asked_again
    ticks = {field.name for field in printed.form.fields if field.kind is FieldKind.TICK}
    assert {each.names[0] for each in asked if each.written in {"0", "1"}} >= ticks
    assert AskedField(("signature",), "signed") not in asked
