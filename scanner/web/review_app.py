"""The requests of the page on which numbers are looked through.

The page is at ``/review/TOKEN/``, a token that nobody guesses.  It asks for ``stack.json`` beside it, for
``page/N.jpg`` and ``digits/D.json``, and posts names of numbers to ``crops``, decisions to ``decide``, and what it
knows to ``undo`` and ``changes``; in an audit it posts to ``audit`` for what was found.  Numbers have names that were
made here, and pages are counted: no request names a file.  ``decide`` is answered when what was decided is on the disk.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from flask import Response, abort, render_template, request

from scanner.errors import DigitscanError
from scanner.review.session import DecidedMeanwhileError
from scanner.web.base_app import guarded_app, refuse_longer
from scanner.web.review_json import (
    crops_json,
    page_json,
    parse_decisions,
    parse_names,
    parse_since,
)
from scanner.web.review_views import AuditedSample, WholeStack

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from scanner.review.audit_session import AuditSession
    from scanner.review.crop_shelf import CropShelf
    from scanner.review.crops import Crop
    from scanner.review.decoded_pages import DecodedPages
    from scanner.review.session import ReviewSession
    from scanner.web.base_app import Json
    from scanner.web.review_views import ReviewView

_Parsed = TypeVar("_Parsed")

_MAX_BODY_BYTES = 4 * 2**20
"""Longest request: that of a wall of which 20,000 numbers are confirmed at once."""
_MAX_NAMES_BYTES = 2**16
"""Longest request for pictures."""
_TOKEN_BYTES = 16
"""Of the token in the address: more than anybody tries."""


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """What the page shows and changes."""

    session: ReviewSession
    pages: DecodedPages
    shelf: CropShelf
    title: str
    """Name of the results, which is only displayed."""
    audit: AuditSession | None = None
    """If numbers are typed without seeing what was read; None to look through all."""

    def view(self) -> ReviewView:
        """What of the numbers is shown."""
        return WholeStack(self.session) if self.audit is None else AuditedSample(self.audit)


def build_review_app(desk: ReviewDesk, server_host: str) -> tuple[Flask, str]:
    """Build the application.

    Args:
        desk: what it shows and changes.
        server_host: name or address that the server listens on.

    Returns:
        The application, and the path of its page, without a slash in front.
    """
    app, token = guarded_app(_MAX_BODY_BYTES, server_host), secrets.token_urlsafe(_TOKEN_BYTES)

    @app.url_value_preprocessor
    def check_token(endpoint: str | None, values: dict[str, str] | None) -> None:
        given = (values or {}).pop("token", "")
        if endpoint not in {None, "static"} and not hmac.compare_digest(given.encode(), token.encode()):
            abort(404, "this is not the address of the review; open the one that it printed when it started")

    _add_pictures(app, desk)
    _add_decisions(app, desk)
    return app, f"review/{token}/"


def _add_pictures(app: Flask, desk: ReviewDesk) -> None:
    """Add the requests that only show."""
    session, stack, view = desk.session, desk.session.stack, desk.view()

    @app.get("/review/<token>/")
    def review_page() -> str:
        return render_template("review.html", title=desk.title, by=session.by)

    @app.get("/review/<token>/stack.json")
    def whole_stack() -> Json:
        changes = session.changes(0).number
        return {
            "by": session.by,
            "changes": changes,
            "pages": list(map(page_json, stack.pages)),
            "items": list(map(view.item_json, view.items())),
            "left": view.left_json(),
            "unplaced": len(stack.unplaced),
            "audit": desk.audit is not None,
        }

    @app.get("/review/<token>/page/<int:index>.jpg")
    def page_picture(index: int) -> Response:
        if index >= len(stack.pages):
            abort(404, "there is no such page")
        return Response(desk.pages.picture(index), mimetype="image/jpeg")

    @app.get("/review/<token>/digits/<int:digit>.json")
    def digits(digit: int) -> Json:
        return {"tiles": view.digit_tiles(str(digit))}

    @app.post("/review/<token>/crops")
    def crops() -> Json:
        refuse_longer(_MAX_NAMES_BYTES, "too many pictures at once")
        found: list[tuple[str, Crop]] = []
        failed: dict[str, str] = {}
        for name in _parsed(parse_names):
            item = stack.items.get(name)
            if item is None:
                failed[name] = "there is no such number; load the page again"
                continue
            try:
                found.append((name, desk.shelf.crop(item)))
            except DigitscanError as error:
                failed[name] = str(error)
        return crops_json(found, failed)


def _add_decisions(app: Flask, desk: ReviewDesk) -> None:
    """Add the requests that change what is decided, or tell what others have."""
    session, view = desk.session, desk.view()

    @app.post("/review/<token>/changes")
    def changes() -> Json:
        return view.changes_json(session.changes(_parsed(parse_since)))

    @app.post("/review/<token>/audit")
    def audit() -> Json:
        if desk.audit is None:
            abort(404, "this is no audit")
        return {"lines": desk.audit.conclude()}

    @app.post("/review/<token>/decide")
    def decide() -> tuple[Json, int] | Json:
        decisions, since = _parsed(parse_decisions)
        try:
            return view.changes_json(session.decide(view.entries(decisions), since))
        except DecidedMeanwhileError as error:
            return {"error": str(error)} | view.changes_json(session.changes(since)), 409
        except ValueError as error:
            abort(422, str(error))

    @app.post("/review/<token>/undo")
    def undo() -> Json:
        item, since_then = session.undo(_parsed(parse_since))
        return {"item": view.shown(item)} | view.changes_json(since_then)


def _parsed(parse: Callable[[bytes], _Parsed]) -> _Parsed:
    try:
        return parse(request.get_data())
    except ValueError as error:
        abort(400, str(error))
