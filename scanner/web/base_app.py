"""What the applications have in common: who may send requests, and how errors are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, abort, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from scanner.errors import DigitscanError
from scanner.web.guard import SECURITY_HEADERS, is_allowed_host, is_same_origin_post

if TYPE_CHECKING:
    from flask import Response

MAX_UPLOAD_BYTES = 32 * 2**20
"""Largest file that can be uploaded, bytes: a colour page scanned at 600 dpi and saved as PNG fits."""
_MEBIBYTE = 2**20
_MAX_SHOWN_NAME_LENGTH = 200
"""Maximum number of characters of a file name that are displayed."""

Json = dict[str, Any]


def guarded_app(max_upload_bytes: int, server_host: str) -> Flask:
    """Build an application without requests of its own, which answers its own pages alone, errors as JSON.

    Args:
        max_upload_bytes: larger requests are answered with status 413.
        server_host: name or address that the server listens on; decides which ``Host`` headers are accepted.
    """
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = max_upload_bytes
    _add_guard(app, server_host)
    _add_error_handlers(app)
    return app


def refuse_longer(limit: int, message: str) -> None:
    """Answer a request of more than ``limit`` bytes with status 413, before they are parsed."""
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge(message)


def uploaded_name() -> str:
    """The name of an uploaded file, which is only displayed: its printable characters, shortened."""
    name = request.args.get("name", "")
    return "".join(letter for letter in name if letter.isprintable())[:_MAX_SHOWN_NAME_LENGTH] or "page"


def _add_guard(app: Flask, server_host: str) -> None:
    @app.before_request
    def check_sender() -> None:
        headers = request.headers
        host = headers.get("Host", "")
        if not is_allowed_host(host, server_host):
            abort(400, "this server has another name; open the address that it printed when it started")
        same_origin = is_same_origin_post(host, headers.get("Origin"), headers.get("Sec-Fetch-Site"))
        if request.method == "POST" and not same_origin:
            abort(403, "this request comes from another website")
        if "Transfer-Encoding" in headers:
            # Werkzeug would cut the body at the limit, and part of a file would be read as if it were whole.
            abort(411, "the request does not give the length of the file (Content-Length)")

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        # The browser is not to keep pages and their numbers in its cache on disk.
        response.headers["Cache-Control"] = "no-store"
        return response


def _add_error_handlers(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def answer_http_error(error: HTTPException) -> tuple[Json, int]:
        return {"error": error.description}, error.code or 500

    @app.errorhandler(DigitscanError)
    def answer_user_error(error: DigitscanError) -> tuple[Json, int]:
        return {"error": str(error)}, 422

    @app.errorhandler(RequestEntityTooLarge)
    def answer_too_large(error: RequestEntityTooLarge) -> tuple[Json, int]:
        limit = app.config["MAX_CONTENT_LENGTH"] / _MEBIBYTE
        own = error.description if error.description != RequestEntityTooLarge.description else None
        return {"error": own or f"the file is larger than {limit:.4g} MB; scan it on the command line"}, 413
