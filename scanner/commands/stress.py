"""``digitscan stress``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from scanner.commands.options import example

_FAILED = 1
"""Exit code where something is not as it should be."""
_KILLED_PAGES = 60
"""Pages of a run that is killed: about as long as it takes to start."""
_EVERY = 10
"""Runs from one word of how it goes to the next."""

_seed_option = click.option(
    "--seed", type=int, default=1, show_default=True, help="Of all that is drawn and left to chance."
)


def _count_option(default: int, text: str) -> object:
    return click.option("--count", type=click.IntRange(min=1), default=default, show_default=True, help=text)


@click.group(epilog=example("digitscan stress kills", "digitscan stress mutations --seed 7"))
def stress() -> None:
    """Measure what a run withstands: kills, damaged files, very many pages.

    For who changes this program.  The pages are drawn by its own pen, and it is
    run as users run it.  Ends with exit code 1 if it does not withstand it.
    """


@stress.command(epilog=example("digitscan stress kills --count 20"))
@_count_option(200, "How many runs to kill.")
@_seed_option
@click.pass_context
def kills(ctx: click.Context, /, count: int, seed: int) -> None:
    """Kill runs at random moments, go on with each, compare with one that was not.

    About four seconds each.
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


def _kills_line(total: "Kills") -> str:
    return (
        f"{total.runs} runs killed, {total.identical} of them identical once gone on with, "
        f"{total.read_twice} pages read twice, {total.lost} pages lost"
    )
