import os
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets.data_folder import DigitSamples
from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs
from scanner.recognition.digit_classifier import DigitCnn
from scanner.weights import DIGIT_CNN_WEIGHTS, models_folder

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

from scanner.training.digit_cnn import load_network
from scanner.training.digit_fine_tuning import FineTuningPlan, RememberingBatches, fine_tune
from scanner.training.onnx_export import export_onnx

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]

SHIPPED = models_folder() / DIGIT_CNN_WEIGHTS
PLAN = FineTuningPlan(seed=3, epochs=2, batch_size=16, learned_share=0.5)


@pytest.fixture(scope="module")
def teacher() -> DigitCnn:
    return DigitCnn(SHIPPED.read_bytes(), 1.0)


def mirrored(seed: int, count: int) -> DigitSamples:
    """Digits of a hand that nobody has."""
    samples = draw_pen_digits(np.random.default_rng(seed), count)
    return replace(samples, frames=np.ascontiguousarray(samples.frames[:, :, ::-1]))


def pen_frames(seed: int, digits: int, signs: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return np.concatenate([draw_pen_digits(rng, digits).frames, draw_pen_signs(rng, signs).frames])


def share_right(network: DigitCnn, samples: DigitSamples) -> float:
    return float(np.mean(network.logits(samples.frames).argmax(axis=1) == samples.labels))


def test_what_is_to_be_learned_is_repeated_until_it_has_its_share() -> None:
    learned, remembered = mirrored(0, 10), pen_frames(0, 50, 20)
    assert [replace(PLAN, learned_share=share).times_shown(learned, remembered) for share in (0.3, 0.5, 0.01)] == [
        3,
        7,
        1,
    ]


def test_a_batch_has_labels_of_what_is_learned_and_logits_of_the_rest(teacher: DigitCnn) -> None:
    learned, remembered = mirrored(0, 10), pen_frames(0, 30, 10)
    batches = RememberingBatches(learned, remembered, teacher, PLAN)
    assert len(batches) == (4 * 10 + 40) // 16
    shown = [batches[index] for index in range(len(batches))]
    labels = np.concatenate([targets[:, 11] for _, targets in shown]).astype(int)
    assert (
        np.bincount(labels[labels >= 0], minlength=10).tolist()
        == (4 * np.bincount(learned.labels, minlength=10)).tolist()
    )
    assert np.count_nonzero(labels == -1) == 40
    for frames, targets in shown:
        assert frames.shape == (16, 28, 28, 1)
        assert targets.shape == (16, 12)
        whole = np.round(255 * frames[..., 0]).astype(np.uint8)
        assert targets[:, :11] == pytest.approx(teacher.logits(whole), abs=1e-4)


def test_the_same_seed_gives_the_same_batches_and_the_next_epoch_others(teacher: DigitCnn) -> None:
    learned, remembered = mirrored(0, 10), pen_frames(0, 30, 10)
    one, two, other = (RememberingBatches(learned, remembered, teacher, replace(PLAN, seed=seed)) for seed in (3, 3, 4))
    first = one[0]
    assert all(np.array_equal(a, b) for a, b in zip(first, two[0], strict=True))
    assert not np.array_equal(first[0], other[0][0])
    one.on_epoch_end()
    assert not np.array_equal(first[0], one[0][0])


def test_another_hand_is_learned_and_nothing_is_forgotten(teacher: DigitCnn) -> None:
    network, report = load_network(SHIPPED), list[str]()
    plan = FineTuningPlan(seed=1, epochs=3, batch_size=16, learned_share=0.5)
    fine_tune(network, mirrored(0, 120), pen_frames(1, 160, 80), teacher, plan, report.append)
    assert [line.split()[1] for line in report] == ["1/3", "2/3", "3/3"]
    tuned = DigitCnn(export_onnx(network), 1.0)
    rng = np.random.default_rng(7)
    other_mirrored, digits, signs = mirrored(5, 200), draw_pen_digits(rng, 200), draw_pen_signs(rng, 100)
    before, after = (
        [share_right(each, samples) for samples in (other_mirrored, digits, signs)] for each in (teacher, tuned)
    )
    assert after[0] > before[0] + 0.4
    assert after[1] > before[1] - 0.05
    assert after[2] > before[2] - 0.05
