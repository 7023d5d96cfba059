"""``digitscan stress``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scanner.commands.options import example

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.stress.kills import Kills as Killed

_Command = TypeVar("_Command", bound="Callable[..., Any]")

_FAILED = 1
"""Exit code where something is not as it should be."""
_KILLED_PAGES = 60
"""Pages of a run that is killed: about as long as it takes to start."""
_MEBIBYTE = 2**20
_MINUTE = 60
_EVERY = 10
"""Runs from one word of how it goes to the next."""

_seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="Of all that is drawn and left to chance."
)


def _count_option(default: int, text: str) -> Callable[[_Command], _Command]:
    return click.option("--count", type=click.IntRange(min=1), default=default, show_default=True, help=text)


@click.group(epilog=example("digitscan stress kills", "digitscan stress mutations --seed 7"))
def stress() -> None:
    """Measure what a run withstands.

    For who changes this program.  The pages are drawn by its own pen, and it is
    run as users run it.  Ends with exit code 1 if it does not withstand it.
    """


@stress.command(epilog=example("digitscan stress kills --count 20"))
@_count_option(200, "How many runs to kill.")
@_seed_option
@click.pass_context
def kills(ctx: click.Context, /, count: int, seed: int) -> None:
    """Kill runs at random moments, and go on with them.

    What each comes to is compared with a run that was not killed.  About four seconds each.
    """
    from scanner.stress.drawn import write_pages
    from scanner.stress.kills import Kills, killed_runs

    total = Kills()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "pages")
        write_pages(folder, _KILLED_PAGES, seed)
        for total in killed_runs(folder, Path(scratch), count, seed):
            if total.runs % _EVERY == 0 and total.runs < count:
                click.echo(_kills_line(total), err=True)
    click.echo(_kills_line(total))
    if not total.good:
        ctx.exit(_FAILED)


@stress.command(epilog=example("digitscan stress cluster --count 3"))
@_count_option(10, "How many runs.")
@_seed_option
@click.pass_context
def cluster(ctx: click.Context, /, count: int, seed: int) -> None:
    """Kill one of a cluster's three workers in each run.

    What it comes to is compared with a run without a cluster.  About ten seconds each.
    """
    from scanner.stress.clusters import Clusters, clustered_runs
    from scanner.stress.drawn import write_pages

    total = Clusters()
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "pages")
        write_pages(folder, _KILLED_PAGES, seed)
        for total in clustered_runs(folder, Path(scratch), count, seed):
            click.echo(f"{total.runs} of {count} runs", err=True)
    click.echo(
        f"{total.runs} runs by three workers of which one was killed, {total.identical} identical to a plain run"
    )
    if not total.good:
        ctx.exit(_FAILED)


@stress.command(epilog=example("digitscan stress mutations --count 500 --seed 7"))
@_count_option(2000, "How many files, one in ten of them untouched.")
@_seed_option
@click.pass_context
def mutations(ctx: click.Context, /, count: int, seed: int) -> None:
    """Damage files of every format, and read them.

    Each is to be read, or to be blamed under its own name.  Ten of them take about a second.
    """
    from scanner.stress.mutations import mutated_run

    with TemporaryDirectory() as scratch:
        came = mutated_run(Path(scratch), count, seed)
    for line in came.wrong:
        click.echo(line, err=True)
    for reason, pages in came.reasons:
        click.echo(f"{pages:6} {reason}")
    click.echo(
        f"{came.files} files, {came.read} of them read, {sum(pages for _, pages in came.reasons)} pages failed, "
        f"{came.timeouts} of them by time, {came.crashes} by a crash; {len(came.wrong)} things wrong"
    )
    if came.wrong:
        ctx.exit(_FAILED)


@stress.command(epilog=example("digitscan stress fuzz --minutes 5"))
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
    from scanner.stress.fuzz import fuzzed

    with TemporaryDirectory() as scratch:
        came = fuzzed(Path(scratch), round(minutes * _MINUTE), seed, keep)
    if came.good:
        click.echo(f"{came.inputs} files decoded in {minutes:g} minutes, nothing wrong with any")
        return
    click.echo(came.said, err=True)
    click.echo(f"{came.inputs} files decoded, something is wrong with {came.kept or 'one'}")
    ctx.exit(_FAILED)


@stress.command(epilog=example("digitscan stress pages --count 2000"))
@_count_option(10_000, "How many pages.")
@_seed_option
@click.pass_context
def pages(ctx: click.Context, /, count: int, seed: int) -> None:
    """Read very many pages: memory and speed.

    Does memory grow, and what is a second worker worth?  Needs Linux, which says how much memory a process takes.
    """
    from scanner.stress.many import many_pages

    with TemporaryDirectory() as scratch:
        came = many_pages(Path(scratch), count, seed)
    course = came.course
    click.echo(f"{course.pages} pages, {course.rate:.1f} a second")
    for name, early, late, growth in (
        ("all processes", course.early.together, course.late.together, came.growth),
        ("main process", course.early.main, course.late.main, came.main_growth),
        ("largest worker", course.early.largest_worker, course.late.largest_worker, came.worker_growth),
    ):
        told = f"{early / _MEBIBYTE:.0f} MiB after {course.early_at} pages, {late / _MEBIBYTE:.0f} MiB at the end"
        click.echo(f"{name}: {told}, {growth:.3f} times as much")
    click.echo(f"one worker {came.one:.1f} pages a second, two {came.two:.1f}, {came.worth:.2f} times as many")
    if not came.good:
        ctx.exit(_FAILED)


def _kills_line(total: Killed) -> str:
    return (
        f"{total.runs} runs killed, {total.identical} of them identical once gone on with, "
        f"{total.read_twice} pages read twice, {total.lost} pages lost"
    )
