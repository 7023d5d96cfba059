"""Train the digit CNN further on somebody's own digits, without any other data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

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
    from scanner.training.digit_cnn import DigitCnnPlan

_MIN_PICTURES = 20
"""Fewest pictures to learn from: with a fifth kept aside, four are left to judge by."""
_MIN_DIFFERENT_DIGITS = 5
"""Fewest different digits among them: of ones alone, the network would learn that most things are ones."""
_PEN_DIGIT_COUNT, _PEN_SIGN_COUNT = 3_000, 2_000
"""Digits and signs of the program's own pen that are shown along with them, so that other hands are not forgotten."""
_OWN_SHARE = 0.3
"""Share of an epoch that the own digits have; few are repeated until they do."""
_MAX_REPEATS = 40
"""How often each of them is shown in an epoch at most: a few are soon learnt by heart."""
_JUDGED_PEN_DIGIT_COUNT, _JUDGED_PEN_SIGN_COUNT = 2_000, 1_000
"""Pen samples that tell whether anything is forgotten; none is shown in training."""
_JUDGED_PEN_SEED = 1_000_033
"""Seed of these samples; no training uses it."""


@dataclass(frozen=True, slots=True)
class BeforeAndAfter:
    """How many of some samples are read rightly with the weights begun with, and with those trained from them."""

    name: str
    samples: int
    before: int
    after: int


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
    fitted to thousands of digits on paper, and those kept aside are too few, and too much like those learned from, to
    tell how sure the network is of others.

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
        from scanner.training.digit_cnn import load_network, train
    start = models_folder() / DIGIT_CNN_WEIGHTS if start is None else start
    learned, aside = keep_some_aside(_load_enough(drawn))
    report_line(f"{len(learned.labels):,} own digits to learn from, {len(aside.labels):,} kept aside")
    network = load_network(start)
    weights_before, card_before = load_weights(start.parent, start.name)
    training, plan = _build_training_set(learned, seed), _fine_tuning_plan(seed, epochs)
    judged = (aside, *_draw_judged_pen_samples())
    weights = export_onnx(train(training, (), plan, None, report_line, network))
    compared = _compare(weights_before, weights, judged)
    _report(compared, report_line)
    card = {
        "description": DIGIT_CNN_DESCRIPTION,
        "parameters": network.count_params(),
        "temperature": card_before["temperature"],
        "began with": description_of_start(start) | {"data": card_before.get("data", [])},
        "data": source_entries(training),
        "plan": asdict(plan),
        "scores": {each.name: {"samples": each.samples, "right before": each.before, "right": each.after} for each in compared},
    }
    write_model(target / DIGIT_CNN_WEIGHTS, weights, card)


def _fine_tuning_plan(seed: int, epochs: int | None) -> DigitCnnPlan:
    """A small learning rate and few epochs: about a minute on two cores.

    Measured on digits that were kept aside, of four hands and of six sources that nothing was shown of: ....
    """
    from scanner.training.digit_cnn import DigitCnnPlan

    return DigitCnnPlan(seed, epochs or 5, batch_size=64, peak_learning_rate=5e-4, warm_up_share=0.1, ema_momentum=0.99)


def _load_enough(drawn: Path) -> DigitSamples:
    samples = load_own_digits(drawn)
    different = len(set(samples.labels.tolist()))
    if len(samples.labels) < _MIN_PICTURES or different < _MIN_DIFFERENT_DIGITS:
        raise DataError(
            f"{drawn}: holds {len(samples.labels)} pictures of {different} digits in the folders 0 to 9; at least "
            f"{_MIN_PICTURES} of {_MIN_DIFFERENT_DIGITS} digits are needed, such as digitscan pad --save-to {drawn} saves"
        )
    return samples


def _build_training_set(learned: DigitSamples, seed: int) -> TrainingSet:
    rng = np.random.default_rng(seed)
    pen = draw_pen_digits(rng, _PEN_DIGIT_COUNT), draw_pen_signs(rng, _PEN_SIGN_COUNT)
    wanted = _OWN_SHARE / (1 - _OWN_SHARE) * (_PEN_DIGIT_COUNT + _PEN_SIGN_COUNT)
    repeats = min(max(round(wanted / len(learned.labels)), 1), _MAX_REPEATS)
    return TrainingSet((learned, *pen), (repeats, 1, 1))


def _draw_judged_pen_samples() -> tuple[DigitSamples, DigitSamples]:
    rng = np.random.default_rng(_JUDGED_PEN_SEED)
    return draw_pen_digits(rng, _JUDGED_PEN_DIGIT_COUNT), draw_pen_signs(rng, _JUDGED_PEN_SIGN_COUNT)


def _compare(before: bytes, after: bytes, judged: Sequence[DigitSamples]) -> list[BeforeAndAfter]:
    networks = [DigitCnn(weights, 1.0) for weights in (before, after)]
    return [
        BeforeAndAfter(samples.name, len(samples.labels), *(_count_right(network, samples) for network in networks))
        for samples in judged
    ]


def _count_right(network: DigitCnn, samples: DigitSamples) -> int:
    """Samples whose class, of the digits and "no digit", the network finds most probable."""
    return int(np.count_nonzero(network.logits(samples.frames).argmax(axis=1) == samples.labels))
