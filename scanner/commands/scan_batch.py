"""The batch that the options of ``scan`` ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from scanner.batch.settings import BatchSettings, build_output_paths
from scanner.commands.batch_options import BatchOptions
from scanner.commands.standard_input import STDIN
from scanner.options import Charset, Finder, NumberKind, PageOrCrop, Readers, ScanOptions
from scanner.results.annotation_style import AnnotationFormat, AnnotationStyle
from scanner.safe_csv import CsvStyle, DecimalPoint

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.batch.job import Batch
    from scanner.batch.recipe import ReadingRecipe
    from scanner.batch.settings import OutputPaths
    from scanner.sources.page_ranges import PageRanges
    from scanner.weights import OwnWeights


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCommandOptions(BatchOptions):
    """The values of all options of ``scan``, in the units of the command line."""

    out: Path
    csv: str
    annotate: Path | None
    annotate_as: str
    annotate_quality: int
    debug: Path | None
    as_json: Path | None
    digits: Path | None
    table: Path | None
    decimal_point: str
    finder: str
    reader: str
    layout: str
    charset: str
    kind: str
    straighten: bool
    turn: bool
    perspective: bool
    max_error: float | None
    classifier: str
    models: OwnWeights | None
    pages: PageRanges | None
    form: tuple[Path, ...]
    include: tuple[str, ...]
    exclude: tuple[str, ...]


def check_together(inputs: tuple[Path, ...], given: ScanCommandOptions) -> None:
    """Check that the inputs and the options go together.

    Raises:
        click.UsageError: if they do not.
    """
    if given.mirror and not given.watch:
        raise click.UsageError("--mirror is for --watch: other results are always of the files that are there")
    if STDIN in inputs and (given.watch or given.cluster):
        raise click.UsageError("standard input cannot be read with --watch or --cluster; save it as a file")
    if given.form and Readers(given.reader) is Readers.CONTOURS:
        raise click.UsageError("forms are not read by contours alone; leave out --reader contours")


def build_batch(files: tuple[Path, ...], given: ScanCommandOptions) -> Batch:
    """Build the batch of these files and folders."""
    from scanner.batch.job import Batch
    from scanner.sources.discovery import FilePatterns

    return Batch(
        inputs=files,
        patterns=FilePatterns(given.include, given.exclude),
        recipe=_build_recipe(given),
        outputs=_build_outputs(given),
        settings=BatchSettings(
            jobs=given.jobs,
            cluster=given.cluster,
            selected_pages=given.pages,
            task_limits=given.task_limits,
            max_error=given.max_error,
            forget_earlier=given.fresh,
            overwrite_changed=given.force,
            watch=given.watch,
            mirror=given.mirror,
        ),
    )


def _build_recipe(given: ScanCommandOptions) -> ReadingRecipe:
    from scanner.batch.batch_forms import open_batch_forms
    from scanner.batch.recipe import ReadingRecipe

    options = ScanOptions(
        readers=Readers(given.reader),
        finder=Finder(given.finder),
        page_or_crop=PageOrCrop(given.layout),
        charset=Charset(given.charset),
        number_kind=NumberKind(given.kind),
        deskew=given.straighten,
        correct_orientation=given.turn,
        correct_perspective=given.perspective,
    )
    return ReadingRecipe(options, given.classifier, given.limits, given.models, open_batch_forms(given.form))


def _build_outputs(given: ScanCommandOptions) -> OutputPaths:
    return build_output_paths(
        given.out,
        csv_style=CsvStyle(given.csv),
        results_json=given.as_json,
        digits_csv=given.digits,
        page_tables=given.table,
        decimal_point=DecimalPoint(given.decimal_point),
        errors_csv=given.errors,
        manifest_json=given.manifest,
        annotated_folder=given.annotate,
        annotation_style=AnnotationStyle(AnnotationFormat(given.annotate_as), given.annotate_quality),
        stages_folder=given.debug,
    )
