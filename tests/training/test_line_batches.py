import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanner.training.line_batches import LineBatches, bucket_indices, line_targets
from scanner.training.line_sets import LabelledLines, write_lines

Shard = Callable[..., Path]


@pytest.fixture
def shard(tmp_path: Path) -> Shard:
    """Writes a shard of two sets: dark lines of the text "1", and of the text "2" without separators."""

    def write(name: str, widths: tuple[int, ...] = (64,), real_text: str = "2") -> Path:
        images = tuple(np.full((32, width), 255, np.uint8) for width in widths)
        ids = np.arange(len(widths))
        for set_name, text in (("drawn", "1"), ("real", real_text)):
            lines = LabelledLines(set_name, images, (text,) * len(widths), set_name == "real", ids)
            write_lines(tmp_path / name, lines)
        return tmp_path / name

    return write


def batches(folder: Path, share: float = 0.25, left_out: frozenset[int] = frozenset(), seed: int = 1) -> LineBatches:
    return LineBatches([folder], {"drawn": share, "real": 1 - share}, {"real": left_out}, 64, seed)


def test_targets_hold_labels_and_lengths() -> None:
    targets = line_targets(["12,", ""], [False, True])
    assert targets.labels.tolist() == [[1, 2, 10], [0, 0, 0]]
    assert targets.lengths.tolist() == [3, 0]
    assert targets.separators_omitted.tolist() == [False, True]


def test_lines_go_to_the_narrowest_bucket_with_a_margin() -> None:
    assert bucket_indices([56, 57, 640]).tolist() == [0, 1, 8]


def test_batches_are_the_same_for_the_same_seed_and_step_wherever_they_are_made(shard: Shard) -> None:
    made = batches(shard("a"))
    elsewhere = pickle.loads(pickle.dumps(made))
    first, again, next_one, other_seed = made(5), elsewhere(5), made(6), batches(shard("b"), seed=2)(5)
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, next_one.images)
    assert not np.array_equal(first.images, other_seed.images)


def test_batches_mix_the_sets_by_share(shard: Shard) -> None:
    batch = batches(shard("a"))(0)
    assert batch.images.shape == (64, 32, 88)
    assert batch.images.dtype == np.uint8
    assert 0.5 < batch.targets.separators_omitted.mean() < 0.95
    assert set(batch.targets.labels[batch.targets.separators_omitted].ravel()) == {2}


def test_lines_left_out_are_not_drawn(shard: Shard) -> None:
    made = batches(shard("a", (64, 104)), left_out=frozenset({1}))
    for step in range(8):
        batch = made(step)
        if batch.images.shape[2] > 88:
            assert not batch.targets.separators_omitted.any()


def test_a_text_too_long_for_its_line_is_not_drawn(shard: Shard) -> None:
    assert not batches(shard("a", (16,), real_text="1" * 9))(0).targets.separators_omitted.any()
