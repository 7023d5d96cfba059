"""Write weights into the models folder, with a card that says where they come from."""

from __future__ import annotations

import hashlib
import json
import platform
from typing import TYPE_CHECKING, Any

from scanner import __version__
from scanner.atomic_write import write_bytes, write_text
from scanner.weights import card_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scanner.training.digit_samples import TrainingSet

SOURCE_LICENCES = {
    "mnist": "MNIST, CC BY-SA 3.0 as stated by rasbt/mnist-pngs",
    "usps": "USPS handwritten digits, licence not stated by its publisher",
    "ardis": "ARDIS, Swedish church books 1895-1970, licence not stated by its publisher",
    "exam_boxes": "exam answer boxes, SageLabTW/auto-grading, ODbL / DbCL",
    "cheques": "ORAND-CAR-A cheque amounts as labelled by Fzkuji/Labeled_ORAND-CAR-A, MIT; originals for research",
    "clinic": "clinic logbook cells, AI4Good Meza OCR Challenge, licence not stated by its publisher",
    "registers": "registers of Paris notaries, HTR-United/lectaurep-repertoires, CC BY 4.0",
    "signs": "handwritten commas, points and minus signs of UNIPEN, bluegreen-labs/weahtr, AGPL-3 repository",
    "fonts": "handwriting and print as TrueType, each OFL, Apache-2.0 or UFL",
    "letters and operators": "printed letters A-J, Omniglot letters, handwritten operators; each MIT",
    "pen digits": "synthetic pen of this project, MIT",
    "pen signs": "synthetic pen of this project, MIT",
    "real pages": "exam covers (Submitty, BSD-3), exam pages (SageLabTW ODbL / DbCL, MarkUs MIT), questionnaires "
    "(queXF, GPL-2), temperature logs and tally sheets (public record), worksheets, mark sheets, logbooks and other "
    "pages (none stated)",
    "synthetic pages": "synthetic pages of this project, MIT",
    "own digits": "written and labelled by whoever trained the model",
}
"""Licences of the sources of training data, as stated by their publishers."""


DIGIT_CNN_DESCRIPTION = "digit CNN: frames (N, 28, 28, 1) in 0-1 -> logits of the digits 0-9 and of no digit"
"""What the card of a digit CNN says of it."""


def source_entries(training: TrainingSet) -> list[dict[str, Any]]:
    """List the sources of a training set, with their licences and how often each of their samples was shown."""
    return [
        {
            "samples": samples.name,
            "source": SOURCE_LICENCES.get(samples.name.split(",")[0], samples.name),
            "frames": len(samples.labels),
            "times_per_epoch": repeats,
        }
        for samples, repeats in zip(training.sources, training.repeats, strict=True)
    ]


def write_model(path: Path, weights: bytes, card: Mapping[str, Any]) -> None:
    """Write weights and their card, to which versions and the sha256 of the weights are added.

    Raises:
        OutputError: if they cannot be written.
    """
    write_bytes(path, weights)
    full = {
        "file": path.name,
        **_describe_once(card, set()),
        "version": __version__,
        "python": platform.python_version(),
        "sha256": hashlib.sha256(weights).hexdigest(),
    }
    write_text(card_path(path), json.dumps(full, indent=1, ensure_ascii=False) + "\n")


def _describe_once(told: Any, described: set[str]) -> Any:
    """Describe each file of weights where it is first named; after that its hash says which it is.

    Without this the history of a mean, of which both parts began with the same weights, would double each time.
    """
    if isinstance(told, list):
        return [_describe_once(each, described) for each in told]
    if not isinstance(told, dict):
        return told
    digest = told.get("sha256")
    if digest is not None and digest in described:
        return {name: told[name] for name in ("file", "sha256") if name in told}
    if digest is not None:
        described.add(digest)
    return {name: _describe_once(value, described) for name, value in told.items()}


_OF_START = ("seed", "plan", "hours of training", "began with", "mean of")
"""What a card tells of the training run whose weights another one began with."""


def description_of_start(path: Path) -> dict[str, Any]:
    """Describe the weights that a training run began with, by their hash and what their own card tells, if any."""
    described: dict[str, Any] = {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    card = card_path(path)
    if card.exists():
        told = json.loads(card.read_text("utf-8"))
        described |= {name: told[name] for name in _OF_START if name in told}
    return described
