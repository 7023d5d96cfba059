"""The web page: draw a digit or scan a page in a browser on this machine.

:func:`scanner.web.app.create_app` builds the WSGI application.

Constants are choices unless their docstrings say what they were measured on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    classifier_name: str = "cnn",
    on_ready: Callable[[str], None] | None = None,
    models: Path | None = None,
) -> None:
    """Serve the web page until interrupted (Ctrl-C).

    Args:
        host: name or address to listen on; with anything but a loopback address, the network can open the page.
        port: port to listen on, 0-65535; 0 takes a free one.
        classifier_name: ``"cnn"`` or ``"svm"``.
        on_ready: called with the URL of the page once a browser can open it.
        models: folder of weights to read with; None for those that come with the program.

    Raises:
        NotInstalledError: if Flask or the model is not installed.
        DigitscanError: if the server cannot listen on this host and port.
    """
    try:
        from scanner.web.server import run_server
    except ModuleNotFoundError as error:
        if error.name not in {"flask", "werkzeug"}:
            raise
        raise NotInstalledError("the web page needs Flask: install digitscan[web]") from error
    run_server(host, port, classifier_name, on_ready, models)
