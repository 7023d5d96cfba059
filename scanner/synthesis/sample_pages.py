"""The sample pages: six pages as people scan them, synthesized so that the truth is known.

There is one function per page.  Everything random is drawn from the given generator: the same seed gives the same pages
and, with the same versions of NumPy and OpenCV, the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.errors import OutputError
from scanner.image.background import to_gray
from scanner.synthesis import capture, paper
from scanner.synthesis.paper import Sheet, SheetHand
from scanner.synthesis.pen import Writer, random_writer
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanner.synthesis.page_content import Colour
    from scanner.types import Image

DEFAULT_SEED = 12
"""Seed of the pages in ``samples/``."""

TRUTH_FILE_NAME = "truth.json"
"""File name of the truth: the text and box of every number."""

_LONG_SIDE_PIXELS, _SHORT_SIDE_PIXELS = 1240, 874
"""Sides of most pages, pixels: A5 at 150 dpi."""
_JPEG_QUALITY = 88
"""JPEG quality of a phone camera."""

PAPER_COLOUR: Colour = (248, 250, 250)
PRINT_COLOUR: Colour = (50, 45, 45)
_FAINT_RULE_COLOUR: Colour = (205, 196, 190)
BLUE_INK_COLOUR: Colour = (132, 62, 34)
BLACK_INK_COLOUR: Colour = (48, 42, 40)
_GRAPHITE_COLOUR: Colour = (96, 92, 92)


@dataclass(frozen=True, slots=True, eq=False)
class SamplePage:
    """A sample page and the numbers on it."""

    name: str
    """File name; its suffix is the format."""
    image: Image
    """Shape (H, W) grey or (H, W, 3) BGR, uint8, before compression."""
    numbers: tuple[tuple[str, Box], ...]
    """Text and box of each number, in reading order."""


def draw_sample_pages(seed: int = DEFAULT_SEED) -> Iterator[SamplePage]:
    """Draw the sample pages; the same seed gives the same pages."""
    draw_functions = (draw_ruled_log, draw_comb_form, draw_free_sums, draw_amounts, draw_faint_scan, draw_photograph)
    for index, draw in enumerate(draw_functions):
        yield draw(np.random.default_rng((seed, index)))


def write_sample_pages(directory: Path, seed: int = DEFAULT_SEED) -> tuple[Path, ...]:
    """Write the sample pages and ``truth.json``.

    Args:
        directory: created if missing.
        seed: see ``draw_sample_pages``.

    Returns:
        Paths of the files written, the truth last.

    Raises:
        OutputError: if the directory or a file cannot be written.
    """
    paths = []
    truth = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for page in draw_sample_pages(seed):
            path = directory / page.name
            path.write_bytes(_encode_page(page))
            paths.append(path)
            truth.append(f"{json.dumps(page.name)}: {json.dumps(_truth_entry(page))}")
        truth_path = directory / TRUTH_FILE_NAME
        truth_path.write_text("{\n" + ",\n".join(truth) + "\n}\n", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write the sample pages to {directory}: {reason}; choose another folder") from error
    return (*paths, truth_path)


def draw_ruled_log(rng: np.random.Generator) -> SamplePage:
    """Draw a table of meter readings, filled in with a ballpoint pen and scanned in grey."""
    hand = SheetHand(tidy_writer(rng, 0.1), 33, BLACK_INK_COLOUR)
    edges = (70, 330, 620, 910, 1170)
    top, step, rows = 168, 62, 10
    sheet = paper.blank_sheet(_LONG_SIDE_PIXELS, _SHORT_SIDE_PIXELS, PAPER_COLOUR)
    sheet = paper.print_words(sheet, "Meter readings", (70, 82), 24, PRINT_COLOUR)
    sheet = _print_table_rules(sheet, edges, top, step, rows)
    for words, edge in zip(("Meter", "Before", "After", "Used"), edges, strict=False):
        sheet = paper.print_words(sheet, words, (edge + 16, top - 18), 15, PRINT_COLOUR)
    for row in range(rows):
        before, used = int(rng.integers(120, 9000)), int(rng.integers(6, 420))
        texts = (f"{rng.integers(1, 999):04d}", f"{before}", f"{before + used}", f"{used}")
        for text, edge in zip(texts, edges, strict=False):
            at = (edge + int(rng.integers(18, 44)), top + (row + 1) * step - int(rng.integers(12, 17)))
            sheet = paper.handwrite_text(sheet, text, at, hand, rng)
    return _to_sample_page("ruled_log.png", simulate_office_scan(sheet, rng), to_gray)


def draw_comb_form(rng: np.random.Generator) -> SamplePage:
    """Draw a part of a form: a comb field with one number of nine digits."""
    hand = SheetHand(tidy_writer(rng, 0.085), 54, BLACK_INK_COLOUR)
    sheet = paper.blank_sheet(920, 330, PAPER_COLOUR)
    sheet = paper.print_words(sheet, "Account number", (80, 92), 20, PRINT_COLOUR)
    sheet = paper.print_words(sheet, "one digit in each box, please", (80, 262), 13, PRINT_COLOUR)
    cells = [Box(80 + 84 * index, 126, 72, 90) for index in range(9)]
    for cell in cells:
        sheet = paper.print_form_frame(sheet, cell, PRINT_COLOUR, 2)
    digits = "0" + "".join(str(digit) for digit in rng.permutation(np.arange(1, 10))[:8])
    sheet = paper.write_in_cells(sheet, digits, cells, hand, rng)
    return _to_sample_page("box_strip.png", simulate_office_scan(sheet, rng), to_gray)


def draw_free_sums(rng: np.random.Generator) -> SamplePage:
    """Draw sums on blank paper in blue ink, scanned in colour."""
    hand = SheetHand(tidy_writer(rng, 0.09), 38, BLUE_INK_COLOUR)
    sheet = paper.blank_sheet(_LONG_SIDE_PIXELS, _SHORT_SIDE_PIXELS, PAPER_COLOUR)
    for row in range(7):
        for column, left in enumerate((90, 640)):
            at = (left + int(rng.integers(0, 36)), 130 + 104 * row + int(rng.integers(-7, 8)))
            sheet = paper.handwrite_text(sheet, _random_sum(row + column, rng), at, hand, rng)
    return _to_sample_page("free_sums.jpg", simulate_office_scan(sheet, rng), _keep_colour)


def draw_amounts(rng: np.random.Generator) -> SamplePage:
    """Draw a column of amounts on faintly ruled paper, with the total under a double line."""
    hand = SheetHand(tidy_writer(rng, 0.095), 36, BLUE_INK_COLOUR)
    width, height = 640, 1120
    sheet = paper.blank_sheet(width, height, PAPER_COLOUR)
    first, step, right = 150, 70, 430
    for y in range(first, height, step):
        sheet = paper.print_rule(sheet, (0, y), (width - 1, y), _FAINT_RULE_COLOUR, 2)
    values = [int(10 ** rng.uniform(0.8, 3.6)) for _ in range(11)]
    for row, value in enumerate(values):
        at = (right + int(rng.integers(-6, 7)), first + row * step - int(rng.integers(7, 11)))
        sheet = paper.write_flush_right(sheet, f"{value}", at, hand, rng)
    under = first + (len(values) - 1) * step + 22
    for y in (under, under + 10):
        ends = (right - 210, y + int(rng.integers(-2, 3))), (right + 24, y + int(rng.integers(-3, 2)))
        sheet = paper.print_rule(sheet, *ends, BLUE_INK_COLOUR, 3)
    total = (right, first + (len(values) + 1) * step - 9)
    sheet = paper.write_flush_right(sheet, f"{sum(values)}", total, hand, rng)
    return _to_sample_page("amounts.png", simulate_office_scan(sheet, rng), to_gray)


def draw_faint_scan(rng: np.random.Generator) -> SamplePage:
    """Draw a page in pencil on cheap paper, skewed by four degrees in a noisy scanner."""
    hand = SheetHand(tidy_writer(rng, 0.085), 36, _GRAPHITE_COLOUR, opacity=0.5, grain=0.3)
    sheet = paper.blank_sheet(_LONG_SIDE_PIXELS, _SHORT_SIDE_PIXELS, (226, 229, 229))
    for row in range(8):
        for column in range(3):
            text = f"{rng.integers(0, 10 ** rng.integers(2, 6)):0{rng.integers(2, 5)}d}"
            at = (190 + 310 * column + int(rng.integers(-14, 15)), 158 + 86 * row + int(rng.integers(-5, 6)))
            sheet = paper.handwrite_text(sheet, text, at, hand, rng)
    sheet = capture.add_blotches(sheet, 2.5, 90, rng)
    sheet = capture.blur_sheet(capture.tilt_sheet(sheet, 4.0), 0.7)
    sheet = capture.add_dust(sheet, 40, rng)
    return _to_sample_page("faint_scan.png", capture.add_noise(sheet, 4.0, rng), to_gray)


def draw_photograph(rng: np.random.Generator) -> SamplePage:
    """Draw a page of a lined notebook, photographed by hand under a lamp with the shadow of the phone on it."""
    width, height = 1400, 1050
    hand = SheetHand(tidy_writer(rng, 0.095), 44, BLUE_INK_COLOUR)
    sheet = paper.blank_sheet(width, height, (238, 246, 250))
    step, margin = 88, 150
    for y in range(106, height, step):
        sheet = paper.print_rule(sheet, (0, y), (width - 1, y), (214, 190, 172), 2)
    sheet = paper.print_rule(sheet, (margin, 0), (margin, height - 1), (150, 150, 226), 2)
    for row in range(9):
        for column in range(3):
            text = f"{rng.integers(0, 10 ** rng.integers(2, 6)):0{rng.integers(2, 4)}d}"
            at = (margin + 90 + 370 * column + int(rng.integers(-20, 21)), 106 + step * (row + 1) - 12)
            sheet = paper.handwrite_text(sheet, text, at, hand, rng)
    sheet = capture.view_in_perspective(sheet, ((-0.01, -0.02), (1.02, -0.05), (0.98, 1.03), (0.03, 1.01)))
    warmth = np.array([0.9, 0.97, 1.0])
    brightness = capture.lamp_brightness(width, height, (0.25, 0.1), 0.42)
    brightness *= capture.shadow_brightness(
        width, height, ((0.56, 1.2), (0.66, 0.42), (1.2, 0.3), (1.2, 1.2)), 0.42, 26.0
    )
    sheet = capture.apply_light(capture.blur_sheet(sheet, 0.9), brightness[:, :, None] * warmth)
    return _to_sample_page("photograph.jpg", capture.add_noise(sheet, 2.5, rng), _keep_colour)


def tidy_writer(rng: np.random.Generator, pen_width: float) -> Writer:
    """Draw a tidy writer, whose digits do not touch and stay within a column; ``pen_width`` in digit heights."""
    writer = random_writer(rng)
    return replace(
        writer,
        aspect=float(np.clip(writer.aspect, 0.85, 1.1)),
        pen_width=pen_width,
        pressure_variation=float(rng.uniform(0.08, 0.18)),
        spacing=float(rng.uniform(0.18, 0.26)),
        spacing_jitter=0.04,
        allograph_switch_probability=0.04,
    )


def _print_table_rules(sheet: Sheet, edges: tuple[int, ...], top: int, step: int, rows: int) -> Sheet:
    """Print the rules of a table: header above ``top``, ``rows`` rows of ``step`` pixels, columns between ``edges``."""
    bottom, head = top + rows * step, top - 52
    for y in (head, top):
        sheet = paper.print_rule(sheet, (edges[0], y), (edges[-1], y), PRINT_COLOUR, 3)
    for row in range(1, rows + 1):
        sheet = paper.print_rule(sheet, (edges[0], top + row * step), (edges[-1], top + row * step), PRINT_COLOUR, 1)
    for x in edges:
        sheet = paper.print_rule(sheet, (x, head), (x, bottom), PRINT_COLOUR, 1)
    return sheet


def _random_sum(form: int, rng: np.random.Generator) -> str:
    """A sum with its result, of one of four forms."""
    a, b, c = (int(n) for n in rng.integers(2, 90, 3))
    match form % 4:
        case 0:
            return f"{a} + {b} = {a + b}"
        case 1:
            return f"{a} x {b} = {a * b}"
        case 2:
            return f"{a + b} - {b} = {a}"
        case _:
            return f"({a} + {b}) x {c % 8 + 2} = {(a + b) * (c % 8 + 2)}"


def simulate_office_scan(sheet: Sheet, rng: np.random.Generator) -> Sheet:
    """Scan the sheet with a good office scanner: slightly skewed, slightly blurred, hardly any noise."""
    skewed = capture.tilt_sheet(sheet, float(rng.uniform(-0.4, 0.4)))
    return capture.add_noise(capture.blur_sheet(skewed, 0.6), 1.2, rng)


def _keep_colour(image: Image) -> Image:
    return image


def _to_sample_page(name: str, sheet: Sheet, convert: Callable[[Image], Image]) -> SamplePage:
    numbers = tuple((number.text, number.box) for number in sheet.numbers)
    return SamplePage(name, convert(sheet.image), numbers)


def _encode_page(page: SamplePage) -> bytes:
    """Encode the page in the format of its suffix."""
    settings = {".jpg": [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY], ".png": [cv2.IMWRITE_PNG_COMPRESSION, 9]}
    suffix = Path(page.name).suffix
    encoded, data = cv2.imencode(suffix, page.image, settings[suffix])
    assert encoded, f"OpenCV cannot encode {suffix}"
    return data.tobytes()


def _truth_entry(page: SamplePage) -> dict[str, list[str] | list[list[int]]]:
    """The entry of the page in the truth file."""
    return {"numbers": [text for text, _ in page.numbers], "boxes": [list(box) for _, box in page.numbers]}
