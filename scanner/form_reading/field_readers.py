"""Ask the line reader for the texts that fields may be, and how probable each is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.form_reading.comb_reading import CellReading, RankedText, rank_comb_texts, texts_by_cells
from scanner.numbers.crops import crop_region
from scanner.options import Charset
from scanner.recognition.line_image import make_line_image_at_rows
from scanner.recognition.number_reading import line_of
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.form_reading.blank_cells import WrittenCell
    from scanner.form_reading.field_regions import FieldRegions
    from scanner.numbers.crops import NumberCrop
    from scanner.numbers.text_lines import TextLine
    from scanner.preparation import PreparationOutputs
    from scanner.recognition.line_reader import LineReader
    from scanner.types import Image

_DIGITS = tuple("0123456789")
_MARGIN_HEIGHTS = 0.35
"""Margin at the left and right of a digit that is read alone, in its heights.  A choice: as crops of numbers have."""


def rank_lines(crops: Mapping[int, NumberCrop], reader: LineReader, charset: Charset) -> dict[int, dict[str, float]]:
    """The texts that fields of one number each may be, by field, with their probabilities by the line reader.

    Args:
        crops: the crop of each field, by its index.
        reader: the line reader for text lines.
        charset: characters to read.
    """
    lines = [line_of(crop).pixels for crop in crops.values()]
    ranked = reader.rank_texts(lines, charset, [()] * len(lines))
    return {index: dict(texts) for index, texts in zip(crops, ranked, strict=True)}


def rank_combs(
    regions: FieldRegions,
    contents: Sequence[Sequence[WrittenCell | None]],
    page: PreparationOutputs,
    reader: LineReader,
) -> dict[int, tuple[RankedText, ...]]:
    """The texts that comb fields may be, by the index of the field, the most probable first.

    Args:
        regions: the regions of the numbers of the page, those of combs among them.
        contents: what is written in the cells of all fields.
        page: outputs of the stages before.
        reader: the line reader for text lines.
    """
    digits = {index: [cell for cell in contents[index] if cell and not cell.is_mark] for index, _ in regions.combs}
    singles = [_line_of_cell(cell, page) for cells in digits.values() for cell in cells]
    alone = iter(reader.rank_texts(singles, Charset.DIGITS, [_DIGITS] * len(singles)))
    readings = {
        index: [CellReading(cell.reading, _of_digits(dict(next(alone)))) for cell in cells]
        for index, cells in digits.items()
    }
    crops = [_crop_of(line, regions, page) for _, line in regions.combs]
    offered = [texts_by_cells(cells) for cells in readings.values()]
    ranked = reader.rank_texts([line_of(crop).pixels for crop in crops], Charset.DIGITS, offered)
    return {index: rank_comb_texts(readings[index], dict(texts)) for index, texts in zip(readings, ranked, strict=True)}


def _crop_of(line: TextLine, regions: FieldRegions, page: PreparationOutputs) -> NumberCrop:
    if line.region is None:
        raise ValueError("the text line of a comb is a region")
    return crop_region(line, line.region, page.rectified.flat, page.cell_assignment.ink, regions.region_of_component)


def _line_of_cell(cell: WrittenCell, page: PreparationOutputs) -> Image:
    """The line image of the digit in a cell alone."""
    flat, components = page.rectified.flat, page.cell_assignment.components
    box = Box.around(components.box(index) for index in cell.component_indices.tolist())
    margin = round(_MARGIN_HEIGHTS * box.height)
    top, bottom = max(box.y - box.height, 0), box.bottom + box.height
    window = flat[top:bottom, max(box.x - margin, 0) : box.right + margin]
    return make_line_image_at_rows(np.ascontiguousarray(window), box.y - top, box.bottom - top).pixels


def _of_digits(probabilities: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(probabilities[digit] for digit in _DIGITS)
