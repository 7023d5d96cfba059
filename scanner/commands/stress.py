"""``digitscan stress``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scanner.commands.options import data_option, example_epilog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanner.stress.checkouts import FolderComparison
    from scanner.stress.kills import KillResults as Killed

_Command = TypeVar("_Command", bound="Callable[..., Any]")

_FAILED_EXIT_CODE = 1
"""Exit code where something is not as it should be."""
_PAGES_PER_KILLED_BATCH = 60
"""Pages of a run that is killed: about as long as it takes to start."""
_MEBIBYTE = 2**20
_MINUTE = 60
_BATCHES_PER_PROGRESS_LINE = 10
"""Runs from one word of how it goes to the next."""

_SHOWN_DIFFERENCES = 10
"""Most differences listed for a set of pages."""
_CHECKOUT_TYPE = click.Path(path_type=Path, exists=True, file_okay=False)

_seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="Of all that is drawn and left to chance."
)


def _count_option(default: int, text: str) -> Callable[[_Command], _Command]:
    return click.option("--count", type=click.IntRange(min=1), default=default, show_default=True, help=text)


@click.group(epilog=example_epilog("digitscan stress kills", "digitscan stress mutations --seed 7"))
def stress() -> None:
    """Measure what a run withstands.

    For who changes this program.  The pages are drawn by its own pen, and it is
    run as users run it.  Ends with exit code 1 if it does not withstand it.
    """


@stress.command(epilog=example_epilog("digitscan stress kills --count 20"))
@_count_option(200, "How many runs to kill.")
@_seed_option
@click.pass_context
def kills(ctx: click.Context, /, count: int, seed: int) -> None:
    """Kill runs at random moments, and go on with them.

    What each comes to is compared with a run that was not killed.  About four seconds each.
    """
    from scanner.stress.drawn import write_small_pages
    from scanner.stress.kills import KillResults, kill_and_resume

    total = KillResults()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "pages")
        write_small_pages(folder, _PAGES_PER_KILLED_BATCH, seed)
        for total in kill_and_resume(folder, Path(scratch), count, seed):
            if total.batches % _BATCHES_PER_PROGRESS_LINE == 0 and total.batches < count:
                click.echo(_kills_line(total), err=True)
    click.echo(_kills_line(total))
    if not total.passed:
        ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress cluster --count 3"))
@_count_option(10, "How many runs.")
@_seed_option
@click.pass_context
def cluster(ctx: click.Context, /, count: int, seed: int) -> None:
    """Kill one of a cluster's three workers in each run.

    What it comes to is compared with a run without a cluster.  About ten seconds each.
    """
    from scanner.stress.clusters import ClusterResults, scan_killing_workers
    from scanner.stress.drawn import write_small_pages

    total = ClusterResults()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "pages")
        write_small_pages(folder, _PAGES_PER_KILLED_BATCH, seed)
        for total in scan_killing_workers(folder, Path(scratch), count, seed):
            click.echo(f"{total.batches} of {count} runs", err=True)
    click.echo(
        f"{total.batches} runs by three workers of which one was killed, {total.identical_batches} identical to a plain run"
    )
    if not total.passed:
        ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress mutations --count 500 --seed 7"))
@_count_option(2000, "How many files, one in ten of them untouched.")
@_seed_option
@click.pass_context
def mutations(ctx: click.Context, /, count: int, seed: int) -> None:
    """Damage files of every format, and read them.

    Each is to be read, or to be blamed under its own name.  Ten of them take about a second.
    """
    from scanner.stress.mutations import scan_damaged_files

    with TemporaryDirectory() as scratch:
        came = scan_damaged_files(Path(scratch), count, seed)
    for line in came.problems:
        click.echo(line, err=True)
    for reason, pages in came.failure_reasons:
        click.echo(f"{pages:6} {reason}")
    click.echo(
        f"{came.files} files, {came.files_read} of them read, {sum(pages for _, pages in came.failure_reasons)} pages failed, "
        f"{came.timeouts} of them by time, {came.crashes} by a crash; {len(came.problems)} things wrong"
    )
    if came.problems:
        ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress fuzz --minutes 5"))
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, help="How long."
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    show_default="this folder",
    help="Folder for the bytes that something is wrong with.",
)
@_seed_option
@click.pass_context
def fuzz(ctx: click.Context, /, minutes: float, keep: Path, seed: int) -> None:
    """Decode files that a fuzzer makes up.

    It is led by which lines of the decoders they reach.  Ends with the first that
    crashes a decoder, hangs, or is blamed under another name.
    """
    from scanner.stress.fuzz import fuzz_decoders

    with TemporaryDirectory() as scratch:
        came = fuzz_decoders(Path(scratch), round(minutes * _MINUTE), seed, keep)
    if came.passed:
        click.echo(f"{came.inputs} files decoded in {minutes:g} minutes, nothing wrong with any")
        return
    click.echo(came.log_tail, err=True)
    click.echo(f"{came.inputs} files decoded, something is wrong with {came.artifact_path or 'one'}")
    ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress pages --count 2000"))
@_count_option(10_000, "How many pages.")
@_seed_option
@click.pass_context
def pages(ctx: click.Context, /, count: int, seed: int) -> None:
    """Read very many pages: memory and speed.

    Does memory grow, and what is a second worker worth?  Needs Linux, which says how much memory a process takes.
    """
    from scanner.stress.many import measure_many_pages

    with TemporaryDirectory() as scratch:
        came = measure_many_pages(Path(scratch), count, seed)
    course = came.batch
    click.echo(f"{course.pages} pages, {course.pages_per_second:.1f} a second")
    for name, early, late, growth in (
        ("all processes", course.early_memory.total, course.late_memory.total, came.total_growth),
        ("main process", course.early_memory.main_process, course.late_memory.main_process, came.main_growth),
        ("largest worker", course.early_memory.largest_worker, course.late_memory.largest_worker, came.worker_growth),
    ):
        told = f"{early / _MEBIBYTE:.0f} MiB after {course.early_pages} pages, {late / _MEBIBYTE:.0f} MiB at the end"
        click.echo(f"{name}: {told}, {growth:.3f} times as much")
    click.echo(
        f"one worker {came.one_worker_rate:.1f} pages a second, two {came.two_worker_rate:.1f}, {came.speedup:.2f} times as many"
    )
    if not came.passed:
        ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress readings ../digitscan-before", "digitscan stress readings A B"))
@click.argument("old", type=_CHECKOUT_TYPE)
@click.argument("new", type=_CHECKOUT_TYPE, required=False)
@_count_option(200, "How many pages to synthesise.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Pages that a checkout reads at once."
)
@_seed_option
@data_option
@click.pass_context
def readings(
    ctx: click.Context, /, old: Path, new: Path | None, count: int, jobs: int, seed: int, data: Path | None
) -> None:
    """Compare what two checkouts of this project read.

    OLD and NEW are folders with cli.py; NEW is the running program's own if left out.  Both scan NEW's samples,
    synthesised pages and, given a data folder, its pages; text, confidence, review and box of every number are
    compared.  Exit code 1 if any differ.  Takes about five minutes, ten with the data folder.
    """
    from scanner.datasets.data_folder import resolve_data_folder
    from scanner.isolation import HOME
    from scanner.stress.checkouts import compare_checkouts, gather_page_folders

    def report(line: str) -> None:
        click.echo(line, err=True)

    newer, folder, passed = new or Path(HOME), resolve_data_folder(data), True
    with TemporaryDirectory() as scratch:
        report(f"synthesising {count} pages")
        folders = gather_page_folders(newer, Path(scratch), count, seed, folder)
        for compared in compare_checkouts(old, newer, folders, Path(scratch), jobs, report):
            passed = passed and compared.passed
            for line in _comparison_lines(compared):
                click.echo(line)
    if not passed:
        ctx.exit(_FAILED_EXIT_CODE)


def _comparison_lines(compared: FolderComparison) -> Iterator[str]:
    rows, old, new = compared.differences, compared.old, compared.new
    yield f"{compared.folder_name}: {rows.compared_rows} rows compared, {rows.identical_rows} identical"
    yield f"  old: {old.seconds:.1f} s, {old.user_seconds:.1f} s of user CPU time"
    yield f"  new: {new.seconds:.1f} s, {new.user_seconds:.1f} s of user CPU time"
    for line in rows.descriptions[:_SHOWN_DIFFERENCES]:
        yield f"  {line}"
    if len(rows.descriptions) > _SHOWN_DIFFERENCES:
        yield f"  ... and {len(rows.descriptions) - _SHOWN_DIFFERENCES} more differences"


def _kills_line(total: Killed) -> str:
    return (
        f"{total.batches} runs killed, {total.identical_batches} of them identical once gone on with, "
        f"{total.pages_read_twice} pages read twice, {total.pages_lost} pages lost"
    )
