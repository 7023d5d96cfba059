"""Training runs from data to files: weights and card in the models folder."""

from __future__ import annotations

import os
import platform
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scanner import __version__
from scanner.classify import DigitCnn, load_classifier
from scanner.confidence import UNCALIBRATED, Agreement
from scanner.ctc import CHARACTERS
from scanner.errors import MissingPartError
from scanner.kinds import InkKind, PageNetwork
from scanner.reader import NUMBERS, RUNS, NumberReader
from scanner.training import data
from scanner.training.calibrate import fit_temperature
from scanner.training.card import LICENCES, write_model
from scanner.training.data import Part
from scanner.training.exported import export_onnx, taking_fours
from scanner.training.kept_aside import calibrated, calibrated_by, number_scores
from scanner.training.pages import (
    confusion,
    drawn_of,
    font_packages,
    fonts_aside,
    fonts_to_train,
    page_samples,
    scores_of,
)
from scanner.training.pages_aside import read_runs_aside
from scanner.training.sets import TrainingSet, training_set, validation_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import keras

    from scanner.confidence import Calibration
    from scanner.training.digits import Plan
    from scanner.training.pages import PageSample

CHECKPOINTS = Path("runs")
"""Checkpoints go here, below the current folder; a finished run leaves nothing."""


def train_digits(folder: Path | None, models: Path, seed: int, epochs: int | None, say: Callable[[str], None]) -> None:
    """Train the digit CNN and write ``digits.onnx`` with its card.

    Args:
        folder: data folder, or None for DIGITSCAN_DATA or else MNIST alone.
        models: where the weights go.
        seed: of data order, augmentation and initial weights.
        epochs: fewer or more than the plan's.
        say: told one line at a time.

    Raises:
        DataError: if the data is not there.
        MissingPartError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with _training_extra():
        from scanner.training.digits import Plan, train
    plan = Plan(seed=seed) if epochs is None else Plan(seed=seed, epochs=epochs)
    folder = data.data_folder(folder)
    say("reading and framing the training digits")
    training = training_set(folder, seed)
    model = train(training, validation_set(folder), plan, CHECKPOINTS / f"digits-{plan.seed}-{plan.epochs}", say)
    finish_digits(model, training, plan, folder, models, say)


@contextmanager
def _training_extra() -> Iterator[None]:
    """Says what to install where the training extra does not import."""
    # Its own chatter about processors and CUDA libraries hides the progress.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        yield
    except ImportError as error:
        raise MissingPartError(f"{error.name} is not installed: pip install 'digitscan[train]'") from error


def finish_digits(
    model: keras.Model,
    training: TrainingSet,
    plan: Plan,
    folder: Path | None,
    models: Path,
    say: Callable[[str], None],
) -> None:
    """Export a trained network, calibrate it on the validation part, score it on the test part, write it."""
    weights = export_onnx(model)
    held = TrainingSet(validation_set(folder), (1,) * len(validation_set(folder)))
    frames, labels = held.epoch()
    temperature = fit_temperature(DigitCnn(weights, 1.0).logits(frames), labels)
    scores = _scores(DigitCnn(weights, temperature), folder)
    for name, score in scores.items():
        say(f"{name}: {score:.2%} of the held-aside digits right")
    card = {
        "what": "digit CNN: frames (N, 28, 28, 1) in 0-1 -> logits of the digits 0-9 and of no digit",
        "parameters": model.count_params(),
        "temperature": round(temperature, 4),
        **_provenance(training),
        "plan": asdict(plan),
        "scores": {name: round(score, 4) for name, score in scores.items()},
    }
    write_model(models / "digits.onnx", weights, card)


def train_numbers(folder: Path | None, models: Path, seed: int, epochs: int | None, say: Callable[[str], None]) -> None:
    """Train the number reader and write ``numbers.onnx`` with its card.

    A run that was broken off goes on after its last whole epoch.  Args and
    errors as for :func:`train_digits`; without a data folder it learns from
    synthetic lines of MNIST and pen digits alone, and stays uncalibrated.
    """
    with _training_extra():
        from scanner.training import rounds
        from scanner.training.numbers import Plan
    folder = data.data_folder(folder)
    plan = Plan() if epochs is None else Plan(epochs=epochs)
    model, checkpoints = _trained_reader(NUMBERS, plan, seed, folder, say)
    finish_numbers(model, plan, seed, folder, models, say)
    rounds.forget(checkpoints)


def train_runs(folder: Path | None, models: Path, seed: int, epochs: int | None, say: Callable[[str], None]) -> None:
    """Train the reader of runs on pages and write ``runs.onnx`` with its card.

    As :func:`train_numbers`, on pages that the program makes up beside the lines
    of the number reader; the digit and the page network find the runs on them.
    """
    with _training_extra():
        from scanner.training import rounds
        from scanner.training.numbers import OF_RUNS
    folder = data.data_folder(folder)
    plan = OF_RUNS if epochs is None else replace(OF_RUNS, epochs=epochs)
    model, checkpoints = _trained_reader(RUNS, plan, seed, folder, say)
    finish_runs(model, plan, seed, folder, models, say)
    rounds.forget(checkpoints)


def _trained_reader(
    name: str, plan: Any, seed: int, folder: Path | None, say: Callable[[str], None]
) -> tuple[keras.Model, Path]:
    """The trained network, and where its checkpoints are."""
    from scanner.training.numbers import train, training_lines

    say("putting together synthetic lines and pages, and cutting the real lines anew")
    lines = training_lines(folder, seed, plan)
    say("".join(f"{len(part.texts):,} {part.name} lines  " for part in lines.sets).rstrip())
    checkpoints = CHECKPOINTS / f"{name}-{seed}-{plan.epochs}"
    return train(lines, seed, plan, checkpoints, say), checkpoints


def finish_numbers(
    model: keras.Model,
    plan: Any,
    seed: int,
    folder: Path | None,
    models: Path,
    say: Callable[[str], None],
) -> None:
    """Export a trained number reader, calibrate it on the validation part, score it on the test part, write it."""
    weights, classifier = export_onnx(model), load_classifier("cnn")
    calibration, agreement = calibrated(weights, classifier, folder) if folder else (UNCALIBRATED, Agreement())
    reader = NumberReader(weights, calibration, agreement)
    scores = number_scores(classifier, reader, folder) if folder else {}
    for name, score in scores.items():
        say(f"{name}: {score['right']:.2%} of the held-aside numbers right")
    sources = ["mnist", "pen digits", *(["usps", "ardis", "cheques", "clinic"] if folder else [])]
    card = {
        "what": "number reader: line images (N, 32, W, 1) in 0-1 (scanner/line.py) -> logits (N, W / 4, classes)",
        **_of_reader(model, calibration, agreement),
        "seed": seed,
        "data": [LICENCES[source] for source in sources],
        "plan": asdict(plan),
        "scores": scores,
    }
    write_model(models / f"{NUMBERS}.onnx", weights, card)


def finish_runs(
    model: keras.Model,
    plan: Any,
    seed: int,
    folder: Path | None,
    models: Path,
    say: Callable[[str], None],
) -> None:
    """Export a trained reader of runs, calibrate it on pages of the validation part, write it."""
    weights = export_onnx(model)
    say("reading pages to calibrate with")
    readings = read_runs_aside(weights, folder, plan.processes)
    calibration, agreement = calibrated_by(readings)
    right = sum(reading.right for reading in readings) / max(len(readings), 1)
    say(f"{right:.2%} of {len(readings):,} numbers on them are read right")
    sources = ["synthesised pages", "pen digits", "mnist"]
    sources += ["usps", "ardis", "cheques", "clinic", "letters and operators"] if folder else []
    card = {
        "what": "reader of runs on pages: line images (N, 32, W, 1) in 0-1 (scanner/line.py) -> (N, W / 4, classes)",
        **_of_reader(model, calibration, agreement),
        "seed": seed,
        "data": [LICENCES[source] for source in sources],
        "plan": asdict(plan),
        "scores": {"numbers on synthesised pages to calibrate with": round(right, 4)},
    }
    write_model(models / f"{RUNS}.onnx", weights, card)


def _of_reader(model: keras.Model, calibration: Calibration, agreement: Agreement) -> dict[str, Any]:
    return {
        "classes": f"{CHARACTERS.strip()}, what stands between two numbers, and blank",
        "parameters": model.count_params(),
        "calibration": calibration.to_card(),
        "agreement": agreement.to_card(),
        "version": __version__,
        "python": platform.python_version(),
    }


def train_pages(folder: Path | None, models: Path, seed: int, epochs: int | None, say: Callable[[str], None]) -> None:
    """Train the page network and write ``pages.onnx`` with its card.

    A run that was broken off goes on after its last whole epoch.  Args and
    errors as for :func:`train_digits`; without a data folder all is written
    with the project's own pen.
    """
    with _training_extra():
        from scanner.training import rounds
        from scanner.training.kinds import Plan, train
    plan = Plan() if epochs is None else Plan(epochs=epochs)
    folder = data.data_folder(folder)
    say(f"synthesising {plan.pages:,} pages, and {plan.watched + plan.scored} with fonts that are held aside")
    pages = page_samples(fonts_to_train(), drawn_of(folder, seed, Part.TRAIN), seed, plan.pages, plan.processes)
    watched = _pages_aside(folder, Part.VALIDATION, plan.watched, plan.processes)
    checkpoints = CHECKPOINTS / f"pages-{seed}-{plan.epochs}"
    model = train(pages, watched, seed, plan, checkpoints, say)
    scored = _pages_aside(folder, Part.TEST, plan.scored, plan.processes)
    finish_pages(model, scored, plan, seed, folder, models, say)
    rounds.forget(checkpoints)


def finish_pages(
    model: keras.Model,
    aside: Sequence[PageSample],
    plan: Any,
    seed: int,
    folder: Path | None,
    models: Path,
    say: Callable[[str], None],
) -> None:
    """Export a trained page network, score it on pages held aside, write it."""
    weights = taking_fours(export_onnx(model))
    scores = scores_of(confusion(PageNetwork(weights).logits, aside))
    for name, score in scores.items():
        say(f"{name}: {score:.2%}, by the amount of ink on the pages held aside")
    theirs = ["mnist", "usps", "ardis", "cheques", "letters and operators"] if folder else []
    sources = ["synthesised pages", "pen digits", *theirs]
    card = {
        "what": "page network: ink of pages by fours, (N, 4, H / 2, W / 2) in 0-1 (scanner/kinds.py) -> logits "
        "(N, H / 4, W / 4, kinds)",
        "classes": [kind.name.lower().replace("_", " ") for kind in InkKind],
        "parameters": model.count_params(),
        "version": __version__,
        "python": platform.python_version(),
        "seed": seed,
        "data": [LICENCES[source] for source in sources],
        "fonts": {
            "packages": font_packages(),
            "families": [family.name for family in fonts_to_train()],
            "families held aside": [family.name for family in fonts_aside()],
        },
        "plan": asdict(plan),
        "scores": scores,
    }
    write_model(models / "pages.onnx", weights, card)


def _pages_aside(folder: Path | None, part: Part, count: int, processes: int) -> list[PageSample]:
    """Pages of fonts, and by digits, that are not trained with; others for each part."""
    seed = _SEEDS_ASIDE[part]
    return page_samples(fonts_aside(), drawn_of(folder, seed, part), seed, count, processes)


_SEEDS_ASIDE = {Part.VALIDATION: 1_000_003, Part.TEST: 1_000_004}
"""Seeds that nobody trains with."""


def train_svm(folder: Path | None, models: Path, seed: int, say: Callable[[str], None]) -> None:
    """Train the SVM baseline and write ``svm.skops`` with its card.

    Args and errors as for :func:`train_digits`.
    """
    from skops.io import dumps

    from scanner.classify import DigitSvm
    from scanner.training.svm import SvmPlan, fit

    folder = data.data_folder(folder)
    say("reading and framing the training digits")
    training = training_set(folder, seed)
    plan = SvmPlan()
    # A support vector machine gains nothing from seeing a sample twice.
    frames, labels = TrainingSet(training.sources, (1,) * len(training.sources)).epoch()
    held = TrainingSet(validation_set(folder), (1,) * len(validation_set(folder)))
    say(f"fitting {len(labels):,} frames")
    model = fit(frames, labels, *held.epoch(), plan)
    scores = _scores(DigitSvm(model), folder)
    for name, score in scores.items():
        say(f"{name}: {score:.2%} of the held-aside digits right")
    card = {
        "what": "SVM baseline: HOG features of 28 x 28 frames -> probabilities of the digits 0-9 and of no digit",
        **_provenance(training),
        "plan": asdict(plan),
        "scores": {name: round(score, 4) for name, score in scores.items()},
    }
    write_model(models / "svm.skops", dumps(model, compression=_DEFLATE, compresslevel=9), card)


_DEFLATE = 8
"""zipfile.ZIP_DEFLATED."""


def _scores(classifier: DigitCnn | Any, folder: Path | None) -> dict[str, float]:
    """Share of digits read right on the test part of each source."""
    sources = [data.mnist(folder, Part.TEST), *(data.digit_sources(folder, Part.TEST) if folder else ())]
    return {
        source.name: float(np.mean([r.digit for r in classifier.read(source.frames)] == source.labels))
        for source in sources
    }


def _provenance(training: TrainingSet) -> dict[str, Any]:
    return {
        "version": __version__,
        "python": platform.python_version(),
        "data": [
            {
                "samples": s.name,
                "source": LICENCES.get(s.name.split(",")[0], s.name),
                "frames": len(s.labels),
                "times_per_epoch": n,
            }
            for s, n in zip(training.sources, training.repeats, strict=True)
        ],
    }
