"""Train the page network: network, loss, schedule."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import layers, ops

from scanner.layout.ink_classes import InkClass
from scanner.training import checkpoints
from scanner.training.page_samples import PagePatchBatches, ink_class_confusion, ink_class_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.training.page_samples import PageNetworkSample
    from scanner.types import Image

    ReportLine = Callable[[str], None]

LOSS_WEIGHTS = {
    InkClass.DIGIT: 3.0,
    InkClass.PRINT: 1.0,
    InkClass.WRITING: 1.3,
    InkClass.RULE: 0.5,
    InkClass.MARK: 1.2,
    InkClass.PRINTED_DIGIT: 2.0,
}
"""How much the ink of each kind counts in the loss: digits are what is looked for and the least of the ink, rules the
most of it and found without a network."""


def build_network() -> keras.Model:
    """The page network: pictures (N, H, W, 1) in 0-1, H and W multiples of 8 -> logits (N, H / 4, W / 4, kinds).

    Most of it works on an eighth of the resolution, where dilated convolutions
    (Yu & Koltun, "Multi-scale context aggregation by dilated convolutions",
    ICLR 2016) see the surroundings, some 14 character heights to either side;
    what they saw is added at a quarter of it, where characters still lie apart.
    Each answer of the eighth is given to four cells as it is: a convolution that
    spreads it, transposed, costs OpenCV as much as two at its resolution.
    """

    def convolution(x: Any, filters: int, strides: int = 1, dilation: int = 1) -> Any:
        padding = "same"
        if strides != 1 or dilation != 1:
            # OpenCV pads a strided "same" on other sides than TensorFlow does, and TensorFlow trains no dilated one on
            # pages of one size after another: the padding is written out.
            x, padding = layers.ZeroPadding2D(dilation)(x), "valid"
        x = layers.Conv2D(filters, 3, strides, padding=padding, dilation_rate=dilation, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.98, epsilon=1e-3)(x)
        return layers.Activation("relu")(x)

    def residual(x: Any, dilation: int = 1) -> Any:
        return layers.Add()([x, convolution(x, x.shape[-1], dilation=dilation)])

    page = keras.Input((None, None, 1), name="page")
    x = convolution(page, 16, strides=2)
    x = convolution(x, 24, strides=2)
    x = convolution(x, _QUARTER_RESOLUTION_CHANNELS)
    near = residual(x)
    x = convolution(near, _EIGHTH_RESOLUTION_CHANNELS, strides=2)
    for dilation in (1, 2, 4, 8, 2):
        x = residual(x, dilation)
    far = layers.UpSampling2D(2)(layers.Conv2D(_QUARTER_RESOLUTION_CHANNELS, 1)(x))
    x = residual(layers.Add()([near, far]))
    x = layers.SpatialDropout2D(0.05)(x)
    return keras.Model(page, layers.Conv2D(len(InkClass), 1, name="logits")(x), name="pages")


_SIGN_NEIGHBOURHOOD_CELLS = (5, 13)
"""Rows and columns of cells around a sign in which there is a digit if it stands in or by a number: its height to
either side, and half of it above and below."""
_DIGIT_NEIGHBOURHOOD_CELLS = (3, 7)
"""... and around a digit, in which there is a sign or a mark."""
_SIGN_BY_DIGITS_FACTOR, _MARK_BY_DIGITS_FACTOR, _DIGIT_BY_SIGNS_FACTOR = 2.5, 2.5, 2.0
"""How many times as much such ink counts: a slash or a parenthesis has little of it, and taken for a 1 makes of two
numbers one, or another."""
_QUARTER_RESOLUTION_CHANNELS, _EIGHTH_RESOLUTION_CHANNELS = 32, 64
"""Channels at a quarter and at an eighth of the resolution."""


def ink_class_loss(class_amounts: Any, logits: Any) -> Any:
    """Cross-entropy of what the ink of each cell is, by the amount of ink and ``LOSS_WEIGHTS``; paper says nothing.

    Signs and marks that stand by digits count more, and digits that stand by them.

    Args:
        class_amounts: shape (N, H, W, kinds), how much of each cell is ink of each kind, 0-1.
        logits: shape (N, H, W, kinds).

    Returns:
        A scalar: the mean over the ink of the whole batch, so that a cut that is all but empty counts for little.
    """
    weighted = (
        class_amounts
        * np.array([LOSS_WEIGHTS[kind] for kind in InkClass], np.float32)
        * _neighbour_weights(class_amounts)
    )
    lost = -ops.sum(weighted * ops.log_softmax(logits, axis=-1))
    return lost / ops.maximum(ops.sum(weighted), 1.0)


def _neighbour_weights(votes: Any) -> Any:
    """How much more the ink of each cell counts for what stands beside it; of the shape of the votes."""
    signs = votes[..., InkClass.WRITING : InkClass.WRITING + 1]
    marks = votes[..., InkClass.MARK : InkClass.MARK + 1]
    by_digits = ops.max_pool(
        votes[..., InkClass.DIGIT : InkClass.DIGIT + 1], _SIGN_NEIGHBOURHOOD_CELLS, strides=1, padding="same"
    )
    by_signs = ops.minimum(ops.max_pool(signs + marks, _DIGIT_NEIGHBOURHOOD_CELLS, strides=1, padding="same"), 1.0)
    one = ops.ones_like(signs)
    more = {
        InkClass.DIGIT: 1 + (_DIGIT_BY_SIGNS_FACTOR - 1) * by_signs,
        InkClass.WRITING: 1 + (_SIGN_BY_DIGITS_FACTOR - 1) * by_digits,
        InkClass.MARK: 1 + (_MARK_BY_DIGITS_FACTOR - 1) * by_digits,
    }
    return ops.concatenate([more.get(kind, one) for kind in InkClass], axis=-1)


@dataclass(frozen=True, slots=True)
class PageNetworkPlan:
    """What a training run does; the defaults take two cores about an hour."""

    pages: int = 1_500
    """To cut from; they take two gigabytes and a half."""
    watched: int = 24
    """Pages held aside, looked at now and then."""
    scored: int = 60
    """Pages held aside, for the card."""
    epochs: int = 40
    steps: int = 100
    """Batches in an epoch."""
    batch: int = 12
    crop: tuple[int, int] = (384, 512)
    """Rows and columns of a cut: as far as the cell in its middle sees, a fifth of a page."""
    peak_rate: float = 2e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    weight_decay: float = 1e-3
    warm_up: float = 0.03
    """Share of the steps in which the rate rises."""
    average: float = 0.998
    """Momentum of the moving average of the weights, which is what is exported."""
    processes: int = 2


def train(
    pages: Sequence[PageNetworkSample],
    validation_pages: Sequence[PageNetworkSample],
    seed: int,
    plan: PageNetworkPlan,
    checkpoint_folder: Path,
    report_line: ReportLine,
) -> keras.Model:
    """Train the network; goes on from the last epoch in ``checkpoint_folder`` if there is one.

    Args:
        pages: to learn from.
        validation_pages: to watch, not to choose by.
        seed: the same seed gives the same batches.
        plan: the schedule.
        checkpoint_folder: for the state after each epoch.
        report_line: told one line at a time.
    """
    keras.utils.set_random_seed(seed)
    model, done = checkpoints.load_checkpoint(checkpoint_folder, ink_class_loss)
    if model is None:
        model = _compile_network(plan)
    report_line(
        f"{model.count_params():,} parameters, {plan.epochs} epochs of {plan.batch * plan.steps:,} cuts, {done} done"
    )
    crops = PagePatchBatches(pages, plan.batch, plan.crop)
    started = time.monotonic()
    for epoch in range(done, plan.epochs):
        loss = checkpoints.train_epoch(model, crops.make_batch, (seed, epoch), plan.steps, max(plan.processes // 2, 1))
        checkpoints.save_checkpoint(model, checkpoint_folder, epoch + 1)
        line = f"epoch {epoch + 1}/{plan.epochs}  loss {loss:.4f}  {time.monotonic() - started:.0f} s"
        if validation_pages and (epoch % 5 == 4 or epoch + 1 == plan.epochs):
            scores = ink_class_scores(ink_class_confusion(lambda shown: _page_logits(model, shown), validation_pages))
            line += "".join(f"  {name} {score:.1%}" for name, score in scores.items() if name.startswith("digit "))
        report_line(line)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


def _compile_network(plan: PageNetworkPlan) -> keras.Model:
    model = build_network()
    steps = plan.epochs * plan.steps
    rates = (plan.peak_rate, plan.warm_up, plan.weight_decay, plan.average)
    model.compile(checkpoints.build_optimizer(steps, *rates, global_clipnorm=_MAX_GRADIENT_NORM), ink_class_loss)
    return model


_MAX_GRADIENT_NORM = 5.0
"""The gradient as a whole is cut to this length, so that one odd batch does not undo many."""


def _page_logits(model: keras.Model, shown: Image) -> NDArray[np.float32]:
    """What the network says of one page, whatever its size."""
    # Called, not asked to predict: that would compile it anew for each size.
    said = model(shown[None, :, :, None].astype(np.float32) / 255, training=False)
    return np.asarray(ops.convert_to_numpy(said)[0], np.float32)
