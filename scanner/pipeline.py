"""One page through all stages: reading :func:`scan_page` explains the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.binarize import binarize
from scanner.components import connected_components
from scanner.decode import best_path
from scanner.flatten import flatten, is_negative, to_gray
from scanner.frame import frames
from scanner.join import Group, in_rows, join_digits
from scanner.rules import remove_rules
from scanner.runs import character_height, characters, find_runs
from scanner.segment import build_lattice
from scanner.straighten import Turn, find_tilt, straighten
from scanner.types import Digit, Number, PageResult, Step
from scanner.words import letters

if TYPE_CHECKING:
    from scanner.classify import Classifier
    from scanner.types import Page

REVIEW_BELOW = 0.9
"""A number less sure than this is for a person to look at."""
LOW_CONFIDENCE = "low confidence"


def scan_page(page: Page, classifier: Classifier) -> PageResult:
    """Find and read the numbers on a page.

    Args:
        page: decoded, in colour.
        classifier: from :func:`scanner.classify.load_classifier`.

    Returns:
        Numbers in reading order, boxes in pixels of ``page.image``, and what each stage measured.
    """
    gray = to_gray(page.image)
    negative = is_negative(gray)
    flat = flatten(np.asarray(cv2.bitwise_not(gray), np.uint8) if negative else gray)
    ink = binarize(flat)
    turn = Turn(find_tilt(ink), gray.shape[1], gray.shape[0])
    level = straighten(ink, turn)
    with_rules = connected_components(level.mask)
    height = character_height(with_rules, level.stroke_width)
    clear = remove_rules(level, with_rules, height)
    components = with_rules if clear is level else connected_components(clear.mask)
    members = characters(components, clear.stroke_width, height)
    words = letters(members, clear, components, classifier)
    runs = find_runs(components, members[~np.isin(members, words)], clear.stroke_width)
    lattices = [build_lattice(run, clear, components) for run in runs]
    glyphs = [hypothesis.glyph.strength for lattice in lattices for hypothesis in lattice.hypotheses]
    readings = iter(classifier.read(frames(glyphs)))
    paths = [best_path(lattice, [next(readings) for _ in lattice.hypotheses]) for lattice in lattices]
    groups = in_rows(group for path in paths for group in join_digits(path))
    numbers = tuple(_number(group, turn) for group in groups)
    steps = (
        Step("gray", (("negative", negative),)),
        Step("binarize", (("stroke_width", round(ink.stroke_width, 2)),)),
        Step("straighten", (("degrees", round(turn.degrees, 2)),)),
        Step("rules", (("removed", clear is not level), ("character_height", round(height, 1)))),
        Step("components", (("found", len(components)), ("letters", len(words)), ("runs", len(runs)))),
        Step("classify", (("classifier", classifier.name), ("hypotheses", len(glyphs)))),
        Step("join", (("numbers", len(numbers)),)),
    )
    return PageResult(page.file, page.number, page.image.shape[1], page.image.shape[0], numbers, steps)


def _number(group: Group, turn: Turn) -> Number:
    digits = tuple(Digit(str(piece.digit), piece.confidence, turn.to_original(piece.box)) for piece in group.digits)
    return Number(
        text=group.text,
        confidence=group.confidence,
        review="" if group.confidence >= REVIEW_BELOW else LOW_CONFIDENCE,
        row=group.row,
        column=group.column,
        box=turn.to_original(group.box),
        digits=digits,
    )
