from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from scanner.form_reading.placed_fields import place_fields, structure_of
from scanner.forms.form import FieldKind, Form, FormColumn, FormField, FormTable, Reference
from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.cell_assignment import assign_to_cells
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.form_reading.placed_fields import PlacedField
    from scanner.layout.cell_assignment import CellAssignment

    Rectangle = tuple[int, int, int, int]
    InkOf = Callable[..., MeasuredInk]
    Place = Callable[..., PlacedField]
    Assign = Callable[[MeasuredInk, Sequence[PlacedField]], CellAssignment]


@pytest.fixture(scope="session")
def ink_of() -> InkOf:
    """Ink of rectangles on a page of 200 x 100 pixels, for strokes of four pixels."""

    def ink_of(*rectangles: Rectangle, stroke_width: float = 4.0) -> MeasuredInk:
        mask = np.zeros((100, 200), np.uint8)
        for x, y, width, height in rectangles:
            mask[y : y + height, x : x + width] = 255
        return MeasuredInk(mask.copy(), mask, stroke_width, label_components(mask), 20.0)

    return ink_of


@pytest.fixture(scope="session")
def place() -> Place:
    """A field on a page that has the pixels of the reference."""

    def place(box: Rectangle, kind: str = "number", **content: Any) -> PlacedField:
        field = FormField(name="f", box=Box(*box), kind=FieldKind(kind), **content)
        (placed,) = place_fields(Form(name="form", reference=Reference("a.png"), fields=(field,)), 1.0)
        return placed

    return place


@pytest.fixture(scope="session")
def assign() -> Assign:
    """The components of some ink by the cells of fields."""

    def assign(ink: MeasuredInk, placed: Sequence[PlacedField]) -> CellAssignment:
        return assign_to_cells(ink, structure_of(placed))

    return assign


@pytest.fixture(scope="session")
def small_form() -> Form:
    """A number, a comb of three cells, and a table of two rows with a number and a comb of two cells."""
    return Form(
        name="small",
        reference=Reference("a.png"),
        fields=(
            FormField(name="number", box=Box(100, 10, 40, 20)),
            FormField(name="comb", box=Box(10, 20, 30, 40), kind=FieldKind.COMB, cells=3),
        ),
        tables=(
            FormTable(
                name="t",
                box=Box(50, 60, 60, 40),
                columns=(FormColumn(name="a"), FormColumn(name="b", kind=FieldKind.COMB, cells=2)),
                rows=2,
            ),
        ),
    )
