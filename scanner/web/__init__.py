"""The web page: draw a digit, scan a page, edit a form, or look through results in a browser on this machine.

:func:`scanner.web.app.create_app` builds the WSGI application, :func:`scanner.web.form_editor.build_editor_app` the one
that edits a single form file, and :func:`scanner.web.review_app.build_review_app` the one on which the numbers of a
batch are looked through.

Constants are choices unless their docstrings say what they were measured on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FLASK = frozenset({"flask", "werkzeug"})
_NEEDS_FLASK = "the web page needs Flask: install digitscan[web]"


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
        if error.name not in _FLASK:
            raise
        raise NotInstalledError(_NEEDS_FLASK) from error
    run_server(host, port, classifier_name, on_ready, models)


def edit_form(
    form_file: Path,
    page: str | None = None,
    port: int = 0,
    on_ready: Callable[[str], None] | None = None,
    models: Path | None = None,
) -> None:
    """Serve a page, to this machine alone, that edits a form file until interrupted (Ctrl-C).

    Args:
        form_file: the file; if it does not exist, the form begins as it is suggested for ``page``.
        page: ``FILE`` or ``FILE#PAGE`` of a page to look at; None for the reference.
        port: port to listen on, 0-65535; 0 takes a free one.
        on_ready: called with the URL of the page once a browser can open it.
        models: folder of weights to read with; None for those that come with the program.

    Raises:
        NotInstalledError: if Flask or a model is not installed.
        FormError: if the file is no form, or neither it nor a page is there.
        PageError: if a page cannot be read, or is not of this form.
        DigitscanError: if the server cannot listen on this port.
    """
    try:
        from scanner.web.server import run_form_editor
    except ModuleNotFoundError as error:
        if error.name not in _FLASK:
            raise
        raise NotInstalledError(_NEEDS_FLASK) from error
    run_form_editor(form_file, page, port, on_ready, models)


def review_results(
    results: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    by: str = "",
    pages: Path | None = None,
    audit_size: int | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> tuple[str, ...]:
    """Serve a page on which the numbers of a batch are confirmed or corrected, until interrupted (Ctrl-C).

    Args:
        results: the table of results, beside which the saved state is; corrections are kept beside it, too.
        host: name or address to listen on.
        port: port to listen on, 0-65535; 0 takes a free one.
        by: name of the person who decides.
        pages: the folder that was scanned, if it is elsewhere now.
        audit_size: how many of the numbers that are not flagged are to be typed without seeing what was read; None to
            look through all.
        on_ready: called with the URL of the page once a browser can open it.

    Returns:
        What the audit has found, in lines for people; nothing if there is none.

    Raises:
        NotInstalledError: if Flask is not installed.
        DataError: if there is no saved state, a scan is writing it, or the corrections are none.
        NothingToReadError: if the batch has no page, or there are none in the folder.
        OutputError: if the state is damaged or of another program.
        DigitscanError: if the server cannot listen on this host and port.
    """
    try:
        from scanner.web.server import run_review
    except ModuleNotFoundError as error:
        if error.name not in _FLASK:
            raise
        raise NotInstalledError(_NEEDS_FLASK) from error
    return run_review(results, host, port, by, pages, audit_size, on_ready)
