"""Train the orientation network, from synthetic pages to files."""

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
from scanner.training.model_card import SOURCE_LICENCES, write_model
from scanner.training.optional_dependencies import require_training_extra
from scanner.training.orientation_samples import (
    OrientationSources,
    find_handwriting_families,
    make_character_samples,
)
from scanner.weights import ORIENTATION_NETWORK_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def train_orientation_network(
    folder: Path | None, models_folder: Path, seed: int, steps: int | None, report_line: Callable[[str], None]
) -> None:
    """Train the orientation network and write ``orientation.onnx`` with its card.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA, and without one everything is written with the pen.
        models_folder: where the weights are written.
        seed: of pages, data order, distortions and initial weights.
        steps: number of batches; None for those of the plan.
        report_line: called with each line of progress.

    Raises:
        DataError: if data is missing, or the fonts are not installed.
        NotInstalledError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with require_training_extra():
        from scanner.training.orientation_network import OrientationNetworkPlan, accuracy, train
        from scanner.training.torch_training import count_parameters, export_onnx
    plan = OrientationNetworkPlan() if steps is None else OrientationNetworkPlan(steps=steps)
    folder = resolve_data_folder(folder)
    report_line(f"synthesizing {plan.pages:,} pages, and {plan.validation_pages} with held-out fonts")
    sources = OrientationSources(
        find_training_fonts(folder),
        find_handwriting_families(folder, DataSplit.TRAIN),
        load_handwriting(folder, seed, DataSplit.TRAIN),
    )
    held_out_seed = HeldOutSeed.ORIENTATION_NETWORK
    held_out = OrientationSources(
        find_held_out_fonts(folder),
        find_handwriting_families(folder, DataSplit.VALIDATION),
        load_handwriting(folder, held_out_seed, DataSplit.VALIDATION),
    )
    characters = make_character_samples(sources, seed, plan.pages, plan.processes)
    validation = make_character_samples(held_out, held_out_seed, plan.validation_pages, plan.processes)
    network = train(characters, validation, seed, plan, report_line)
    share = accuracy(network, validation)
    report_line(f"{share:.2%} of single characters with held-out fonts and hands are set upright")
    families = (*sources.print_families, *sources.handwriting_families)
    handwriting = ["mnist", "usps", "ardis", "cheques", "letters and operators"] if folder else []
    card = {
        "description": "orientation network: characters with what stands around them, (N, 1, 32, 32) in 0-1 "
        "(scanner/geometry/orientation.py) -> logits (N, 4) of the quarter turns that set them upright",
        "parameters": count_parameters(network),
        "seed": seed,
        "data": [SOURCE_LICENCES[source] for source in ("synthetic pages", "pen digits", *handwriting)],
        "fonts": {"packages": font_packages(), "families": [family.name for family in families]},
        "plan": asdict(plan),
        "scores": {"characters set upright": round(share, 4)},
    }
    weights = export_onnx(network, (1, 1, 32, 32), {0: "characters"}, "characters")
    write_model(models_folder / ORIENTATION_NETWORK_WEIGHTS, weights, card)
