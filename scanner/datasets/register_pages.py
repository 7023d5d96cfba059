"""Pages of handwritten registers: the numbers and text lines of each, split by register.

The registers are of two Paris notaries' offices, from 1830 to 1939.  A register is written by one clerk or a few, for
years, so its pages go to one split; so do registers of neighbouring years whose writing looks alike.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from scanner.datasets.data_folder import DataSplit
from scanner.errors import DataError
from scanner.types import Box

if TYPE_CHECKING:
    from pathlib import Path

REGISTERS_FOLDER = "pages/registers"
"""Folder of the pages within the data folder."""


class RegisterLine(NamedTuple):
    """A line of writing or print, as its transcribers saw it."""

    text: str
    box: Box
    """Loose: it may cut off tails, or hold some of its neighbours."""


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A page of a register; boxes are in pixels of the page."""

    path: Path
    numbers: tuple[str, ...]
    """The numbers that are a line of their own, with separators as written."""
    boxes: tuple[Box, ...]
    """One loose box per number."""
    optional: tuple[str, ...]
    """Digits amid words, in any order."""
    lines: tuple[RegisterLine, ...]
    """All lines of the page, those of one number included; a few in a hundred are missing or wrong."""


class _Registers(NamedTuple):
    """Pages that share a hand, or may: all whose name starts with the prefix and whose number lies in the range."""

    prefix: str
    first: int
    last: int
    split: DataSplit

    def contain(self, file_name: str) -> bool:
        """Whether a page is of one of these registers."""
        number = file_name.removeprefix(self.prefix).partition("_")[0]
        return file_name.startswith(self.prefix) and number.isdecimal() and self.first <= int(number) <= self.last


_REGISTERS = (
    # One office: two registers, of 1830 and 1851-1852.
    _Registers("DAFANCH96_048MIC", 6479, 6494, DataSplit.TEST),
    _Registers("DAFANCH96_048MIC", 7644, 7694, DataSplit.TRAIN),
    # Another office, 1903-1914: like hands on all pages; then 1915-1916.
    _Registers("FRAN_0025_", 73, 293, DataSplit.TRAIN),
    _Registers("FRAN_0025_", 316, 327, DataSplit.VALIDATION),
    # 1920, 1929-1930, 1936-1939.
    _Registers("FRAN_0025_", 422, 434, DataSplit.TEST),
    _Registers("FRAN_0025_", 934, 989, DataSplit.TEST),
    _Registers("FRAN_0025_", 1209, 1289, DataSplit.TEST),
    # A third hand of 1929-1930, the same on four pages; and one of 1906.
    _Registers("FRAN_0025_", 1333, 1444, DataSplit.TRAIN),
    _Registers("FRAN_0025_", 2352, 2352, DataSplit.VALIDATION),
)
"""Which pages go together: by the years written on them, by row numbers that continue, and by looking at the hands.

Of 99 pages 60 are for training, 3 for validation and 36 for testing; of 3,229 numbers 63, 9 and 28 %.  The pages for
testing are of seven or more hands.
"""


def split_of_register_page(file_name: str) -> DataSplit:
    """The split of a page by its file name, such as ``FRAN_0025_0316_L-0.jpg``.

    Raises:
        DataError: if the page is of no register that is known here, so that its hand may be in any split.
    """
    for registers in _REGISTERS:
        if registers.contain(file_name):
            return registers.split
    raise DataError(f"{file_name}: of no register whose split is known")


def load_register_pages(folder: Path, split: DataSplit) -> tuple[RegisterPage, ...]:
    """Load the register pages of a split, by name.

    Args:
        folder: the data folder, with ``pages/truth.json`` and ``pages/registers/lines.json``.
        split: the split; no hand is in two of them.

    Raises:
        DataError: if a truth file is missing or malformed, or has a page of an unknown register.
    """
    prefix = REGISTERS_FOLDER.removeprefix("pages/") + "/"
    truth, lines = _load_json(folder / "pages" / "truth.json"), _load_json(folder / REGISTERS_FOLDER / "lines.json")
    names = sorted(name.removeprefix(prefix) for name in truth if name.startswith(prefix))
    try:
        return tuple(
            _parse_page(folder / REGISTERS_FOLDER / name, truth[prefix + name], lines[name])
            for name in names
            if split_of_register_page(name) is split
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{folder / REGISTERS_FOLDER}: not readable as truth of register pages ({error})") from error


def _load_json(path: Path) -> dict[str, Any]:
    """Load a JSON object.

    Raises:
        DataError: if the file is missing or holds anything else.
    """
    try:
        loaded = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not readable as truth of register pages ({error})") from error
    if not isinstance(loaded, dict):
        raise DataError(f"{path}: not readable as truth of register pages (no object)")
    return loaded


def _parse_page(path: Path, truth: dict[str, Any], lines: list[list[Any]]) -> RegisterPage:
    boxes = tuple(Box(*box) for box in truth["boxes"])
    numbers = tuple(str(number) for number in truth["numbers"])
    if len(boxes) != len(numbers):
        raise ValueError(f"{path.name} has {len(boxes)} boxes for {len(numbers)} numbers")
    return RegisterPage(
        path,
        numbers,
        boxes,
        tuple(str(text) for text in truth.get("optional", ())),
        # A line that is a point or a stroke has no area.
        tuple(RegisterLine(str(text), Box(x, y, max(w, 1), max(h, 1))) for text, x, y, w, h in lines),
    )
