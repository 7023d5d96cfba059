"""Options of a run over many pages: who does the work, what one page may take, and what is kept of the run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.commands.options import PATH_TYPE
from scanner.commands.output_checks import STDOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from scanner.batch.process_pool import TaskLimits
    from scanner.sources.limits import Limits
    from scanner.sources.page_ranges import PageRanges

_MEBIBYTE = 2**20
_MILLION = 1_000_000
ERRORS_FILE_NAME = "errors.csv"
"""What the table of pages that could not be read is called, beside the results."""


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How a run is done, and what is kept of it."""

    jobs: int
    cluster: str | None
    selected_pages: Container[int]
    limits: Limits
    task_limits: TaskLimits
    state_path: Path | None
    """None where the results go to standard output: there is nothing to go on with then."""
    errors_path: Path | None
    manifest_path: Path | None
    forget_earlier: bool
    quiet: bool
    log_json: bool
    watch: bool


def _usable_processor_count() -> int:
    """Those this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_OPTIONS = (
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=_usable_processor_count,
        show_default="all processors",
        help="Pages read at a time, each on a processor of its own.",
    ),
    click.option(
        "--page-timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=120.0,
        show_default=True,
        metavar="SECONDS",
        help="A page that takes longer is given up.",
    ),
    click.option(
        "--memory",
        type=click.IntRange(min=1024),
        default=6144,
        show_default=True,
        metavar="MIB",
        help="Memory one page may take, where the system can hold it to that.",
    ),
    click.option(
        "--max-pixels",
        type=click.FloatRange(min=0, min_open=True),
        default=150.0,
        show_default=True,
        metavar="MILLIONS",
        help="Larger pictures are not read: a few bytes can say that they are a wall of pixels.",
    ),
    click.option(
        "--max-file-size",
        type=click.IntRange(min=1),
        default=1024,
        show_default=True,
        metavar="MIB",
        help="Larger files are not read.",
    ),
    click.option(
        "--max-pages",
        type=click.IntRange(min=1),
        default=10_000,
        show_default=True,
        help="Further pages of one file are not read.",
    ),
    click.option(
        "--errors",
        type=PATH_TYPE,
        metavar="FILE",
        help=f"CSV of the pages that could not be read.  [default: {ERRORS_FILE_NAME} beside --out]",
    ),
    click.option(
        "--manifest",
        type=PATH_TYPE,
        metavar="FILE",
        help="JSON of what was read with what: versions, models, options, files.  [default: beside --out]",
    ),
    click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Have pages read by the workers of a Dask scheduler, as tcp://host:8786; local starts some.",
    ),
    click.option("--watch", is_flag=True, help="Keep reading what arrives in the folders, until Ctrl-C."),
    click.option("--fresh", is_flag=True, help="Read all pages anew, those of a run that was ended as well."),
    click.option("--quiet", is_flag=True, help="Say only what could not be read."),
    click.option("--log-json", is_flag=True, help="Say everything as lines of JSON on standard error."),
)


def batch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options; what they are given as goes to ``build_batch_settings``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def build_batch_settings(
    out: Path,
    pages: PageRanges | None,
    *,
    jobs: int,
    page_timeout: float,
    memory: int,
    max_pixels: float,
    max_file_size: int,
    max_pages: int,
    errors: Path | None,
    manifest: Path | None,
    fresh: bool,
    quiet: bool,
    log_json: bool,
    cluster: str | None,
    watch: bool,
) -> BatchSettings:
    """How a run is done whose numbers are written to ``out``."""
    from scanner.batch.process_pool import TaskLimits
    from scanner.batch.run_state import state_path
    from scanner.sources.decoding import ALL_PAGES
    from scanner.sources.limits import Limits

    kept = out != STDOUT and not (out.exists() and not out.is_file())
    return BatchSettings(
        jobs,
        cluster,
        ALL_PAGES if pages is None else pages,
        Limits(file_bytes=max_file_size * _MEBIBYTE, pixels=round(max_pixels * _MILLION), pages=max_pages),
        TaskLimits(page_timeout, memory * _MEBIBYTE),
        state_path(out) if kept else None,
        errors or (out.with_name(ERRORS_FILE_NAME) if kept else None),
        manifest or (out.with_suffix(".manifest.json") if kept else None),
        fresh,
        quiet,
        log_json,
        watch,
    )
