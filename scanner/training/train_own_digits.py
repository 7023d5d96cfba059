"""Train the digit CNN further on somebody's own digits, without any other data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.digit_fragments import join_and_halve
from scanner.datasets.own_digits import keep_some_aside, load_own_digits
from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs
from scanner.errors import DataError
from scanner.recognition.digit_classifier import DigitCnn
from scanner.training.digit_samples import TrainingSet
from scanner.training.model_card import DIGIT_CNN_DESCRIPTION, description_of_start, source_entries, write_model
from scanner.training.onnx_export import export_onnx
from scanner.training.optional_dependencies import require_training_extra
from scanner.weights import DIGIT_CNN_WEIGHTS, load_weights, models_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scanner.datasets.data_folder import DigitSamples
    from scanner.types import Image

_MIN_PICTURES = 30
"""Fewest pictures to learn from: with a fifth kept aside, six are left to judge by."""
_MIN_DIFFERENT_DIGITS = 5
"""Fewest different digits among them: from ones alone, the network would learn that most things are ones."""
_PEN_DIGIT_COUNT, _PEN_SIGN_COUNT, _FRAGMENT_COUNT = 2_000, 1_500, 1_500
"""Digits and signs of the program's own pen, and pieces of digits, of which nothing is to be forgotten."""
_JUDGED_PEN_DIGIT_COUNT, _JUDGED_PEN_SIGN_COUNT = 2_000, 1_000
"""Pen samples that tell whether anything is forgotten."""
_JUDGED_PEN_SEED = 1_000_033
"""Seed of these samples; no training uses it."""


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """How many of some samples are read rightly by the weights begun with, and by those trained from them."""

    name: str
    samples: int
    before: int
    after: int

    def describe(self) -> str:
        """Describe it in a line."""
        return f"{self.name}: {self.before:,} of {self.samples:,} read rightly before, {self.after:,} now"

    def verdict(self) -> str:
        """Say what it means where the samples are own digits that were kept aside."""
        if self.after > self.before:
            return "your own digits are read better than before"
        if self.after == self.samples:
            return "your own digits are read no better than before, as all of them were read rightly"
        outcome = "no better" if self.after == self.before else "worse"
        return f"your own digits are read {outcome} than before: add more of them, or keep the weights that you had"


def train_own_digits(
    drawn: Path,
    target: Path,
    seed: int,
    epochs: int | None,
    report_line: Callable[[str], None],
    start: Path | None = None,
) -> None:
    """Train the digit CNN further on own digits, and write ``digits.onnx`` with its card.

    Some of the own digits are kept aside to judge by.  The temperature stays that of the weights begun with: it was
    fitted to thousands of digits on paper, and those kept aside are too few to tell how often a sure reading is wrong.

    Args:
        drawn: folder of the own digits; see :func:`scanner.datasets.own_digits.load_own_digits`.
        target: folder where the weights are written.
        seed: of data order, augmentation and pen samples.
        epochs: passes over the data; None for those of the plan.
        report_line: called with each line of progress.
        start: weights to begin with, their card beside them; None for those that come with the program.

    Raises:
        DataError: if there are too few own digits or one cannot be read, or the weights to begin with cannot be read
            or are of another network.
        NotInstalledError: if the training extra is not installed, or the weights to begin with do not match their card.
        OutputError: if the weights cannot be written.
    """
    with require_training_extra():
        from scanner.training.digit_cnn import load_network
        from scanner.training.digit_fine_tuning import FineTuningPlan, fine_tune
    learned, aside = keep_some_aside(_load_enough(drawn))
    report_line(f"{len(learned.labels):,} own digits to learn from, {len(aside.labels):,} kept aside")
    start = models_folder() / DIGIT_CNN_WEIGHTS if start is None else start
    network = load_network(start)
    weights_before, card_before = load_weights(start.parent, start.name)
    before = DigitCnn(weights_before, 1.0)
    plan = FineTuningPlan(seed) if epochs is None else FineTuningPlan(seed, epochs)
    pen = _draw_pen_samples(seed, _PEN_DIGIT_COUNT, _PEN_SIGN_COUNT)
    remembered = _frames_to_remember(learned, pen, seed)
    fine_tune(network, learned, remembered, before, plan, report_line)
    weights = export_onnx(network)
    after = DigitCnn(weights, 1.0)
    judged_pen = _draw_pen_samples(_JUDGED_PEN_SEED, _JUDGED_PEN_DIGIT_COUNT, _JUDGED_PEN_SIGN_COUNT)
    aside = replace(aside, name="own digits kept aside")
    compared = [_compare(samples, before, after) for samples in (aside, *judged_pen)]
    for line in (*(each.describe() for each in compared), compared[0].verdict()):
        report_line(line)
    card = {
        "description": DIGIT_CNN_DESCRIPTION,
        "parameters": network.count_params(),
        "temperature": card_before["temperature"],
        "began with": description_of_start(start) | {"data": card_before.get("data", [])},
        "data": source_entries(TrainingSet((learned, *pen), (plan.times_shown(learned, remembered), 1, 1))),
        "plan": asdict(plan),
        "scores": {each.name: {"samples": each.samples, "before": each.before, "now": each.after} for each in compared},
    }
    write_model(target / DIGIT_CNN_WEIGHTS, weights, card)


def _load_enough(drawn: Path) -> DigitSamples:
    samples = load_own_digits(drawn)
    count, different = len(samples.labels), len(set(samples.labels.tolist()))
    if count < _MIN_PICTURES or different < _MIN_DIFFERENT_DIGITS:
        raise DataError(
            f"{drawn}: has {count} pictures of {different} different digits in the folders 0 to 9; at least "
            f"{_MIN_PICTURES} of {_MIN_DIFFERENT_DIGITS} are needed, such as digitscan pad --save-to {drawn} saves"
        )
    return samples


def _draw_pen_samples(seed: int, digits: int, signs: int) -> tuple[DigitSamples, DigitSamples]:
    rng = np.random.default_rng(seed)
    return draw_pen_digits(rng, digits), draw_pen_signs(rng, signs)


def _frames_to_remember(learned: DigitSamples, pen: Sequence[DigitSamples], seed: int) -> Image:
    """The pen samples, and pieces of what is to be learned and of the pen's digits: cuts through them are no digits."""
    digits, _ = pen
    whole = np.concatenate([digits.frames, learned.frames])
    pieces = join_and_halve(whole, np.random.default_rng(seed), _FRAGMENT_COUNT)
    return np.concatenate([*(samples.frames for samples in pen), pieces])


def _compare(samples: DigitSamples, before: DigitCnn, after: DigitCnn) -> BeforeAndAfter:
    """Count the samples of which the true class, a digit or "no digit", is found to be the most probable."""
    right = [np.count_nonzero(each.logits(samples.frames).argmax(axis=1) == samples.labels) for each in (before, after)]
    return BeforeAndAfter(samples.name, len(samples.labels), *map(int, right))
