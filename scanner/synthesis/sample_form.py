"""The sample form: a blank sheet, the form file that says what is on it, and sheets that were filled in.

What is written on them is known.  Everything random is drawn from a seed, as for the sample pages.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.errors import OutputError
from scanner.image.background import to_gray
from scanner.synthesis import paper
from scanner.synthesis.paper import Sheet, SheetHand
from scanner.synthesis.sample_pages import (
    BLACK_INK_COLOUR,
    BLUE_INK_COLOUR,
    DEFAULT_SEED,
    PAPER_COLOUR,
    PRINT_COLOUR,
    simulate_office_scan,
    tidy_writer,
)
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.types import Image

FORM_FILE_NAME = "form.toml"
"""File name of the form file."""
BLANK_FILE_NAME = "blank.png"
"""File name of the blank sheet, the reference of the form."""
FILLED_FOLDER_NAME = "filled"
"""Folder of the sheets that were filled in: apart from the blank one, which is no page to read."""

_WIDTH, _HEIGHT = 874, 1240
"""Size of the sheet, pixels: A5 at 150 dpi."""
_JPEG_QUALITY = 80
"""JPEG quality of the filled sheets.  A choice: three of them have 250 kB."""
_DIGIT_HEIGHT = 30
"""Height of handwritten digits, pixels: half of a row."""
_HAND_SEED = 40
"""Added to the seed, so that the hands are others than those of the sample pages."""

_SHEET_COMB = Box(210, 206, 270, 50)
_WEIGHT_BOX = Box(650, 206, 160, 50)
_TICK_BOX = Box(650, 286, 34, 34)
_TABLE_BOX = Box(120, 400, 690, 432)
_SUM_COMB = Box(622, 864, 188, 50)
_SIGNATURE_BOX = Box(210, 1010, 600, 90)
_SUBPIXEL_BITS = 4
"""Fractional bits of the coordinates that OpenCV draws lines at."""
_ROW_COUNT = 8
_COLUMN_COUNT = 3
_SHEET_CELL_COUNT = 5
_SUM_CELL_COUNT = 4

FORM_TEXT = f"""\
# What is on blank.png, and how its numbers fit together.
name = "stock count"
reference = "{BLANK_FILE_NAME}"

[[field]]
name = "sheet"
box = {list(_SHEET_COMB)}
kind = "comb"
cells = {_SHEET_CELL_COUNT}
required = true

[[field]]
name = "weight"
box = {list(_WEIGHT_BOX)}
kind = "decimal"
max = 99.9

[[field]]
name = "counted_twice"
box = {list(_TICK_BOX)}
kind = "tick"

[[field]]
name = "all_items"
box = {list(_SUM_COMB)}
kind = "comb"
cells = {_SUM_CELL_COUNT}
blank_marks = ["x"]
required = true

[[field]]
name = "signature"
box = {list(_SIGNATURE_BOX)}
kind = "text_image"

[[table]]
name = "items"
box = {list(_TABLE_BOX)}
columns = ["shelf", "store", {{name = "total", max = 500}}]
rows = {_ROW_COUNT}

[[rule]]
check = "total == shelf + store"

[[rule]]
check = "all_items == sum(total)"

[[rule]]
field = "sheet"
check_digit = "luhn"
"""
"""The form file."""

_PRINTED_WORDS = (
    ("Stock count", (64, 92), 28),
    ("One sheet for each room. Write with a dark pen, one digit to a box in the numbers", (64, 132), 11),
    ("of the sheet and of all items. Leave empty what you have not counted.", (64, 154), 11),
    ("Sheet", (64, 240), 16),
    ("Weight/kg", (520, 240), 16),
    ("Counted twice", (470, 310), 16),
    ("Shelf", (200, 386), 15),
    ("Store room", (392, 386), 15),
    ("Total", (660, 386), 15),
    ("All items", (486, 898), 16),
    ("Signature", (64, 1064), 16),
    ("Return the sheet to the office on the day of the count. Keep a copy for a year.", (64, 1150), 11),
    ("Form SC-4, printed in house", (64, 1190), 9),
)
"""Words, (x, y) of their baseline, and height of their capitals in pixels."""


@dataclass(frozen=True, slots=True)
class StockCount:
    """What somebody wrote on a sheet of the sample form."""

    sheet: str
    """The number of the sheet, of five digits."""
    weight: str
    """The weight, with a decimal point; empty if nothing is written there."""
    counted_twice: bool
    """Whether the box is ticked."""
    rows: tuple[tuple[int, int, int], ...]
    """Shelf, store and total of each row that is filled in, from the first."""
    all_items: int
    """The sum."""
    is_signed: bool = True

    def texts(self) -> dict[str, str]:
        """The right text of each field in the order of the form; that of a field without a number is empty."""
        columns = ("shelf", "store", "total")
        cells = {f"items.{row}.{column}": "" for row in range(1, _ROW_COUNT + 1) for column in columns}
        for row, values in enumerate(self.rows, 1):
            cells.update((f"items.{row}.{column}", str(value)) for column, value in zip(columns, values, strict=True))
        return {
            "sheet": self.sheet,
            "weight": self.weight,
            "counted_twice": str(int(self.counted_twice)),
            "all_items": str(self.all_items),
            "signature": "",
            **cells,
        }


STOCK_COUNTS = (
    StockCount(
        sheet="20784",
        weight="37.5",
        counted_twice=True,
        rows=(
            (14, 25, 39),
            (7, 60, 67),
            (83, 46, 129),
            (5, 9, 14),
            (32, 18, 50),
            (26, 71, 97),
            (45, 3, 48),
            (12, 8, 20),
        ),
        all_items=464,
    ),
    # The third row says 72 for 27 + 54.
    StockCount(
        sheet="20792",
        weight="8.4",
        counted_twice=False,
        rows=((36, 40, 76), (9, 15, 24), (27, 54, 72), (61, 28, 89), (4, 17, 21)),
        all_items=282,
    ),
    StockCount(
        sheet="20800",
        weight="",
        counted_twice=True,
        rows=((52, 67, 119), (24, 19, 43), (8, 35, 43), (70, 41, 111), (13, 6, 19), (39, 28, 67)),
        all_items=402,
        is_signed=False,
    ),
)
"""What is written on the sheets.  On all of them the check digit is right, and on all but the second the sums."""


def draw_blank_form() -> Image:
    """Draw the blank sheet, as its printer has it; shape (height, width), uint8, grey."""
    return to_gray(_print_form().image)


def draw_filled_form(count: StockCount, seed: int) -> Image:
    """Draw a sheet that was filled in and scanned.

    Args:
        count: what is written on it.
        seed: of the hand, and of how the sheet lies in the scanner.

    Returns:
        Shape (height, width), uint8, grey, of the size of the blank sheet.
    """
    rng = np.random.default_rng(_HAND_SEED + seed)
    hand = SheetHand(tidy_writer(rng, 0.1), _DIGIT_HEIGHT, BLUE_INK_COLOUR if seed % 2 else BLACK_INK_COLOUR)
    sheet = _write_table(_write_fields(_print_form(), count, hand, rng), count, hand, rng)
    if count.is_signed:
        sheet = _sign(sheet, hand, rng)
    return to_gray(simulate_office_scan(sheet, rng).image)


def write_sample_form(directory: Path, seed: int = DEFAULT_SEED) -> tuple[Path, ...]:
    """Write the form file, the blank sheet and the filled ones.

    Args:
        directory: created if missing.
        seed: of the hands, and of how the sheets lie in the scanner.

    Returns:
        Paths of the files written.

    Raises:
        OutputError: if the directory or a file cannot be written.
    """
    paths = []
    try:
        (directory / FILLED_FOLDER_NAME).mkdir(parents=True, exist_ok=True)
        for name, data in _encode_files(seed):
            (directory / name).write_bytes(data)
            paths.append(directory / name)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot write the sample form to {directory}: {reason}; choose another folder") from error
    return tuple(paths)


def _encode_files(seed: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of all files."""
    yield FORM_FILE_NAME, FORM_TEXT.encode()
    yield BLANK_FILE_NAME, _encode(draw_blank_form(), ".png", (cv2.IMWRITE_PNG_COMPRESSION, 9))
    for index, count in enumerate(STOCK_COUNTS):
        page = draw_filled_form(count, seed + index)
        yield (
            f"{FILLED_FOLDER_NAME}/sheet_{index + 1}.jpg",
            _encode(page, ".jpg", (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY)),
        )


def _encode(image: Image, suffix: str, settings: tuple[int, int]) -> bytes:
    encoded, data = cv2.imencode(suffix, image, settings)
    assert encoded, f"OpenCV cannot encode {suffix}"
    return data.tobytes()


def _print_form() -> Sheet:
    sheet = paper.blank_sheet(_WIDTH, _HEIGHT, PAPER_COLOUR)
    for words, start, capital in _PRINTED_WORDS:
        sheet = paper.print_words(sheet, words, start, capital, PRINT_COLOUR)
    for frame in (
        *_comb_cells(_SHEET_COMB, _SHEET_CELL_COUNT),
        *_comb_cells(_SUM_COMB, _SUM_CELL_COUNT),
        *_table_cells(),
        _WEIGHT_BOX,
        _TICK_BOX,
        _SIGNATURE_BOX,
    ):
        sheet = paper.print_form_frame(sheet, frame, PRINT_COLOUR, 2)
    for row in range(_ROW_COUNT):
        at = (82, round(_TABLE_BOX.y + (row + 0.5) * _TABLE_BOX.height / _ROW_COUNT) + 8)
        sheet = paper.print_words(sheet, str(row + 1), at, 16, PRINT_COLOUR)
    return sheet


def _comb_cells(comb: Box, count: int) -> tuple[Box, ...]:
    return _grid(comb, count, 1)


def _table_cells() -> tuple[Box, ...]:
    return _grid(_TABLE_BOX, _COLUMN_COUNT, _ROW_COUNT)


def _grid(box: Box, columns: int, rows: int) -> tuple[Box, ...]:
    """Frames of the cells of a grid, row by row: the line between two cells is a side of both."""
    xs = [box.x + round(box.width * index / columns) for index in range(columns + 1)]
    ys = [box.y + round(box.height * index / rows) for index in range(rows + 1)]
    return tuple(
        Box(left, top, right - left + 1, bottom - top + 1)
        for top, bottom in itertools.pairwise(ys)
        for left, right in itertools.pairwise(xs)
    )


def _write_fields(sheet: Sheet, count: StockCount, hand: SheetHand, rng: np.random.Generator) -> Sheet:
    sheet = paper.write_in_cells(sheet, count.sheet, _comb_cells(_SHEET_COMB, _SHEET_CELL_COUNT), hand, rng)
    if count.weight:
        at = (_WEIGHT_BOX.x + 24, _WEIGHT_BOX.bottom - 10)
        sheet = paper.handwrite_text(sheet, count.weight, at, hand, rng)
    if count.counted_twice:
        x, y = _TICK_BOX.x, _TICK_BOX.y
        for start, end in (((x + 7, y + 15), (x + 14, y + 27)), ((x + 14, y + 27), (x + 36, y - 7))):
            sheet = paper.print_rule(sheet, start, end, hand.colour, 3)
    digits, cells = str(count.all_items), _comb_cells(_SUM_COMB, _SUM_CELL_COUNT)
    unused = len(cells) - len(digits)
    for cell in cells[:unused]:
        sheet = paper.handwrite_text(sheet, "x", (cell.x + 13, cell.bottom - 11), hand, rng)
    return paper.write_in_cells(sheet, digits, cells[unused:], hand, rng)


def _write_table(sheet: Sheet, count: StockCount, hand: SheetHand, rng: np.random.Generator) -> Sheet:
    cells = iter(_table_cells())
    for values in count.rows:
        for value in values:
            cell = next(cells)
            end = (cell.right - 60 - int(rng.integers(0, 24)), cell.bottom - int(rng.integers(10, 15)))
            sheet = paper.write_flush_right(sheet, str(value), end, hand, rng)
    return sheet


def _sign(sheet: Sheet, hand: SheetHand, rng: np.random.Generator) -> Sheet:
    """Write a signature that nobody can read: loops of different heights, and a stroke below."""
    along = np.linspace(0, 1, 600)
    heights = np.interp(along, np.linspace(0, 1, 9), np.r_[30, rng.uniform(4, 22, 8)])
    loops = 2 * np.pi * rng.uniform(9, 12) * along
    x = _SIGNATURE_BOX.x + 70 + rng.uniform(260, 340) * along + 0.6 * heights * (np.cos(loops) + 0.5 * np.sin(loops))
    y = _SIGNATURE_BOX.y + 48 - heights * np.sin(loops) / 2 - 12 * along
    below = np.array([[x[-1], y[-1]], [_SIGNATURE_BOX.x + 120, _SIGNATURE_BOX.y + 74]])
    image = sheet.image.copy()
    for path in (np.stack([x, y], axis=1), below):
        points = np.rint(path * 2**_SUBPIXEL_BITS).astype(np.int32)
        cv2.polylines(image, [points], False, hand.colour, 3, cv2.LINE_AA, _SUBPIXEL_BITS)
    return replace(sheet, image=image)
