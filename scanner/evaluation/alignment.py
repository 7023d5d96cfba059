"""Pair true numbers with readings, and the digits of one with those of the other.

All functions return pairs of an index into the truth and one into the readings, None where there is no counterpart;
each index occurs exactly once.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING

from rapidfuzz.distance import Levenshtein

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.types import Box

    IndexPair = tuple[int | None, int | None]
    _PairCost = Callable[[int | None, int | None], int]

MIN_BOX_IOU = 0.3
"""Minimum intersection over union of a reading's box with that of its true number.

Lower than the 0.5 usual for object detection: a thin "1" or a lost first digit changes much of a box, and of several
candidates the one with the best overlap is chosen anyway.
"""


def match_boxes(true_boxes: Sequence[Box], read_boxes: Sequence[Box]) -> list[IndexPair]:
    """Pair boxes greedily by decreasing intersection over union, as object detectors are evaluated."""
    overlaps = (
        (intersection_over_union(a, b), i, j) for i, a in enumerate(true_boxes) for j, b in enumerate(read_boxes)
    )
    candidates = sorted((item for item in overlaps if item[0] >= MIN_BOX_IOU), key=lambda item: -item[0])
    partner: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in candidates:
        if i not in partner and j not in used:
            partner[i] = j
            used.add(j)
    return [(i, partner.get(i)) for i in range(len(true_boxes))] + [
        (None, j) for j in range(len(read_boxes)) if j not in used
    ]


def intersection_over_union(a: Box, b: Box) -> float:
    """Intersection over union, 0-1."""
    width = min(a.right, b.right) - max(a.x, b.x)
    height = min(a.bottom, b.bottom) - max(a.y, b.y)
    common = max(0, width) * max(0, height)
    return common / (a.width * a.height + b.width * b.height - common)


def align_numbers(true_texts: Sequence[str | None], read_texts: Sequence[str]) -> list[IndexPair]:
    """Align two sequences of numbers with the fewest digit edits.

    Of alignments with equally many edits, the one with most exact numbers is chosen; then the one with most correct
    digits, so that part of a number is paired with that number rather than with a false one beside it.

    Args:
        true_texts: texts of the true numbers; None for one that a person could not read.
        read_texts: texts of the readings; empty for one that was not read, which may stand for any missed number.
    """
    # Weights that make one edit outweigh all exact numbers together, and one exact number all correct digits together.
    exact_weight = sum(len(text or "") for text in true_texts) + 1
    edit_weight = exact_weight * (len(true_texts) + 2)

    @cache
    def digit_cost(true_text: str, read_text: str) -> int:
        edits, correct = _count_edits(true_text, read_text)
        return edit_weight * edits - correct

    def cost(i: int | None, j: int | None) -> int:
        true_text = "" if i is None else true_texts[i]
        read_text = "" if j is None else read_texts[j]
        if true_text is None:
            return 0
        exact = i is not None and true_text == read_text
        return digit_cost(true_text, read_text) - exact_weight * exact

    return _align(len(true_texts), len(read_texts), cost)


def _count_edits(true_text: str, read_text: str) -> tuple[int, int]:
    """The fewest edits between two texts, and the most correct digits of an alignment with so few."""
    # A substitution that costs slightly more than other edits yields the fewest substitutions among the fewest edits.
    edit_weight = min(len(true_text), len(read_text)) + 1
    distance = Levenshtein.distance(true_text, read_text, weights=(edit_weight, edit_weight, edit_weight + 1))
    edits, substitutions = divmod(distance, edit_weight)
    # Each correct digit or substitution takes a character of both texts, each other edit takes one.
    return edits, (len(true_text) + len(read_text) - edits - substitutions) // 2


def match_out_of_order(
    true_texts: Sequence[str | None], read_texts: Sequence[str], pairs: Sequence[IndexPair]
) -> tuple[list[IndexPair], list[IndexPair]]:
    """Pair missed numbers with false readings of equal text, which were read out of order.

    Args:
        true_texts: digits of the true numbers.
        read_texts: digits of the readings.
        pairs: an alignment of both.

    Returns:
        The ``pairs`` that remain, and the new pairs.
    """
    missed: defaultdict[str, list[int]] = defaultdict(list)
    for i, j in pairs:
        if i is not None and j is None and (text := true_texts[i]) is not None:
            missed[text].append(i)
    partner: dict[int, int] = {}
    for i, j in pairs:
        if i is None and j is not None and missed[read_texts[j]]:
            partner[missed[read_texts[j]].pop(0)] = j
    solved = {(i, None) for i in partner} | {(None, j) for j in partner.values()}
    return [pair for pair in pairs if pair not in solved], list(partner.items())


def align_digits(true_text: str, read_text: str) -> list[IndexPair]:
    """Align the digits of two numbers with the fewest edits; of equally few, rather substitutions than other edits.

    For the table of confusions: "71" read for "17" is two confused digits, not one that is missing and one too many.
    RapidFuzz, whose edits are as few, offers no such choice.
    """

    def cost(i: int | None, j: int | None) -> int:
        return 0 if i is not None and j is not None and true_text[i] == read_text[j] else 1

    return _align(len(true_text), len(read_text), cost)


def _align(length: int, other_length: int, cost: _PairCost) -> list[IndexPair]:
    """The pairs of a least-cost alignment, first to last; of several, one with most pairs at the end.

    Dynamic programming after Wagner & Fischer, "The string-to-string correction problem", J. ACM 1974.  RapidFuzz has
    one cost per kind of edit, but the cost of pairing two numbers depends on both of them.
    """
    table = _cost_table(length, other_length, cost)
    pairs: list[IndexPair] = []
    i, j = length, other_length
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + cost(i - 1, j - 1):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and table[i][j] == table[i - 1][j] + cost(i - 1, None):
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def _cost_table(length: int, other_length: int, cost: _PairCost) -> list[list[int]]:
    """Least cost of aligning the first i items of one sequence with the first j of the other, at [i][j]."""
    table = [[0] * (other_length + 1) for _ in range(length + 1)]
    for i in range(length + 1):
        for j in range(other_length + 1):
            steps = []
            if i and j:
                steps.append(table[i - 1][j - 1] + cost(i - 1, j - 1))
            if i:
                steps.append(table[i - 1][j] + cost(i - 1, None))
            if j:
                steps.append(table[i][j - 1] + cost(None, j - 1))
            table[i][j] = min(steps, default=0)
    return table
