import numpy as np
import pytest

from scanner.datasets.page_sources import find_held_out_fonts
from scanner.errors import DataError
from scanner.forms.form import FieldKind, Form, FormColumn, FormField, FormTable, Reference
from scanner.synthesis.page_content import lay_on_paper
from scanner.synthesis.printed_forms import FormStyle, print_form
from scanner.types import Box


def test_every_box_has_a_frame_and_combs_have_dividers() -> None:
    try:
        family = find_held_out_fonts()[0]
    except DataError as error:
        pytest.skip(str(error))
    comb = FormField(name="comb", box=Box(200, 300, 120, 40), kind=FieldKind.COMB, cells=3)
    columns = (FormColumn(name="q1"), FormColumn(name="q2"))
    table = FormTable(name="marks", box=Box(200, 500, 200, 90), columns=columns, rows=3)
    form = Form(name="a form", reference=Reference("a.png"), fields=(comb,), tables=(table,))
    rng = np.random.default_rng(0)
    content = print_form(form, 800, FormStyle.at(family, 150.0), rng)
    page, _ = lay_on_paper(np.full((700, 800, 3), 255, np.uint8), content, rng)
    dark = page.min(axis=2) < 128

    def rules(line: np.ndarray) -> list[int]:
        return [int(n) for n in np.flatnonzero(line[1:] & ~line[:-1]) + 1]

    # Rules are three pixels wide at most, so that a frame is met within two of its box.
    for found, expected in (
        (rules(dark[320, 190:330]), [10, 50, 90, 130]),
        (rules(dark[510, 190:410]), [10, 110, 210]),
        (rules(dark[490:600, 210]), [10, 40, 70, 100]),
    ):
        assert np.allclose(found, expected, atol=2)
