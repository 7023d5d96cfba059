from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

import keras

from scanner.training import checkpoints

# TensorFlow's arrays do not know NumPy 2's copy keyword yet.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


def off(true: NDArray[np.float32], predicted: NDArray[np.float32]) -> NDArray[np.float32]:
    distance: NDArray[np.float32] = keras.ops.mean(keras.ops.abs(true - predicted))
    return distance


def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    number = keras.Input((1,))
    made = keras.Model(number, keras.layers.Dense(1, kernel_initializer="zeros")(number))
    made.compile(keras.optimizers.SGD(0.0), off)
    return made


def test_a_round_sees_every_batch_once_and_in_order() -> None:
    drawn = []

    def make(rng: np.random.Generator) -> checkpoints.TrainingBatch:
        drawn.append(float(rng.random()))
        return np.ones((1, 1), np.float32), np.full((1, 1), drawn[-1], np.float32)

    loss = checkpoints.train_epoch(model(), make, (7, 2), 11, threads=1)
    expected = [float(np.random.default_rng((7, 2, step)).random()) for step in range(11)]
    assert drawn == expected
    assert loss == pytest.approx(np.mean(expected), rel=1e-5)


def test_the_last_state_is_gone_on_with_and_forgotten_in_the_end(tmp_path: Path) -> None:
    checkpoint_folder = tmp_path / "checkpoints" / "some"
    assert checkpoints.load_checkpoint(checkpoint_folder, off) == (None, 0)
    made = model()
    checkpoints.save_checkpoint(made, checkpoint_folder, 1)
    made.layers[-1].set_weights([np.full((1, 1), 5.0), np.zeros(1)])
    checkpoints.save_checkpoint(made, checkpoint_folder, 2)
    found, done = checkpoints.load_checkpoint(checkpoint_folder, off)
    assert done == 2
    assert found is not None
    assert float(found(np.ones((1, 1), np.float32))[0, 0]) == 5.0
    checkpoints.delete_checkpoints(checkpoint_folder)
    assert not checkpoint_folder.exists()
