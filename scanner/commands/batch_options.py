"""Options of ``scan`` that decide how the work is done and what is kept, whatever is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from scanner.batch.cluster_address import LOCAL_CLUSTER, is_scheduler_address
from scanner.batch.settings import MEBIBYTE, MILLION, build_limits, usable_processor_count
from scanner.batch.worker_pool import DEFAULT_TASK_LIMITS, TaskLimits
from scanner.commands.result_paths import DOCUMENT_PATH, TABLE_PATH
from scanner.memory_limit import MIN_MEMORY_BYTES
from scanner.sources.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scanner.sources.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOptions:
    """The values of the options that ``batch_options`` adds, in the units of the command line."""

    jobs: int
    page_timeout: float
    memory: int
    max_pixels: float
    max_file_size: int
    max_pages: int
    errors: Path | None
    manifest: Path | None
    cluster: str | None
    watch: bool
    mirror: bool
    fresh: bool
    force: bool
    quiet: bool
    log_json: bool

    @property
    def task_limits(self) -> TaskLimits:
        """Limits on the time and memory of one page."""
        return TaskLimits(self.page_timeout, self.memory * MEBIBYTE)

    @property
    def limits(self) -> Limits:
        """Limits that decide whether a page is read."""
        return build_limits(self.max_file_size, self.max_pixels, self.max_pages)


def _check_finite(ctx: click.Context, param: click.Parameter, value: float) -> float:  # noqa: ARG001 - by click
    # Python takes "nan" and "inf" for numbers, and click finds them within any range.
    if not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number")
    return value


def _parse_cluster(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001 - by click
    if value is not None and value != LOCAL_CLUSTER and not is_scheduler_address(value):
        raise click.BadParameter(
            f"{value!r} is not the address of a Dask scheduler; give one such as tcp://host:8786, or {LOCAL_CLUSTER}"
        )
    return value


_OPTIONS = (
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=usable_processor_count,
        show_default="number of processors",
        help="Number of pages to read at the same time.",
    ),
    click.option(
        "--page-timeout",
        callback=_check_finite,
        type=click.FloatRange(min=0, min_open=True),
        default=DEFAULT_TASK_LIMITS.timeout_seconds,
        show_default=True,
        metavar="SECONDS",
        help="Give up a page that takes longer.",
    ),
    click.option(
        "--memory",
        type=click.IntRange(min=MIN_MEMORY_BYTES // MEBIBYTE),
        default=DEFAULT_TASK_LIMITS.memory_bytes // MEBIBYTE,
        show_default=True,
        metavar="MIB",
        help="Give up a page that needs more memory.  Only on Linux.",
    ),
    click.option(
        "--max-pixels",
        callback=_check_finite,
        type=click.FloatRange(min=0, min_open=True),
        default=DEFAULT_LIMITS.pixels / MILLION,
        show_default=True,
        metavar="MILLIONS",
        help="Do not read larger images.",
    ),
    click.option(
        "--max-file-size",
        type=click.IntRange(min=1),
        default=DEFAULT_LIMITS.file_bytes // MEBIBYTE,
        show_default=True,
        metavar="MIB",
        help="Do not read larger files.",
    ),
    click.option(
        "--max-pages",
        type=click.IntRange(min=1),
        default=DEFAULT_LIMITS.pages,
        show_default=True,
        help="Do not read further pages of a file.",
    ),
    click.option(
        "--errors",
        type=TABLE_PATH,
        metavar="FILE",
        help="CSV of the pages that could not be read.  [default: beside --out]",
    ),
    click.option(
        "--manifest",
        type=DOCUMENT_PATH,
        metavar="FILE",
        help="JSON record of the files read, and of the versions, models and options used.  [default: beside --out]",
    ),
    click.option(
        "--cluster",
        callback=_parse_cluster,
        metavar="ADDRESS",
        help="Read on a Dask cluster, for example tcp://host:8786; 'local' starts one on this machine.",
    ),
    click.option("--watch", is_flag=True, help="Keep reading files that arrive in the folders, until Ctrl-C."),
    click.option(
        "--mirror", is_flag=True, help="With --watch: drop the rows of files that are no longer in the folders."
    ),
    click.option("--fresh", is_flag=True, help="Read all pages again, also those that were read before."),
    click.option(
        "--force",
        is_flag=True,
        help="Overwrite results that were changed since they were written, or have rows that --watch kept, and files "
        "that another program wrote.",
    ),
    click.option("--quiet", is_flag=True, help="Print errors only."),
    click.option("--log-json", is_flag=True, help="Print progress and errors as lines of JSON on standard error."),
)


def batch_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add these options to a command; it receives their values as the keyword arguments of ``BatchOptions``."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
