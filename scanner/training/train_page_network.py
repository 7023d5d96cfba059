"""Train the page network, from pages to files."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from scanner.datasets.data_folder import DataSplit, resolve_data_folder
from scanner.datasets.page_sources import (
    HeldOutSeed,
    find_held_out_fonts,
    find_training_fonts,
    font_packages,
    load_handwriting,
)
from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import INPUT_CHANNELS, PageNetwork, input_tensor
from scanner.training.batch_prefetching import prefetched_batches
from scanner.training.model_card import SOURCE_LICENCES, write_model
from scanner.training.number_scores import score_page_network
from scanner.training.optional_dependencies import require_training_extra
from scanner.training.page_data import (
    SyntheticPageSource,
    load_mosaic_source,
    make_page_files,
    make_register_files,
)
from scanner.training.page_patches import PagePatchBatches
from scanner.weights import PAGE_NETWORK_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import NDArray

    from scanner.layout.page_network import PageView
    from scanner.training.page_patches import PageBatch
    from scanner.training.torch_training import NetworkTraining

    ReportLine = Callable[[str], None]

CHECKPOINTS_FOLDER = Path("checkpoints")
"""Folder of all checkpoints and pages, below the current one."""
_LINE_STEPS = 100
"""Batches between two lines of progress."""
_MAX_GRADIENT_NORM = 5.0
"""Norm to which the gradient of all weights together is clipped, so that one unusual batch does not undo many."""


@dataclass(frozen=True, slots=True)
class PageNetworkPlan:
    """Hyperparameters of a training run; the defaults take about two hours on two cores, half of it for the pages."""

    synthetic_pages: int = 3_000
    mosaics: int = 800
    """Tables pasted together of photographed numbers."""
    validation_pages: int = 24
    """Held-out synthetic pages to monitor training with."""
    test_pages: int = 60
    """Held-out synthetic pages for the scores on the card."""
    epochs: int = 40
    steps_per_epoch: int = 150
    """Batches in an epoch."""
    batch_size: int = 8
    patch_shape: tuple[int, int] = (384, 512)
    """Rows and columns of a patch: the receptive field of its middle cell, a fifth of a page."""
    shares: tuple[float, float, float] = (0.68, 0.2, 0.12)
    """Shares of the patches from synthetic pages, mosaics and registers."""
    peak_learning_rate: float = 2.5e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    weight_decay: float = 1e-3
    warm_up_share: float = 0.03
    """Share of the steps in which the learning rate rises."""
    average_momentum: float = 0.998
    """Momentum of the moving average of the weights, which is what is exported."""
    processes: int = 2
    """Processes that make pages; half as many make batches."""


@dataclass(frozen=True, slots=True)
class PageFiles:
    """Files of the pages to train and measure on."""

    synthetic: tuple[Path, ...]
    mosaics: tuple[Path, ...]
    registers: tuple[Path, ...]
    validation: tuple[Path, ...]
    """Synthetic pages with held-out fonts and handwriting."""
    validation_registers: tuple[Path, ...]
    test: tuple[Path, ...]


def train_page_network(
    folder: Path | None,
    models_folder: Path,
    seed: int,
    epochs: int | None,
    report_line: ReportLine,
    without_clinic: bool = False,
) -> None:
    """Train the page network and write ``pages.onnx`` with its card.

    An interrupted training run resumes: pages that were made are kept, and training goes on after its last whole epoch.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA, and without one everything is written with the pen.
        models_folder: where the weights are written.
        seed: of pages, data order, augmentation and initial weights.
        epochs: None for those of the plan.
        report_line: called with each line of progress.
        without_clinic: leave out the cells of clinic logbooks, to measure on logbooks.

    Raises:
        DataError: if data is missing, or the fonts are not installed.
        NotInstalledError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with require_training_extra():
        from scanner.training.torch_training import export_onnx
    plan = PageNetworkPlan() if epochs is None else PageNetworkPlan(epochs=epochs)
    folder = resolve_data_folder(folder)
    name = f"pages-{seed}" + ("-without-clinic" if without_clinic else "")
    work_folder = CHECKPOINTS_FOLDER / name
    started = time.monotonic()
    files = make_training_pages(folder, work_folder / "pages", seed, plan, report_line, without_clinic)
    pages_minutes = (time.monotonic() - started) / 60
    training = train(files, seed, plan, work_folder / f"state-{plan.epochs}.pt", report_line)
    weights = export_onnx(
        training.averaged_network, (1, INPUT_CHANNELS, 64, 64), {2: "half_rows", 3: "half_columns"}, "page"
    )
    minutes = {"pages": round(pages_minutes), "all": round((time.monotonic() - started) / 60)}
    card = _card(weights, files, plan, seed, folder, without_clinic) | {"minutes of the last run": minutes}
    for score, value in card["scores"].items():
        report_line(f"{score}: {value:.2%} on held-out pages")
    write_model(models_folder / PAGE_NETWORK_WEIGHTS, weights, card)


def make_training_pages(
    folder: Path | None,
    pages_folder: Path,
    seed: int,
    plan: PageNetworkPlan,
    report_line: ReportLine,
    without_clinic: bool = False,
) -> PageFiles:
    """Make the pages that are not in the folder yet.

    Args:
        folder: data folder; without one there are synthetic pages only.
        pages_folder: where the pages are written.
        seed: of the pages to train on.
        plan: how many.
        report_line: called with each line of progress.
        without_clinic: leave out the cells of clinic logbooks.
    """
    report_line(f"making {plan.synthetic_pages:,} synthetic pages, {plan.mosaics} mosaics, and pages of registers")
    make = partial(make_page_files, folder=pages_folder, processes=plan.processes)
    held_out = {
        split: make(
            SyntheticPageSource(find_held_out_fonts(folder), load_handwriting(folder, held_out_seed, split)),
            name=split.value,
            seed=held_out_seed,
            count=count,
        )
        for split, held_out_seed, count in (
            (DataSplit.VALIDATION, HeldOutSeed.PAGE_NETWORK_VALIDATION, plan.validation_pages),
            (DataSplit.TEST, HeldOutSeed.PAGE_NETWORK_TEST, plan.test_pages),
        )
    }
    source = SyntheticPageSource(find_training_fonts(folder), load_handwriting(folder, seed, DataSplit.TRAIN))
    synthetic = make(source, name="synthetic", seed=seed, count=plan.synthetic_pages)
    mosaics: tuple[Path, ...] = ()
    registers: dict[DataSplit, tuple[Path, ...]] = {}
    if folder is not None:
        mosaics = make(load_mosaic_source(folder, without_clinic), name="mosaic", seed=seed, count=plan.mosaics)
        registers = {
            split: make_register_files(folder, split, pages_folder) for split in (DataSplit.TRAIN, DataSplit.VALIDATION)
        }
    return PageFiles(
        synthetic,
        mosaics,
        registers.get(DataSplit.TRAIN, ()),
        held_out[DataSplit.VALIDATION],
        registers.get(DataSplit.VALIDATION, ()),
        held_out[DataSplit.TEST],
    )


def train(
    files: PageFiles, seed: int, plan: PageNetworkPlan, state_path: Path, report_line: ReportLine
) -> NetworkTraining:
    """Train the network, resuming after the last epoch in ``state_path`` if there is one.

    Args:
        files: pages to train on and to monitor training with; no decision depends on the latter.
        seed: the same seed gives the same batches.
        plan: hyperparameters.
        state_path: holds the state after each epoch; its folder exists.
        report_line: called with each line of progress.
    """
    import torch

    from scanner.training.page_network import PageNetworkLayers, page_loss
    from scanner.training.torch_training import NetworkTraining, TrainingSchedule, count_parameters

    torch.manual_seed(seed)
    steps = plan.epochs * plan.steps_per_epoch
    schedule = TrainingSchedule(
        steps,
        plan.peak_learning_rate,
        plan.warm_up_share,
        plan.weight_decay,
        plan.average_momentum,
        _MAX_GRADIENT_NORM,
    )
    training = NetworkTraining(PageNetworkLayers(), schedule)
    training.resume(state_path)
    report_line(f"{count_parameters(training.network):,} parameters, {steps:,} batches, {training.steps_done:,} done")
    sources = tuple(zip(plan.shares, (files.synthetic, files.mosaics, files.registers), strict=True))
    make_batch = _BatchMaker(PagePatchBatches(sources, plan.batch_size, plan.patch_shape), seed)
    started, losses = time.monotonic(), []
    with prefetched_batches(make_batch, range(training.steps_done, steps), max(plan.processes // 2, 1)) as batches:
        for batch in batches:
            inputs = torch.from_numpy(batch.inputs).contiguous(memory_format=torch.channels_last)
            losses.append(training.train_step(inputs, partial(_loss_of, batch, page_loss)))
            if training.steps_done % _LINE_STEPS == 0:
                report_line(
                    f"{training.steps_done}/{steps}  loss {np.mean(losses):.4f}  {time.monotonic() - started:.0f} s"
                )
                losses = []
            if training.steps_done % plan.steps_per_epoch == 0:
                training.save(state_path)
                if training.steps_done % (5 * plan.steps_per_epoch) == 0:
                    _report_scores(training, files, report_line)
    return training


class _BatchMaker:
    """Makes the batch of a step."""

    def __init__(self, batches: PagePatchBatches, seed: int) -> None:
        self._batches, self._seed = batches, seed

    def __call__(self, step: int) -> PageBatch:
        cv2.setNumThreads(1)
        return self._batches.make_batch(np.random.default_rng((self._seed, step)))


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
    weights: bytes, files: PageFiles, plan: PageNetworkPlan, seed: int, folder: Path | None, without_clinic: bool
) -> dict[str, Any]:
    network = PageNetwork(weights)
    data = ["synthetic pages", "pen digits"]
    if folder is not None:
        data += ["mnist", "usps", "ardis", "cheques", "letters and operators", "registers"]
        data += [] if without_clinic else ["clinic"]
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
        "pages": {"registers": len(files.registers)},
        "scores": score_page_network(network.output, files.test)
        | {
            f"{name} on registers": value
            for name, value in score_page_network(network.output, files.validation_registers).items()
            if name.startswith("number") and files.validation_registers
        },
    }
