"""Where the numbers of a real page stand, if only their texts are known: where the program has read them.

A reading that the truth confirms tells the place of a number; what was read wrongly, with as many digits, does so as
well.  All else that may be a number is in doubt, and nothing is learnt from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.evaluation.ground_truth import keep_digits
from scanner.evaluation.judging import Outcome
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.decision.decisions import Decision
    from scanner.evaluation.ground_truth import PageTruth
    from scanner.evaluation.judging import JudgedNumber
    from scanner.geometry.bent_map import AnyPageMap
    from scanner.training.labelled_scans import LabelledScan

_DOUBT_MARGIN_HEIGHTS = 1.0
"""Margin around ink in doubt, in its heights: of a number that was found in part, the rest is near.  A choice."""


@dataclass(frozen=True, slots=True)
class KnownNumber:
    """A number whose place is known."""

    text: str
    """With separators if those of the page are read; empty for what was taken for a number and is none."""
    box: Box
    """Around its digits, pixels of the rectified page."""


@dataclass(frozen=True, slots=True)
class KnownNumbers:
    """What is known of the numbers of a page."""

    numbers: tuple[KnownNumber, ...]
    """Those whose place is known."""
    others: tuple[KnownNumber, ...]
    """What was taken for a number and is surely none; only of a page whose numbers are all known."""
    doubtful: tuple[Box, ...]
    """Where a number may stand, pixels of the rectified page."""
    is_complete: bool
    """Whether there is no number elsewhere."""


def find_known_numbers(scan: LabelledScan) -> KnownNumbers:
    """Tell what is known of the numbers of a page from the judgement on its readings."""
    page_map = scan.outputs.prepared.rectified.page_map
    numbers, others, doubtful = [], [], list(_doubtful_places(scan, page_map))
    is_complete = _is_complete(scan)
    for decision, judged in scan.judged:
        assert decision.located.box is not None
        box = Box.around(digit.box for digit in decision.reading.digits) if decision.reading.digits else None
        text = _text_of(decision, judged, scan)
        if text is not None and box is not None:
            numbers.append(KnownNumber(text, box))
        elif judged.outcome is Outcome.FALSE and is_complete:
            others.append(KnownNumber("", box or decision.located.box))
        else:
            doubtful.append(_widened(decision.located.box))
    return KnownNumbers(tuple(numbers), tuple(others), tuple(doubtful), is_complete)


def _text_of(decision: Decision, judged: JudgedNumber, scan: LabelledScan) -> str | None:
    """The true text of a reading; None if that is not known, or the reading may be of a part of the number."""
    if judged.outcome.is_right:
        # As read: the truth may leave out separators, or have a point for a comma.
        return decision.reading.text
    if judged.outcome is not Outcome.WRONG or judged.true_index is None:
        return None
    true_text = scan.truth.texts[judged.true_index]
    if true_text is None or _is_in_doubt(judged, decision, scan.truth):
        return None
    return true_text.replace("·", ".")


def _is_complete(scan: LabelledScan) -> bool:
    """Whether every number that the truth knows has been found, or its place is known."""
    truth = scan.truth
    forgiven = sum(judged.outcome is Outcome.OPTIONAL for judged in scan.judgement.readings)
    if forgiven < len(truth.optional):
        return False
    if truth.places or truth.number_boxes:
        return True
    # Paired by their texts in reading order, a number read in parts may be taken for another one.
    missed = any(truth.texts[index] is not None for index in scan.judgement.without_reading)
    return not missed and not any(_is_in_doubt(judged, decision, truth) for decision, judged in scan.judged)


def _is_in_doubt(judged: JudgedNumber, decision: Decision, truth: PageTruth) -> bool:
    """Whether a reading was paired with a number that it may be a part of, if with the right one."""
    if judged.outcome not in {Outcome.WRONG, Outcome.UNREAD} or judged.true_index is None:
        return False
    true_text = truth.texts[judged.true_index]
    return true_text is None or len(keep_digits(true_text)) != len(keep_digits(decision.reading.text))


def _doubtful_places(scan: LabelledScan, page_map: AnyPageMap) -> Iterator[Box]:
    """Where numbers were missed, and where nothing counts."""
    truth = scan.truth
    for box in truth.ignored:
        yield _to_rectified(box, page_map)
    height = float(
        np.median([decision.located.box.height for decision in scan.decisions if decision.located.box] or [0])
    )
    for index in scan.judgement.without_reading:
        if truth.number_boxes:
            yield _to_rectified(truth.number_boxes[index], page_map)
        elif truth.places:
            x, y = truth.places[index]
            ((x, y),) = page_map.to_target(np.array([[x, y]], np.float64))
            yield _widened(Box(round(x - height), round(y - height / 2), round(2 * height), round(height)))


def _to_rectified(box: Box, page_map: AnyPageMap) -> Box:
    corners = np.array([[x, y] for x in (box.x, box.right) for y in (box.y, box.bottom)], np.float64)
    x, y, width, height = cv2.boundingRect(page_map.to_target(corners).astype(np.float32))
    return Box(x, y, width, height)


def _widened(box: Box) -> Box:
    margin = round(_DOUBT_MARGIN_HEIGHTS * box.height)
    return Box(box.x - margin, box.y - margin // 2, box.width + 2 * margin, box.height + 2 * (margin // 2))
