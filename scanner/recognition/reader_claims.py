"""What one reader claims to be written in a number crop or text line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.types import Digit


@dataclass(frozen=True, slots=True)
class Claim:
    """One reader's reading of a number, with the position of its digits."""

    opinion: Opinion
    """The text, empty if the reader sees no number, and its confidence."""
    digits: tuple[Digit, ...]
    """The digits of the text, left to right; boxes in pixels of the rectified page."""

    @property
    def digit_text(self) -> str:
        """The digits alone, without separators."""
        return "".join(digit.text for digit in self.digits)
