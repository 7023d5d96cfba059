"""Which blocks each type of page is made of, and the printed blocks that no other module has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scanner.synthesis import (
    amount_lines,
    barcodes_stamps,
    boxed_fields,
    comb_fields,
    expressions,
    filled_tables,
    forms,
    free_numbers,
    freehand,
    page_content,
    printed,
    puzzles,
    registers,
    tables,
    wording,
)
from scanner.synthesis.page_content import PageContent
from scanner.synthesis.printed import Block, TextStyle
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from scanner.synthesis.page_style import PageStyle

    Generator = np.random.Generator
    BlockMaker = Callable[[Generator, PageStyle, Box], Block]


@dataclass(frozen=True, slots=True)
class PageRecipe:
    """How a type of page is made."""

    share: float
    """How common the type is, relative to the others."""
    opening: tuple[tuple[BlockMaker, float], ...]
    """Blocks at the top of the page, each with its probability, 0-1."""
    filling: tuple[tuple[BlockMaker, float], ...]
    """Blocks that fill the rest of the page, each with its relative frequency."""


def _heading_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    text_style = TextStyle(
        page_style.bold.font_path, round(page_style.body.size * float(rng.uniform(1.1, 2.2))), page_style.bold.ink
    )
    text = printed.shorten_to_width(wording.random_heading(rng), column.width, text_style)
    if printed.text_width(text, text_style) > column.width:
        text_style = page_style.body
    if rng.random() < 0.15:
        text = text.upper() if printed.text_width(text.upper(), text_style) < column.width else text
    content = printed.typeset_line_in_box(
        text,
        Box(column.x, column.y, column.width, round(1.3 * text_style.size)),
        text_style,
        float(rng.choice([0, 0, 0.5])),
    )
    bottom = column.y + round(1.6 * text_style.size)
    if rng.random() < 0.25:
        content += page_content.draw_rule(
            (column.x, bottom), (column.right, bottom), page_style.rule_width * 2, page_style.rule_ink
        )
        bottom += text_style.size // 2
    return Block(content, bottom)


def _text_block(rng: Generator, page_style: PageStyle, column: Box, max_words: int = 160) -> Block:
    words = wording.random_running_words(rng, int(rng.integers(10, max_words)), float(rng.choice([0.0, 0.03, 0.12])))
    text_style = page_style.italic if rng.random() < 0.12 else page_style.body
    if rng.random() < 0.12 and column.width > 40 * text_style.size:
        column_width = column.width * 47 // 100
        left = printed.typeset_paragraph(
            words[: len(words) // 2], Box(column.x, column.y, column_width, column.height), text_style, rng
        )
        right_column = Box(column.right - column_width, column.y, column_width, column.height)
        right = printed.typeset_paragraph(words[len(words) // 2 :], right_column, text_style, rng)
        return Block(left.content + right.content, max(left.bottom, right.bottom) + text_style.size)
    block = printed.typeset_paragraph(words, column, text_style, rng)
    return Block(block.content, block.bottom + round(text_style.size * float(rng.uniform(0.3, 1.5))))


def _questions_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    return printed.typeset_questions(column, page_style.body, page_style.bold, rng)


def _bullets_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    return printed.typeset_bullets(column, page_style.body, rng)


def _foreign_script_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """Words in a foreign script, some followed by a field name."""
    text_style = page_style.bold if rng.random() < 0.3 else page_style.body
    x, y, contents = column.x, column.y + round(1.3 * text_style.size), []
    for _ in range(int(rng.integers(1, 7))):
        count = int(rng.integers(1, 7))
        contents.append(printed.draw_foreign_script(rng, count, (x, y), text_style))
        x += round((count + 0.6) * text_style.size)
        if rng.random() < 0.4:
            text = wording.random_field_name(rng) + " :"
            contents.append(printed.typeset_line(text, (x, y), text_style))
            x += printed.text_width(text, text_style) + text_style.size
        if x > column.right - 10 * text_style.size:
            break
    return Block(page_content.merge_contents(contents), y + text_style.size)


def _formulas_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    return printed.typeset_formulas(column, page_style.body, rng)


def _gap_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    return Block(PageContent(), column.y + page_style.mm_to_pixels(rng.uniform(3, 45)))


def _rule_block(_: Generator, page_style: PageStyle, column: Box) -> Block:
    y = column.y + page_style.body.size // 2
    return Block(
        page_content.draw_rule((column.x, y), (column.right, y), page_style.rule_width * 2, page_style.rule_ink),
        y + page_style.body.size,
    )


def _comb_between_text_block(rng: Generator, page_style: PageStyle, column: Box) -> Block:
    """A comb field with print or codes on its left and right, as in the middle of an exam's cover."""
    side_width = column.width // 4
    middle = Box(
        column.x + side_width + page_style.body.size,
        column.y,
        column.width - 2 * side_width - 2 * page_style.body.size,
        column.height,
    )
    block = comb_fields.comb_block(rng, page_style, middle)
    contents = [block.content]
    height = max(block.bottom - column.y - page_style.body.size, 2 * page_style.body.size)
    for x in (column.x, column.right - side_width):
        if rng.random() < 0.3:
            side = min(side_width, height)
            contents.append(barcodes_stamps.draw_qr_like_code(Box(x, column.y, side, side), page_style.body.ink, rng))
        else:
            words = wording.random_running_words(rng, 30, 0.04)
            contents.append(
                printed.typeset_paragraph(words, Box(x, column.y, side_width, height), page_style.body, rng).content
            )
    return Block(page_content.merge_contents(contents), max(block.bottom, column.y + height + page_style.body.size))


_short_text_block: BlockMaker = partial(_text_block, max_words=40)

PAGE_RECIPES: dict[str, PageRecipe] = {
    "exam cover": PageRecipe(
        share=1.2,
        opening=(
            (forms.coded_header_block, 0.5), (_heading_block, 0.9), (_text_block, 0.7),
            (_comb_between_text_block, 0.5), (comb_fields.comb_block, 0.75), (_text_block, 0.8),
        ),
        filling=((_text_block, 4), (_bullets_block, 1), (tables.printed_table_block, 0.6), (_rule_block, 0.4)),
    ),
    "print": PageRecipe(
        share=1.0,
        opening=((forms.coded_header_block, 0.4), (_heading_block, 0.8)),
        filling=(
            (_text_block, 5), (_questions_block, 2), (_foreign_script_block, 0.5), (_bullets_block, 1),
            (_formulas_block, 1), (tables.printed_table_block, 1), (_heading_block, 1), (_gap_block, 0.7),
        ),
    ),
    "exam": PageRecipe(
        share=1.0,
        opening=(
            (forms.coded_header_block, 0.6), (_foreign_script_block, 0.15), (forms.fields_block, 0.6),
            (_heading_block, 0.5), (_questions_block, 0.4),
        ),
        filling=(
            (_short_text_block, 2), (_formulas_block, 1.5), (_foreign_script_block, 0.3), (freehand.notes_block, 1),
            (freehand.sums_block, 1), (forms.answer_box_block, 1.5), (_gap_block, 1),
            (forms.sentence_field_block, 0.6),
        ),
    ),
    "questionnaire": PageRecipe(
        share=1.0,
        opening=((forms.coded_header_block, 0.6), (_heading_block, 1.0)),
        filling=(
            (forms.choices_block, 4), (comb_fields.comb_block, 2.5), (_heading_block, 1), (forms.fields_block, 1),
            (forms.sentence_field_block, 1),
        ),
    ),
    "log": PageRecipe(
        share=1.4,
        opening=(
            (forms.coded_header_block, 0.15), (_heading_block, 0.9), (forms.fields_block, 0.6),
            (_short_text_block, 0.5), (tables.log_block, 1.0),
        ),
        filling=((freehand.notes_block, 1), (freehand.signature_block, 1), (_short_text_block, 1), (_gap_block, 1)),
    ),
    "worksheet": PageRecipe(
        share=1.8,
        opening=((_heading_block, 0.4),),
        filling=(
            (freehand.sums_block, 4), (freehand.number_columns_block, 1.5), (_gap_block, 0.7),
            (_short_text_block, 0.4),
        ),
    ),
    "ledger": PageRecipe(
        share=1.1,
        opening=(
            (forms.coded_header_block, 0.2), (_heading_block, 0.8), (forms.fields_block, 0.6),
            (tables.ledger_block, 1.0),
        ),
        filling=(
            (tables.ledger_block, 0.6), (forms.fields_block, 1), (freehand.signature_block, 1),
            (_short_text_block, 1), (_gap_block, 0.6),
        ),
    ),
    "form": PageRecipe(
        share=1.2,
        opening=((forms.coded_header_block, 0.3), (_heading_block, 0.9), (forms.fields_block, 1.0)),
        filling=(
            (forms.fields_block, 3), (comb_fields.comb_block, 2), (_foreign_script_block, 0.4),
            (_short_text_block, 1), (forms.sentence_field_block, 1), (forms.choices_block, 0.8),
            (freehand.signature_block, 0.8), (tables.ledger_block, 0.4), (forms.answer_box_block, 0.6),
        ),
    ),
    "mark sheet": PageRecipe(
        share=0.8,
        opening=((_heading_block, 0.9), (forms.fields_block, 0.4), (tables.mark_sheet_block, 1.0)),
        filling=((tables.mark_sheet_block, 1), (freehand.signature_block, 1), (_short_text_block, 1), (_gap_block, 1)),
    ),
    "notes": PageRecipe(
        share=0.9,
        opening=((_heading_block, 0.1),),
        filling=(
            (freehand.notes_block, 3), (freehand.number_columns_block, 1), (freehand.sums_block, 1),
            (expressions.expressions_block, 1.5), (_gap_block, 0.5),
        ),
    ),
    "tally": PageRecipe(
        share=0.5,
        opening=((_heading_block, 0.9), (tables.tallies_block, 1.0)),
        filling=((tables.tallies_block, 1), (_short_text_block, 1), (freehand.notes_block, 0.5)),
    ),
    "filled table": PageRecipe(
        share=3.0,
        opening=((_heading_block, 0.6), (forms.fields_block, 0.2), (filled_tables.mixed_table_block, 1.0)),
        filling=(
            (filled_tables.mixed_table_block, 2), (filled_tables.alike_table_block, 1), (freehand.notes_block, 0.5),
            (_short_text_block, 0.4), (freehand.signature_block, 0.3), (_gap_block, 0.6),
        ),
    ),
    "sheet of numbers": PageRecipe(
        share=2.5,
        opening=((_heading_block, 0.5), (forms.fields_block, 0.15), (filled_tables.alike_table_block, 1.0)),
        filling=((filled_tables.alike_table_block, 1), (_gap_block, 1), (freehand.notes_block, 0.3)),
    ),
    "scorecard": PageRecipe(
        share=1.2,
        opening=((_heading_block, 0.5), (filled_tables.scorecard_block, 1.0)),
        filling=((filled_tables.scorecard_block, 2), (freehand.signature_block, 0.5), (_gap_block, 1)),
    ),
    "count form": PageRecipe(
        share=2.0,
        opening=(
            (forms.coded_header_block, 0.4), (_heading_block, 0.7), (forms.fields_block, 0.4),
            (filled_tables.comb_table_block, 1.0),
        ),
        filling=(
            (filled_tables.comb_table_block, 2), (freehand.signature_block, 1), (_short_text_block, 1),
            (comb_fields.comb_block, 1), (_gap_block, 0.5),
        ),
    ),
    "register": PageRecipe(
        share=1.6,
        opening=((_heading_block, 0.3), (registers.register_block, 1.0)),
        filling=((registers.register_block, 1), (registers.diary_block, 0.5), (freehand.signature_block, 0.5)),
    ),
    "diary": PageRecipe(
        share=0.7,
        opening=((_heading_block, 0.1),),
        filling=((registers.diary_block, 3), (freehand.notes_block, 1), (filled_tables.mixed_table_block, 0.3)),
    ),
    "free numbers": PageRecipe(
        share=1.3,
        opening=((_heading_block, 0.15),),
        filling=(
            (free_numbers.wide_numbers_block, 2), (free_numbers.list_block, 3), (free_numbers.huge_number_block, 1),
            (free_numbers.fractions_block, 0.7), (freehand.sums_block, 0.7), (_gap_block, 1),
        ),
    ),
    "exercises": PageRecipe(
        share=2.2,
        opening=((_heading_block, 0.6), (forms.fields_block, 0.3)),
        filling=(
            (free_numbers.exercises_block, 3), (free_numbers.written_sums_block, 2), (_short_text_block, 0.4),
            (puzzles.multiplication_block, 0.7), (free_numbers.fractions_block, 0.6),
            (expressions.expressions_block, 3), (_gap_block, 0.6),
        ),
    ),
    "puzzle": PageRecipe(
        share=1.0,
        opening=((_heading_block, 0.5),),
        filling=(
            (puzzles.sudoku_block, 3), (puzzles.crossword_block, 1), (puzzles.bingo_block, 0.5),
            (puzzles.calendar_block, 1), (puzzles.multiplication_block, 0.5), (_short_text_block, 0.5),
        ),
    ),
    "boxed form": PageRecipe(
        share=1.2,
        opening=((forms.coded_header_block, 0.3), (_heading_block, 0.7)),
        filling=(
            (boxed_fields.date_boxes_block, 1.5), (boxed_fields.code_boxes_block, 3),
            (boxed_fields.single_frames_block, 1.5), (filled_tables.comb_table_block, 0.7), (forms.fields_block, 0.7),
            (forms.choices_block, 0.5), (_short_text_block, 0.5), (comb_fields.comb_block, 0.7),
        ),
    ),
    "bill": PageRecipe(
        share=1.2,
        opening=((forms.coded_header_block, 0.2), (_heading_block, 0.8), (forms.fields_block, 0.4)),
        filling=(
            (amount_lines.amount_lines_block, 4), (forms.fields_block, 1), (filled_tables.mixed_table_block, 0.7),
            (boxed_fields.single_frames_block, 0.7), (freehand.signature_block, 0.6), (_short_text_block, 0.8),
            (free_numbers.list_block, 0.3), (_gap_block, 0.4),
        ),
    ),
    "cheques": PageRecipe(
        share=0.6,
        opening=(),
        filling=((freehand.cheque_block, 1),),
    ),
}  # fmt: skip  # in columns
"""How each type of page is made."""
