"""Train the number reader: data, network, loss, schedule."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import layers, ops

from scanner.datasets import labelled
from scanner.datasets.number_material import load_number_material
from scanner.datasets.page_material import find_training_fonts, load_handwriting
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
from scanner.recognition.line_image import BUCKET_WIDTHS, LINE_HEIGHT, WIDTH_MULTIPLE
from scanner.training import checkpoints
from scanner.training.line_samples import (
    MAX_LABELS,
    LabelledLines,
    LineBatches,
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
    """What a training run does; the defaults take two cores about an hour."""

    strings: int = 60_000
    """Synthetic lines."""
    copies: int = 8
    """Of every real line, cut anew."""
    spliced: int = 20_000
    """Lines put together from two cheques."""
    pages: int = 0
    """Synthesised pages whose runs are lines to learn from: some twenty to the page."""
    epochs: int = 40
    steps: int = 500
    """Batches in an epoch."""
    batch: int = 64
    peak_rate: float = 2e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    weight_decay: float = 2e-3
    warm_up: float = 0.04
    """Share of the steps in which the rate rises."""
    average: float = 0.998
    """Momentum of the moving average of the weights, which is what is exported."""
    runs: float = 0.0
    """Share of lines from pages."""
    real_first: float = 0.25
    real_last: float = 0.65
    """Share of real lines among the others at the start and at the end of the run; it rises in a straight line."""
    suspects: float = 0.035
    """Share of the cheques and of the logbook cells left out as probably mislabelled: those the network finds least
    likely, judged anew after each epoch ..."""
    suspect_from: float = 0.4
    """... from this share of the run on, when it can read and has not learnt them by heart."""
    processes: int = 2


TEXT_LINE_READER_PLAN = LineReaderPlan(strings=30_000, copies=4, spliced=8_000, pages=3_000, runs=0.7)
"""The plan of the reader of runs on pages."""


def build_network() -> keras.Model:
    """The number reader: lines (N, 32, W, 1) in 0-1, W a multiple of 8 -> logits (N, W / 4, CLASSES).

    Convolutions down to one row, then three wide ones along the line that let each
    step see its neighbours, the last one two digits to either side; no recurrence, so that it runs anywhere (after Shi,
    Bai & Yao, "An end-to-end trainable neural network for image-based sequence
    recognition", 2017, with convolutions in place of the LSTM).
    """

    def convolution(
        x: Any, filters: int, size: Any = 3, strides: Any = 1, padding: str = "same", dilation: Any = 1
    ) -> Any:
        if strides != 1:
            # OpenCV pads a strided "same" on other sides than TensorFlow does: the padding is written out.
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
        # Written out here too: TensorFlow trains no "same" dilated convolution on lines of one width after another.
        wide = layers.ZeroPadding2D(((0, 0), (2 * dilation, 2 * dilation)))(x)
        x = layers.Add()([x, convolution(wide, 160, (1, 5), padding="valid", dilation=(1, dilation))])
    x = layers.Dropout(0.2)(x)
    x = layers.Conv2D(CLASS_COUNT, 1, name="logits")(x)
    return keras.Model(line, layers.Reshape((-1, CLASS_COUNT))(x), name="numbers")


def ctc_loss(targets: Any, logits: Any) -> Any:
    """Connectionist temporal classification (Graves et al., ICML 2006), separators ignored where they are unknown.

    Where a text leaves separators out, "separator", "break" and "blank" become one
    class: no sample then teaches that there is none.

    Args:
        targets: shape (N, LABELS + 2), rows of ``lines.target``.
        logits: shape (N, T, CLASSES).

    Returns:
        Shape (N,): negative log likelihood of each text.
    """
    labels = ops.cast(targets[:, :MAX_LABELS], "int32")
    lengths = ops.cast(targets[:, MAX_LABELS], "int32")
    steps = ops.zeros_like(lengths) + ops.shape(logits)[1]
    merged = ops.logsumexp(logits[..., DIGIT_COUNT:], axis=-1, keepdims=True)
    never = ops.zeros_like(logits[..., DIGIT_COUNT:BLANK_CLASS]) - _IMPOSSIBLE_LOGIT_OFFSET
    digits_only = ops.concatenate([logits[..., :DIGIT_COUNT], never, merged], axis=-1)
    logits = ops.where(targets[:, MAX_LABELS + 1][:, None, None] > 0, digits_only, logits)
    return ops.ctc_loss(labels, logits, lengths, steps, mask_index=BLANK_CLASS)


_IMPOSSIBLE_LOGIT_OFFSET = 1e4
"""Subtracted from a logit makes its probability 0, without infinities in the gradient."""


def predict_lines(
    model: keras.Model, lines: LabelledLines, batch: int = 128
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The logits (T, CLASSES) of each line with its index, in order of width."""
    widths = np.array([image.shape[1] for image in lines.images])
    buckets = np.searchsorted(BUCKET_WIDTHS, widths + WIDTH_MULTIPLE)
    for bucket in np.unique(buckets):
        members = np.flatnonzero(buckets == bucket)
        for start in range(0, len(members), batch):
            chosen = members[start : start + batch]
            # Always a full batch: another shape would be compiled anew.
            images = np.zeros((batch, LINE_HEIGHT, BUCKET_WIDTHS[bucket], 1), np.float32)
            for row, index in enumerate(chosen):
                images[row, :, : widths[index], 0] = lines.images[index] / np.float32(255)
            yield from zip(chosen.tolist(), ops.convert_to_numpy(model.predict_on_batch(images)), strict=False)


def accuracy(model: keras.Model, lines: LabelledLines, *, ignore_separators: bool) -> float:
    """Share of lines read right by the best path; separators left out of both texts if ``ignore_separators``."""
    right = 0
    passed_over = (*SEPARATOR_CLASSES, BREAK_CLASS) if ignore_separators else (BREAK_CLASS,)
    for index, logits in predict_lines(model, lines):
        text, truth = decode(greedy_labels(logits, passed_over)), lines.texts[index]
        right += text == ("".join(filter(str.isdigit, truth)) if ignore_separators else truth)
    return right / max(len(lines.texts), 1)


def line_losses(model: keras.Model, lines: LabelledLines) -> NDArray[np.float64]:
    """The loss of each line, shape (N,)."""
    found = np.zeros(len(lines.texts))
    pending: list[tuple[int, NDArray[np.float32]]] = []

    def settle() -> None:
        if pending:
            rows = [ctc_target(encode(lines.texts[i]), separators_omitted=lines.separators_omitted) for i, _ in pending]
            values = ctc_loss(ops.convert_to_tensor(np.stack(rows)), ops.convert_to_tensor([p for _, p in pending]))
            found[[i for i, _ in pending]] = ops.convert_to_numpy(values)
            pending.clear()

    for index, logits in predict_lines(model, lines):
        if pending and (len(logits) != len(pending[0][1]) or len(pending) == _LINES_PER_LOSS_BATCH):
            settle()
        pending.append((index, logits))
    settle()
    return found


_LINES_PER_LOSS_BATCH = 512
"""Lines whose loss is computed at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingLines:
    """What a reader learns from."""

    line_sets: tuple[LabelledLines, ...]
    """Runs and comb fields of pages, if there are any; synthetic lines; real ones, if there are any."""
    page_set_count: int
    """How many sets are of pages."""
    validation_sets: tuple[LabelledLines, ...]
    """Validation lines, to watch, not to choose by."""


def build_training_lines(folder: Path | None, seed: int, plan: LineReaderPlan) -> TrainingLines:
    """Put together and cut all lines of a run.

    Raises:
        DataError: if the folder lacks a source, or the fonts to print pages with are not installed.
        MissingPartError: if the digit or the page network is missing.
    """
    sets: list[LabelledLines] = []
    if plan.pages:
        drawn = load_handwriting(folder, seed, labelled.DataSplit.TRAIN)
        sets += make_text_line_samples(find_training_fonts(), drawn, seed, plan.pages, plan.processes)
    of_pages = len(sets)
    sets.append(synthesize_lines(load_number_material(folder, seed), plan.strings, seed, plan.processes))
    watched = []
    if folder is not None:
        train, watch, cut = (
            labelled.DataSplit.TRAIN,
            labelled.DataSplit.VALIDATION,
            partial(cut_real_lines, seed=seed, processes=plan.processes),
        )
        cheques = labelled.load_cheques(folder, train)
        sets += [
            cut("cheques", cheques, copies=plan.copies, separators_omitted=True),
            cut("clinic", labelled.load_clinic_cells(folder, train), copies=plan.copies, separators_omitted=False),
            splice_lines("spliced", cheques, seed, plan.spliced, plan.processes),
        ]
        watched = [
            cut("cheques", labelled.load_cheques(folder, watch), copies=0, separators_omitted=True),
            cut("clinic", labelled.load_clinic_cells(folder, watch), copies=0, separators_omitted=False),
        ]
    return TrainingLines(tuple(sets), of_pages, tuple(watched))


def train(
    training_lines: TrainingLines, seed: int, plan: LineReaderPlan, checkpoint_folder: Path, report_line: ReportLine
) -> keras.Model:
    """Train the network; goes on from the last epoch in ``checkpoint_folder`` if there is one.

    Args:
        training_lines: what to learn.
        seed: the same seed gives the same batches.
        plan: the schedule.
        checkpoint_folder: for the state after each epoch.
        report_line: told one line at a time.
    """
    keras.utils.set_random_seed(seed)
    model, done = checkpoints.load_checkpoint(checkpoint_folder, ctc_loss)
    if model is None:
        model = _compile_network(plan)
    report_line(
        f"{model.count_params():,} parameters, {plan.epochs} epochs of {plan.batch * plan.steps:,} lines, {done} done"
    )
    batches = LineBatches(training_lines.line_sets, encode, plan.batch)
    started = time.monotonic()
    for epoch in range(done, plan.epochs):
        progress = epoch / max(plan.epochs - 1, 1)
        dropped = (
            _leave_out_suspected_mislabels(model, training_lines, batches, plan) if progress >= plan.suspect_from else 0
        )
        make = partial(batches.make_batch, shares=_line_set_shares(training_lines, plan, progress))
        loss = checkpoints.train_epoch(model, make, (seed, epoch), plan.steps, max(plan.processes // 2, 1))
        checkpoints.save_checkpoint(model, checkpoint_folder, epoch + 1)
        line = f"epoch {epoch + 1}/{plan.epochs}  loss {loss:.4f}  {time.monotonic() - started:.0f} s"
        if epoch % 5 == 4 or epoch + 1 == plan.epochs:
            line += "".join(
                f"  {w.name} {accuracy(model, w, ignore_separators=True):.2%}" for w in training_lines.validation_sets
            )
        report_line(line + (f"  {dropped} left out" if dropped else ""))
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


def _compile_network(plan: LineReaderPlan) -> keras.Model:
    model = build_network()
    steps = plan.epochs * plan.steps
    rates = (plan.peak_rate, plan.warm_up, plan.weight_decay, plan.average)
    model.compile(checkpoints.build_optimizer(steps, *rates, clipnorm=_MAX_GRADIENT_NORM), ctc_loss)
    return model


_MAX_GRADIENT_NORM = 5.0
"""The gradient of each layer is cut to this length, so that one odd batch does not undo many."""


def _line_set_shares(lines: TrainingLines, plan: LineReaderPlan, progress: float) -> NDArray[np.float64]:
    """How often a line is from each set: of pages by their number, synthetic, the real ones by the root of theirs."""
    counts = np.array([len(part.texts) for part in lines.line_sets], np.float64)
    of_pages, real = counts[: lines.page_set_count], np.sqrt(counts[lines.page_set_count + 1 :])
    others = np.ones(1)
    if real.size:
        real_share = plan.real_first + (plan.real_last - plan.real_first) * progress
        others = np.concatenate([[1 - real_share], real_share * real / real.sum()])
    if not of_pages.size:
        return others
    return np.concatenate([plan.runs * of_pages / of_pages.sum(), (1 - plan.runs) * others])


_HAND_LABELLED_SETS = ("cheques", "clinic")
"""What is put together has the text it was put together from; people err."""


def _leave_out_suspected_mislabels(
    model: keras.Model, lines: TrainingLines, batches: LineBatches, plan: LineReaderPlan
) -> int:
    """Leave out the real pictures whose text the network finds least likely; how many they are."""
    dropped = 0
    for which, chosen in enumerate(lines.line_sets):
        if chosen.name in _HAND_LABELLED_SETS:
            uncut = _unvaried_lines(chosen)
            worst = np.argsort(line_losses(model, uncut))[::-1][: round(plan.suspects * len(uncut.texts))]
            batches.leave_out(which, uncut.source_ids[worst])
            dropped += len(worst)
    return dropped


def _unvaried_lines(lines: LabelledLines) -> LabelledLines:
    """Each picture once, as it is."""
    sources, first = np.unique(lines.source_ids, return_index=True)
    images, texts = tuple(lines.images[i] for i in first), tuple(lines.texts[i] for i in first)
    return LabelledLines(lines.name, images, texts, lines.separators_omitted, sources)
