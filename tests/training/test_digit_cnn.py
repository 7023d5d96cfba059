import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs
from scanner.training.digit_samples import TrainingSet

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

from scanner.training.digit_cnn import AugmentedBatches, DigitCnnPlan, accuracy, build_network, train

# TensorFlow's arrays do not know NumPy 2's copy keyword yet.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")

TINY = DigitCnnPlan(seed=5, epochs=1, batch_size=16, ema_momentum=0.5)


@pytest.fixture(scope="module")
def few() -> TrainingSet:
    rng = np.random.default_rng(0)
    return TrainingSet((draw_pen_digits(rng, 50), draw_pen_signs(rng, 20)), (1, 1))


def test_the_network_reads_frames_to_eleven_logits() -> None:
    network = build_network()
    assert network.input_shape == (None, 28, 28, 1)
    assert network.output_shape == (None, 11)
    assert 150_000 <= network.count_params() <= 300_000
    logits = network.predict(np.zeros((3, 28, 28, 1), np.float32), verbose=0)
    assert logits.shape == (3, 11)
    assert np.isfinite(logits).all()


def batches(
    training: TrainingSet, plan: DigitCnnPlan, epochs: int
) -> list[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    made = AugmentedBatches(*training.epoch_arrays(), plan)
    found = []
    for _ in range(epochs):
        found += [made[index] for index in range(len(made))]
        made.on_epoch_end()
    return found


def test_the_same_seed_gives_the_same_batches(few: TrainingSet) -> None:
    one, two = (batches(few, TINY, 2) for _ in range(2))
    assert len(one) == 2 * (70 // 16)
    for (frames, labels), (others, other_labels) in zip(one, two, strict=True):
        assert frames.shape == (16, 28, 28, 1)
        assert frames.dtype == np.float32
        assert np.array_equal(frames, others)
        assert np.array_equal(labels, other_labels)


def test_another_seed_and_the_next_epoch_give_others(few: TrainingSet) -> None:
    first, second = batches(few, TINY, 2)[0], batches(few, TINY, 2)[70 // 16]
    other = batches(few, DigitCnnPlan(seed=6, batch_size=16), 1)[0]
    assert not np.array_equal(first[0], second[0])
    assert not np.array_equal(first[0], other[0])


def test_no_frame_comes_twice_in_an_epoch(few: TrainingSet) -> None:
    frames, _ = few.epoch_arrays()
    by_place = AugmentedBatches(frames, np.arange(len(frames)), TINY)
    places = [place for index in range(len(by_place)) for place in by_place[index][1].tolist()]
    assert len(set(places)) == len(places) == 64


def test_trains_an_epoch_and_leaves_no_checkpoint(few: TrainingSet, tmp_path: Path) -> None:
    report: list[str] = []
    model = train(few, few.sources, TINY, tmp_path / "checkpoints", report.append)
    assert model.count_params() == build_network().count_params()
    assert 0 <= accuracy(model, few.sources[0]) <= 1
    assert any(line.startswith("epoch 1/1") for line in report)
    assert not [path for path in (tmp_path / "checkpoints").rglob("*") if path.is_file()]


def test_training_learns(few: TrainingSet, tmp_path: Path) -> None:
    losses: list[float] = []

    def note(line: str) -> None:
        if line.startswith("epoch"):
            losses.append(float(line.split("loss")[1].split()[0]))

    train(few, (), DigitCnnPlan(seed=1, epochs=4, batch_size=16, ema_momentum=0.5), tmp_path / "checkpoints", note)
    assert len(losses) == 4
    assert losses[-1] < losses[0]


def test_the_same_seed_trains_the_same(few: TrainingSet, tmp_path: Path) -> None:
    one, two = (train(few, (), TINY, tmp_path / name, lambda line: None) for name in "ab")
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-4)
