"""The line reader: training lines, network, loss and training."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import layers, ops

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.labelled_crops import load_cheques, load_clinic_cells
from scanner.datasets.number_sources import load_number_material
from scanner.datasets.page_sources import find_training_fonts, load_handwriting
from scanner.evaluation.ground_truth import keep_digits
from scanner.recognition.ctc import (
    BLANK_CLASS,
    BREAK_CLASS,
    CLASS_COUNT,
    DIGIT_COUNT,
    SEPARATOR_CLASSES,
    decode,
    encode,
    greedy_labels,
)
from scanner.recognition.line_image import BUCKET_WIDTHS, LINE_HEIGHT
from scanner.training import checkpoints
from scanner.training.number_line_samples import (
    MAX_LABELS,
    LabelledLines,
    LineBatches,
    bucket_indices,
    ctc_target,
    cut_real_lines,
    splice_lines,
    synthesize_lines,
)
from scanner.training.text_line_samples import make_text_line_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    ReportLine = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LineReaderPlan:
    """Hyperparameters of a training run; the defaults take about an hour on two cores."""

    synthetic_lines: int = 60_000
    copies_per_crop: int = 8
    """Varied copies of every real number crop."""
    spliced_lines: int = 20_000
    """Lines spliced from two cheques."""
    pages: int = 0
    """Synthetic pages whose text lines are trained on, about twenty per page."""
    epochs: int = 40
    steps_per_epoch: int = 500
    """Batches in an epoch."""
    batch_size: int = 64
    peak_learning_rate: float = 2e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    weight_decay: float = 2e-3
    warm_up_share: float = 0.04
    """Share of the steps in which the learning rate rises."""
    ema_momentum: float = 0.998
    """Momentum of the moving average of the weights, which is what is exported."""
    page_line_share: float = 0.0
    """Share of lines from pages."""
    first_real_share: float = 0.25
    """Share of real lines among those not from pages, in the first epoch; rises linearly to ``last_real_share``."""
    last_real_share: float = 0.65
    """Share of real lines among those not from pages, in the last epoch."""
    suspect_share: float = 0.035
    """Share of the cheques and of the logbook cells left out as probably mislabelled: those with the highest loss,
    determined again after each epoch."""
    suspects_from: float = 0.4
    """Share of the epochs after which suspects are left out: the network can read by then but has not memorized
    them."""
    processes: int = 2
    """Processes that make lines; half as many threads make batches."""


TEXT_LINE_READER_PLAN = LineReaderPlan(
    synthetic_lines=30_000, copies_per_crop=4, spliced_lines=8_000, pages=3_000, page_line_share=0.7
)
"""Hyperparameters of the reader of text lines on pages."""


def build_network() -> keras.Model:
    """The line reader: lines (N, 32, W, 1) in 0-1, W a multiple of 8 -> logits (N, W / 4, classes).

    Convolutions reduce the line to one row; three wide ones along the row then let each step see its neighbours, the
    last one two digits to either side.  After Shi, Bai & Yao, "An end-to-end trainable neural network for image-based
    sequence recognition", TPAMI 2017, with convolutions instead of the LSTM, so that every ONNX runtime can run it.
    """

    def convolution(
        x: Any, filters: int, size: Any = 3, strides: Any = 1, padding: str = "same", dilation: Any = 1
    ) -> Any:
        if strides != 1:
            # Explicit padding, because for "same" with strides OpenCV pads other sides than TensorFlow.
            x, padding = layers.ZeroPadding2D(1)(x), "valid"
        x = layers.Conv2D(filters, size, strides, padding=padding, dilation_rate=dilation, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.98)(x)
        return layers.Activation("relu")(x)

    line = keras.Input((LINE_HEIGHT, None, 1), name="line")
    x = convolution(line, 12)
    x = convolution(x, 24, strides=2)
    x = convolution(x, 24)
    x = convolution(x, 48, strides=2)
    x = convolution(x, 48)
    x = convolution(x, 80, strides=(2, 1))
    x = layers.SpatialDropout2D(0.05)(x)
    x = layers.ZeroPadding2D(((0, 0), (1, 1)))(x)
    x = convolution(x, 160, (LINE_HEIGHT // 8, 3), padding="valid")
    x = layers.Dropout(0.1)(x)
    for dilation in (1, 1, 2):
        # Explicit padding here too: TensorFlow cannot train dilated "same" convolutions on lines of different widths.
        wide = layers.ZeroPadding2D(((0, 0), (2 * dilation, 2 * dilation)))(x)
        x = layers.Add()([x, convolution(wide, 160, (1, 5), padding="valid", dilation=(1, dilation))])
    x = layers.Dropout(0.2)(x)
    x = layers.Conv2D(CLASS_COUNT, 1, name="logits")(x)
    return keras.Model(line, layers.Reshape((-1, CLASS_COUNT))(x), name="numbers")


def ctc_loss(targets: Any, logits: Any) -> Any:
    """CTC loss (Graves et al., ICML 2006) that ignores separators where the text leaves them out.

    For such texts the classes of separators, break and blank are merged into one, so that they do not teach the
    network that there is no separator.

    Args:
        targets: shape (N, MAX_LABELS + 2), rows of ``number_line_samples.ctc_target``.
        logits: shape (N, T, classes).

    Returns:
        Shape (N,): negative log likelihood of each text.
    """
    labels = ops.cast(targets[:, :MAX_LABELS], "int32")
    lengths = ops.cast(targets[:, MAX_LABELS], "int32")
    steps = ops.zeros_like(lengths) + ops.shape(logits)[1]
    merged = ops.logsumexp(logits[..., DIGIT_COUNT:], axis=-1, keepdims=True)
    impossible = ops.zeros_like(logits[..., DIGIT_COUNT:BLANK_CLASS]) - _IMPOSSIBLE_LOGIT_OFFSET
    digits_only = ops.concatenate([logits[..., :DIGIT_COUNT], impossible, merged], axis=-1)
    logits = ops.where(targets[:, MAX_LABELS + 1][:, None, None] > 0, digits_only, logits)
    return ops.ctc_loss(labels, logits, lengths, steps, mask_index=BLANK_CLASS)


_IMPOSSIBLE_LOGIT_OFFSET = 1e4
"""Offset that makes the probability of a class 0 without infinities in the gradient."""


def predict_lines(
    model: keras.Model, lines: LabelledLines, batch: int = 128
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Predict the logits (T, classes) of each line; yields them with the line's index, in order of width bucket."""
    buckets = bucket_indices(lines.images)
    for bucket in np.unique(buckets):
        members = np.flatnonzero(buckets == bucket)
        for start in range(0, len(members), batch):
            chosen = members[start : start + batch]
            # Always a full batch, because the model would be compiled again for another shape.
            images = np.zeros((batch, LINE_HEIGHT, BUCKET_WIDTHS[bucket], 1), np.float32)
            for row, index in enumerate(chosen):
                line = lines.images[index]
                images[row, :, : line.shape[1], 0] = line / np.float32(255)
            yield from zip(chosen.tolist(), ops.convert_to_numpy(model.predict_on_batch(images)), strict=False)


def accuracy(model: keras.Model, lines: LabelledLines, *, ignore_separators: bool) -> float:
    """Share of lines that greedy decoding reads exactly; without separators in both texts if ``ignore_separators``."""
    correct = 0
    excluded = (*SEPARATOR_CLASSES, BREAK_CLASS) if ignore_separators else (BREAK_CLASS,)
    for index, logits in predict_lines(model, lines):
        text, truth = decode(greedy_labels(logits, excluded)), lines.texts[index]
        correct += text == (keep_digits(truth) if ignore_separators else truth)
    return correct / max(len(lines.texts), 1)


def line_losses(model: keras.Model, lines: LabelledLines) -> NDArray[np.float64]:
    """Compute the loss of each line, shape (N,)."""
    losses = np.zeros(len(lines.texts))
    pending: list[tuple[int, NDArray[np.float32]]] = []

    def compute_pending() -> None:
        if pending:
            rows = [ctc_target(encode(lines.texts[i]), separators_omitted=lines.separators_omitted) for i, _ in pending]
            values = ctc_loss(ops.convert_to_tensor(np.stack(rows)), ops.convert_to_tensor([p for _, p in pending]))
            losses[[i for i, _ in pending]] = ops.convert_to_numpy(values)
            pending.clear()

    for index, logits in predict_lines(model, lines):
        if pending and (len(logits) != len(pending[0][1]) or len(pending) == _LINES_PER_LOSS_BATCH):
            compute_pending()
        pending.append((index, logits))
    compute_pending()
    return losses


_LINES_PER_LOSS_BATCH = 512
"""Lines whose loss is computed at a time; a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingLines:
    """The sets of lines that a reader is trained on."""

    line_sets: tuple[LabelledLines, ...]
    """Text lines and comb fields of pages, if any; then synthetic lines; then real lines, if any."""
    page_set_count: int
    """Number of sets of lines from pages, which come first."""
    validation_sets: tuple[LabelledLines, ...]
    """Lines to monitor training with; no decision depends on them."""


def build_training_lines(folder: Path | None, seed: int, plan: LineReaderPlan) -> TrainingLines:
    """Make all lines of a training run.

    Raises:
        DataError: if the folder lacks a source, or the fonts to print pages with are not installed.
        NotInstalledError: if the digit or the page network is missing.
    """
    sets: list[LabelledLines] = []
    if plan.pages:
        handwriting = load_handwriting(folder, seed, DataSplit.TRAIN)
        sets += make_text_line_samples(find_training_fonts(), handwriting, seed, plan.pages, plan.processes)
    page_set_count = len(sets)
    sets.append(synthesize_lines(load_number_material(folder, seed), plan.synthetic_lines, seed, plan.processes))
    validation_sets: list[LabelledLines] = []
    if folder is not None:
        sets += _real_lines(folder, DataSplit.TRAIN, seed, plan.copies_per_crop, plan.processes)
        cheques = load_cheques(folder, DataSplit.TRAIN)
        sets.append(splice_lines("spliced", cheques, seed, plan.spliced_lines, plan.processes))
        validation_sets += _real_lines(folder, DataSplit.VALIDATION, seed, 0, plan.processes)
    return TrainingLines(tuple(sets), page_set_count, tuple(validation_sets))


def _real_lines(folder: Path, split: DataSplit, seed: int, copies: int, processes: int) -> list[LabelledLines]:
    """The lines of cheques and of logbook cells."""
    cheques, cells = load_cheques(folder, split), load_clinic_cells(folder, split)
    return [
        cut_real_lines("cheques", cheques, seed, copies, separators_omitted=True, processes=processes),
        cut_real_lines("clinic", cells, seed, copies, separators_omitted=False, processes=processes),
    ]


def train(
    training_lines: TrainingLines, seed: int, plan: LineReaderPlan, checkpoint_folder: Path, report_line: ReportLine
) -> keras.Model:
    """Train the network, resuming after the last epoch in ``checkpoint_folder`` if there is one.

    Args:
        training_lines: lines to train on and to monitor training with.
        seed: the same seed gives the same batches.
        plan: hyperparameters.
        checkpoint_folder: holds the state after each epoch.
        report_line: called with each line of progress.
    """
    keras.utils.set_random_seed(seed)
    model, done = checkpoints.load_checkpoint(checkpoint_folder, ctc_loss)
    if model is None:
        model = _compile_network(plan)
    lines_per_epoch = plan.batch_size * plan.steps_per_epoch
    report_line(f"{model.count_params():,} parameters, {plan.epochs} epochs of {lines_per_epoch:,} lines, {done} done")
    batches = LineBatches(training_lines.line_sets, encode, plan.batch_size)
    threads = max(plan.processes // 2, 1)
    started = time.monotonic()
    for epoch in range(done, plan.epochs):
        progress = epoch / max(plan.epochs - 1, 1)
        left_out = 0
        if progress >= plan.suspects_from:
            left_out = _leave_out_suspected_mislabels(model, training_lines, batches, plan)
        make_batch = partial(batches.make_batch, shares=_line_set_shares(training_lines, plan, progress))
        loss = checkpoints.train_epoch(model, make_batch, (seed, epoch), plan.steps_per_epoch, threads)
        checkpoints.save_checkpoint(model, checkpoint_folder, epoch + 1)
        line = f"epoch {epoch + 1}/{plan.epochs}  loss {loss:.4f}  {time.monotonic() - started:.0f} s"
        if epoch % 5 == 4 or epoch + 1 == plan.epochs:
            line += "".join(
                f"  {lines.name} {accuracy(model, lines, ignore_separators=True):.2%}"
                for lines in training_lines.validation_sets
            )
        report_line(line + (f"  {left_out} left out" if left_out else ""))
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


def _compile_network(plan: LineReaderPlan) -> keras.Model:
    model = build_network()
    optimizer = checkpoints.build_optimizer(
        plan.epochs * plan.steps_per_epoch,
        plan.peak_learning_rate,
        plan.warm_up_share,
        plan.weight_decay,
        plan.ema_momentum,
        clipnorm=_MAX_GRADIENT_NORM,
    )
    model.compile(optimizer, ctc_loss)
    return model


_MAX_GRADIENT_NORM = 5.0
"""Norm to which the gradient of each weight tensor is clipped, so that one unusual batch does not undo many."""


def _line_set_shares(lines: TrainingLines, plan: LineReaderPlan, progress: float) -> NDArray[np.float64]:
    """Probability that a line is from each set: in proportion to size among page sets, to its root among real ones."""
    counts = np.array([len(line_set.texts) for line_set in lines.line_sets], np.float64)
    page_counts, real = counts[: lines.page_set_count], np.sqrt(counts[lines.page_set_count + 1 :])
    others = np.ones(1)
    if real.size:
        real_share = plan.first_real_share + (plan.last_real_share - plan.first_real_share) * progress
        others = np.concatenate([[1 - real_share], real_share * real / real.sum()])
    if not page_counts.size:
        return others
    page_shares = plan.page_line_share * page_counts / page_counts.sum()
    return np.concatenate([page_shares, (1 - plan.page_line_share) * others])


_HAND_LABELLED_SETS = ("cheques", "clinic")
"""Sets labelled by people, who make mistakes; the texts of all others are known."""


def _leave_out_suspected_mislabels(
    model: keras.Model, lines: TrainingLines, batches: LineBatches, plan: LineReaderPlan
) -> int:
    """Leave out the real images whose text has the highest loss; returns their number."""
    left_out = 0
    for set_index, line_set in enumerate(lines.line_sets):
        if line_set.name in _HAND_LABELLED_SETS:
            unvaried = _unvaried_lines(line_set)
            worst = np.argsort(line_losses(model, unvaried))[::-1][: round(plan.suspect_share * len(unvaried.texts))]
            batches.leave_out(set_index, unvaried.source_ids[worst])
            left_out += len(worst)
    return left_out


def _unvaried_lines(lines: LabelledLines) -> LabelledLines:
    """Only the first line of each image, which shows it unvaried."""
    sources, first = np.unique(lines.source_ids, return_index=True)
    images, texts = tuple(lines.images[i] for i in first), tuple(lines.texts[i] for i in first)
    return LabelledLines(lines.name, images, texts, lines.separators_omitted, sources)
