"""Forms as they are printed: headings, and for each field of a form file its frame and its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from scanner.forms.form import FieldKind
from scanner.synthesis import comb_cells, page_content, printed, table_grids, wording
from scanner.synthesis.page_content import InkStyle, PageContent
from scanner.synthesis.printed import TextStyle
from scanner.synthesis.table_grids import Grid, RuleStyle
from scanner.types import Box

if TYPE_CHECKING:
    import numpy as np

    from scanner.forms.form import Form, FormField, FormTable
    from scanner.synthesis.fonts import FontFamily

    Generator = np.random.Generator

_TYPE_MM, _TITLE_MM = 3.2, 6.0
"""Size of the type, and of that of the title, mm per em.  A choice."""
_RULE_MM = 0.25
"""Thickness of rules, mm.  A choice."""
_MARGIN_MM = 15.0
"""Margin of the page, mm.  A choice."""
_PARAGRAPH_WORDS = 45
"""Number of words of the instructions below the title.  A choice."""


@dataclass(frozen=True, slots=True)
class FormStyle:
    """What a form is printed with."""

    text: TextStyle
    title: TextStyle
    rules: RuleStyle
    margin: int
    """Pixels."""

    @classmethod
    def at(cls, family: FontFamily, dpi: float) -> FormStyle:
        """A plain style at a resolution."""
        ink = InkStyle((30, 30, 30), 0.95)
        text = TextStyle(family.regular, round(_TYPE_MM * dpi / 25.4), ink)
        title = TextStyle(family.bold, round(_TITLE_MM * dpi / 25.4), ink)
        return cls(text, title, RuleStyle(ink, _RULE_MM * dpi / 25.4), round(_MARGIN_MM * dpi / 25.4))


def print_form(form: Form, width: int, style: FormStyle, rng: Generator) -> PageContent:
    """Print a form.

    Args:
        form: the form, whose boxes are in pixels of the page.
        width: width of the page, pixels.
        style: what it is printed with.
        rng: source of the words of its instructions.
    """
    column = Box(style.margin, style.margin, width - 2 * style.margin, 3 * style.title.size)
    title = printed.typeset_line(form.name.capitalize(), (column.x, column.y + style.title.size), style.title)
    words = [wording.random_word(rng) for _ in range(_PARAGRAPH_WORDS)]
    below = Box(column.x, column.y + round(1.6 * style.title.size), column.width, column.height)
    contents = [title, printed.typeset_paragraph(words, below, style.text, rng).content]
    contents += [_print_field(field, style, rng) for field in form.fields]
    contents += [_print_table(table, style, rng) for table in form.tables]
    return page_content.merge_contents(contents)


def _print_field(field: FormField, style: FormStyle, rng: Generator) -> PageContent:
    """Print the frame of a field, with its name above it, or on the right of a tick."""
    name = field.name.replace("_", " ").capitalize()
    box, gap = field.box, style.text.size // 2
    frame = _print_frame(box, style, rng)
    if field.kind is FieldKind.TICK:
        baseline = box.bottom - (box.height - style.text.size) // 2 - style.text.size // 5
        return frame + printed.typeset_line(name, (box.right + gap, baseline), style.text)
    if field.kind is FieldKind.COMB and field.cells:
        frame += comb_cells.draw_dividers(box, field.cells, style.rules, rng)
    return frame + printed.typeset_line(
        name, (box.x, box.y - gap // 2), replace(style.text, size=2 * style.text.size // 3)
    )


def _print_table(table: FormTable, style: FormStyle, rng: Generator) -> PageContent:
    """Print the grid of a table, a row of headings above it, and the numbers of its rows on its left."""
    grid = Grid(table.column_edges, table.row_edges)
    heading_height = 2 * style.text.size
    contents = [
        _print_frame(grid.cell(row, column), style, rng)
        for row in range(table.rows)
        for column in range(len(table.columns))
    ]
    for column, (left, right) in zip(table.columns, pairwise(grid.xs), strict=True):
        heading = Box(left, table.box.y - heading_height, right - left, heading_height)
        contents.append(_print_frame(heading, style, rng))
        contents.append(printed.typeset_line_in_box(column.name.capitalize(), heading, style.text, 0.5))
    for row in range(table.rows):
        label = Box(
            table.box.x - 3 * style.text.size, grid.ys[row], 2 * style.text.size, grid.ys[row + 1] - grid.ys[row]
        )
        contents.append(printed.typeset_line_in_box(f"{row + 1}.", label, style.text, 1.0))
    return page_content.merge_contents(contents)


def _print_frame(box: Box, style: FormStyle, rng: Generator) -> PageContent:
    corners = ((box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom), (box.x, box.y))
    return page_content.merge_contents(
        table_grids.draw_styled_rule(start, end, style.rules, rng) for start, end in pairwise(corners)
    )
