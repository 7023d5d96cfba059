"""Contact sheets: what the readers were shown, and what they said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.annotate import colour_of
from scanner.debug.canvas import BLACK, BLUE, CONFIDENCES, GREY, VERMILLION, WHITE, headed
from scanner.frame import FRAME, frame
from scanner.line import find_line
from scanner.plates import TEXT_COLOUR, Colour, Span, draw_outline, fill, load_font, tinted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.combine import Answer
    from scanner.components import Components
    from scanner.decode import Piece
    from scanner.pipeline import Stages
    from scanner.places import Place
    from scanner.regions import Region
    from scanner.runs import Run
    from scanner.segment import Hypothesis, Lattice
    from scanner.types import Box, Glyph, Image, Ink, Reading

_WIDTH = 1800
"""Of a sheet, pixels."""
_HIGHEST = 8000
"""Of a sheet, pixels: a page taken for nothing but digits has thousands of them, and the first are enough to see it."""
_GAP = 14
"""Between two tiles, pixels."""
_TEXT = 17
"""Height of text, pixels."""
_GLYPH_SCALE = 3
_GLYPHS_IN_TILE = (_WIDTH - 4 * _GAP) // (FRAME * _GLYPH_SCALE + 4)
"""A longer run goes on in the next tile."""
_LINE_SCALE = 2
_RUN_HEIGHT = 110
"""Of the ink above its cuts, pixels ..."""
_RUN_SCALE = 6.0
"""... and at most so many to one of the page."""
_FRAME = 200
"""Grey of the line around a tile."""
_BAR = _TEXT + 6
"""Height of the bar of a hypothesis."""
CHOSEN = tinted(BLUE, 0.45)
CHOSEN_JUNK = tinted(GREY, 0.6)
"""Behind a piece on the best way, if it is a digit and if it is none."""
NO_DIGIT = "-"
"""Stands for what is no digit."""


def glyphs(stages: Stages) -> Image | None:
    """The pieces that were decided for, as the classifier saw them; None if there are none."""
    tiles = [
        *_path_tiles(stages.lattices, stages.paths),
        *_strip_tiles(stages),
    ]
    if not tiles:
        return None
    notes = [
        "The pieces along the best way through each run, and in each comb cell, as the classifier saw them: slant and "
        "size evened out. Below each, the digit it was taken for and how sure that is.",
        f"'{NO_DIGIT}' is no digit: it parts numbers. A 'point' is too low for a digit. In a comb cell the best digit "
        "counts even where it is not sure; a field of mostly no digits is left out.",
    ]
    legend = [*CONFIDENCES, (GREY, "no digit")]
    return headed(flow(tiles), "12 Glyphs", notes, legend)


def lines(stages: Stages) -> Image | None:
    """What the number reader was shown, and what was made of it; None if it was not asked."""
    answered = list(zip(stages.places, stages.answers, strict=True))
    if not any(opinion.reader == "number" for _, answer in answered for opinion in answer.said):
        return None
    tiles = [
        _line_tile(region, [(place, answer) for place, answer in answered if place.region == index])
        for index, region in enumerate(stages.regions)
    ]
    notes = [
        "Each run and comb field as the number reader saw it: alone, in one line of one height. Below it, for each "
        "number in it, what each reader says and how sure it is of that; the last line is what was made of it.",
    ]
    return headed(flow(tiles), "13 Lines", notes, CONFIDENCES)


def cuts(stages: Stages) -> Image | None:
    """How each run may be cut into digits; None if there are no runs."""
    if not stages.runs:
        return None
    tiles = (
        _cut_tile(f"run {number}", run, _Decided(lattice, readings, path), stages.clear, stages.inked.components)
        for number, (run, lattice, readings, path) in enumerate(
            zip(stages.runs, stages.lattices, stages.readings, stages.paths, strict=True), 1
        )
    )
    notes = [
        "Each run with all the pieces that it may be cut into, a bar below the ink of each: first those between two "
        "neighbouring cuts, then those across one cut or more. In each bar what the piece was taken for or, if it was "
        f"not taken, the classifier's best digit, and the probability in percent; '{NO_DIGIT}' is no digit.",
    ]
    legend = [
        (CHOSEN, "on the best way: a digit"),
        (CHOSEN_JUNK, "on the best way: no digit, or a point"),
        (WHITE, "not taken"),
        (VERMILLION, "cuts"),
    ]
    return headed(flow(tiles), "11 Cuts", notes, legend)


def flow(tiles: Iterable[Image]) -> Image:
    """Tiles, each framed, from left to right in rows, as many as there is room for."""
    rows: list[Image] = []
    row: list[Image] = []
    used, height, left_out = _GAP, 0, 0
    for bare in tiles:
        if height > _HIGHEST:
            left_out += 1
            continue
        tile = _framed(bare)
        if row and used + tile.shape[1] + _GAP > _WIDTH:
            rows.append(_row(row))
            height += rows[-1].shape[0]
            row, used = [], _GAP
        row.append(tile)
        used += tile.shape[1] + _GAP
    if row:
        rows.append(_row(row))
    if left_out:
        rows.append(_row([_written([(f"... and {left_out} more", TEXT_COLOUR)])]))
    return np.concatenate(rows).astype(np.uint8)


def _framed(tile: Image) -> Image:
    within = np.pad(tile, ((4, 4), (6, 6), (0, 0)), constant_values=255)
    return np.pad(within, ((1, 1), (1, 1), (0, 0)), constant_values=_FRAME)


def _row(tiles: Sequence[Image]) -> Image:
    height = max(tile.shape[0] for tile in tiles) + _GAP
    row = np.full((height, _WIDTH, 3), 255, np.uint8)
    x = _GAP
    for tile in tiles:
        part = tile[:, : _WIDTH - x]
        row[_GAP // 2 : _GAP // 2 + part.shape[0], x : x + part.shape[1]] = part
        x += tile.shape[1] + _GAP
    return row


def _written(texts: Sequence[tuple[str, Colour]], least: int = 1) -> Image:
    """Lines of text on white, at least so wide."""
    import PIL.Image
    import PIL.ImageDraw

    font, pitch = load_font(_TEXT), _TEXT + 5
    width = max([least, *(round(font.getlength(text)) + 4 for text, _ in texts)])
    picture = PIL.Image.new("RGB", (width, pitch * len(texts)), WHITE)
    draw = PIL.ImageDraw.Draw(picture)
    for index, (text, colour) in enumerate(texts):
        draw.text((1, index * pitch), text, font=font, fill=colour)
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def _stacked(parts: Sequence[Image]) -> Image:
    """Pictures below each other, on white."""
    width = max(part.shape[1] for part in parts)
    return np.concatenate(
        [np.pad(part, ((0, 0), (0, width - part.shape[1]), (0, 0)), constant_values=255) for part in parts]
    ).astype(np.uint8)


def _enlarged(image: Image, scale: int) -> Image:
    """Whole times, so that its pixels can be seen; BGR."""
    large = np.repeat(np.repeat(image, scale, axis=0), scale, axis=1)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), np.uint8)


def _percent(probability: float) -> int:
    # Nothing is certain: what is rounded to 100 was not.
    return min(round(100 * probability), 99)


# Glyphs


def _path_tiles(lattices: Sequence[Lattice], paths: Sequence[Sequence[Piece]]) -> Iterator[Image]:
    for number, (lattice, path) in enumerate(zip(lattices, paths, strict=True), 1):
        pieces = ((lattice.hypotheses[index].glyph, piece) for index, piece in along(lattice, path))
        shown = [_glyph_tile(glyph, *_taken_for(piece)) for glyph, piece in pieces]
        yield from _in_tiles(f"run {number}", shown)


def _strip_tiles(stages: Stages) -> Iterator[Image]:
    for number, (strip, readings) in enumerate(zip(stages.strips, stages.strip_readings, strict=True), 1):
        shown = [
            _glyph_tile(glyph, f"{reading.digit}: {_percent(reading.confidence)}%", _reading_colour(reading))
            for glyph, reading in zip(strip.glyphs, readings, strict=True)
        ]
        cells = ", ".join(map(str, strip.columns))
        yield from _in_tiles(f"comb {number}, cells {cells}", shown)


def _in_tiles(name: str, shown: Sequence[Image]) -> Iterator[Image]:
    for start in range(0, len(shown), _GLYPHS_IN_TILE):
        title = _written([(name if not start else f"{name}, going on", TEXT_COLOUR)])
        yield _stacked([title, np.concatenate(shown[start : start + _GLYPHS_IN_TILE], axis=1)])


def _glyph_tile(glyph: Glyph, text: str, colour: Colour) -> Image:
    picture = _enlarged(frame(glyph.strength), _GLYPH_SCALE)
    bordered = cv2.copyMakeBorder(picture, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=colour[::-1])
    caption = _written([(text, TEXT_COLOUR)], bordered.shape[1])
    return _stacked([np.asarray(bordered, np.uint8), caption[:, : bordered.shape[1]]])


def _taken_for(piece: Piece) -> tuple[str, Colour]:
    if piece.small:
        return "point", GREY
    if piece.digit is None:
        return f"{NO_DIGIT}: {_percent(piece.confidence)}%", GREY
    return f"{piece.digit}: {_percent(piece.confidence)}%", colour_of(piece.confidence)


def _reading_colour(reading: Reading) -> Colour:
    return colour_of(reading.confidence) if reading.is_digit else GREY


def along(lattice: Lattice, path: Sequence[Piece]) -> Iterator[tuple[int, Piece]]:
    """The pieces of the best way, and the index of the hypothesis that each of them is."""
    start = 0
    for piece in path:
        index, hypothesis = next(
            (index, each)
            for index, each in enumerate(lattice.hypotheses)
            if each.start >= start and each.glyph.box == piece.box
        )
        start = hypothesis.end
        yield index, piece


# Lines


def _line_tile(region: Region, answered: Sequence[tuple[Place, Answer]]) -> Image:
    seen = _enlarged(find_line(region.picture).image, _LINE_SCALE)
    texts = [line for place, answer in answered for line in _told(place, answer)] or [("nothing", GREY)]
    return _stacked([seen[:, : _WIDTH - 4 * _GAP], _written(texts)])


def _told(place: Place, answer: Answer) -> list[tuple[str, Colour]]:
    where = (f"table {place.table}," if place.table else "", f"row {place.row}, column {place.column}", place.kind)
    if answer.digits:
        made_of_it = f"-> {answer.text} ({_percent(answer.confidence)}%)", colour_of(answer.confidence)
    else:
        made_of_it = "-> no number", colour_of(0.0)
    return [
        (" ".join(filter(None, where)), GREY),
        *((f"{said.reader}: {said.text or 'nothing'} ({_percent(said.confidence)}%)", BLACK) for said in answer.said),
        made_of_it,
    ]


# Cuts


@dataclass(frozen=True, slots=True)
class _Decided:
    """A lattice, what the classifier says of it, and the best way through it."""

    lattice: Lattice
    readings: tuple[Reading, ...]
    path: tuple[Piece, ...]


def _cut_tile(name: str, run: Run, decided: _Decided, ink: Ink, components: Components) -> Image:
    import PIL.Image
    import PIL.ImageDraw

    box = run.box
    scale = min(_RUN_HEIGHT / box.height, _RUN_SCALE, (_WIDTH - 4 * _GAP) / box.width)
    size = max(round(box.width * scale), 1), max(round(box.height * scale), 1)
    window = slice(box.y, box.bottom), slice(box.x, box.right)
    own = np.isin(components.labels[window], np.array(run.members) + 1)
    strokes = np.where(own, 255 - ink.strength[window], np.uint8(255)).astype(np.uint8)
    shown = cv2.resize(strokes, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    rows = rows_of_bars(decided.lattice.hypotheses)
    picture = PIL.Image.new("RGB", (size[0] + 2, size[1] + _BAR * (max(rows, default=0) + 1) + 4), WHITE)
    picture.paste(PIL.Image.fromarray(np.asarray(shown, np.uint8)), (0, 0))
    draw = PIL.ImageDraw.Draw(picture)
    for cut in _cut_places(decided.lattice):
        x = round((cut - box.x) * scale)
        draw.line((x, 0, x, size[1]), fill=VERMILLION, width=1)
    chosen = dict(along(decided.lattice, decided.path))
    font = load_font(_TEXT - 2)
    for index, (hypothesis, reading, row) in enumerate(
        zip(decided.lattice.hypotheses, decided.readings, rows, strict=True)
    ):
        left, right = (round((x - box.x) * scale) for x in (hypothesis.glyph.box.x, hypothesis.glyph.box.right))
        bar = Span(left, size[1] + 4 + _BAR * row, max(right, left + 3), size[1] + 4 + _BAR * (row + 1) - 2)
        piece = chosen.get(index)
        if piece is not None:
            fill(draw, bar, CHOSEN_JUNK if piece.digit is None else CHOSEN)
        draw_outline(draw, bar, BLACK if piece is not None else GREY, 1)
        text = _said(reading) if piece is None else _taken(piece)
        while text and draw.textlength(text, font=font) > right - left - 2:
            text = text[:-1] if " " not in text else text.partition(" ")[0]
        draw.text((left + 3, bar.top + 1), text, font=font, fill=TEXT_COLOUR if piece is not None else GREY)
    return _stacked([_written([(name, TEXT_COLOUR)]), np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])])


def _taken(piece: Piece) -> str:
    return f"{NO_DIGIT if piece.digit is None else piece.digit} {_percent(piece.confidence)}"


def _said(reading: Reading) -> str:
    if reading.is_digit:
        return f"{reading.digit} {_percent(reading.confidence)}"
    return f"{NO_DIGIT} {_percent(reading.scores[-1])}"


def rows_of_bars(hypotheses: Sequence[Hypothesis]) -> list[int]:
    """A row for the bar of each, from 0, so that no two in a row overlap; pieces across fewer cuts are further up."""
    chosen = [0] * len(hypotheses)
    rows: list[list[Box]] = []
    for index in sorted(range(len(hypotheses)), key=lambda i: hypotheses[i].end - hypotheses[i].start):
        box = hypotheses[index].glyph.box
        free = (row for row, taken in enumerate(rows) if all(box.x >= b.right or box.right <= b.x for b in taken))
        chosen[index] = next(free, len(rows))
        if chosen[index] == len(rows):
            rows.append([])
        rows[chosen[index]].append(box)
    return chosen


def _cut_places(lattice: Lattice) -> list[float]:
    """Column of the upright page at each inner cut, half-way between what ends and what begins there."""
    places = []
    for cut in range(1, lattice.cuts - 1):
        ends = [each.glyph.box.right for each in lattice.hypotheses if each.end == cut]
        begins = [each.glyph.box.x for each in lattice.hypotheses if each.start == cut]
        if ends and begins:
            places.append((max(ends) + min(begins)) / 2)
    return places
