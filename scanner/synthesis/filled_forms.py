"""Forms filled in by hand: numbers in combs, boxes and tables, marks where there is none, ticks and signatures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.forms.form import BlankMark, FieldKind
from scanner.synthesis import cell_marks, cell_writing, comb_cells, marks, page_content, writing
from scanner.synthesis.page_content import PageContent
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from scanner.forms.form import Form, FormField
    from scanner.synthesis.cell_writing import CellHabit
    from scanner.synthesis.ingredients import DigitPool
    from scanner.synthesis.writing import Hand

    Generator = np.random.Generator

_HAND_MM = 4.0
"""Height of a digit of a writer with room, mm; that in a field follows from its height.  A choice."""
_SMALLER_SIZES = (1.0, 0.8, 0.65)
"""Sizes at which a number is tried that does not fit, relative to the usual one.  A choice."""
_CROSS_SHARE = 0.5
"""Share of writers who cross a box instead of ticking it.  A choice."""
_UNUSED_MARKS = ("x", "-", "", "")
"""What writers put into cells of a comb that they do not need; most leave them empty.  A choice."""
_DASH_SHARE = 0.3
"""Share of writers who dash fields for which they have no number.  A choice."""


@dataclass(frozen=True, slots=True)
class FormWriter:
    """Who fills in a form, and how."""

    hand: Hand
    habit: CellHabit
    """How numbers are placed in fields."""
    unused_mark: str
    """What is put into cells of a comb that are not needed: ``x``, ``-`` or nothing."""
    dashes: bool
    """Whether fields without a number are dashed where the form allows it."""
    crosses: bool
    """Whether boxes are crossed instead of ticked."""


def random_form_writer(rng: Generator, pools: Sequence[DigitPool], pixel_size_mm: float) -> FormWriter:
    """Draw a writer at random, who writes with the digits of one pool, and of one hand of it where hands are known.

    Args:
        rng: source of randomness.
        pools: pools of digits, chosen by their shares; if empty, digits are written with the pen.
        pixel_size_mm: size of a pixel, mm.
    """
    hand = writing.random_hand(rng, pools, round(_HAND_MM / pixel_size_mm), pixel_size_mm)
    while pools and hand.digit_pool is None:
        hand = writing.random_hand(rng, pools, round(_HAND_MM / pixel_size_mm), pixel_size_mm)
    if hand.digit_pool is not None and hand.digit_pool.hands:
        hands = hand.digit_pool.hands
        hand = replace(hand, digit_pool=replace(hand.digit_pool, digit_crops=hands[int(rng.integers(len(hands)))]))
    return FormWriter(
        hand=hand,
        habit=cell_writing.random_cell_habit(rng),
        unused_mark=_UNUSED_MARKS[int(rng.integers(len(_UNUSED_MARKS)))],
        dashes=bool(rng.random() < _DASH_SHARE),
        crosses=bool(rng.random() < _CROSS_SHARE),
    )


def fill_in_form(form: Form, texts: Mapping[str, str], writer: FormWriter, rng: Generator) -> PageContent:
    """Fill in a form.

    Args:
        form: the form.
        texts: what is to be written in each field, by its name: nothing if it is empty or missing; in a tick ``1`` for
            a mark, and in a ``text_image`` anything for a signature.
        writer: who fills it in.
        rng: source of the differences between instances.

    Returns:
        The writing.  ``row_and_column`` of each number is the index of its field, and 0; what did not fit is missing.
    """
    return page_content.merge_contents(
        _fill_in(field, texts.get(field.name, ""), writer, rng, index) for index, field in enumerate(form.all_fields())
    )


def _fill_in(field: FormField, text: str, writer: FormWriter, rng: Generator, index: int) -> PageContent:
    match field.kind:
        case FieldKind.TICK:
            return _mark(field.box, writer, rng) if text == "1" else PageContent()
        case FieldKind.TEXT_IMAGE:
            return writing.sign_in_cell(field.box, writer.hand, rng) if text else PageContent()
        case FieldKind.COMB:
            return _write_in_comb(field, text, writer, rng, index)
        case _:
            return _write_in_box(field, text, writer, rng, index)


def _mark(box: Box, writer: FormWriter, rng: Generator) -> PageContent:
    pen = writing.resize_hand(writer.hand, box.height)
    return marks.draw_cross(box, pen, rng) if writer.crosses else marks.draw_tick(box, pen, rng)


def _write_in_comb(field: FormField, text: str, writer: FormWriter, rng: Generator, index: int) -> PageContent:
    cells = comb_cells.split_cell(field.box, field.cells or 1)
    allowed = {mark.value for mark in field.blank_marks}
    unused = writer.unused_mark if writer.unused_mark in allowed else ""
    return comb_cells.write_in_boxes(rng, writer.hand, text, cells, writer.habit, unused, (index, 0))


def _write_in_box(field: FormField, text: str, writer: FormWriter, rng: Generator, index: int) -> PageContent:
    if not text:
        is_dashed = writer.dashes and BlankMark.DASH in field.blank_marks
        pen = writing.resize_hand(writer.hand, writer.habit.height * field.box.height)
        return cell_marks.draw_dash_in_cell(rng, pen, field.box) if is_dashed else PageContent()
    for size in _SMALLER_SIZES:
        habit = replace(writer.habit, height=size * writer.habit.height)
        content = cell_writing.write_number_in_cell(text, field.box, writer.hand, rng, habit, (index, 0))
        if content.numbers:
            return content
    return PageContent()
