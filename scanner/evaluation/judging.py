"""Judge the readings of a page by its truth: an outcome for each reading, and the numbers without one.

Every true number is paired with its reading or counted as missed; the readings left over are false.  Where the truth
has boxes or places, numbers are paired by position.  Otherwise both sequences, in reading order, are aligned with the
fewest changed, added or removed characters (Levenshtein distance), as word error rates are measured; then numbers read
out of order are paired by equal text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from scanner.evaluation.alignment import align_numbers, match_out_of_order
from scanner.evaluation.position_matching import match_boxes_loosely, match_places
from scanner.evaluation.table_rows import TablePosition, check_table_cells
from scanner.text_comparison import Separators, comparable_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.evaluation.alignment import IndexPair
    from scanner.evaluation.ground_truth import PageTruth
    from scanner.types import Box


class Outcome(Enum):
    """Outcome of the comparison for one number."""

    EXACT = "exact"
    OUT_OF_ORDER = "out of order"
    """Read exactly, but at another position in the reading order."""
    WRONG = "wrong"
    """Found, but some character is wrong."""
    UNREAD = "unread"
    """Found, but its text is empty: the result asks a person to read it."""
    MISSED = "missed"
    """Written, but not found."""
    FALSE = "false"
    """Found where no number is written."""
    UNDECIDED = "undecided"
    """Not readable even by a person, or an empty cell; any reading is accepted, and none."""
    OPTIONAL = "optional"
    """Written, but not asked for."""
    IGNORED = "ignored"
    """In a part of the page where nothing counts."""

    @property
    def is_right(self) -> bool:
        """Whether exactly the true number was read."""
        return self in {Outcome.EXACT, Outcome.OUT_OF_ORDER}

    @property
    def is_counted(self) -> bool:
        """Whether it is the outcome of a reading that is either right or an error."""
        return self.is_right or self in {Outcome.WRONG, Outcome.UNREAD, Outcome.FALSE}


class PlacedReading(TablePosition, Protocol):
    """A number in a result: ``scanner.types.Number``, or a row of the CSV of numbers."""

    @property
    def text(self) -> str:
        """The number as read; empty if it was found, but not read."""

    @property
    def box(self) -> Box:
        """Box in pixels of the original page."""


@dataclass(frozen=True, slots=True)
class JudgedNumber:
    """The judgement on one reading."""

    outcome: Outcome
    true_index: int | None
    """Index of its number in ``PageTruth.texts``; None if it has none."""
    in_place: bool | None
    """Whether it is in its row, and in its column where the truth is a table; None if that is unknown."""


@dataclass(frozen=True, slots=True)
class PageJudgement:
    """The judgement on a page."""

    readings: tuple[JudgedNumber, ...]
    """One for each reading, in the order given."""
    without_reading: tuple[int, ...]
    """Indices in ``PageTruth.texts`` of the numbers that have no reading; those that are not None were missed."""


def judge_page(
    readings: Sequence[PlacedReading], truth: PageTruth, separators: Separators = Separators.IGNORED
) -> PageJudgement:
    """Judge the readings of a page.

    Args:
        readings: in reading order.
        truth: truth of the page.
        separators: how separators are compared.
    """
    true = [None if text is None else comparable_text(text, separators) for text in truth.texts]
    read = [comparable_text(reading.text, separators) for reading in readings]
    ignored = [any(box.includes(reading.box.center) for box in truth.ignored) for reading in readings]
    kept = [j for j, is_ignored in enumerate(ignored) if not is_ignored]
    pairs, out_of_order = _pair(truth, true, [readings[j].box for j in kept], [read[j] for j in kept])
    partner = {kept[j]: i for i, j in (*pairs, *out_of_order) if i is not None and j is not None}
    displaced = {kept[j] for _, j in out_of_order if j is not None}
    outcomes = [
        Outcome.IGNORED if ignored[j] else _outcome(j, true, read, partner, displaced) for j in range(len(read))
    ]
    _forgive_optional(outcomes, truth, read, separators)
    partner = {j: i for j, i in partner.items() if outcomes[j] is not Outcome.OPTIONAL}
    in_place = _check_places(truth, readings, partner, outcomes)
    found = set(partner.values())
    return PageJudgement(
        tuple(JudgedNumber(outcome, partner.get(j), in_place.get(j)) for j, outcome in enumerate(outcomes)),
        tuple(i for i in range(len(true)) if i not in found),
    )


def _pair(
    truth: PageTruth, true: Sequence[str | None], boxes: Sequence[Box], read: Sequence[str]
) -> tuple[Sequence[IndexPair], Sequence[IndexPair]]:
    """The pairs of numbers and readings, and those that were read out of order."""
    if truth.places:
        return match_places(truth.places, boxes, read), ()
    if truth.number_boxes:
        return match_boxes_loosely(truth.number_boxes, true, boxes, read), ()
    return match_out_of_order(true, read, align_numbers(true, read))


def _outcome(
    j: int, true: Sequence[str | None], read: Sequence[str], partner: dict[int, int], displaced: set[int]
) -> Outcome:
    if j not in partner:
        return Outcome.FALSE
    true_text = true[partner[j]]
    if true_text is None:
        return Outcome.UNDECIDED
    if not read[j]:
        return Outcome.UNREAD
    if true_text != read[j]:
        return Outcome.WRONG
    return Outcome.OUT_OF_ORDER if j in displaced else Outcome.EXACT


def _forgive_optional(outcomes: list[Outcome], truth: PageTruth, read: Sequence[str], separators: Separators) -> None:
    """Let each optional text forgive one reading: a false one, or else a wrong one whose position is not known."""
    left = Counter(comparable_text(text, separators) for text in truth.optional)
    located = bool(truth.places or truth.number_boxes)
    for forgiven in (Outcome.FALSE,) if located else (Outcome.FALSE, Outcome.WRONG):
        for j, outcome in enumerate(outcomes):
            if outcome is forgiven and left[read[j]] > 0:
                left[read[j]] -= 1
                outcomes[j] = Outcome.OPTIONAL


def _check_places(
    truth: PageTruth, readings: Sequence[PlacedReading], partner: dict[int, int], outcomes: Sequence[Outcome]
) -> dict[int, bool]:
    """Whether the reading of each decided number is in its row and column; empty if that is unknown."""
    decided = [j for j in sorted(partner) if outcomes[j] is not Outcome.UNDECIDED]
    checked = check_table_cells(truth, [(partner[j], readings[j]) for j in decided])
    return dict(zip(decided, checked, strict=True)) if checked else {}
