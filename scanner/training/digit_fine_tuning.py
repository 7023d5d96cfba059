"""Train a digit CNN further on few digits, without forgetting the others.

Shown nothing but a few hundred digits of one hand, a network soon reads this hand better and all others worse.  So
other things are shown in between, of which the network is to say what it said before: its logits are to stay those of
the network as it was (Buzzega et al., "Dark experience for general continual learning", NeurIPS 2020).  What such a
thing is need not be known.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from scanner.training.digit_augmentation import AugmentationStrength, augment_frames
from scanner.types import DIGIT_CLASS_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from scanner.datasets.data_folder import DigitSamples
    from scanner.recognition.digit_classifier import DigitCnn
    from scanner.types import Image

_NO_LABEL = -1
"""Stands for the label of a frame of which the network is to say what it said before."""


@dataclass(frozen=True, slots=True)
class FineTuningPlan:
    """Hyperparameters of fine-tuning."""

    seed: int = 1
    epochs: int = 3
    batch_size: int = 64
    peak_learning_rate: float = 1e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    weight_decay: float = 1e-4
    warm_up_share: float = 0.1
    """Share of the steps in which the learning rate rises."""
    memory_weight: float = 0.3
    """Weight of the mean squared change of the logits of what is to be remembered; that of the cross entropy of what is
    to be learned is 1."""
    learned_share: float = 0.3
    """Share of what is to be learned in an epoch; it is repeated as often as that takes."""

    def times_shown(self, learned: DigitSamples, remembered: Image) -> int:
        """How often in an epoch each of the samples to be learned is shown; at least once."""
        wanted = self.learned_share / (1 - self.learned_share) * len(remembered)
        return max(round(wanted / len(learned.labels)), 1)


def fine_tune(
    network: keras.Model,
    learned: DigitSamples,
    remembered: Image,
    teacher: DigitCnn,
    plan: FineTuningPlan,
    report_line: Callable[[str], None],
) -> None:
    """Train a network further.

    Args:
        network: from :func:`scanner.training.digit_cnn.load_network`; changed in place.
        learned: what it is to learn.
        remembered: frames of which it is to say what it said before, shape (N, 28, 28).
        teacher: the network as it was.
        plan: seed and hyperparameters.
        report_line: called with each line of progress.
    """
    keras.utils.set_random_seed(plan.seed)
    for layer in network.layers:
        # Dropout would have each of the logits differ from those to be remembered.
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    batches = RememberingBatches(learned, remembered, teacher, plan)
    steps = len(batches) * plan.epochs
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=plan.peak_learning_rate, warmup_steps=round(plan.warm_up_share * steps)
    )
    network.compile(keras.optimizers.AdamW(rate, weight_decay=plan.weight_decay), _loss(plan.memory_weight))
    started = time.monotonic()

    def report(epoch: int, logs: dict[str, float]) -> None:
        seconds = time.monotonic() - started
        report_line(f"epoch {epoch + 1}/{plan.epochs}  loss {logs['loss']:.4f}  {seconds:.0f} s")

    network.fit(
        batches,
        epochs=plan.epochs,
        # The batches are shuffled already, by the seed.
        shuffle=False,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=report)],
    )


class RememberingBatches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Batches of an epoch, shuffled and augmented differently in each; the same for the same seed.

    The targets, shape (N, DIGIT_CLASS_COUNT + 1), are the logits of the teacher, then the label or ``_NO_LABEL``.
    """

    def __init__(self, learned: DigitSamples, remembered: Image, teacher: DigitCnn, plan: FineTuningPlan) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=16)
        repeats = plan.times_shown(learned, remembered)
        self._frames = np.concatenate([remembered, *[learned.frames] * repeats])
        self._labels = np.concatenate([np.full(len(remembered), _NO_LABEL), *[learned.labels] * repeats])
        self._teacher, self._plan = teacher, plan
        self._epoch = 0
        self._shuffle()

    def __len__(self) -> int:
        return len(self._labels) // self._plan.batch_size

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        chosen = self._order[index * self._plan.batch_size : (index + 1) * self._plan.batch_size]
        rng = np.random.default_rng((self._plan.seed, self._epoch, index))
        shown = augment_frames(self._frames[chosen], rng, AugmentationStrength())
        # The teacher reads frames of whole numbers, so the network is shown the same.
        frames = np.round(255 * shown).astype(np.uint8)
        targets = np.concatenate([self._teacher.logits(frames), self._labels[chosen, None]], axis=1)
        return frames[..., None].astype(np.float32) / np.float32(255), targets.astype(np.float32)

    def on_epoch_end(self) -> None:
        """Shuffle for the next epoch."""
        self._epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        self._order = np.random.default_rng((self._plan.seed, self._epoch)).permutation(len(self._labels))


def _loss(memory_weight: float) -> Callable[[Any, Any], Any]:
    ops = keras.ops

    def loss(targets: Any, logits: Any) -> Any:
        before, labels = targets[:, :DIGIT_CLASS_COUNT], ops.cast(targets[:, DIGIT_CLASS_COUNT], "int32")
        is_learned = labels != _NO_LABEL
        learned = -ops.sum(ops.one_hot(labels, DIGIT_CLASS_COUNT) * ops.log_softmax(logits), axis=-1)
        # What all logits have in common does not matter.
        change = _centered(logits) - _centered(before)
        return ops.where(is_learned, learned, memory_weight * ops.mean(ops.square(change), axis=-1))

    return loss


def _centered(logits: Any) -> Any:
    return logits - keras.ops.mean(logits, axis=-1, keepdims=True)
