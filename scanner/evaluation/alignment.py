"""Which reading belongs to which true number, and which digit to which.

All functions return pairs of indices into the truth and into the readings,
``None`` where one has no counterpart; each index comes exactly once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scanner.types import Box

    IndexPair = tuple[int | None, int | None]
    _EditCost = Callable[[int | None, int | None], int]

MIN_BOX_IOU = 0.3
"""Intersection over union from which a read box can be that of a true number.

Less than the 0.5 usual for detectors: a thin "1" or a lost first digit changes
much of a box, and among several the best overlap wins anyway.
"""


def match_boxes(true_boxes: Sequence[Box], read_boxes: Sequence[Box]) -> list[IndexPair]:
    """Pair the boxes that overlap most, then the next, as detectors are judged."""
    overlaps = (
        (_intersection_over_union(a, b), i, j) for i, a in enumerate(true_boxes) for j, b in enumerate(read_boxes)
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


def _intersection_over_union(a: Box, b: Box) -> float:
    """Intersection over union, 0-1."""
    width = min(a.right, b.right) - max(a.x, b.x)
    height = min(a.bottom, b.bottom) - max(a.y, b.y)
    common = max(0, width) * max(0, height)
    return common / (a.width * a.height + b.width * b.height - common)


def align_numbers(true_texts: Sequence[str | None], read_texts: Sequence[str]) -> list[IndexPair]:
    """Align two sequences of numbers at the least number of digit edits.

    Among equals, with most numbers exact; then with most digits right, so that
    the half of a number is paired with it rather than another one beside it.
    """
    one_exact = sum(len(text or "") for text in true_texts) + 1  # more than all right digits together can save
    one_edit = one_exact * (len(true_texts) + 2)  # more than all exact numbers together can save
    known: dict[tuple[str, str], int] = {}

    def digits(a: str, b: str) -> int:
        if (a, b) not in known:
            known[a, b] = _cost_table(len(a), len(b), _digit_edit_cost(a, b, one_edit, right=-1))[-1][-1]
        return known[a, b]

    def cost(i: int | None, j: int | None) -> int:
        written = "" if i is None else true_texts[i]
        reading = "" if j is None else read_texts[j]
        if written is None:
            return 0
        exact = i is not None and written == reading
        return digits(written, reading) - one_exact * exact

    return _align(len(true_texts), len(read_texts), cost)


def match_out_of_order(
    true_texts: Sequence[str | None], read_texts: Sequence[str], pairs: Sequence[IndexPair]
) -> tuple[list[IndexPair], list[IndexPair]]:
    """Find by its text what was read at another place in the order than written.

    Returns:
        The ``pairs`` that remain, and those newly made of a missed number and a false reading of equal text.
    """
    missed: defaultdict[str, list[int]] = defaultdict(list)
    for i, j in pairs:
        if i is not None and j is None and (text := true_texts[i]) is not None:
            missed[text].append(i)
    found: dict[int, int] = {}
    for i, j in pairs:
        if i is None and j is not None and missed[read_texts[j]]:
            found[missed[read_texts[j]].pop(0)] = j
    solved = {(i, None) for i in found} | {(None, j) for j in found.values()}
    return [pair for pair in pairs if pair not in solved], list(found.items())


def align_digits(true_text: str, read_text: str) -> list[IndexPair]:
    """Align the digits of two numbers at the least number of edits."""
    return _align(len(true_text), len(read_text), _digit_edit_cost(true_text, read_text))


def _digit_edit_cost(true: str, read: str, wrong: int = 1, right: int = 0) -> _EditCost:
    return lambda i, j: right if i is not None and j is not None and true[i] == read[j] else wrong


def _cost_table(length: int, other_length: int, cost: _EditCost) -> list[list[int]]:
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


def _align(length: int, other_length: int, cost: _EditCost) -> list[IndexPair]:
    """The pairs of a least-cost alignment, first to last; among equals one with most pairs at the end."""
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
