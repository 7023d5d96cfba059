"""The optimizer, training epochs with prefetched batches, and checkpoints to resume training from."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from numpy.typing import NDArray

    TrainingBatch = tuple[NDArray[np.float32], NDArray[np.float32]]

CHECKPOINTS_FOLDER = Path("checkpoints")
"""Folder of all checkpoints, below the current one; a training run that ends removes its own."""

_PREFETCHED_BATCHES_PER_THREAD = 4
"""Batches kept ready for the network per thread that makes them; a choice."""


def build_optimizer(
    steps: int,
    peak_learning_rate: float,
    warm_up_share: float,
    weight_decay: float,
    ema_momentum: float,
    **clipping: float,
) -> keras.optimizers.AdamW:
    """AdamW with linear warm-up, cosine decay and a moving average of the weights.

    Args:
        steps: batches in the whole training run.
        peak_learning_rate: learning rate after the warm-up.
        warm_up_share: share of the steps in which the learning rate rises, 0-1.
        weight_decay: of AdamW.
        ema_momentum: momentum of the moving average.
        clipping: Keras's option for clipping gradients, such as ``clipnorm``.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=peak_learning_rate, warmup_steps=round(warm_up_share * steps)
    )
    return keras.optimizers.AdamW(rate, weight_decay=weight_decay, use_ema=True, ema_momentum=ema_momentum, **clipping)


def load_checkpoint(checkpoint_folder: Path, loss: Callable[[Any, Any], Any]) -> tuple[keras.Model | None, int]:
    """Load the model as it was after the last epoch, and the number of epochs done; None and 0 without checkpoints."""
    saved = sorted(checkpoint_folder.glob("*.keras"))
    if not saved:
        return None, 0
    return keras.models.load_model(saved[-1], custom_objects={loss.__name__: loss}), int(saved[-1].stem)


def save_checkpoint(model: keras.Model, checkpoint_folder: Path, epochs_done: int) -> None:
    """Save the model as it is after ``epochs_done`` epochs."""
    checkpoint_folder.mkdir(parents=True, exist_ok=True)
    model.save(checkpoint_folder / f"{epochs_done:04}.keras")


def delete_checkpoints(checkpoint_folder: Path) -> None:
    """Delete the checkpoints of a training run that has ended."""
    for checkpoint in checkpoint_folder.iterdir():
        checkpoint.unlink()
    checkpoint_folder.rmdir()


def train_epoch(
    model: keras.Model,
    make_batch: Callable[[np.random.Generator], TrainingBatch],
    seed_and_epoch: tuple[int, int],
    steps: int,
    threads: int,
) -> float:
    """Train on ``steps`` batches, which threads make in advance.

    Args:
        model: compiled.
        make_batch: returns inputs and targets that depend on nothing but the generator it is given.
        seed_and_epoch: the same pair gives the same batches.
        steps: at least 1.
        threads: number of threads that make batches.

    Returns:
        The mean loss of the batches.
    """
    total = 0.0
    with ThreadPoolExecutor(threads) as pool:

        def submit(step: int) -> Future[TrainingBatch]:
            return pool.submit(make_batch, np.random.default_rng((*seed_and_epoch, step)))

        prefetched = min(_PREFETCHED_BATCHES_PER_THREAD * threads, steps)
        pending = deque(submit(step) for step in range(prefetched))
        for step in range(steps):
            inputs, targets = pending.popleft().result()
            if step + prefetched < steps:
                pending.append(submit(step + prefetched))
            model.reset_metrics()
            total += float(model.train_on_batch(inputs, targets))
    return total / steps
