"""Measure what each stage is worth: ``.venv/bin/python docs/ablation.py --data DIR [--weights DIR] [STAGE ...]``.

Reads the real pages with each stage left out in turn, and prints how many more or fewer numbers are read rightly and
found where there is none, before rows are judged.  This is the table in ARCHITECTURE.md.  It takes 80 s a stage; the
figures tell about other pages only if the weights have learnt from none of these kinds.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import click
import cv2
import numpy as np

from scanner.evaluation.judging import Outcome
from scanner.image.components import find_sparse_components
from scanner.layout.number_finder import find_numbers
from scanner.layout.rules import Rules
from scanner.options import Finder, ScanOptions
from scanner.pipeline import run_stages
from scanner.reading_models import load_networks
from scanner.training.labelled_scans import PagesToRead, pages_to_learn_from, scan_labelled_pages

if TYPE_CHECKING:
    from collections.abc import Callable

_REGISTER_PAGES = 20
"""Number of register pages that are read: there are more of them than of all other kinds together."""


def _no_rules(ink: Any) -> Rules:
    return Rules((), np.zeros_like(ink.mask))


def _one_look(network: Any, *page: Any) -> tuple[Any, Any]:
    maps = network.see_page(*page)
    return maps, find_numbers(maps.number_cores)


def _nothing_crosses(_rules: Any, lines: Any, mask: Any, candidates: Any) -> tuple[Any, Any]:
    return np.zeros_like(mask), find_sparse_components(cv2.subtract(mask, lines) & candidates)


def _unchanged(regions_or_scan: Any, *_: Any) -> Any:
    return regions_or_scan


WITHOUT: dict[str, tuple[str, Callable[..., Any]]] = {
    "the page network as a finder": (
        "scanner.training.labelled_scans.run_stages",
        lambda image, models: run_stages(image, models, ScanOptions(finder=Finder.CONTOURS)),
    ),
    "the second look": ("scanner.preparation.search_numbers", _one_look),
    "faint ink": ("scanner.preparation.add_faint_ink", lambda _gray, _flat, ink: ink),
    "rules": ("scanner.preparation.find_rules", _no_rules),
    "pale rules": ("scanner.preparation.find_pale_rules", lambda _flat, ink: np.zeros_like(ink.mask)),
    "strokes that cross rules": ("scanner.layout.rules.find_crossing_strokes", _nothing_crosses),
    "pooling dividers": ("scanner.layout.number_search.pool_dividers", _unchanged),
    "joining at points": ("scanner.numbers.candidates.join_at_points", _unchanged),
    "joining in comb fields": ("scanner.numbers.candidates.join_in_comb_fields", _unchanged),
    "adding a digit left out": ("scanner.numbers.candidates.add_outer_digits", _unchanged),
    "isolating the sheet": ("scanner.preparation.isolate_sheet", _unchanged),
}
"""Stage, the name that the program calls it by, and what is called instead."""


def count_outcomes(folder: Path, pages: list[PagesToRead], weights: Path | None) -> np.ndarray:
    """Numbers read rightly, in the right row and column, and found where there is none; shape (3,)."""
    models = load_networks(folder=weights)
    counts = np.zeros(3, int)
    for task in pages:
        for scan in scan_labelled_pages(folder, task, models):
            for _, judged in scan.judged:
                counts[0] += judged.outcome.is_right
                counts[1] += bool(judged.in_place)
                counts[2] += judged.outcome is Outcome.FALSE
    return counts


def _few_registers(pages: list[PagesToRead]) -> list[PagesToRead]:
    chosen, registers = [], 0
    for task in pages:
        if task.kind.name == "registers":
            registers += len(task.truths)
            if registers > _REGISTER_PAGES:
                continue
        chosen.append(task)
    return chosen


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="; ".join(WITHOUT))
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    pages = _few_registers(pages_to_learn_from(arguments.data))
    whole = count_outcomes(arguments.data, pages, arguments.weights)
    click.echo(f"with all: {whole[0]} right, {whole[1]} of them known to be in place, {whole[2]} false")
    click.echo("| without | rightly read | in row and column | false |\n| --- | --- | --- | --- |")
    for stage in arguments.stages or WITHOUT:
        name, replacement = WITHOUT[stage]
        with ExitStack() as stack:
            stack.enter_context(patch(name, replacement))
            lost = count_outcomes(arguments.data, pages, arguments.weights) - whole
        click.echo(f"| {stage} | {lost[0]:+} | {lost[1]:+} | {lost[2]:+} |")


if __name__ == "__main__":
    main()
