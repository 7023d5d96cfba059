"""The web page: draw a digit or drop a page, in a browser on this machine.

``scanner.web.app.create_app`` is the WSGI application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Callable


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    classifier_name: str = "cnn",
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the web page; return when interrupted (Ctrl-C).

    Args:
        host: name or address to listen on; anything but the loopback opens the page to the network.
        port: 0 takes a free one.
        classifier_name: ``"cnn"`` or ``"svm"``.
        on_ready: told the page's address once a browser can open it.

    Raises:
        MissingPartError: if Flask or the model is not installed.
        DigitscanError: if the host and port cannot be listened on.
    """
    try:
        from scanner.web.server import run_server
    except ModuleNotFoundError as error:
        if error.name not in {"flask", "werkzeug"}:
            raise
        raise NotInstalledError("the web page needs Flask: install digitscan[web]") from error
    run_server(host, port, classifier_name, on_ready)
