"""Train the page network, from synthetic pages to files."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from scanner.datasets.data_folder import DataSplit, resolve_data_folder
from scanner.datasets.page_sources import (
    HeldOutSeed,
    find_held_out_fonts,
    find_training_fonts,
    font_packages,
    load_handwriting,
)
from scanner.layout.ink_classes import InkClass, PageNetwork
from scanner.training.model_card import SOURCE_LICENCES, write_model
from scanner.training.onnx_export import convert_input_to_space_to_depth, export_onnx
from scanner.training.optional_dependencies import require_training_extra
from scanner.training.page_samples import ink_class_confusion, ink_class_scores, make_page_samples
from scanner.weights import PAGE_NETWORK_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import keras

    from scanner.training.page_network import PageNetworkPlan
    from scanner.training.page_samples import PageNetworkSample


def train_page_network(
    folder: Path | None, models_folder: Path, seed: int, epochs: int | None, report_line: Callable[[str], None]
) -> None:
    """Train the page network and write ``pages.onnx`` with its card.

    An interrupted training run resumes after its last whole epoch.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA, and without one everything is written with the pen.
        models_folder: where the weights are written.
        seed: of pages, data order, augmentation and initial weights.
        epochs: None for those of the plan.
        report_line: called with each line of progress.

    Raises:
        DataError: if data is missing, or the fonts are not installed.
        NotInstalledError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with require_training_extra():
        from scanner.training import checkpoints
        from scanner.training.page_network import PageNetworkPlan, train
    plan = PageNetworkPlan() if epochs is None else PageNetworkPlan(epochs=epochs)
    folder = resolve_data_folder(folder)
    held_out_count = plan.validation_pages + plan.test_pages
    report_line(f"synthesizing {plan.pages:,} pages, and {held_out_count} with held-out fonts")
    pages = make_page_samples(
        find_training_fonts(), load_handwriting(folder, seed, DataSplit.TRAIN), seed, plan.pages, plan.processes
    )
    validation = _held_out_page_samples(folder, DataSplit.VALIDATION, plan.validation_pages, plan.processes)
    checkpoint_folder = checkpoints.CHECKPOINTS_FOLDER / f"pages-{seed}-{plan.epochs}"
    model = train(pages, validation, seed, plan, checkpoint_folder, report_line)
    test = _held_out_page_samples(folder, DataSplit.TEST, plan.test_pages, plan.processes)
    export_page_network(model, test, plan, seed, folder, models_folder, report_line)
    checkpoints.delete_checkpoints(checkpoint_folder)


def export_page_network(
    model: keras.Model,
    test_samples: Sequence[PageNetworkSample],
    plan: PageNetworkPlan,
    seed: int,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
) -> None:
    """Export a trained page network, score it on held-out pages, and write it."""
    weights = convert_input_to_space_to_depth(export_onnx(model))
    scores = ink_class_scores(ink_class_confusion(PageNetwork(weights).logits, test_samples))
    for name, score in scores.items():
        report_line(f"{name}: {score:.2%}, by amount of ink on the held-out pages")
    handwriting = ["mnist", "usps", "ardis", "cheques", "letters and operators"] if folder else []
    card = {
        "description": "page network: ink of a page in 2 x 2 squares of pixels, (N, 4, H / 2, W / 2) in 0-1 "
        "(scanner/layout/ink_classes.py) -> logits (N, H / 4, W / 4, ink classes)",
        "classes": [ink_class.name.lower().replace("_", " ") for ink_class in InkClass],
        "parameters": model.count_params(),
        "seed": seed,
        "data": [SOURCE_LICENCES[source] for source in ("synthetic pages", "pen digits", *handwriting)],
        "fonts": {
            "packages": font_packages(),
            "families": [family.name for family in find_training_fonts()],
            "held-out families": [family.name for family in find_held_out_fonts()],
        },
        "plan": asdict(plan),
        "scores": scores,
    }
    write_model(models_folder / PAGE_NETWORK_WEIGHTS, weights, card)


def _held_out_page_samples(
    folder: Path | None, split: DataSplit, count: int, processes: int
) -> list[PageNetworkSample]:
    """Pages with held-out fonts and handwriting; different ones for each split."""
    seed = _HELD_OUT_SEEDS[split]
    return make_page_samples(find_held_out_fonts(), load_handwriting(folder, seed, split), seed, count, processes)


_HELD_OUT_SEEDS = {
    DataSplit.VALIDATION: HeldOutSeed.PAGE_NETWORK_VALIDATION,
    DataSplit.TEST: HeldOutSeed.PAGE_NETWORK_TEST,
}
