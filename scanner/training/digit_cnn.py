"""The digit CNN: network, batches and training."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import layers

from scanner.image.digit_frame import FRAME_SIDE
from scanner.training.digit_augmentation import AugmentationStrength, augment_frames
from scanner.training.exported_keras_weights import load_exported_weights
from scanner.types import DIGIT_CLASS_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.datasets.data_folder import DigitSamples
    from scanner.training.digit_samples import TrainingSet


@dataclass(frozen=True, slots=True)
class DigitCnnPlan:
    """Hyperparameters of a training run."""

    seed: int = 1
    epochs: int = 18
    """About 35 minutes on two cores; the weights that ship had more, as their card says."""
    batch_size: int = 128
    peak_learning_rate: float = 2e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    resumed_rate_share: float = 0.5
    """Peak learning rate relative to the usual one where training begins with the weights of an earlier run, so that
    they are not forgotten.  A choice."""
    weight_decay: float = 1e-4
    warm_up_share: float = 0.05
    """Share of the steps in which the learning rate rises."""
    ema_momentum: float = 0.999
    """Momentum of the moving average of the weights, which is what is exported."""


def build_network() -> keras.Model:
    """The digit CNN: frames (N, 28, 28, 1) in 0-1 -> logits (N, DIGIT_CLASS_COUNT).

    Convolutions with batch normalization, the resolution halved twice by strides.  The dense layers see the whole
    7 x 7 map, because the position of a loop distinguishes a 6 from a 9.
    """

    def convolution(x: Any, filters: int, strides: int = 1) -> Any:
        x = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.98)(x)
        return layers.Activation("relu")(x)

    frame = keras.Input((FRAME_SIDE, FRAME_SIDE, 1), name="frame")
    x = convolution(frame, 16)
    x = convolution(x, 16)
    x = convolution(x, 40, strides=2)
    x = convolution(x, 40)
    x = convolution(x, 80, strides=2)
    x = convolution(x, 80)
    x = layers.Conv2D(24, 1, activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(72, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(frame, layers.Dense(DIGIT_CLASS_COUNT, name="logits")(x), name="digits")


def load_network(path: Path) -> keras.Model:
    """Load an exported digit CNN to train it further; see :func:`load_exported_weights`.

    Raises:
        DataError: if the file cannot be read, or is of another network.
    """
    network = build_network()
    load_exported_weights(network, path)
    return network


class AugmentedBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Batches of an epoch, shuffled and augmented differently in each; the same for the same seed."""

    def __init__(self, frames: NDArray[np.uint8], labels: NDArray[np.int64], plan: DigitCnnPlan) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=16)
        self._frames, self._labels, self._plan = frames, labels, plan
        self._epoch = 0
        self._shuffle()

    def __len__(self) -> int:
        return len(self._labels) // self._plan.batch_size

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        chosen = self._order[index * self._plan.batch_size : (index + 1) * self._plan.batch_size]
        rng = np.random.default_rng((self._plan.seed, self._epoch, index))
        return augment_frames(self._frames[chosen], rng, AugmentationStrength())[..., None], self._labels[chosen]

    def on_epoch_end(self) -> None:
        """Shuffle for the next epoch."""
        self._epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        self._order = np.random.default_rng((self._plan.seed, self._epoch)).permutation(len(self._labels))


def accuracy(model: keras.Model, samples: DigitSamples) -> float:
    """Share of frames classified correctly, 0-1."""
    logits = model.predict(samples.frames[..., None].astype(np.float32) / 255, batch_size=512, verbose=0)
    return float(np.mean(np.argmax(logits, axis=1) == samples.labels))


def _build_optimizer(plan: DigitCnnPlan, steps: int) -> keras.optimizers.AdamW:
    """AdamW with linear warm-up, cosine decay and a moving average of the weights, for a run of ``steps`` batches."""
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=plan.peak_learning_rate, warmup_steps=round(plan.warm_up_share * steps)
    )
    return keras.optimizers.AdamW(rate, weight_decay=plan.weight_decay, use_ema=True, ema_momentum=plan.ema_momentum)


def train(
    training: TrainingSet,
    validation: Sequence[DigitSamples],
    plan: DigitCnnPlan,
    checkpoint_folder: Path | None,
    report_line: Callable[[str], None],
    network: keras.Model | None = None,
) -> keras.Model:
    """Train the network, resuming after the last epoch in ``checkpoint_folder`` if there is one.

    Args:
        training: samples to train on.
        validation: samples scored after every fifth epoch, to monitor training; no decision depends on them.
        plan: seed and hyperparameters.
        checkpoint_folder: holds the state after each epoch, emptied at the end; None to keep none.
        report_line: called with each line of progress.
        network: what to train further, changed in place; None for a new one.
    """
    keras.utils.set_random_seed(plan.seed)
    frames, labels = training.epoch_arrays()
    batches = AugmentedBatches(frames, labels, plan)
    steps = len(batches) * plan.epochs
    model = build_network() if network is None else network
    model.compile(_build_optimizer(plan, steps), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    report_line(f"{model.count_params():,} parameters, {len(labels):,} frames an epoch, {plan.epochs} epochs")
    started = time.monotonic()

    def report(epoch: int, logs: dict[str, float]) -> None:
        line = f"epoch {epoch + 1}/{plan.epochs}  loss {logs['loss']:.4f}  {time.monotonic() - started:.0f} s"
        if epoch % 5 == 4:
            line += "".join(f"  {s.name} {accuracy(model, s):.2%}" for s in validation)
        report_line(line)

    model.fit(
        batches,
        epochs=plan.epochs,
        # The batches are shuffled already, by the seed.
        shuffle=False,
        verbose=0,
        callbacks=[
            *([] if checkpoint_folder is None else [keras.callbacks.BackupAndRestore(str(checkpoint_folder))]),
            keras.callbacks.LambdaCallback(on_epoch_end=report),
        ],
    )
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return model
