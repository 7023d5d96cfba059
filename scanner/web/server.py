"""The server of the web page, for one person on one machine."""

from __future__ import annotations

import socket
import warnings
from contextlib import closing
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from scanner.errors import DigitscanError
from scanner.reading_models import load_models
from scanner.review.audit_session import open_audit
from scanner.review.crop_cache import CropCache
from scanner.review.crop_shelf import CropShelf
from scanner.review.decoded_pages import DecodedPages
from scanner.review.session import open_session
from scanner.web.app import create_app
from scanner.web.base_app import MAX_UPLOAD_BYTES
from scanner.web.form_editor import build_editor_app
from scanner.web.form_sheet import open_sheet
from scanner.web.review_app import ReviewDesk, build_review_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from werkzeug.serving import BaseWSGIServer

_MAX_PORT = 65535
_EDITOR_HOST = "127.0.0.1"
"""Where the page is served that edits a form: whoever opens it may write the file, so it is for this machine alone."""


class _ErrorsOnlyHandler(WSGIRequestHandler):
    """Log errors only: the requests while somebody draws would bury them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing for an answered request."""


def run_server(
    host: str, port: int, classifier_name: str, on_ready: Callable[[str], None] | None, models: Path | None
) -> None:
    """Serve the web page until interrupted; see :func:`scanner.web.serve`."""
    _serve(host, port, create_app(classifier_name, server_host=host, models=models), "", on_ready)


def run_form_editor(
    form_file: Path, page: str | None, port: int, on_ready: Callable[[str], None] | None, models: Path | None
) -> None:
    """Serve the page that edits a form until interrupted; see :func:`scanner.web.edit_form`."""
    loaded = load_models(folder=models)
    app, path = build_editor_app(open_sheet(form_file, page, loaded), loaded, MAX_UPLOAD_BYTES, _EDITOR_HOST)
    _serve(_EDITOR_HOST, port, app, path, on_ready)


def run_review(
    results: Path,
    host: str,
    port: int,
    by: str,
    pages: Path | None,
    audit_size: int | None,
    on_ready: Callable[[str], None] | None,
) -> tuple[str, ...]:
    """Serve the page on which numbers are looked through; see :func:`scanner.web.review_results`."""
    session = open_session(results, by)
    audit = None if audit_size is None else open_audit(results, session, audit_size)
    decoded = DecodedPages(session.stack.pages, pages)
    with closing(CropCache(results.with_name(f"{results.name}.crops"))) as cache:
        shelf = CropShelf(session.stack, decoded, cache)
        app, path = build_review_app(ReviewDesk(session, decoded, shelf, results.name, audit), host)
        shelf.work_ahead(session.order() if audit is None else audit.items())
        try:
            _serve(host, port, app, path, on_ready)
        finally:
            shelf.stop()
    return () if audit is None else audit.conclude()


def _serve(host: str, port: int, app: Flask, path: str, on_ready: Callable[[str], None] | None) -> None:
    """Serve until interrupted; ``path`` is that of the page, without a slash in front."""
    server = open_server(host, port, app)
    try:
        if on_ready is not None:
            on_ready(page_url(host, server.port) + path)
        server.serve_forever()
    finally:
        server.server_close()


def open_server(host: str, port: int, app: Flask) -> BaseWSGIServer:
    """Listen without answering yet; each request will get a thread.

    Raises:
        DigitscanError: if the server cannot listen on this host and port, or the port is not 0-65535.
    """
    if not 0 <= port <= _MAX_PORT:
        raise DigitscanError(f"port {port} is not between 0 and {_MAX_PORT}; choose another --port")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.create_server((str(address[0]), port), family=family) as listening, warnings.catch_warnings():
            # If Werkzeug binds by itself, it ends the process when the port is taken;
            # given a socket, it leaves one of its own unclosed.
            warnings.simplefilter("ignore", ResourceWarning)
            return make_server(
                str(address[0]), port, app, threaded=True, request_handler=_ErrorsOnlyHandler, fd=listening.fileno()
            )
    except OSError as error:
        raise DigitscanError(f"cannot serve at {host} port {port}: {error.strerror}; choose another --port") from error


def page_url(host: str, port: int) -> str:
    """URL of the page for a browser on this machine."""
    # A server can listen on the address "any", but a browser cannot open it.
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound here
    return f"http://[{name}]:{port}/" if ":" in name else f"http://{name}:{port}/"
