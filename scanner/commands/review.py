"""``digitscan review``."""

from __future__ import annotations

import getpass
import os
from typing import TYPE_CHECKING

import click

from scanner.commands.options import PATH_TYPE, example_epilog

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    epilog=example_epilog("digitscan scan forms/ --out results.csv", "digitscan review results.csv --by Anna")
)
@click.argument("results", type=PATH_TYPE, metavar="RESULTS")
@click.option("--by", metavar="NAME", help="Your name, kept with what you decide.  [default: that of your account]")
@click.option(
    "--pages",
    type=PATH_TYPE,
    metavar="DIR",
    help="Folder that was scanned.  [default: where it was when it was scanned]",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on.  With any other than the default, other computers that know the address of the page "
    "can use it.",
)
@click.option("--port", type=int, default=0, metavar="N", help="Port to listen on.  [default: a free one]")
@click.option(
    "--audit",
    "audit_size",
    type=click.IntRange(min=1),
    metavar="N",
    help="Have N of the numbers that are not flagged typed without showing what was read, and say how many are wrong.",
)
@click.option("--browser/--no-browser", default=True, help="Whether to open the page in a browser.  [default: open it]")
def review(
    results: Path, by: str | None, pages: Path | None, host: str, port: int, audit_size: int | None, browser: bool
) -> None:
    """Confirm or correct the numbers of RESULTS in a browser, the doubtful ones first.

    RESULTS is the file that digitscan scan wrote with --out.  What is decided is
    kept at once in RESULTS with the ending .corrections.jsonl, and nothing else
    is changed; what an audit shows of the confidences is kept in RESULTS with the
    ending .calibration.json.  The server runs until Ctrl-C.
    """
    from scanner.web import review_results

    def ready(url: str) -> None:
        click.echo(f"Open {url} in a browser; Ctrl-C stops.")
        if browser and _has_screen():
            click.launch(url)

    for line in review_results(results, host, port, _account() if by is None else by, pages, audit_size, ready):
        click.echo(line)


def _has_screen() -> bool:
    """Whether a browser with windows can be opened; one in the terminal would take it away."""
    return os.name == "nt" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "__CFBundleIdentifier")
    )


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
