"""Sample pages: what people scan, made by a generator so that the truth is known.

One function per kind of page.  Each draws everything it leaves to chance from
the generator it is given: the same seed gives the same pages, and with the
same versions of NumPy and OpenCV the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.errors import OutputError
from scanner.synthesis import capture, paper
from scanner.synthesis.paper import Colour, Hand, Sheet
from scanner.synthesis.pen import Writer, random_writer
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanner.types import Image

DEFAULT_SEED = 12
"""Seed of the pages in ``samples/``."""

TRUTH_NAME = "truth.json"

# A5 at 150 dots per inch.
_LONG, _SHORT = 1240, 874
# JPEG quality of a telephone's camera.
_JPEG_QUALITY = 88

_PAPER: Colour = (248, 250, 250)
_PRINT: Colour = (50, 45, 45)
_FAINT_RULE: Colour = (205, 196, 190)
_BLUE_INK: Colour = (132, 62, 34)
_BLACK_INK: Colour = (48, 42, 40)
_GRAPHITE: Colour = (96, 92, 92)


@dataclass(frozen=True, slots=True, eq=False)
class SamplePage:
    """A page and the numbers on it."""

    name: str
    """File name; its suffix says in which format the page is stored."""
    image: Image
    """Shape (height, width) grey or (height, width, 3) BGR, before the compression of the file."""
    numbers: tuple[tuple[str, Box], ...]
    """Text and box of each number, in reading order."""


def sample_pages(seed: int = DEFAULT_SEED) -> Iterator[SamplePage]:
    """One page of each kind, always the same for the same seed."""
    kinds = (ruled_log, box_strip, free_sums, amounts, faint_scan, photograph)
    for index, kind in enumerate(kinds):
        yield kind(np.random.default_rng((seed, index)))


def write_samples(directory: Path, seed: int = DEFAULT_SEED) -> tuple[Path, ...]:
    """Write the sample pages and ``truth.json``, the numbers on them.

    Args:
        directory: where to; made if it is not there.
        seed: see ``sample_pages``.

    Returns:
        The files written, the truth last.

    Raises:
        OutputError: if the directory or a file cannot be written.
    """
    written = []
    truth = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for page in sample_pages(seed):
            path = directory / page.name
            path.write_bytes(_encoded(page))
            written.append(path)
            truth.append(f"{json.dumps(page.name)}: {json.dumps(_truth(page))}")
        truth_path = directory / TRUTH_NAME
        truth_path.write_text("{\n" + ",\n".join(truth) + "\n}\n", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write the sample pages to {directory}: {reason}; choose another folder") from error
    return (*written, truth_path)


def ruled_log(rng: np.random.Generator) -> SamplePage:
    """A table of meter readings, filled in with a ballpoint pen and scanned in grey."""
    hand = Hand(_writer(rng, 0.1), 33, _BLACK_INK)
    edges = (70, 330, 620, 910, 1170)
    top, step, rows = 168, 62, 10
    sheet = paper.blank(_LONG, _SHORT, _PAPER)
    sheet = paper.print_words(sheet, "Meter readings", (70, 82), 24, _PRINT)
    sheet = _table(sheet, edges, top, step, rows)
    for words, edge in zip(("Meter", "Before", "After", "Used"), edges, strict=False):
        sheet = paper.print_words(sheet, words, (edge + 16, top - 18), 15, _PRINT)
    for row in range(rows):
        before, used = int(rng.integers(120, 9000)), int(rng.integers(6, 420))
        texts = (f"{rng.integers(1, 999):04d}", f"{before}", f"{before + used}", f"{used}")
        for text, edge in zip(texts, edges, strict=False):
            at = (edge + int(rng.integers(18, 44)), top + (row + 1) * step - int(rng.integers(12, 17)))
            sheet = paper.write(sheet, text, at, hand, rng)
    return _finished("ruled_log.png", _scanned(sheet, rng), capture.grey)


def box_strip(rng: np.random.Generator) -> SamplePage:
    """The strip of a form with one nine-digit number, a digit to a box."""
    hand = Hand(_writer(rng, 0.085), 54, _BLACK_INK)
    sheet = paper.blank(920, 330, _PAPER)
    sheet = paper.print_words(sheet, "Account number", (80, 92), 20, _PRINT)
    sheet = paper.print_words(sheet, "one digit in each box, please", (80, 262), 13, _PRINT)
    cells = [Box(80 + 84 * place, 126, 72, 90) for place in range(9)]
    for cell in cells:
        sheet = paper.frame(sheet, cell, _PRINT, 2)
    digits = "0" + "".join(str(digit) for digit in rng.permutation(np.arange(1, 10))[:8])
    sheet = paper.write_in_cells(sheet, digits, cells, hand, rng)
    return _finished("box_strip.png", _scanned(sheet, rng), capture.grey)


def free_sums(rng: np.random.Generator) -> SamplePage:
    """Sums on blank paper in blue ink, scanned in colour."""
    hand = Hand(_writer(rng, 0.09), 38, _BLUE_INK)
    sheet = paper.blank(_LONG, _SHORT, _PAPER)
    for row in range(7):
        for column, left in enumerate((90, 640)):
            at = (left + int(rng.integers(0, 36)), 130 + 104 * row + int(rng.integers(-7, 8)))
            sheet = paper.write(sheet, _sum(row + column, rng), at, hand, rng)
    return _finished("free_sums.jpg", _scanned(sheet, rng), _in_colour)


def amounts(rng: np.random.Generator) -> SamplePage:
    """A column of amounts on the faint rules of a notepad, with the total under a double line."""
    hand = Hand(_writer(rng, 0.095), 36, _BLUE_INK)
    width, height = 640, 1120
    sheet = paper.blank(width, height, _PAPER)
    first, step, right = 150, 70, 430
    for y in range(first, height, step):
        sheet = paper.rule(sheet, (0, y), (width - 1, y), _FAINT_RULE, 2)
    values = [int(10 ** rng.uniform(0.8, 3.6)) for _ in range(11)]
    for row, value in enumerate(values):
        at = (right + int(rng.integers(-6, 7)), first + row * step - int(rng.integers(7, 11)))
        sheet = paper.write_flush_right(sheet, f"{value}", at, hand, rng)
    under = first + (len(values) - 1) * step + 22
    for y in (under, under + 10):
        ends = (right - 210, y + int(rng.integers(-2, 3))), (right + 24, y + int(rng.integers(-3, 2)))
        sheet = paper.rule(sheet, *ends, _BLUE_INK, 3)
    total = (right, first + (len(values) + 1) * step - 9)
    sheet = paper.write_flush_right(sheet, f"{sum(values)}", total, hand, rng)
    return _finished("amounts.png", _scanned(sheet, rng), capture.grey)


def faint_scan(rng: np.random.Generator) -> SamplePage:
    """Pencil on cheap paper, pulled in four degrees askew by a noisy scanner."""
    hand = Hand(_writer(rng, 0.085), 36, _GRAPHITE, opacity=0.5, grain=0.3)
    sheet = paper.blank(_LONG, _SHORT, (226, 229, 229))
    for row in range(8):
        for column in range(3):
            text = f"{rng.integers(0, 10 ** rng.integers(2, 6)):0{rng.integers(2, 5)}d}"
            at = (190 + 310 * column + int(rng.integers(-14, 15)), 158 + 86 * row + int(rng.integers(-5, 6)))
            sheet = paper.write(sheet, text, at, hand, rng)
    sheet = capture.add_clouds(sheet, 2.5, 90, rng)
    sheet = capture.soften(capture.tilt(sheet, 4.0), 0.7)
    sheet = capture.add_dust(sheet, 40, rng)
    return _finished("faint_scan.png", capture.add_noise(sheet, 4.0, rng), capture.grey)


def photograph(rng: np.random.Generator) -> SamplePage:
    """A page of a lined notebook, taken by hand under a lamp with the telephone's shadow on it."""
    width, height = 1400, 1050
    hand = Hand(_writer(rng, 0.095), 44, _BLUE_INK)
    sheet = paper.blank(width, height, (238, 246, 250))
    step, margin = 88, 150
    for y in range(106, height, step):
        sheet = paper.rule(sheet, (0, y), (width - 1, y), (214, 190, 172), 2)
    sheet = paper.rule(sheet, (margin, 0), (margin, height - 1), (150, 150, 226), 2)
    for row in range(9):
        for column in range(3):
            text = f"{rng.integers(0, 10 ** rng.integers(2, 6)):0{rng.integers(2, 4)}d}"
            at = (margin + 90 + 370 * column + int(rng.integers(-20, 21)), 106 + step * (row + 1) - 12)
            sheet = paper.write(sheet, text, at, hand, rng)
    sheet = capture.look_from(sheet, ((-0.01, -0.02), (1.02, -0.05), (0.98, 1.03), (0.03, 1.01)))
    warmth = np.array([0.9, 0.97, 1.0])
    brightness = capture.lamp(width, height, (0.25, 0.1), 0.42)
    brightness *= capture.shadow(width, height, ((0.56, 1.2), (0.66, 0.42), (1.2, 0.3), (1.2, 1.2)), 0.42, 26.0)
    sheet = capture.light(capture.soften(sheet, 0.9), brightness[:, :, None] * warmth)
    return _finished("photograph.jpg", capture.add_noise(sheet, 2.5, rng), _in_colour)


def _writer(rng: np.random.Generator, pen_width: float) -> Writer:
    """A tidy hand, ``pen_width`` in digit heights, that keeps its digits apart and stays within a column."""
    anybody = random_writer(rng)
    return replace(
        anybody,
        aspect=float(np.clip(anybody.aspect, 0.85, 1.1)),
        pen_width=pen_width,
        pressure=float(rng.uniform(0.08, 0.18)),
        spacing=float(rng.uniform(0.18, 0.26)),
        spacing_jitter=0.04,
        fickleness=0.04,
    )


def _table(sheet: Sheet, edges: tuple[int, ...], top: int, step: int, rows: int) -> Sheet:
    """Rules of a table: a head above ``top``, ``rows`` rows of ``step`` pixels below, columns between ``edges``."""
    bottom, head = top + rows * step, top - 52
    for y in (head, top):
        sheet = paper.rule(sheet, (edges[0], y), (edges[-1], y), _PRINT, 3)
    for row in range(1, rows + 1):
        sheet = paper.rule(sheet, (edges[0], top + row * step), (edges[-1], top + row * step), _PRINT, 1)
    for x in edges:
        sheet = paper.rule(sheet, (x, head), (x, bottom), _PRINT, 1)
    return sheet


def _sum(kind: int, rng: np.random.Generator) -> str:
    """A sum with its result, of one of four kinds."""
    a, b, c = (int(n) for n in rng.integers(2, 90, 3))
    match kind % 4:
        case 0:
            return f"{a} + {b} = {a + b}"
        case 1:
            return f"{a} x {b} = {a * b}"
        case 2:
            return f"{a + b} - {b} = {a}"
        case _:
            return f"({a} + {b}) x {c % 8 + 2} = {(a + b) * (c % 8 + 2)}"


def _scanned(sheet: Sheet, rng: np.random.Generator) -> Sheet:
    """An office scanner in good order: a hair askew, a little soft, hardly any noise."""
    askew = capture.tilt(sheet, float(rng.uniform(-0.4, 0.4)))
    return capture.add_noise(capture.soften(askew, 0.6), 1.2, rng)


def _in_colour(image: Image) -> Image:
    return image


def _finished(name: str, sheet: Sheet, mode: Callable[[Image], Image]) -> SamplePage:
    numbers = tuple((number.text, number.box) for number in sheet.numbers)
    return SamplePage(name, mode(sheet.image), numbers)


def _encoded(page: SamplePage) -> bytes:
    """The page as a file in the format of its name's suffix."""
    settings = {".jpg": [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY], ".png": [cv2.IMWRITE_PNG_COMPRESSION, 9]}
    suffix = Path(page.name).suffix
    done, data = cv2.imencode(suffix, page.image, settings[suffix])
    assert done, f"OpenCV cannot encode {suffix}"
    return data.tobytes()


def _truth(page: SamplePage) -> dict[str, list[str] | list[list[int]]]:
    """The page's entry in the truth file."""
    return {"numbers": [text for text, _ in page.numbers], "boxes": [list(box) for _, box in page.numbers]}
