"""Pair true numbers with readings, and the digits of one with those of the other.

All functions return pairs of an index into the truth and one into the readings, None where there is no counterpart;
each index occurs exactly once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.types import Box

    IndexPair = tuple[int | None, int | None]
    _Costs = NDArray[np.int64]

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
    # The last row and column stand for no number: they hold what a text without counterpart costs.
    edits, correct = _count_edits([text or "" for text in (*true_texts, "")], [*read_texts, ""])
    costs = edit_weight * edits - correct
    costs[:-1] -= exact_weight * (edits[:-1] == 0)
    costs[[i for i, text in enumerate(true_texts) if text is None]] = 0
    return _align(costs[:-1, :-1], costs[:-1, -1], costs[-1, :-1])


def _count_edits(true_texts: Sequence[str], read_texts: Sequence[str]) -> tuple[_Costs, _Costs]:
    """The fewest edits between each two texts, and the most correct digits of an alignment with so few: (I, J)."""
    true_lengths = np.array([len(text) for text in true_texts])[:, None]
    read_lengths = np.array([len(text) for text in read_texts])
    # A substitution that costs slightly more than other edits yields the fewest substitutions among the fewest edits.
    edit_weight = int(min(true_lengths.max(), read_lengths.max())) + 1
    weights = edit_weight, edit_weight, edit_weight + 1
    distances = cdist(
        true_texts, read_texts, scorer=Levenshtein.distance, scorer_kwargs={"weights": weights}, dtype=np.int64
    )
    edits, substitutions = np.divmod(distances, edit_weight)
    # Each correct digit or substitution takes a character of both texts, each other edit takes one.
    return edits, (true_lengths + read_lengths - edits - substitutions) // 2


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
    true, read = np.array(list(true_text)), np.array(list(read_text))
    costs = (true[:, None] != read).astype(np.int64)
    return _align(costs, np.ones(len(true), np.int64), np.ones(len(read), np.int64))


def _align(pair_costs: _Costs, true_costs: _Costs, read_costs: _Costs) -> list[IndexPair]:
    """The pairs of a least-cost alignment, first to last; of several, one with most pairs at the end.

    Dynamic programming after Wagner & Fischer, "The string-to-string correction problem", J. ACM 1974.  RapidFuzz has
    one cost per kind of edit, but the cost of pairing two numbers depends on both of them.

    Args:
        pair_costs: cost of pairing each item of one sequence with each of the other, (I, J).
        true_costs: cost of each item of the first that has no counterpart, (I,).
        read_costs: likewise of the second, (J,).
    """
    table = _cost_table(pair_costs, true_costs, read_costs)
    pairs: list[IndexPair] = []
    i, j = pair_costs.shape
    while i or j:
        if i and j and table[i, j] == table[i - 1, j - 1] + pair_costs[i - 1, j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and table[i, j] == table[i - 1, j] + true_costs[i - 1]:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


def _cost_table(pair_costs: _Costs, true_costs: _Costs, read_costs: _Costs) -> _Costs:
    """Least cost of aligning the first i items of one sequence with the first j of the other, at [i, j]."""
    rows, columns = pair_costs.shape
    table = np.empty((rows + 1, columns + 1), np.int64)
    # Relative to what the readings up to each cost without counterparts, a further one without costs nothing: the best
    # way to a place of a row is then the best to any place before it.
    unpaired = np.concatenate([[0], np.cumsum(read_costs)])
    table[0] = unpaired
    for i in range(rows):
        table[i + 1] = table[i] + true_costs[i]
        np.minimum(table[i + 1, 1:], table[i, :-1] + pair_costs[i], out=table[i + 1, 1:])
        table[i + 1] = np.minimum.accumulate(table[i + 1] - unpaired) + unpaired
    return table
