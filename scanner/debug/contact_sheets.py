"""Draw contact sheets of what each reader saw, with its readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.debug.canvas import BLACK, BLUE, CONFIDENCE_LEGEND, GREY, VERMILLION, WHITE, add_heading
from scanner.debug.contact_sheet_tiles import (
    SHEET_WIDTH,
    TEXT_HEIGHT,
    TILE_GAP,
    draw_text_lines,
    enlarge,
    lay_out_tiles,
    stack_pictures,
)
from scanner.image.digit_frame import FRAME_SIDE, digit_frame
from scanner.recognition.line_image import make_line_image
from scanner.results.annotated_page import confidence_colour
from scanner.results.label_drawing import TEXT_COLOUR, Colour, Rectangle, draw_outline, fill_rectangle, load_font, tint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.ImageDraw import ImageDraw

    from scanner.decision.decisions import Decision
    from scanner.image.measured_ink import MeasuredInk
    from scanner.numbers.crops import NumberCrop
    from scanner.numbers.text_lines import TextLine
    from scanner.pipeline import DecodedLattice, StageOutputs
    from scanner.recognition.cut_lattice import Hypothesis, Lattice
    from scanner.recognition.lattice_decoding import ReadDigit
    from scanner.types import Box, DigitReading, Glyph, Image

_GLYPH_SCALE = 3
"""Scale at which digit frames are shown."""
_GLYPHS_PER_TILE = (SHEET_WIDTH - 4 * TILE_GAP) // (FRAME_SIDE * _GLYPH_SCALE + 4)
"""Maximum number of glyphs in one tile; a longer text line continues in the next."""
_LINE_SCALE = 2
"""Scale at which line images are shown."""
_MAX_TEXT_LINE_HEIGHT = 110
"""Maximum height, pixels, of the ink of a text line above the bars of its hypotheses."""
_MAX_TEXT_LINE_SCALE = 6.0
"""Maximum scale of that ink, relative to the page."""
_BAR_HEIGHT = TEXT_HEIGHT + 6
"""Height of the bar of a hypothesis, pixels."""
CHOSEN_DIGIT_COLOUR = tint(BLUE, 0.45)
CHOSEN_NO_DIGIT_COLOUR = tint(GREY, 0.6)
"""Colours of a bar on the best path, for a digit and for "no digit"."""
NO_DIGIT_TEXT = "-"
"""Text that stands for "no digit"."""


def draw_glyphs(stages: StageOutputs) -> Image | None:
    """Draw the glyphs of the best paths as the digit classifier saw them; None if there are none."""
    tiles = list(_path_tiles(stages.contours.text_lines))
    if not tiles:
        return None
    notes = [
        "The glyphs on the best path through each text line as the digit classifier saw them: deslanted, and scaled "
        "to one size. Below each, its digit and the confidence in it.",
        f"'{NO_DIGIT_TEXT}' is no digit: it separates numbers. A 'point' is too low for a digit.",
    ]
    legend = [*CONFIDENCE_LEGEND, (GREY, "no digit")]
    return add_heading(lay_out_tiles(tiles), "12 Glyphs", notes, legend)


def draw_line_images(stages: StageOutputs) -> Image | None:
    """Draw the input of the line readers, and the readings of its numbers; None if no line reader was asked."""
    if not any(opinion.reader == "number" for decision in stages.decisions for opinion in decision.reading.opinions):
        return None
    tiles = [
        _line_tile(crop, [decision for decision in stages.decisions if decision.located.crop_index == index])
        for index, crop in enumerate(stages.located.crops)
    ]
    notes = [
        "Each text line as the line reader saw it, scaled to one height. Below it, for each of its "
        "numbers, the text and the confidence of each reader, and last the fused reading.",
    ]
    return add_heading(lay_out_tiles(tiles), "13 Line images", notes, CONFIDENCE_LEGEND)


def draw_cuts(stages: StageOutputs) -> Image | None:
    """Draw the ways to cut each text line into digits; None if there are no text lines."""
    text_lines = stages.prepared.candidates.text_lines
    if not text_lines:
        return None
    tiles = (
        _cut_tile(f"line {number}", line, decoded, stages.prepared.cell_assignment.ink)
        for number, (line, decoded) in enumerate(zip(text_lines, stages.contours.text_lines, strict=True), 1)
    )
    notes = [
        "Each text line with all hypotheses of its digits, a bar below the ink of each: first those between two "
        "neighbouring cuts, then those across one cut or more. In each bar the digit on the best path or, elsewhere, "
        f"the most probable one, and its probability in percent; '{NO_DIGIT_TEXT}' is no digit.",
    ]
    legend = [
        (CHOSEN_DIGIT_COLOUR, "on the best path: a digit"),
        (CHOSEN_NO_DIGIT_COLOUR, "on the best path: no digit, or a point"),
        (WHITE, "not on the best path"),
        (VERMILLION, "cuts"),
    ]
    return add_heading(lay_out_tiles(tiles), "11 Cuts", notes, legend)


def _percent(probability: float) -> int:
    # Nothing looks surer than it is, and nothing is certain.
    return min(int(100 * probability + 1e-9), 99)


def _path_tiles(decoded_lines: Sequence[DecodedLattice]) -> Iterator[Image]:
    for number, decoded in enumerate(decoded_lines, 1):
        hypotheses = decoded.lattice.hypotheses
        path = path_hypotheses(decoded.lattice, decoded.best_path)
        shown = [_glyph_tile(hypotheses[index].glyph, *_glyph_caption(digit)) for index, digit in path]
        yield from _split_into_tiles(f"line {number}", shown)


def _split_into_tiles(name: str, shown: Sequence[Image]) -> Iterator[Image]:
    for start in range(0, len(shown), _GLYPHS_PER_TILE):
        title = draw_text_lines([(name if not start else f"{name}, continued", TEXT_COLOUR)])
        yield stack_pictures([title, np.concatenate(shown[start : start + _GLYPHS_PER_TILE], axis=1)])


def _glyph_tile(glyph: Glyph, text: str, colour: Colour) -> Image:
    picture = enlarge(digit_frame(glyph.strength), _GLYPH_SCALE)
    bordered = cv2.copyMakeBorder(picture, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=colour[::-1])
    caption = draw_text_lines([(text, TEXT_COLOUR)], bordered.shape[1])
    return stack_pictures([np.asarray(bordered, np.uint8), caption[:, : bordered.shape[1]]])


def _glyph_caption(digit: ReadDigit) -> tuple[str, Colour]:
    if digit.is_punctuation:
        return "point", GREY
    if digit.digit is None:
        return f"{NO_DIGIT_TEXT}: {_percent(digit.confidence)}%", GREY
    return f"{digit.digit}: {_percent(digit.confidence)}%", confidence_colour(digit.confidence)


def path_hypotheses(lattice: Lattice, path: Sequence[ReadDigit]) -> Iterator[tuple[int, ReadDigit]]:
    """Find the hypothesis of each digit on a path; pairs of its index and the digit."""
    start = 0
    for digit in path:
        index, hypothesis = next(
            (index, each)
            for index, each in enumerate(lattice.hypotheses)
            if each.start_cut >= start and each.glyph.box == digit.box
        )
        start = hypothesis.end_cut
        yield index, digit


def _line_tile(crop: NumberCrop, decisions: Sequence[Decision]) -> Image:
    line_image = enlarge(make_line_image(crop.image).pixels, _LINE_SCALE)
    texts = [text for decision in decisions for text in _decision_texts(decision)] or [("nothing", GREY)]
    return stack_pictures([line_image[:, : SHEET_WIDTH - 4 * TILE_GAP], draw_text_lines(texts)])


def _decision_texts(decision: Decision) -> list[tuple[str, Colour]]:
    located, reading = decision.located, decision.reading
    table = f"table {located.table}," if located.table else ""
    position = (table, f"row {located.row}, column {located.column}", located.kind)
    if reading.digits:
        fused = f"-> {reading.text} ({_percent(reading.confidence)}%)", confidence_colour(reading.confidence)
    else:
        fused = "-> no number", confidence_colour(0.0)
    opinions = [
        (f"{opinion.reader}: {opinion.text or 'nothing'} ({_percent(opinion.confidence)}%)", BLACK)
        for opinion in reading.opinions
    ]
    return [(" ".join(filter(None, position)), GREY), *opinions, fused]


def _cut_tile(name: str, line: TextLine, decoded: DecodedLattice, ink: MeasuredInk) -> Image:
    import PIL.Image
    import PIL.ImageDraw

    box = line.box
    scale = min(_MAX_TEXT_LINE_HEIGHT / box.height, _MAX_TEXT_LINE_SCALE, (SHEET_WIDTH - 4 * TILE_GAP) / box.width)
    strokes = _draw_line_ink(line, ink, scale)
    height, width = strokes.shape
    rows = assign_bar_rows(decoded.lattice.hypotheses)
    picture = PIL.Image.new("RGB", (width + 2, height + _BAR_HEIGHT * (max(rows, default=0) + 1) + 4), WHITE)
    picture.paste(PIL.Image.fromarray(strokes), (0, 0))
    draw = PIL.ImageDraw.Draw(picture)
    for cut in _cut_columns(decoded.lattice):
        x = round((cut - box.x) * scale)
        draw.line((x, 0, x, height), fill=VERMILLION, width=1)
    chosen = dict(path_hypotheses(decoded.lattice, decoded.best_path))
    for index, (hypothesis, reading, row) in enumerate(
        zip(decoded.lattice.hypotheses, decoded.hypothesis_readings, rows, strict=True)
    ):
        left, right = (round((x - box.x) * scale) for x in (hypothesis.glyph.box.x, hypothesis.glyph.box.right))
        top = height + 4 + _BAR_HEIGHT * row
        bar = Rectangle(left, top, max(right, left + 3), top + _BAR_HEIGHT - 2)
        _draw_bar(draw, bar, right - left - 2, reading, chosen.get(index))
    return stack_pictures(
        [draw_text_lines([(name, TEXT_COLOUR)]), np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])]
    )


def _draw_line_ink(line: TextLine, ink: MeasuredInk, scale: float) -> Image:
    """Draw the ink of a text line alone, in grey."""
    box = line.box
    window = slice(box.y, box.bottom), slice(box.x, box.right)
    own = np.isin(ink.components.labels[window], np.array(line.component_indices, np.int64) + 1)
    strokes = np.where(own, 255 - ink.strength[window], np.uint8(255)).astype(np.uint8)
    size = max(round(box.width * scale), 1), max(round(box.height * scale), 1)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(strokes, size, interpolation=interpolation), np.uint8)


def _draw_bar(draw: ImageDraw, bar: Rectangle, room: int, reading: DigitReading, chosen: ReadDigit | None) -> None:
    """Draw the bar of a hypothesis with as much of its reading as fits into ``room`` pixels.

    Args:
        draw: picture to draw on.
        bar: where to draw it.
        room: width for text, pixels.
        reading: the digit classifier's.
        chosen: the digit that the hypothesis is on the best path; None if it is not on it.
    """
    if chosen is None:
        text, colour, text_colour = _reading_text(reading), GREY, GREY
    else:
        text, colour, text_colour = _read_digit_text(chosen), BLACK, TEXT_COLOUR
        fill_rectangle(draw, bar, CHOSEN_NO_DIGIT_COLOUR if chosen.digit is None else CHOSEN_DIGIT_COLOUR)
    draw_outline(draw, bar, colour, 1)
    font = load_font(TEXT_HEIGHT - 2)
    while text and draw.textlength(text, font=font) > room:
        text = text[:-1] if " " not in text else text.partition(" ")[0]
    draw.text((bar.left + 3, bar.top + 1), text, font=font, fill=text_colour)


def _read_digit_text(digit: ReadDigit) -> str:
    return f"{NO_DIGIT_TEXT if digit.digit is None else digit.digit} {_percent(digit.confidence)}"


def _reading_text(reading: DigitReading) -> str:
    if reading.is_digit:
        return f"{reading.digit} {_percent(reading.confidence)}"
    return f"{NO_DIGIT_TEXT} {_percent(reading.no_digit_probability)}"


def assign_bar_rows(hypotheses: Sequence[Hypothesis]) -> list[int]:
    """Assign a row, from 0, to the bar of each hypothesis: bars in a row do not overlap, short ones come first."""
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
    """Column of the rectified page at each inner cut, half-way between the glyphs that end and begin there."""
    columns = []
    for cut in range(1, lattice.cut_count - 1):
        ends = [each.glyph.box.right for each in lattice.hypotheses if each.end_cut == cut]
        begins = [each.glyph.box.x for each in lattice.hypotheses if each.start_cut == cut]
        if ends and begins:
            columns.append((max(ends) + min(begins)) / 2)
    return columns
