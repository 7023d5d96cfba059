import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.components import connected_components
from scanner.runs import characters
from scanner.types import Ink, Reading
from scanner.words import letters


class Sure:
    """Says the same of every glyph, and remembers how many it was asked about."""

    name = "stub"

    def __init__(self, no_digit: float) -> None:
        self._reading = Reading((1 - no_digit, *[0.0] * 9, no_digit))
        self.asked = 0

    def read(self, frames: NDArray[np.uint8]) -> tuple[Reading, ...]:
        self.asked += len(frames)
        return (self._reading,) * len(frames)


def found(rectangles: list[tuple[int, int, int, int]], classifier: Sure) -> list[int]:
    """Left edges of what is taken for letters."""
    mask = np.zeros((120, 400), np.uint8)
    for x, y, width, height in rectangles:
        mask[y : y + height, x : x + width] = 255
    components = connected_components(mask)
    members: NDArray[np.int64] = characters(components, 3.0, 30.0)
    chosen = letters(members, Ink(mask, mask, 3.0), components, classifier)
    assert set(chosen.tolist()) <= set(members.tolist())
    return sorted(components.box(int(index)).x for index in chosen)


WORD = [(20 + 22 * place, 40, 16, 30) for place in range(6)]


def test_strange_characters_in_company_are_letters() -> None:
    assert found(WORD, Sure(0.95)) == [x for x, *_ in WORD]


def test_digits_in_company_are_not() -> None:
    assert found(WORD, Sure(0.02)) == []


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_are_no_word_and_nobody_is_asked(count: int) -> None:
    classifier = Sure(1.0)
    assert found(WORD[:count], classifier) == []
    assert classifier.asked == 0


def test_characters_far_apart_are_no_company() -> None:
    assert found([(20 + 60 * place, 40, 16, 30) for place in range(6)], Sure(1.0)) == []


def test_the_point_over_an_i_goes_with_its_word() -> None:
    assert 152 in found([*WORD, (152, 64, 6, 6)], Sure(0.95))


def test_a_number_beside_a_word_stays() -> None:
    number = [(250 + 40 * place, 40, 16, 30) for place in range(3)]
    assert found([*WORD, *number], Sure(0.95)) == [x for x, *_ in WORD]


def test_no_members_no_letters() -> None:
    mask = np.zeros((20, 20), np.uint8)
    nobody = np.empty(0, np.int64)
    assert letters(nobody, Ink(mask, mask, 0.0), connected_components(mask), Sure(1.0)).size == 0
