"""``digitscan web``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.options import classifier_option, example_epilog, models_option
from scanner.weights import folder_of

if TYPE_CHECKING:
    from scanner.weights import OwnWeights


@click.command(epilog=example_epilog("digitscan web --port 8080"))
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on.  With any other than the default, other computers can use the page.",
)
@click.option("--port", type=int, default=8000, show_default=True, help="Port to listen on; 0 chooses a free one.")
@classifier_option
@models_option
def web(host: str, port: int, classifier: str, models: OwnWeights | None) -> None:
    """Serve a web page that reads digits and scans.

    Draw a digit on the page, or drop a scan on it.  The server runs until Ctrl-C.
    Nothing leaves this computer, and nothing is stored.
    """
    from scanner.web import serve

    serve(
        host,
        port,
        classifier,
        lambda url: click.echo(f"Open {url} in a browser; Ctrl-C stops."),
        folder_of(models),
    )
