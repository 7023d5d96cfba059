from __future__ import annotations

import numpy as np

from scanner.form_reading.field_writing import find_field_writing
from scanner.form_reading.placed_fields import place_fields, structure_of
from scanner.forms.form import Form, FormField, Reference
from scanner.image.measured_ink import measure_ink
from scanner.layout.cell_assignment import assign_to_cells
from scanner.types import Box, Ink


def test_without_any_ink_all_fields_are_blank() -> None:
    paper = np.zeros((60, 80), np.uint8)
    fields = (FormField(name="a", box=Box(5, 5, 30, 20)), FormField(name="b", box=Box(40, 5, 30, 20)))
    placed = place_fields(Form(name="form", reference=Reference("a.png"), fields=fields), 1.0)
    inked = assign_to_cells(measure_ink(Ink(paper, paper, 0.0)), structure_of(placed))
    assert [writing.is_blank for writing in find_field_writing(placed, inked)] == [True, True]
