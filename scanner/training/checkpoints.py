"""Rounds of training: batches made ahead, the state saved after each, gone on with where it was broken off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from numpy.typing import NDArray

    TrainingBatch = tuple[NDArray[np.float32], NDArray[np.float32]]

_PREFETCHED_BATCHES_PER_THREAD = 4
"""Batches that wait for the network, for each thread that makes them."""


def build_optimizer(
    steps: int,
    peak_learning_rate: float,
    warm_up_share: float,
    weight_decay: float,
    ema_momentum: float,
    **clipping: float,
) -> keras.optimizers.AdamW:
    """AdamW whose rate rises and then falls along a cosine, with a moving average of the weights.

    Args:
        steps: in the whole run.
        peak_learning_rate: learning rate after the warm-up.
        warm_up_share: share of the steps in which the rate rises.
        weight_decay: of AdamW.
        ema_momentum: momentum of the moving average.
        clipping: how gradients are cut, as Keras names it.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=peak_learning_rate, warmup_steps=round(warm_up_share * steps)
    )
    return keras.optimizers.AdamW(rate, weight_decay=weight_decay, use_ema=True, ema_momentum=ema_momentum, **clipping)


def load_checkpoint(checkpoint_folder: Path, loss: Callable[[Any, Any], Any]) -> tuple[keras.Model | None, int]:
    """The state after the last round, and how many are done; None and 0 if none is."""
    saved = sorted(checkpoint_folder.glob("*.keras"))
    if not saved:
        return None, 0
    return keras.models.load_model(saved[-1], custom_objects={loss.__name__: loss}), int(saved[-1].stem)


def save_checkpoint(model: keras.Model, checkpoint_folder: Path, epochs_done: int) -> None:
    """Keep the state after ``epochs_done`` rounds."""
    checkpoint_folder.mkdir(parents=True, exist_ok=True)
    model.save(checkpoint_folder / f"{epochs_done:04}.keras")


def delete_checkpoints(checkpoint_folder: Path) -> None:
    """Remove the states of a run that is over."""
    for state in checkpoint_folder.iterdir():
        state.unlink()
    checkpoint_folder.rmdir()


def train_epoch(
    model: keras.Model,
    make_batch: Callable[[np.random.Generator], TrainingBatch],
    seed_and_epoch: tuple[int, int],
    steps: int,
    threads: int,
) -> float:
    """Train on ``steps`` batches, made ahead in threads.

    Args:
        model: compiled.
        make_batch: gives a batch and what to say of it; of the generator alone.
        seed_and_epoch: seed and round: the same give the same batches.
        steps: at least 1.
        threads: that make batches.

    Returns:
        The mean loss.
    """
    total = 0.0
    with ThreadPoolExecutor(threads) as pool:

        def begin(step: int) -> Future[TrainingBatch]:
            return pool.submit(make_batch, np.random.default_rng((*seed_and_epoch, step)))

        ahead = [begin(step) for step in range(min(_PREFETCHED_BATCHES_PER_THREAD * threads, steps))]
        for step in range(steps):
            shown, targets = ahead.pop(0).result()
            if step + _PREFETCHED_BATCHES_PER_THREAD * threads < steps:
                ahead.append(begin(step + _PREFETCHED_BATCHES_PER_THREAD * threads))
            model.reset_metrics()
            total += float(model.train_on_batch(shown, targets))
    return total / steps
