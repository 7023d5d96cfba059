"""The page network: network, loss and training."""

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
"""Weight of the ink of each class in the loss.  Digits weigh most: they are what is searched for and the rarest ink.
Rules weigh least: they are the most frequent ink and are found without a network."""


def build_network() -> keras.Model:
    """The page network: images (N, H, W, 1) in 0-1, H and W multiples of 8 -> logits (N, H / 4, W / 4, ink classes).

    Most layers work at an eighth of the resolution, where dilated convolutions (Yu & Koltun, "Multi-scale context
    aggregation by dilated convolutions", ICLR 2016) see some 14 character heights to either side.  Their output is
    added to features at a quarter of the resolution, where characters are still separate.  It is upsampled by
    repetition, because a transposed convolution would cost OpenCV as much as two convolutions at that resolution.
    """

    def convolution(x: Any, filters: int, strides: int = 1, dilation: int = 1) -> Any:
        padding = "same"
        if strides != 1 or dilation != 1:
            # Explicit padding: for "same" with strides OpenCV pads other sides than TensorFlow, and with dilation
            # TensorFlow cannot train on pages of different sizes in turn.
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
"""Rows and columns of cells around a sign or mark that hold a digit if it is next to a number: about a character height
to either side, and half of one above and below."""
_DIGIT_NEIGHBOURHOOD_CELLS = (3, 7)
"""Rows and columns of cells around a digit that hold a sign or mark if it is next to one."""
_SIGN_BY_DIGITS_FACTOR, _MARK_BY_DIGITS_FACTOR, _DIGIT_BY_SIGNS_FACTOR = 2.5, 2.5, 2.0
"""Factors in the loss for the ink of signs and marks next to digits, and of digits next to them.  A slash or a
parenthesis has little ink, but taken for a 1 it joins two numbers or changes one."""
_QUARTER_RESOLUTION_CHANNELS, _EIGHTH_RESOLUTION_CHANNELS = 32, 64
"""Channels at a quarter and at an eighth of the resolution; a choice."""


def ink_class_loss(class_amounts: Any, logits: Any) -> Any:
    """Cross-entropy of the ink classes, weighted by amount of ink and ``LOSS_WEIGHTS``; paper has no weight.

    Signs and marks next to digits, and digits next to them, weigh more.

    Args:
        class_amounts: shape (N, H, W, ink classes), share of each cell covered by ink of each class, 0-1.
        logits: shape (N, H, W, ink classes).

    Returns:
        A scalar: the mean over the ink of the whole batch, so that an almost empty patch has little weight.
    """
    class_weights = np.array([LOSS_WEIGHTS[ink_class] for ink_class in InkClass], np.float32)
    weighted = class_amounts * class_weights * _neighbour_weights(class_amounts)
    lost = -ops.sum(weighted * ops.log_softmax(logits, axis=-1))
    return lost / ops.maximum(ops.sum(weighted), 1.0)


def _neighbour_weights(class_amounts: Any) -> Any:
    """Factor of the ink of each cell due to its neighbours, shape (N, H, W, ink classes), at least 1."""
    signs = class_amounts[..., InkClass.WRITING : InkClass.WRITING + 1]
    marks = class_amounts[..., InkClass.MARK : InkClass.MARK + 1]
    by_digits = ops.max_pool(
        class_amounts[..., InkClass.DIGIT : InkClass.DIGIT + 1], _SIGN_NEIGHBOURHOOD_CELLS, strides=1, padding="same"
    )
    by_signs = ops.minimum(ops.max_pool(signs + marks, _DIGIT_NEIGHBOURHOOD_CELLS, strides=1, padding="same"), 1.0)
    one = ops.ones_like(signs)
    factors = {
        InkClass.DIGIT: 1 + (_DIGIT_BY_SIGNS_FACTOR - 1) * by_signs,
        InkClass.WRITING: 1 + (_SIGN_BY_DIGITS_FACTOR - 1) * by_digits,
        InkClass.MARK: 1 + (_MARK_BY_DIGITS_FACTOR - 1) * by_digits,
    }
    return ops.concatenate([factors.get(ink_class, one) for ink_class in InkClass], axis=-1)


@dataclass(frozen=True, slots=True)
class PageNetworkPlan:
    """Hyperparameters of a training run; the defaults take about an hour on two cores."""

    pages: int = 1_500
    """Synthetic pages that patches are cut from; they take 2.5 GB of memory."""
    validation_pages: int = 24
    """Held-out pages to monitor training with."""
    test_pages: int = 60
    """Held-out pages for the scores on the card."""
    epochs: int = 40
    steps_per_epoch: int = 100
    """Batches in an epoch."""
    batch_size: int = 12
    patch_shape: tuple[int, int] = (384, 512)
    """Rows and columns of a patch: the receptive field of its middle cell, a fifth of a page."""
    peak_learning_rate: float = 2e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    weight_decay: float = 1e-3
    warm_up_share: float = 0.03
    """Share of the steps in which the learning rate rises."""
    ema_momentum: float = 0.998
    """Momentum of the moving average of the weights, which is what is exported."""
    processes: int = 2
    """Processes that synthesize pages; half as many threads make batches."""


def train(
    pages: Sequence[PageNetworkSample],
    validation_pages: Sequence[PageNetworkSample],
    seed: int,
    plan: PageNetworkPlan,
    checkpoint_folder: Path,
    report_line: ReportLine,
) -> keras.Model:
    """Train the network, resuming after the last epoch in ``checkpoint_folder`` if there is one.

    Args:
        pages: pages to train on.
        validation_pages: pages to monitor training with; no decision depends on them.
        seed: the same seed gives the same batches.
        plan: hyperparameters.
        checkpoint_folder: holds the state after each epoch.
        report_line: called with each line of progress.
    """
    keras.utils.set_random_seed(seed)
    model, done = checkpoints.load_checkpoint(checkpoint_folder, ink_class_loss)
    if model is None:
        model = _compile_network(plan)
    patches_per_epoch = plan.batch_size * plan.steps_per_epoch
    report_line(
        f"{model.count_params():,} parameters, {plan.epochs} epochs of {patches_per_epoch:,} patches, {done} done"
    )
    batches = PagePatchBatches(pages, plan.batch_size, plan.patch_shape)
    threads = max(plan.processes // 2, 1)
    started = time.monotonic()
    for epoch in range(done, plan.epochs):
        loss = checkpoints.train_epoch(model, batches.make_batch, (seed, epoch), plan.steps_per_epoch, threads)
        checkpoints.save_checkpoint(model, checkpoint_folder, epoch + 1)
        line = f"epoch {epoch + 1}/{plan.epochs}  loss {loss:.4f}  {time.monotonic() - started:.0f} s"
        if validation_pages and (epoch % 5 == 4 or epoch + 1 == plan.epochs):
            scores = ink_class_scores(ink_class_confusion(lambda image: _page_logits(model, image), validation_pages))
            line += "".join(f"  {name} {score:.1%}" for name, score in scores.items() if name.startswith("digit "))
        report_line(line)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


def _compile_network(plan: PageNetworkPlan) -> keras.Model:
    model = build_network()
    optimizer = checkpoints.build_optimizer(
        plan.epochs * plan.steps_per_epoch,
        plan.peak_learning_rate,
        plan.warm_up_share,
        plan.weight_decay,
        plan.ema_momentum,
        global_clipnorm=_MAX_GRADIENT_NORM,
    )
    model.compile(optimizer, ink_class_loss)
    return model


_MAX_GRADIENT_NORM = 5.0
"""Norm to which the gradient of all weights together is clipped, so that one unusual batch does not undo many."""


def _page_logits(model: keras.Model, network_image: Image) -> NDArray[np.float32]:
    """The logits of one page of any size, shape (H / 4, W / 4, ink classes)."""
    # Called directly, because ``predict`` would compile the model again for each size.
    logits = model(network_image[None, :, :, None].astype(np.float32) / 255, training=False)
    return np.asarray(ops.convert_to_numpy(logits)[0], np.float32)
