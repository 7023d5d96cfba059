"""Train the number reader: data, network, loss, schedule."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import layers, ops

from scanner.ctc import BLANK, BREAK, CLASSES, DIGITS, SEPARATORS, best_labels, decode, encode
from scanner.line import BUCKETS, HEIGHT, STEP
from scanner.training import data, rounds
from scanner.training.lines import LABELS, Batches, Lines, material, real, spliced, synthetic, target
from scanner.training.pages import drawn_of, fonts_to_train
from scanner.training.runs import run_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
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


OF_RUNS = Plan(strings=30_000, copies=4, spliced=8_000, pages=3_000, runs=0.7)
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

    line = keras.Input((HEIGHT, None, 1), name="line")
    x = convolution(line, 12)
    x = convolution(x, 24, strides=2)
    x = convolution(x, 24)
    x = convolution(x, 48, strides=2)
    x = convolution(x, 48)
    x = convolution(x, 80, strides=(2, 1))
    x = layers.SpatialDropout2D(0.05)(x)
    x = layers.ZeroPadding2D(((0, 0), (1, 1)))(x)
    x = convolution(x, 160, (HEIGHT // 8, 3), padding="valid")
    x = layers.Dropout(0.1)(x)
    for dilation in (1, 1, 2):
        # Written out here too: TensorFlow trains no "same" dilated convolution on lines of one width after another.
        wide = layers.ZeroPadding2D(((0, 0), (2 * dilation, 2 * dilation)))(x)
        x = layers.Add()([x, convolution(wide, 160, (1, 5), padding="valid", dilation=(1, dilation))])
    x = layers.Dropout(0.2)(x)
    x = layers.Conv2D(CLASSES, 1, name="logits")(x)
    return keras.Model(line, layers.Reshape((-1, CLASSES))(x), name="numbers")


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
    labels = ops.cast(targets[:, :LABELS], "int32")
    lengths = ops.cast(targets[:, LABELS], "int32")
    steps = ops.zeros_like(lengths) + ops.shape(logits)[1]
    merged = ops.logsumexp(logits[..., DIGITS:], axis=-1, keepdims=True)
    never = ops.zeros_like(logits[..., DIGITS:BLANK]) - _NEVER
    digits_only = ops.concatenate([logits[..., :DIGITS], never, merged], axis=-1)
    logits = ops.where(targets[:, LABELS + 1][:, None, None] > 0, digits_only, logits)
    return ops.ctc_loss(labels, logits, lengths, steps, mask_index=BLANK)


_NEVER = 1e4
"""Subtracted from a logit makes its probability 0, without infinities in the gradient."""


def read_lines(model: keras.Model, lines: Lines, batch: int = 128) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The logits (T, CLASSES) of each line with its index, in order of width."""
    widths = np.array([image.shape[1] for image in lines.images])
    buckets = np.searchsorted(BUCKETS, widths + STEP)
    for bucket in np.unique(buckets):
        members = np.flatnonzero(buckets == bucket)
        for start in range(0, len(members), batch):
            chosen = members[start : start + batch]
            # Always a full batch: another shape would be compiled anew.
            images = np.zeros((batch, HEIGHT, BUCKETS[bucket], 1), np.float32)
            for row, index in enumerate(chosen):
                images[row, :, : widths[index], 0] = lines.images[index] / np.float32(255)
            yield from zip(chosen.tolist(), ops.convert_to_numpy(model.predict_on_batch(images)), strict=False)


def accuracy(model: keras.Model, lines: Lines, *, digits_only: bool) -> float:
    """Share of lines read right by the best path; separators left out of both texts if ``digits_only``."""
    right = 0
    passed_over = (*SEPARATORS, BREAK) if digits_only else (BREAK,)
    for index, logits in read_lines(model, lines):
        text, truth = decode(best_labels(logits, passed_over)), lines.texts[index]
        right += text == ("".join(filter(str.isdigit, truth)) if digits_only else truth)
    return right / max(len(lines.texts), 1)


def losses(model: keras.Model, lines: Lines) -> NDArray[np.float64]:
    """The loss of each line, shape (N,)."""
    found = np.zeros(len(lines.texts))
    pending: list[tuple[int, NDArray[np.float32]]] = []

    def settle() -> None:
        if pending:
            rows = [target(encode(lines.texts[i]), digits_only=lines.digits_only) for i, _ in pending]
            values = ctc_loss(ops.convert_to_tensor(np.stack(rows)), ops.convert_to_tensor([p for _, p in pending]))
            found[[i for i, _ in pending]] = ops.convert_to_numpy(values)
            pending.clear()

    for index, logits in read_lines(model, lines):
        if pending and (len(logits) != len(pending[0][1]) or len(pending) == _SETTLED):
            settle()
        pending.append((index, logits))
    settle()
    return found


_SETTLED = 512
"""Lines whose loss is computed at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingLines:
    """What a reader learns from."""

    sets: tuple[Lines, ...]
    """Runs and comb fields of pages, if there are any; synthetic lines; real ones, if there are any."""
    of_pages: int
    """How many sets are of pages."""
    watched: tuple[Lines, ...]
    """Validation lines, to watch, not to choose by."""


def training_lines(folder: Path | None, seed: int, plan: Plan) -> TrainingLines:
    """Put together and cut all lines of a run.

    Raises:
        DataError: if the folder lacks a source, or the fonts to print pages with are not installed.
        MissingPartError: if the digit or the page network is missing.
    """
    sets: list[Lines] = []
    if plan.pages:
        drawn = drawn_of(folder, seed, data.Part.TRAIN)
        sets += run_lines(fonts_to_train(), drawn, seed, plan.pages, plan.processes)
    of_pages = len(sets)
    sets.append(synthetic(material(folder, seed), plan.strings, seed, plan.processes))
    watched = []
    if folder is not None:
        train, watch, cut = data.Part.TRAIN, data.Part.VALIDATION, partial(real, seed=seed, processes=plan.processes)
        cheques = data.cheques(folder, train)
        sets += [
            cut("cheques", cheques, copies=plan.copies, digits_only=True),
            cut("clinic", data.clinic(folder, train), copies=plan.copies, digits_only=False),
            spliced("spliced", cheques, seed, plan.spliced, plan.processes),
        ]
        watched = [
            cut("cheques", data.cheques(folder, watch), copies=0, digits_only=True),
            cut("clinic", data.clinic(folder, watch), copies=0, digits_only=False),
        ]
    return TrainingLines(tuple(sets), of_pages, tuple(watched))


def train(lines: TrainingLines, seed: int, plan: Plan, checkpoints: Path, say: Say) -> keras.Model:
    """Train the network; goes on from the last epoch in ``checkpoints`` if there is one.

    Args:
        lines: what to learn.
        seed: the same seed gives the same batches.
        plan: the schedule.
        checkpoints: folder for the state after each epoch.
        say: told one line at a time.
    """
    keras.utils.set_random_seed(seed)
    model, done = rounds.resumed(checkpoints, ctc_loss)
    if model is None:
        model = _compiled(plan)
    say(f"{model.count_params():,} parameters, {plan.epochs} epochs of {plan.batch * plan.steps:,} lines, {done} done")
    batches = Batches(lines.sets, encode, plan.batch)
    started = time.monotonic()
    for epoch in range(done, plan.epochs):
        progress = epoch / max(plan.epochs - 1, 1)
        dropped = _drop_suspects(model, lines, batches, plan) if progress >= plan.suspect_from else 0
        make = partial(batches.make, shares=_shares(lines, plan, progress))
        loss = rounds.train_round(model, make, (seed, epoch), plan.steps, max(plan.processes // 2, 1))
        rounds.save(model, checkpoints, epoch + 1)
        line = f"epoch {epoch + 1}/{plan.epochs}  loss {loss:.4f}  {time.monotonic() - started:.0f} s"
        if epoch % 5 == 4 or epoch + 1 == plan.epochs:
            line += "".join(f"  {w.name} {accuracy(model, w, digits_only=True):.2%}" for w in lines.watched)
        say(line + (f"  {dropped} left out" if dropped else ""))
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


def _compiled(plan: Plan) -> keras.Model:
    model = build_network()
    steps = plan.epochs * plan.steps
    rates = (plan.peak_rate, plan.warm_up, plan.weight_decay, plan.average)
    model.compile(rounds.optimizer(steps, *rates, clipnorm=_STEEPEST), ctc_loss)
    return model


_STEEPEST = 5.0
"""The gradient of each layer is cut to this length, so that one odd batch does not undo many."""


def _shares(lines: TrainingLines, plan: Plan, progress: float) -> NDArray[np.float64]:
    """How often a line is from each set: of pages by their number, synthetic, the real ones by the root of theirs."""
    counts = np.array([len(part.texts) for part in lines.sets], np.float64)
    of_pages, real = counts[: lines.of_pages], np.sqrt(counts[lines.of_pages + 1 :])
    others = np.ones(1)
    if real.size:
        real_share = plan.real_first + (plan.real_last - plan.real_first) * progress
        others = np.concatenate([[1 - real_share], real_share * real / real.sum()])
    if not of_pages.size:
        return others
    return np.concatenate([plan.runs * of_pages / of_pages.sum(), (1 - plan.runs) * others])


_LABELLED_BY_HAND = ("cheques", "clinic")
"""What is put together has the text it was put together from; people err."""


def _drop_suspects(model: keras.Model, lines: TrainingLines, batches: Batches, plan: Plan) -> int:
    """Leave out the real pictures whose text the network finds least likely; how many they are."""
    dropped = 0
    for which, chosen in enumerate(lines.sets):
        if chosen.name in _LABELLED_BY_HAND:
            uncut = _first_of_each(chosen)
            worst = np.argsort(losses(model, uncut))[::-1][: round(plan.suspects * len(uncut.texts))]
            batches.drop(which, uncut.sources[worst])
            dropped += len(worst)
    return dropped


def _first_of_each(lines: Lines) -> Lines:
    """Each picture once, as it is."""
    sources, first = np.unique(lines.sources, return_index=True)
    images, texts = tuple(lines.images[i] for i in first), tuple(lines.texts[i] for i in first)
    return Lines(lines.name, images, texts, lines.digits_only, sources)
