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

    Batch = tuple[NDArray[np.float32], NDArray[np.float32]]

_AHEAD = 4
"""Batches that wait for the network, for each thread that makes them."""


def optimizer(
    steps: int, peak_rate: float, warm_up: float, weight_decay: float, average: float, **clipping: float
) -> keras.optimizers.AdamW:
    """AdamW whose rate rises and then falls along a cosine, with a moving average of the weights.

    Args:
        steps: in the whole run.
        peak_rate: learning rate after the warm-up.
        warm_up: share of the steps in which the rate rises.
        weight_decay: of AdamW.
        average: momentum of the moving average.
        clipping: how gradients are cut, as Keras names it.
    """
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=peak_rate, warmup_steps=round(warm_up * steps)
    )
    return keras.optimizers.AdamW(rate, weight_decay=weight_decay, use_ema=True, ema_momentum=average, **clipping)


def resumed(checkpoints: Path, loss: Callable[[Any, Any], Any]) -> tuple[keras.Model | None, int]:
    """The state after the last round, and how many are done; None and 0 if none is."""
    saved = sorted(checkpoints.glob("*.keras"))
    if not saved:
        return None, 0
    return keras.models.load_model(saved[-1], custom_objects={loss.__name__: loss}), int(saved[-1].stem)


def save(model: keras.Model, checkpoints: Path, done: int) -> None:
    """Keep the state after ``done`` rounds."""
    checkpoints.mkdir(parents=True, exist_ok=True)
    model.save(checkpoints / f"{done:04}.keras")


def forget(checkpoints: Path) -> None:
    """Remove the states of a run that is over."""
    for state in checkpoints.iterdir():
        state.unlink()
    checkpoints.rmdir()


def train_round(
    model: keras.Model,
    make: Callable[[np.random.Generator], Batch],
    key: tuple[int, int],
    steps: int,
    threads: int,
) -> float:
    """Train on ``steps`` batches, made ahead in threads.

    Args:
        model: compiled.
        make: gives a batch and what to say of it; of the generator alone.
        key: seed and round: the same give the same batches.
        steps: at least 1.
        threads: that make batches.

    Returns:
        The mean loss.
    """
    total = 0.0
    with ThreadPoolExecutor(threads) as pool:

        def begin(step: int) -> Future[Batch]:
            return pool.submit(make, np.random.default_rng((*key, step)))

        ahead = [begin(step) for step in range(min(_AHEAD * threads, steps))]
        for step in range(steps):
            shown, targets = ahead.pop(0).result()
            if step + _AHEAD * threads < steps:
                ahead.append(begin(step + _AHEAD * threads))
            model.reset_metrics()
            total += float(model.train_on_batch(shown, targets))
    return total / steps
