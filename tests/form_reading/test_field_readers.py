"""The readers of fields on a drawn form: a comb, and a number that is written freely."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.form_pipeline import run_form_stages
from scanner.form_reading.field_readers import rank_combs, rank_lines
from scanner.form_reading.reference_page import reference_of
from scanner.forms.form import BlankMark, FieldKind, Form, FormField, Reference
from scanner.options import Charset
from scanner.reading_models import load_models
from scanner.synthesis.pen import draw_text, random_writer
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.form_pipeline import FormStageOutputs
    from scanner.reading_models import Models
    from scanner.types import Image

COMB, NUMBER = Box(60, 60, 240, 56), Box(60, 160, 240, 56)
FORM = Form(
    name="f",
    reference=Reference("a.png"),
    fields=(
        FormField(name="comb", box=COMB, kind=FieldKind.COMB, cells=5, blank_marks=frozenset({BlankMark.CROSS})),
        FormField(name="number", box=NUMBER, kind=FieldKind.DECIMAL),
    ),
)
WRITTEN = ("2753", "48.6")


def printed() -> Image:
    """A form with lines of words below its two fields."""
    gray = np.full((640, 520), 250, np.uint8)
    rng = np.random.default_rng(3)
    for line in range(8):
        words = " ".join("".join(rng.choice(list("abdefghkmnprstuvw"), 6)) for _ in range(3))
        cv2.putText(gray, words, (50, 270 + 44 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 40, 2)
    edges = [COMB.x + 48 * cell for cell in range(6)]
    for x in edges:
        cv2.line(gray, (x, COMB.y), (x, COMB.bottom), 40, 2)
    for y in (COMB.y, COMB.bottom):
        cv2.line(gray, (edges[0], y), (edges[-1], y), 40, 2)
    cv2.rectangle(gray, (NUMBER.x, NUMBER.y), (NUMBER.right, NUMBER.bottom), 40, 2)
    return gray


def write(gray: Image, text: str, x: int, y: int) -> None:
    ink, _ = draw_text(text, random_writer(np.random.default_rng(8)), np.random.default_rng(9), 34)
    window = gray[y : y + ink.shape[0], x : x + ink.shape[1]]
    window[:] = np.minimum(window, 250 - (ink * 0.8).astype(np.uint8))


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models()


@pytest.fixture(scope="module")
def outputs(models: Models) -> FormStageOutputs:
    """The form, filled in: a comb whose first cell is crossed out, and a decimal."""
    blank = printed()
    filled = blank.copy()
    cv2.line(filled, (72, 74), (96, 102), 50, 3)
    cv2.line(filled, (96, 74), (72, 102), 50, 3)
    for cell, digit in enumerate(WRITTEN[0], 1):
        write(filled, digit, COMB.x + 48 * cell + 8, COMB.y + 6)
    write(filled, WRITTEN[1], NUMBER.x + 30, NUMBER.y + 6)
    reference = reference_of(FORM, np.repeat(blank[..., None], 3, axis=2))
    found = run_form_stages(np.repeat(filled[..., None], 3, axis=2), [reference], models)
    assert found is not None
    return found


def test_the_fields_are_read(outputs: FormStageOutputs) -> None:
    assert tuple(number.text for number in outputs.numbers) == WRITTEN


def test_a_comb_is_ranked_without_its_marks(outputs: FormStageOutputs, models: Models) -> None:
    assert models.text_line_reader is not None
    preparation = outputs.preparation
    ranked = rank_combs(preparation.regions, preparation.contents, preparation.prepared, models.text_line_reader)
    assert list(ranked) == [0]
    assert ranked[0][0].text == WRITTEN[0]
    assert {len(each.text) for each in ranked[0]} == {4}
    assert sum(each.probability for each in ranked[0]) == pytest.approx(1)


def test_a_line_is_ranked_by_its_reader(outputs: FormStageOutputs, models: Models) -> None:
    assert models.text_line_reader is not None
    (crop,) = outputs.stages.located.crops
    (ranked,) = rank_lines({1: crop}, models.text_line_reader, Charset.DECIMAL).values()
    assert max(ranked, key=lambda text: ranked[text]) == WRITTEN[1]
    (digits,) = rank_lines({1: crop}, models.text_line_reader, Charset.DIGITS).values()
    assert all(text.isdecimal() for text in digits if text)
    assert max(digits, key=lambda text: digits[text]) == WRITTEN[1].replace(".", "")


def test_no_fields_are_no_texts(outputs: FormStageOutputs, models: Models) -> None:
    assert models.text_line_reader is not None
    preparation = outputs.preparation
    without = replace(preparation.regions, regions=(), fields=(), text_lines=(), comb_count=0)
    assert rank_lines({}, models.text_line_reader, Charset.DIGITS) == {}
    assert rank_combs(without, preparation.contents, preparation.prepared, models.text_line_reader) == {}
