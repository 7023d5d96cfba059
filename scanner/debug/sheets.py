"""Contact sheets: what the readers were shown, and what they said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.debug.canvas import BLACK, BLUE, CONFIDENCE_LEGEND, GREY, VERMILLION, WHITE, add_heading
from scanner.image.digit_frame import FRAME_SIDE, digit_frame
from scanner.recognition.line_image import make_line_image
from scanner.results.annotated_page import confidence_colour
from scanner.results.label_drawing import TEXT_COLOUR, Colour, Rectangle, draw_outline, fill_rectangle, load_font, tint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.decision.located_numbers import LocatedNumber
    from scanner.decision.reader_fusion import FusedReading
    from scanner.image.components import Components
    from scanner.numbers.crops import NumberCrop
    from scanner.numbers.text_lines import TextLine
    from scanner.pipeline import StageOutputs
    from scanner.recognition.cut_lattice import Hypothesis, Lattice
    from scanner.recognition.lattice_decoding import ReadDigit
    from scanner.types import Box, DigitReading, Glyph, Image, Ink

_SHEET_WIDTH = 1800
"""Of a sheet, pixels."""
_MAX_SHEET_HEIGHT = 8000
"""Of a sheet, pixels: a page taken for nothing but digits has thousands of them, and the first are enough to see it."""
_TILE_GAP = 14
"""Between two tiles, pixels."""
_TEXT_HEIGHT = 17
"""Height of text, pixels."""
_GLYPH_SCALE = 3
_GLYPHS_PER_TILE = (_SHEET_WIDTH - 4 * _TILE_GAP) // (FRAME_SIDE * _GLYPH_SCALE + 4)
"""A longer run goes on in the next tile."""
_LINE_SCALE = 2
_MAX_TEXT_LINE_HEIGHT = 110
"""Of the ink above its cuts, pixels ..."""
_MAX_TEXT_LINE_SCALE = 6.0
"""... and at most so many to one of the page."""
_TILE_BORDER_GREY = 200
"""Grey of the line around a tile."""
_BAR_HEIGHT = _TEXT_HEIGHT + 6
"""Height of the bar of a hypothesis."""
CHOSEN_DIGIT_COLOUR = tint(BLUE, 0.45)
CHOSEN_NO_DIGIT_COLOUR = tint(GREY, 0.6)
"""Behind a piece on the best way, if it is a digit and if it is none."""
NO_DIGIT_TEXT = "-"
"""Stands for what is no digit."""


def draw_glyphs(stages: StageOutputs) -> Image | None:
    """The pieces that were decided for, as the classifier saw them; None if there are none."""
    tiles = [
        *_path_tiles(stages.lattices, stages.best_paths),
        *_comb_tiles(stages),
    ]
    if not tiles:
        return None
    notes = [
        "The pieces along the best way through each run, and in each comb cell, as the classifier saw them: slant and "
        "size evened out. Below each, the digit it was taken for and how sure that is.",
        f"'{NO_DIGIT_TEXT}' is no digit: it parts numbers. A 'point' is too low for a digit. In a comb cell the best digit "
        "counts even where it is not sure; a field of mostly no digits is left out.",
    ]
    legend = [*CONFIDENCE_LEGEND, (GREY, "no digit")]
    return add_heading(lay_out_tiles(tiles), "12 Glyphs", notes, legend)


def draw_line_images(stages: StageOutputs) -> Image | None:
    """What the number reader was shown, and what was made of it; None if it was not asked."""
    answered = list(zip(stages.located, stages.fused_readings, strict=True))
    if not any(opinion.reader == "number" for _, answer in answered for opinion in answer.opinions):
        return None
    tiles = [
        _line_tile(region, [(place, answer) for place, answer in answered if place.crop_index == index])
        for index, region in enumerate(stages.number_crops)
    ]
    notes = [
        "Each run and comb field as the number reader saw it: alone, in one line of one height. Below it, for each "
        "number in it, what each reader says and how sure it is of that; the last line is what was made of it.",
    ]
    return add_heading(lay_out_tiles(tiles), "13 Lines", notes, CONFIDENCE_LEGEND)


def draw_cuts(stages: StageOutputs) -> Image | None:
    """How each run may be cut into digits; None if there are no runs."""
    if not stages.text_lines:
        return None
    tiles = (
        _cut_tile(
            f"run {number}",
            run,
            _DecodedLattice(lattice, readings, path),
            stages.ink_without_rules,
            stages.cell_assignment.components,
        )
        for number, (run, lattice, readings, path) in enumerate(
            zip(stages.text_lines, stages.lattices, stages.hypothesis_readings, stages.best_paths, strict=True), 1
        )
    )
    notes = [
        "Each run with all the pieces that it may be cut into, a bar below the ink of each: first those between two "
        "neighbouring cuts, then those across one cut or more. In each bar what the piece was taken for or, if it was "
        f"not taken, the classifier's best digit, and the probability in percent; '{NO_DIGIT_TEXT}' is no digit.",
    ]
    legend = [
        (CHOSEN_DIGIT_COLOUR, "on the best way: a digit"),
        (CHOSEN_NO_DIGIT_COLOUR, "on the best way: no digit, or a point"),
        (WHITE, "not taken"),
        (VERMILLION, "cuts"),
    ]
    return add_heading(lay_out_tiles(tiles), "11 Cuts", notes, legend)


def lay_out_tiles(tiles: Iterable[Image]) -> Image:
    """Tiles, each framed, from left to right in rows, as many as there is room for."""
    rows: list[Image] = []
    row: list[Image] = []
    used, height, left_out = _TILE_GAP, 0, 0
    for bare in tiles:
        if height > _MAX_SHEET_HEIGHT:
            left_out += 1
            continue
        tile = _add_tile_border(bare)
        if row and used + tile.shape[1] + _TILE_GAP > _SHEET_WIDTH:
            rows.append(_make_row(row))
            height += rows[-1].shape[0]
            row, used = [], _TILE_GAP
        row.append(tile)
        used += tile.shape[1] + _TILE_GAP
    if row:
        rows.append(_make_row(row))
    if left_out:
        rows.append(_make_row([_draw_text([(f"... and {left_out} more", TEXT_COLOUR)])]))
    return np.concatenate(rows).astype(np.uint8)


def _add_tile_border(tile: Image) -> Image:
    within = np.pad(tile, ((4, 4), (6, 6), (0, 0)), constant_values=255)
    return np.pad(within, ((1, 1), (1, 1), (0, 0)), constant_values=_TILE_BORDER_GREY)


def _make_row(tiles: Sequence[Image]) -> Image:
    height = max(tile.shape[0] for tile in tiles) + _TILE_GAP
    row = np.full((height, _SHEET_WIDTH, 3), 255, np.uint8)
    x = _TILE_GAP
    for tile in tiles:
        part = tile[:, : _SHEET_WIDTH - x]
        row[_TILE_GAP // 2 : _TILE_GAP // 2 + part.shape[0], x : x + part.shape[1]] = part
        x += tile.shape[1] + _TILE_GAP
    return row


def _draw_text(texts: Sequence[tuple[str, Colour]], least: int = 1) -> Image:
    """Lines of text on white, at least so wide."""
    import PIL.Image
    import PIL.ImageDraw

    font, pitch = load_font(_TEXT_HEIGHT), _TEXT_HEIGHT + 5
    width = max([least, *(round(font.getlength(text)) + 4 for text, _ in texts)])
    picture = PIL.Image.new("RGB", (width, pitch * len(texts)), WHITE)
    draw = PIL.ImageDraw.Draw(picture)
    for index, (text, colour) in enumerate(texts):
        draw.text((1, index * pitch), text, font=font, fill=colour)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def _stack_pictures(parts: Sequence[Image]) -> Image:
    """Pictures below each other, on white."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate(
        [np.pad(part, ((0, 0), (0, width - part.shape[1]), (0, 0)), constant_values=255) for part in parts]
    ).astype(np.uint8)


def _enlarge(image: Image, scale: int) -> Image:
    """Whole times, so that its pixels can be seen; BGR."""
    large = np.repeat(np.repeat(image, scale, axis=0), scale, axis=1)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), np.uint8)


def _percent(probability: float) -> int:
    # Nothing is certain: what is rounded to 100 was not.
    return min(round(100 * probability), 99)


# Glyphs


def _path_tiles(lattices: Sequence[Lattice], paths: Sequence[Sequence[ReadDigit]]) -> Iterator[Image]:
    for number, (lattice, path) in enumerate(zip(lattices, paths, strict=True), 1):
        pieces = ((lattice.hypotheses[index].glyph, piece) for index, piece in path_hypotheses(lattice, path))
        shown = [_glyph_tile(glyph, *_glyph_caption(piece)) for glyph, piece in pieces]
        yield from _split_into_tiles(f"run {number}", shown)


def _comb_tiles(stages: StageOutputs) -> Iterator[Image]:
    for number, (strip, readings) in enumerate(zip(stages.comb_digits, stages.comb_readings, strict=True), 1):
        shown = [
            _glyph_tile(glyph, f"{reading.digit}: {_percent(reading.confidence)}%", _reading_colour(reading))
            for glyph, reading in zip(strip.glyphs, readings, strict=True)
        ]
        cells = ", ".join(map(str, strip.comb_cells))
        yield from _split_into_tiles(f"comb {number}, cells {cells}", shown)


def _split_into_tiles(name: str, shown: Sequence[Image]) -> Iterator[Image]:
    for start in range(0, len(shown), _GLYPHS_PER_TILE):
        title = _draw_text([(name if not start else f"{name}, going on", TEXT_COLOUR)])
        yield _stack_pictures([title, np.concatenate(shown[start : start + _GLYPHS_PER_TILE], axis=1)])


def _glyph_tile(glyph: Glyph, text: str, colour: Colour) -> Image:
    picture = _enlarge(digit_frame(glyph.strength), _GLYPH_SCALE)
    bordered = cv2.copyMakeBorder(picture, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=colour[::-1])
    caption = _draw_text([(text, TEXT_COLOUR)], bordered.shape[1])
    return _stack_pictures([np.asarray(bordered, np.uint8), caption[:, : bordered.shape[1]]])


def _glyph_caption(piece: ReadDigit) -> tuple[str, Colour]:
    if piece.is_punctuation:
        return "point", GREY
    if piece.digit is None:
        return f"{NO_DIGIT_TEXT}: {_percent(piece.confidence)}%", GREY
    return f"{piece.digit}: {_percent(piece.confidence)}%", confidence_colour(piece.confidence)


def _reading_colour(reading: DigitReading) -> Colour:
    return confidence_colour(reading.confidence) if reading.is_digit else GREY


def path_hypotheses(lattice: Lattice, path: Sequence[ReadDigit]) -> Iterator[tuple[int, ReadDigit]]:
    """The pieces of the best way, and the index of the hypothesis that each of them is."""
    start = 0
    for piece in path:
        index, hypothesis = next(
            (index, each)
            for index, each in enumerate(lattice.hypotheses)
            if each.start_cut >= start and each.glyph.box == piece.box
        )
        start = hypothesis.end_cut
        yield index, piece


# Lines


def _line_tile(region: NumberCrop, answered: Sequence[tuple[LocatedNumber, FusedReading]]) -> Image:
    seen = _enlarge(make_line_image(region.image).pixels, _LINE_SCALE)
    texts = [line for place, answer in answered for line in _fused_reading_texts(place, answer)] or [("nothing", GREY)]
    return _stack_pictures([seen[:, : _SHEET_WIDTH - 4 * _TILE_GAP], _draw_text(texts)])


def _fused_reading_texts(place: LocatedNumber, answer: FusedReading) -> list[tuple[str, Colour]]:
    where = (f"table {place.table}," if place.table else "", f"row {place.row}, column {place.column}", place.kind)
    if answer.digits:
        made_of_it = f"-> {answer.text} ({_percent(answer.confidence)}%)", confidence_colour(answer.confidence)
    else:
        made_of_it = "-> no number", confidence_colour(0.0)
    return [
        (" ".join(filter(None, where)), GREY),
        *(
            (f"{said.reader}: {said.text or 'nothing'} ({_percent(said.confidence)}%)", BLACK)
            for said in answer.opinions
        ),
        made_of_it,
    ]


# Cuts


@dataclass(frozen=True, slots=True)
class _DecodedLattice:
    """A lattice, what the classifier says of it, and the best way through it."""

    lattice: Lattice
    hypothesis_readings: tuple[DigitReading, ...]
    best_path: tuple[ReadDigit, ...]


def _cut_tile(name: str, run: TextLine, decided: _DecodedLattice, ink: Ink, components: Components) -> Image:
    import PIL.Image
    import PIL.ImageDraw

    box = run.box
    scale = min(_MAX_TEXT_LINE_HEIGHT / box.height, _MAX_TEXT_LINE_SCALE, (_SHEET_WIDTH - 4 * _TILE_GAP) / box.width)
    size = max(round(box.width * scale), 1), max(round(box.height * scale), 1)
    window = slice(box.y, box.bottom), slice(box.x, box.right)
    own = np.isin(components.labels[window], np.array(run.component_indices) + 1)
    strokes = np.where(own, 255 - ink.strength[window], np.uint8(255)).astype(np.uint8)
    shown = cv2.resize(strokes, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    rows = assign_bar_rows(decided.lattice.hypotheses)
    picture = PIL.Image.new("RGB", (size[0] + 2, size[1] + _BAR_HEIGHT * (max(rows, default=0) + 1) + 4), WHITE)
    picture.paste(PIL.Image.fromarray(np.asarray(shown, np.uint8)), (0, 0))
    draw = PIL.ImageDraw.Draw(picture)
    for cut in _cut_columns(decided.lattice):
        x = round((cut - box.x) * scale)
        draw.line((x, 0, x, size[1]), fill=VERMILLION, width=1)
    chosen = dict(path_hypotheses(decided.lattice, decided.best_path))
    font = load_font(_TEXT_HEIGHT - 2)
    for index, (hypothesis, reading, row) in enumerate(
        zip(decided.lattice.hypotheses, decided.hypothesis_readings, rows, strict=True)
    ):
        left, right = (round((x - box.x) * scale) for x in (hypothesis.glyph.box.x, hypothesis.glyph.box.right))
        bar = Rectangle(
            left, size[1] + 4 + _BAR_HEIGHT * row, max(right, left + 3), size[1] + 4 + _BAR_HEIGHT * (row + 1) - 2
        )
        piece = chosen.get(index)
        if piece is not None:
            fill_rectangle(draw, bar, CHOSEN_NO_DIGIT_COLOUR if piece.digit is None else CHOSEN_DIGIT_COLOUR)
        draw_outline(draw, bar, BLACK if piece is not None else GREY, 1)
        text = _reading_text(reading) if piece is None else _read_digit_text(piece)
        while text and draw.textlength(text, font=font) > right - left - 2:
            text = text[:-1] if " " not in text else text.partition(" ")[0]
        draw.text((left + 3, bar.top + 1), text, font=font, fill=TEXT_COLOUR if piece is not None else GREY)
    return _stack_pictures([_draw_text([(name, TEXT_COLOUR)]), np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])])


def _read_digit_text(piece: ReadDigit) -> str:
    return f"{NO_DIGIT_TEXT if piece.digit is None else piece.digit} {_percent(piece.confidence)}"


def _reading_text(reading: DigitReading) -> str:
    if reading.is_digit:
        return f"{reading.digit} {_percent(reading.confidence)}"
    return f"{NO_DIGIT_TEXT} {_percent(reading.probabilities[-1])}"


def assign_bar_rows(hypotheses: Sequence[Hypothesis]) -> list[int]:
    """A row for the bar of each, from 0, so that no two in a row overlap; pieces across fewer cuts are further up."""
    chosen = [0] * len(hypotheses)
    rows: list[list[Box]] = []
    for index in sorted(range(len(hypotheses)), key=lambda i: hypotheses[i].end_cut - hypotheses[i].start_cut):
        box = hypotheses[index].glyph.box
        free = (row for row, taken in enumerate(rows) if all(box.x >= b.right or box.right <= b.x for b in taken))
        chosen[index] = next(free, len(rows))
        if chosen[index] == len(rows):
            rows.append([])
        rows[chosen[index]].append(box)
    return chosen


def _cut_columns(lattice: Lattice) -> list[float]:
    """Column of the upright page at each inner cut, half-way between what ends and what begins there."""
    places = []
    for cut in range(1, lattice.cut_count - 1):
        ends = [each.glyph.box.right for each in lattice.hypotheses if each.end_cut == cut]
        begins = [each.glyph.box.x for each in lattice.hypotheses if each.start_cut == cut]
        if ends and begins:
            places.append((max(ends) + min(begins)) / 2)
    return places
