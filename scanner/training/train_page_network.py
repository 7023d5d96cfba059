"""Train the page network, from pages to files."""

from __future__ import annotations

import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from scanner.datasets.data_folder import resolve_data_folder
from scanner.datasets.page_sources import find_held_out_fonts, find_training_fonts, font_packages
from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import INPUT_CHANNELS, PageNetwork, input_tensor
from scanner.training.batch_prefetching import prefetched_batches
from scanner.training.checkpoints import CHECKPOINTS_FOLDER
from scanner.training.model_card import SOURCE_LICENCES, description_of_start, write_model
from scanner.training.number_scores import score_page_network
from scanner.training.optional_dependencies import require_training_extra
from scanner.training.page_data import make_training_pages, other_pages_made
from scanner.training.page_patches import PagePatchBatches
from scanner.training.page_plan import PageNetworkPlan
from scanner.weights import PAGE_NETWORK_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    import torch
    from numpy.typing import NDArray

    from scanner.layout.page_network import PageView
    from scanner.training.page_data import PageFiles
    from scanner.training.page_patches import PageBatch
    from scanner.training.torch_training import NetworkTraining

    ReportLine = Callable[[str], None]

_MAX_WAIT_SECONDS, _WAIT_SECONDS = 1800.0, 1.0
"""Longest time to wait for a page that is being made, and time between two looks for it."""
_LINE_STEPS = 100
"""Batches between two lines of progress."""
_MAX_GRADIENT_NORM = 5.0
"""Norm to which the gradient of all weights together is clipped, so that one unusual batch does not undo many."""


def train_page_network(
    folder: Path | None,
    models_folder: Path,
    seed: int,
    epochs: int | None,
    report_line: ReportLine,
    without: Collection[str] = (),
    start: Path | None = None,
) -> None:
    """Train the page network and write ``pages.onnx`` with its card.

    An interrupted training run resumes: pages that were made are kept, and training goes on after its last whole epoch.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA, and without one everything is written with the pen.
        models_folder: where the weights are written.
        seed: of pages, data order, augmentation and initial weights.
        epochs: None for those of the plan.
        report_line: called with each line of progress.
        without: sources and kinds of pages that nothing is learnt from, to measure on them.
        start: weights of an earlier training run that this one begins with; None for random ones.

    Raises:
        DataError: if data is missing, or the fonts are not installed.
        NotInstalledError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with require_training_extra():
        from scanner.training.torch_training import export_onnx
    plan = PageNetworkPlan() if epochs is None else PageNetworkPlan(epochs=epochs)
    folder = resolve_data_folder(folder)
    without = sorted(set(without))
    name = "-".join(["pages", str(seed), str(plan.epochs), *(f"without-{source}" for source in without)])
    pages_folder = CHECKPOINTS_FOLDER / f"pages-{seed}"
    started = time.monotonic()
    files = make_training_pages(folder, pages_folder, seed, plan, report_line, without)
    with other_pages_made(folder, pages_folder, seed, plan):
        training = train(files, seed, plan, CHECKPOINTS_FOLDER / f"{name}.pt", report_line, start)
    weights = export_onnx(
        training.averaged_network, (1, INPUT_CHANNELS, 64, 64), {2: "half_rows", 3: "half_columns"}, "page"
    )
    hours = round((time.monotonic() - started) / 3600, 2)
    card = _card(weights, files, plan, seed, folder, without) | {"hours of training": hours}
    if start is not None:
        card["began with"] = description_of_start(start)
    for score, value in card["scores"].items():
        report_line(f"{score}: {value:.2%} on held-out pages")
    write_model(models_folder / PAGE_NETWORK_WEIGHTS, weights, card)


def train(
    files: PageFiles,
    seed: int,
    plan: PageNetworkPlan,
    state_path: Path,
    report_line: ReportLine,
    start: Path | None = None,
) -> NetworkTraining:
    """Train the network, resuming after the last epoch in ``state_path`` if there is one.

    Args:
        files: pages to train on and to monitor training with; no decision depends on the latter.
        seed: the same seed gives the same batches.
        plan: hyperparameters.
        state_path: holds the state after each epoch; its folder exists.
        report_line: called with each line of progress.
        start: weights of an earlier training run that this one begins with.

    Raises:
        DataError: if those weights cannot be read, or are of another network.
    """
    import torch

    from scanner.training.folded_weights import load_folded_weights
    from scanner.training.page_network import PageNetworkLayers, page_loss
    from scanner.training.torch_training import NetworkTraining, TrainingSchedule, count_parameters

    torch.manual_seed(seed)
    schedule = TrainingSchedule(
        plan.steps,
        plan.peak_learning_rate * (1.0 if start is None else plan.resumed_rate_share),
        plan.warm_up_share,
        plan.weight_decay,
        plan.average_momentum,
        _MAX_GRADIENT_NORM,
    )
    network = PageNetworkLayers()
    make_batch = _BatchMaker(files, plan, seed)
    if start is not None and not state_path.exists():
        load_folded_weights(network, start, torch.from_numpy(make_batch(0).inputs))
    training = NetworkTraining(network, schedule)
    training.resume(state_path)
    report_line(
        f"{count_parameters(training.network):,} parameters, {plan.steps:,} batches, {training.steps_done:,} done"
    )
    started, losses = time.monotonic(), []
    with prefetched_batches(make_batch, range(training.steps_done, plan.steps), max(plan.processes // 2, 1)) as batches:
        for batch in batches:
            inputs = torch.from_numpy(batch.inputs).contiguous(memory_format=torch.channels_last)
            losses.append(training.train_step(inputs, partial(_loss_of, batch, page_loss)))
            if training.steps_done % _LINE_STEPS == 0:
                seconds = time.monotonic() - started
                report_line(f"{training.steps_done}/{plan.steps}  loss {np.mean(losses):.4f}  {seconds:.0f} s")
                losses = []
            if training.steps_done % plan.steps_per_epoch == 0:
                training.save(state_path)
                if training.steps_done % (5 * plan.steps_per_epoch) == 0:
                    _report_scores(training, files, report_line)
    return training


class _BatchMaker:
    """Makes the batch of a step."""

    def __init__(self, files: PageFiles, plan: PageNetworkPlan, seed: int) -> None:
        self._files, self._plan, self._seed = files, plan, seed

    def __call__(self, step: int) -> PageBatch:
        cv2.setNumThreads(1)
        synthetic = self._files.synthetic[: self._plan.pages_at(step)]
        _wait_for_file(synthetic[-1])
        files = self._files
        sources = tuple(
            zip(self._plan.shares, (synthetic, files.mosaics, files.registers, files.known_pages), strict=True)
        )
        batches = PagePatchBatches(sources, self._plan.batch_size, self._plan.patch_shape)
        return batches.make_batch(np.random.default_rng((self._seed, step)))


def _wait_for_file(path: Path) -> None:
    """Wait until another process has made a file.

    Raises:
        TimeoutError: if it takes too long.
    """
    last = time.monotonic() + _MAX_WAIT_SECONDS
    while not path.exists():
        if time.monotonic() > last:
            raise TimeoutError(f"{path} was not made within {_MAX_WAIT_SECONDS:.0f} s")
        time.sleep(_WAIT_SECONDS)


def _loss_of(batch: PageBatch, loss: Callable[..., torch.Tensor], output: torch.Tensor) -> torch.Tensor:
    return loss(output, batch.targets)


def _report_scores(training: NetworkTraining, files: PageFiles, report_line: ReportLine) -> None:
    from scanner.training.torch_training import run_network

    def output(view: PageView) -> NDArray[np.float32]:
        return np.asarray(run_network(training.averaged_network, input_tensor(view))[0], np.float32)

    for name, paths in (("synthetic", files.validation), ("registers", files.validation_registers)):
        if paths:
            scores = score_page_network(output, paths)
            shown = [f"{score} {value:.1%}" for score, value in scores.items() if score.startswith("number")]
            report_line(f"validation, {name}:  " + "  ".join(shown))


def _card(
    weights: bytes, files: PageFiles, plan: PageNetworkPlan, seed: int, folder: Path | None, without: Collection[str]
) -> dict[str, Any]:
    network = PageNetwork(weights)
    data = ["synthetic pages", "pen digits"]
    if folder is not None:
        sources = ("mnist", "usps", "ardis", "cheques", "letters and operators", "registers", "clinic", "real pages")
        data += [source for source in sources if source not in without]
    return {
        "description": "page network: strength, darkness and colour of the ink of a page in 2 x 2 squares of pixels, "
        "(N, 7, H / 2, W / 2) -> ink classes, cores of handwritten numbers, middles of digits, distances to top and "
        "bottom, (N, 16, H / 4, W / 4) (scanner/layout/page_network.py)",
        "classes": [ink_class.name.lower().replace("_", " ") for ink_class in InkClass],
        "seed": seed,
        "data": [SOURCE_LICENCES[source] for source in data],
        "fonts": {
            "packages": font_packages(),
            "families": [family.name for family in find_training_fonts(folder)],
            "held-out families": [family.name for family in find_held_out_fonts(folder)],
        },
        "plan": asdict(plan),
        "pages": {"registers": len(files.registers), "other real pages": len(files.known_pages)},
        "left out": list(without),
        "scores": score_page_network(network.output, files.test)
        | {
            f"{name} on registers": value
            for name, value in score_page_network(network.output, files.validation_registers).items()
            if name.startswith("number") and files.validation_registers
        },
    }
