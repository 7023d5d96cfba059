from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.form_pipeline import run_form_stages, scan_form_page
from scanner.form_reading.reference_page import reference_of
from scanner.forms.form import Form, FormField, Reference, ReferenceState
from scanner.forms.form_file import parse_form
from scanner.options import Readers, ScanOptions
from scanner.reading_models import load_models
from scanner.synthesis.sample_form import FORM_TEXT, STOCK_COUNTS, draw_blank_form, draw_filled_form
from scanner.types import Box, PageImage

if TYPE_CHECKING:
    from scanner.form_pipeline import FormStageOutputs
    from scanner.form_reading.reference_page import ReferencePage
    from scanner.reading_models import Models
    from scanner.types import Image, Number, PageResult

FORM = parse_form(FORM_TEXT, "form.toml")
NAMES = [field.name for field in FORM.all_fields()]
WRONG_ROW = ("items.3.total", "items.3.shelf", "items.3.store")
"""The fields of the sum that does not add up on the second sheet."""


def coloured(gray: Image) -> Image:
    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)


@cache
def sheet(number: int) -> Image:
    """A filled sheet of the sample form, from 1."""
    return coloured(draw_filled_form(STOCK_COUNTS[number - 1], 11 + number))


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.fixture(scope="module")
def reference() -> ReferencePage:
    return reference_of(FORM, coloured(draw_blank_form()))


@pytest.fixture(scope="module")
def second(reference: ReferencePage, models: Models) -> PageResult:
    """The second sheet, whose third row does not add up, as it is read."""
    return read(sheet(2), models, reference)


def read(image: Image, models: Models, *references: ReferencePage) -> PageResult:
    return scan_form_page(PageImage("sheet.png", 1, image), references, models)


def by_name(result: PageResult) -> dict[str, Number]:
    return {number.field: number for number in result.numbers}


def wrong_texts(result: PageResult, number: int) -> list[str]:
    """Names of the fields of a sheet that are read wrongly."""
    right = STOCK_COUNTS[number - 1].texts()
    return [name for name, found in by_name(result).items() if found.text != right[name]]


@pytest.fixture(scope="module")
def other_form() -> ReferencePage:
    """A form with other print on it."""
    gray = np.full((1240, 874), 250, np.uint8)
    rng = np.random.default_rng(1)
    for line in range(22):
        words = " ".join("".join(rng.choice(list("abdefghkmnprstuvw"), 6)) for _ in range(4))
        cv2.putText(gray, words, (60, 90 + 50 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 40, 2)
    form = Form(name="another", reference=Reference("b.png"), fields=(FormField(name="a", box=Box(700, 40, 90, 50)),))
    return reference_of(form, coloured(gray))


def test_there_is_a_number_for_each_field_in_the_order_of_the_form(second: PageResult) -> None:
    assert [number.field for number in second.numbers] == NAMES
    assert (second.form, second.error, second.width, second.height) == ("stock count", "", 874, 1240)
    kinds = {field.name: field.kind.value for field in FORM.all_fields()}
    for name, number in by_name(second).items():
        expected = {"tick": "tick", "text_image": "picture"}.get(kinds[name], "" if number.is_empty else "handwritten")
        assert number.kind == expected, name


def test_what_is_written_is_read(second: PageResult, reference: ReferencePage, models: Models) -> None:
    wrong = [*wrong_texts(second, 2), *wrong_texts(read(sheet(3), models, reference), 3)]
    # The pipeline is tested, not the weights.
    assert len(wrong) <= 0.05 * 2 * len(NAMES), wrong


def test_fields_are_empty_where_nothing_is_written(second: PageResult) -> None:
    right = STOCK_COUNTS[1].texts()
    for name, number in by_name(second).items():
        # The signature is written, and not read.
        assert number.is_empty == (not right[name] and name != "signature"), name
        if number.is_empty:
            assert number.review_reason == ""
            assert number.confidence > 0.9


def test_boxes_are_in_their_fields(second: PageResult) -> None:
    for field in FORM.all_fields():
        box, found = field.box, by_name(second)[field.name].box
        # The sheet lies askew by less than half a degree.
        assert box.x - 8 <= found.x, field.name
        assert box.y - 8 <= found.y, field.name
        assert found.right <= box.right + 8, field.name
        assert found.bottom <= box.bottom + 8, field.name


def test_a_sum_that_does_not_add_up_is_a_reason_for_review(second: PageResult) -> None:
    (broken,) = second.broken_rules
    assert (broken.rule, broken.fields) == ("total == shelf + store", WRONG_ROW)
    assert broken.measured == "72 is not 81"
    flagged = {name for name, number in by_name(second).items() if "rule does not hold" in number.review_reason}
    assert flagged == set(WRONG_ROW)


def test_the_registration_is_recorded(second: PageResult) -> None:
    (step,) = second.steps
    assert (step.name, step.settings[0]) == ("registration", ("form", "stock count"))
    found = dict(step.settings)["print_found"]
    assert isinstance(found, float)
    assert 0.42 <= found <= 1


def test_a_page_on_its_side_at_another_resolution_is_read(reference: ReferencePage, models: Models) -> None:
    half = cv2.resize(sheet(1), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    result = read(np.asarray(np.rot90(half), np.uint8).copy(), models, reference)
    assert (result.width, result.height) == (744, 524)
    assert len(wrong_texts(result, 1)) <= 0.05 * len(NAMES)
    for number in result.numbers:
        assert number.box.right <= 744
        assert number.box.bottom <= 524


def test_a_blank_page_has_nothing_but_what_is_required(reference: ReferencePage, models: Models) -> None:
    result = read(coloured(draw_blank_form()), models, reference)
    numbers = by_name(result)
    assert numbers.pop("counted_twice").text == "0"
    assert all(number.is_empty and not number.text for number in numbers.values())
    assert {name for name, number in numbers.items() if number.review_reason} == {"sheet", "all_items"}
    assert numbers["sheet"].review_reason == "nothing written"
    assert result.broken_rules == ()


def test_a_filled_sheet_may_be_the_reference(models: Models) -> None:
    form = replace(FORM, reference=replace(FORM.reference, state=ReferenceState.FILLED))
    result = read(sheet(3), models, reference_of(form, sheet(2)))
    assert len(wrong_texts(result, 3)) <= 0.05 * len(NAMES)


@pytest.mark.parametrize("shape", [(300, 200, 3), (1, 1, 3)])
def test_paper_is_not_the_form(reference: ReferencePage, models: Models, shape: tuple[int, ...]) -> None:
    result = read(np.full(shape, 255, np.uint8), models, reference)
    assert (
        result.error
        == 'sheet.png, page 1: is not the form "stock count"; read it without --form, or with that of its own'
    )
    assert (result.numbers, result.form, result.broken_rules) == ((), "", ())
    assert (result.height, result.width) == shape[:2]


def test_of_several_forms_a_page_picks_its_own(
    reference: ReferencePage, other_form: ReferencePage, second: PageResult, models: Models
) -> None:
    result = read(sheet(2), models, other_form, reference)
    assert (result.form, result.numbers) == ("stock count", second.numbers)


def test_a_page_that_is_none_of_several_forms_is_told_their_names(
    reference: ReferencePage, other_form: ReferencePage, models: Models
) -> None:
    page = np.full((400, 300, 3), 255, np.uint8)
    error = read(page, models, other_form, reference).error
    assert error.startswith('sheet.png, page 1: is none of the forms "another", "stock count"; read it without --form')


def test_models_that_are_not_loaded_are_a_mistake_of_the_caller(reference: ReferencePage, models: Models) -> None:
    for lacking in (replace(models, page_network=None), replace(models, blank_mark_model=None)):
        with pytest.raises(ValueError, match="forms are read with all models"):
            run_form_stages(sheet(1), [reference], lacking)


def test_every_stage_is_kept(reference: ReferencePage, models: Models) -> None:
    outputs: FormStageOutputs | None = run_form_stages(
        255 - sheet(3), [reference], models, ScanOptions(readers=Readers.LINE)
    )
    assert outputs is not None
    assert outputs.reference is reference
    preparation = outputs.preparation
    assert preparation.prepared.was_negative
    counts = {len(preparation.placed), len(preparation.writing), len(preparation.contents), len(outputs.fields)}
    assert counts == {len(NAMES)}
    assert [field.number.text for field in outputs.fields] == [number.text for number in outputs.numbers]
    # No two regions are of one field, and each that is no comb has a crop.
    regions = preparation.regions
    assert len(set(regions.fields)) == len(regions.fields)
    assert len(outputs.stages.located.crops) == len(regions.fields) - regions.comb_count


def test_fields_beyond_the_picture_are_not_called_empty(reference: ReferencePage, models: Models) -> None:
    numbers = by_name(read(np.ascontiguousarray(sheet(1)[300:900]), models, reference))
    for name in ("sheet", "weight", "counted_twice"):
        assert (numbers[name].is_empty, numbers[name].text, numbers[name].review_reason) == (False, "", "unread")
    assert (numbers["signature"].is_empty, numbers["signature"].review_reason) == (False, "cut off")
    # The box of the sum ends below the picture.
    assert numbers["all_items"].review_reason in {"cut off", "unread"}
    assert numbers["items.4.shelf"].text == "5"
    assert not any("rule does not hold" in number.review_reason for number in numbers.values())
