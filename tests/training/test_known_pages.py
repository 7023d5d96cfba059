"""What is known of the numbers of a page, told from how it is read, with truths made of that reading."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.datasets.labelled_ink import OTHER_INK, UNKNOWN_INK
from scanner.evaluation.ground_truth import PageTruth, Point
from scanner.options import Charset, ScanOptions
from scanner.pipeline import run_stages
from scanner.reading_models import load_networks
from scanner.synthesis.page_content import PixelClass
from scanner.text_comparison import Separators
from scanner.training.known_numbers import KnownNumber, KnownNumbers, find_known_numbers
from scanner.training.known_pages import cut_known_lines, kind_of_name, label_pixels
from scanner.training.labelled_scans import LabelledScan, judge_scan
from scanner.types import Box

_PAGE = Path(__file__).parents[2] / "samples" / "ruled_log.png"


@pytest.fixture(scope="module")
def scan() -> LabelledScan:
    """A page, with what was read on it for its truth."""
    image = np.asarray(cv2.imread(str(_PAGE)), np.uint8)
    outputs = run_stages(image, load_networks(), ScanOptions(charset=Charset.DIGITS))
    blind = judge_scan(image, outputs, PageTruth("", 1, ()), Separators.IGNORED)
    texts = tuple(decision.reading.text for decision in blind.decisions if decision.reading.text)
    assert len(texts) >= 4
    return with_truth(blind, PageTruth("", 1, (texts,)))


def with_truth(scan: LabelledScan, truth: PageTruth) -> LabelledScan:
    return judge_scan(scan.image, scan.outputs, truth, Separators.IGNORED)


def test_numbers_stand_where_they_were_read_rightly(scan: LabelledScan) -> None:
    known = find_known_numbers(scan)
    assert known.is_complete
    assert [number.text for number in known.numbers] == list(scan.truth.texts)
    for number, decision in zip(known.numbers, scan.decisions, strict=False):
        assert decision.located.box is not None
        assert Box.around([number.box, decision.located.box]).height < 2 * number.box.height


def test_a_number_read_with_a_wrong_digit_has_its_true_text(scan: LabelledScan) -> None:
    texts = list(scan.truth.texts)
    assert texts[0] is not None
    wrong = texts[0][:-1] + ("1" if texts[0][-1] != "1" else "7")
    known = find_known_numbers(with_truth(scan, replace(scan.truth, rows=((wrong, *texts[1:]),))))
    assert known.numbers[0].text == wrong
    assert known.is_complete


def test_a_number_that_was_read_in_part_is_in_doubt(scan: LabelledScan) -> None:
    texts = list(scan.truth.texts)
    known = find_known_numbers(with_truth(scan, replace(scan.truth, rows=((f"{texts[0]}31", *texts[1:]),))))
    assert not known.is_complete
    assert len(known.numbers) == len(texts) - 1
    assert any(box.x <= scan.decisions[0].reading.digits[0].box.x for box in known.doubtful)


def test_what_is_no_number_is_known_only_if_all_numbers_are(scan: LabelledScan) -> None:
    texts = scan.truth.texts
    complete = find_known_numbers(with_truth(scan, replace(scan.truth, rows=(texts[1:],))))
    assert complete.is_complete
    assert [other.text for other in complete.others] == [""]
    incomplete = find_known_numbers(with_truth(scan, replace(scan.truth, rows=((*texts[1:], "98765"),))))
    assert not incomplete.is_complete
    assert not incomplete.others


def test_a_missed_number_whose_place_is_known_leaves_the_rest_known(scan: LabelledScan) -> None:
    places = tuple(Point(*decision.located.box.center) for decision in scan.decisions if decision.located.box)
    places = places[: len(scan.truth.texts)]
    truth = replace(scan.truth, rows=((*scan.truth.texts, "5"),), places=(*places, Point(5, 5)))
    known = find_known_numbers(with_truth(scan, truth))
    assert known.is_complete
    assert any(box.x < 5 < box.right and box.y < 5 < box.bottom for box in known.doubtful)


def test_ink_of_numbers_is_labelled_and_other_ink_is_unknown_only_if_numbers_may_be_missed(scan: LabelledScan) -> None:
    known = find_known_numbers(scan)
    classes = label_pixels(scan, known)
    box = known.numbers[0].box
    inside = classes[box.y : box.bottom, box.x : box.right]
    assert (inside == PixelClass.DIGIT).sum() > 0.05 * inside.size
    assert (classes == OTHER_INK).any()
    assert not (classes == UNKNOWN_INK).any()
    unsure = label_pixels(scan, KnownNumbers((), (), (), is_complete=False))
    assert (unsure == UNKNOWN_INK).any()


def test_lines_are_cut_at_numbers_and_at_what_is_none() -> None:
    flat = np.zeros((100, 300), np.uint8)
    for left in (40, 60, 140):
        flat[30:60, left : left + 6] = 255
    known = KnownNumbers(
        (KnownNumber("11", Box(40, 30, 26, 30)), KnownNumber("1", Box(140, 30, 6, 30))),
        (KnownNumber("", Box(200, 30, 20, 30)),),
        (),
        is_complete=True,
    )
    lines = cut_known_lines("tally", flat, known, separators_omitted=True, rng=np.random.default_rng(0))
    assert lines.name == "tally"
    assert [lines.texts.count(text) for text in ("11", "1", "")] == [12, 12, 1]
    assert set(lines.source_ids.tolist()) == {0, 1, 2}
    assert all(image.shape[0] == 32 for image in lines.images)
    # The free margin keeps neighbours out: a line of "1" shows one stroke.
    for image, text in zip(lines.images, lines.texts, strict=True):
        columns = (image > 128).any(axis=0)
        assert np.diff(columns.astype(int), prepend=0, append=0).clip(0).sum() == len(text)


def test_the_name_of_a_page_begins_with_its_kind() -> None:
    assert kind_of_name("exam_ids-page_00-1.npz") == "exam_ids"
