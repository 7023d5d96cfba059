"""``digitscan stress``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scanner.batch.settings import MEBIBYTE
from scanner.commands.options import data_option, example_epilog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanner.stress.compare_checkouts import FolderComparison
    from scanner.stress.kills import KillResults

_Command = TypeVar("_Command", bound="Callable[..., Any]")

_FAILED_EXIT_CODE = 1
"""Exit code of a measurement that did not pass."""
_PAGES_PER_KILLED_BATCH = 60
"""Pages of a batch that is killed: reading them takes about as long as starting the program."""
_MINUTE = 60
_BATCHES_PER_PROGRESS_LINE = 10
"""Number of batches from one line of progress to the next."""

_SHOWN_DIFFERENCES = 10
"""Maximum number of differences listed for a set of pages."""
_CHECKOUT_TYPE = click.Path(path_type=Path, exists=True, file_okay=False)

_seed_option = click.option("--seed", type=int, default=1, show_default=True, help="Random seed.")


def _count_option(default: int, text: str) -> Callable[[_Command], _Command]:
    return click.option("--count", type=click.IntRange(min=1), default=default, show_default=True, help=text)


@click.group(epilog=example_epilog("digitscan stress kills", "digitscan stress mutations --seed 7"))
def stress() -> None:
    """Test how the program behaves under stress.

    For developers of this program.  It is run as users run it, on synthetic
    pages.  The exit code is 1 if a test does not pass.
    """


@stress.command(epilog=example_epilog("digitscan stress kills --count 20"))
@_count_option(200, "Number of batches to kill.")
@_seed_option
@click.pass_context
def kills(ctx: click.Context, /, count: int, seed: int) -> None:
    """Kill batches at random moments and resume them.

    The results of each are compared with those of a batch that was not killed.
    Takes about four seconds per batch.
    """
    from scanner.stress.kills import KillResults, kill_and_resume
    from scanner.stress.small_pages import write_small_pages

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
@_count_option(10, "Number of batches.")
@_seed_option
@click.pass_context
def cluster(ctx: click.Context, /, count: int, seed: int) -> None:
    """Kill one of the three workers of a cluster in each batch.

    The results are compared with those of a batch without a cluster.  Takes about
    ten seconds per batch.
    """
    from scanner.stress.dask_clusters import ClusterResults, scan_killing_workers
    from scanner.stress.small_pages import write_small_pages

    total = ClusterResults()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "pages")
        write_small_pages(folder, _PAGES_PER_KILLED_BATCH, seed)
        for total in scan_killing_workers(folder, Path(scratch), count, seed):
            click.echo(f"{total.batches} of {count} batches", err=True)
    click.echo(
        f"{total.batches} batches with one of three workers killed, "
        f"{total.identical_batches} identical to a batch without a cluster"
    )
    if not total.passed:
        ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress mutations --count 500 --seed 7"))
@_count_option(2000, "Number of files, one in ten of them undamaged.")
@_seed_option
@click.pass_context
def mutations(ctx: click.Context, /, count: int, seed: int) -> None:
    """Read damaged files of every format.

    Each must either be read or be reported under its own name.  Takes about a
    second for ten files.
    """
    from scanner.stress.mutations import scan_damaged_files

    with TemporaryDirectory() as scratch:
        results = scan_damaged_files(Path(scratch), count, seed)
    for line in results.problems:
        click.echo(line, err=True)
    for reason, pages in results.failure_reasons:
        click.echo(f"{pages:6} {reason}")
    click.echo(
        f"{results.files} files, {results.files_read} of them read, "
        f"{sum(pages for _, pages in results.failure_reasons)} pages failed, "
        f"{results.timeouts} of them by timeout, {results.crashes} by a crash; {len(results.problems)} problems"
    )
    if results.problems:
        ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress fuzz --minutes 5"))
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, help="Duration."
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    show_default="this folder",
    help="Folder for the file that the decoders fail on.",
)
@_seed_option
@click.pass_context
def fuzz(ctx: click.Context, /, minutes: float, keep: Path, seed: int) -> None:
    """Decode files generated by a fuzzer.

    The fuzzer is guided by the code coverage of the decoders.  It stops at the
    first file that crashes a decoder, hangs, or is reported under another name.
    """
    from scanner.stress.fuzz_campaign import fuzz_decoders

    with TemporaryDirectory() as scratch:
        result = fuzz_decoders(Path(scratch), round(minutes * _MINUTE), seed, keep)
    if result.passed:
        click.echo(f"{result.inputs} files decoded in {minutes:g} minutes, no problem found")
        return
    click.echo(result.log_tail, err=True)
    click.echo(f"{result.inputs} files decoded, problem with {result.artifact_path or 'one of them'}")
    ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress pages --count 2000"))
@_count_option(10_000, "Number of pages.")
@_seed_option
@click.pass_context
def pages(ctx: click.Context, /, count: int, seed: int) -> None:
    """Measure memory and speed on many pages.

    Memory must not grow with the number of pages.  The speed with one worker and with two is printed.  Only on Linux,
    which reports the memory of each process.
    """
    from scanner.stress.many_pages import measure_many_pages

    with TemporaryDirectory() as scratch:
        result = measure_many_pages(Path(scratch), count, seed)
    batch = result.batch
    click.echo(f"{batch.pages} pages, {batch.pages_per_second:.1f} per second")
    for name, early, late, growth in (
        ("all processes", batch.early_memory.total, batch.late_memory.total, result.total_growth),
        ("main process", batch.early_memory.main_process, batch.late_memory.main_process, result.main_growth),
        ("largest worker", batch.early_memory.largest_worker, batch.late_memory.largest_worker, result.worker_growth),
    ):
        change = f"{early / MEBIBYTE:.0f} MiB after {batch.early_pages} pages, {late / MEBIBYTE:.0f} MiB at the end"
        click.echo(f"{name}: {change}, {growth:.3f} times as much")
    click.echo(
        f"one worker {result.one_worker_rate:.1f} pages per second, two {result.two_worker_rate:.1f}, "
        f"{result.speedup:.2f} times as many"
    )
    if not result.passed:
        ctx.exit(_FAILED_EXIT_CODE)


@stress.command(epilog=example_epilog("digitscan stress readings ../digitscan-before", "digitscan stress readings A B"))
@click.argument("old", type=_CHECKOUT_TYPE)
@click.argument("new", type=_CHECKOUT_TYPE, required=False)
@_count_option(200, "Number of pages to synthesize.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Number of pages that a checkout reads at the same time.",
)
@_seed_option
@data_option
@click.pass_context
def readings(
    ctx: click.Context, /, old: Path, new: Path | None, count: int, jobs: int, seed: int, data: Path | None
) -> None:
    """Compare what two checkouts of this project read.

    OLD and NEW are folders with cli.py; without NEW, the running program is used.
    Both scan the samples of NEW, synthetic pages and, with a data folder, its
    pages.  The text, confidence, review and box of every number are compared.
    The exit code is 1 if any differ.  Takes about five minutes, ten with a data
    folder.
    """
    from scanner.datasets.data_folder import resolve_data_folder
    from scanner.isolated_python import HOME
    from scanner.stress.compare_checkouts import compare_checkouts, gather_page_folders

    def report(line: str) -> None:
        click.echo(line, err=True)

    newer, folder, passed = new or Path(HOME), resolve_data_folder(data), True
    with TemporaryDirectory() as scratch:
        report(f"synthesizing {count} pages")
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


def _kills_line(total: KillResults) -> str:
    return (
        f"{total.batches} batches killed, {total.identical_batches} of them identical once resumed, "
        f"{total.pages_read_twice} pages read twice, {total.pages_lost} pages lost"
    )
