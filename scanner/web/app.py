"""The web application: two questions a browser can ask, answered in JSON.

``POST /read`` takes strokes and tells the digit; ``POST /scan`` takes the bytes
of a page image or PDF and tells its numbers.  Nothing is written to disk, and
a file's name is only ever shown.
"""

from __future__ import annotations

import base64
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any

import cv2
from flask import Flask, abort, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from scanner.errors import DigitscanError
from scanner.pad.drawing import PEN_WIDTH_PER_CANVAS_SIDE, read_drawing
from scanner.pipeline import scan_page
from scanner.recognition.models import Models, load_models
from scanner.results.annotated_page import annotate_page
from scanner.results.csv_tables import results_csv
from scanner.sources.decoding import PageFailure, decode_bytes
from scanner.types import PageResult
from scanner.web.drawing_json import parse_drawing
from scanner.web.guard import SECURITY_HEADERS, is_allowed_host, is_same_origin_post

if TYPE_CHECKING:
    from flask import Response

    from scanner.types import DigitReading, Image, Number

MAX_UPLOAD_BYTES = 32 * 1024 * 1024
"""A colour page scanned at 600 dpi and saved as PNG fits."""
MAX_PAGES = 10
"""Pages of a PDF that are read; more belong on the command line."""
_MAX_DRAWING_BYTES = 512 * 1024
"""JSON of the most strokes allowed, with room to spare."""
_MAX_SHOWN_NAME_LENGTH = 200
"""Characters of a file's name that are shown."""
_JPEG_QUALITY = 88
"""The pen's strokes show no blocks, and a page stays below 2 MB."""

Json = dict[str, Any]


def create_app(
    classifier_name: str = "cnn", max_upload_bytes: int = MAX_UPLOAD_BYTES, server_host: str = "127.0.0.1"
) -> Flask:
    """Build the application.

    Args:
        classifier_name: ``"cnn"`` or ``"svm"``.
        max_upload_bytes: larger uploads are answered with 413.
        server_host: name or address that the server listens on; decides which Host headers are accepted.

    Raises:
        MissingPartError: if the model is not installed.
    """
    return build_app(load_models(classifier_name), max_upload_bytes, server_host)


def build_app(models: Models, max_upload_bytes: int, server_host: str) -> Flask:
    """Build the application round models already loaded, see :func:`create_app`."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = max_upload_bytes
    _add_guard(app, server_host)
    _add_error_handlers(app)
    # A classifier is not made for two threads at once, and one page at a time bounds the memory.
    one_at_a_time = Lock()

    @app.get("/")
    def page() -> str:
        return render_template(
            "index.html", pen_width=PEN_WIDTH_PER_CANVAS_SIDE, max_upload_bytes=max_upload_bytes, max_pages=MAX_PAGES
        )

    @app.post("/read")
    def read() -> Json:
        if (request.content_length or 0) > _MAX_DRAWING_BYTES:
            raise RequestEntityTooLarge("the drawing is too large; clear it and draw again")
        try:
            drawing = parse_drawing(request.get_data())
        except ValueError as error:
            abort(400, str(error))
        with one_at_a_time:
            return {"reading": _reading_json(read_drawing(drawing, models.digit_classifier))}

    @app.post("/scan")
    def scan() -> Json:
        name = _printable_name(request.args.get("name", "")) or "page"
        data = request.get_data()
        if not data:
            abort(400, f"{name}: is empty; choose a page image or a PDF")
        with one_at_a_time:
            return _scan_upload(data, name, models)

    return app


def _add_guard(app: Flask, served_at: str) -> None:
    @app.before_request
    def check_sender() -> None:
        headers = request.headers
        host = headers.get("Host", "")
        if not is_allowed_host(host, served_at):
            abort(400, "this server does not go by that name; open it by the address it printed when it started")
        ours = is_same_origin_post(host, headers.get("Origin"), headers.get("Sec-Fetch-Site"))
        if request.method == "POST" and not ours:
            abort(403, "this request comes from another site")
        if "Transfer-Encoding" in headers:
            # Werkzeug would cut such a body off at the limit, and half a file be read for a whole one.
            abort(411, "send the length of the file with it (Content-Length)")

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(SECURITY_HEADERS)
        # The page and what was read on a scan are not for the browser's cache on disk.
        response.headers["Cache-Control"] = "no-store"
        return response


def _add_error_handlers(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def tell(error: HTTPException) -> tuple[Json, int]:
        return {"error": error.description}, error.code or 500

    @app.errorhandler(DigitscanError)
    def tell_user(error: DigitscanError) -> tuple[Json, int]:
        return {"error": str(error)}, 422

    @app.errorhandler(RequestEntityTooLarge)
    def tell_limit(error: RequestEntityTooLarge) -> tuple[Json, int]:
        megabytes = app.config["MAX_CONTENT_LENGTH"] / 1024**2
        own = error.description if error.description != RequestEntityTooLarge.description else None
        return {"error": own or f"the file is larger than {megabytes:.4g} MB; scan it from the command line"}, 413


def _printable_name(name: str) -> str:
    """Keep of a file's name what can stand in one line."""
    return "".join(letter for letter in name if letter.isprintable())[:_MAX_SHOWN_NAME_LENGTH]


def _scan_upload(data: bytes, name: str, models: Models) -> Json:
    results: list[PageResult] = []
    pages: list[Json] = []
    note = ""
    for page in islice(decode_bytes(data, name), MAX_PAGES + 1):
        if len(pages) == MAX_PAGES:
            note = f"only the first {MAX_PAGES} pages were read; scan longer files from the command line"
            break
        if isinstance(page, PageFailure):
            results.append(PageResult(page.file, page.page_number, 0, 0, error=page.error))
            pages.append(_page_json(results[-1], picture=""))
        else:
            results.append(scan_page(page, models))
            pages.append(_page_json(results[-1], _data_url(annotate_page(page, results[-1]))))
    if results and all(result.error for result in results):
        abort(422, results[0].error)
    return {"file": name, "pages": pages, "note": note, "csv": "".join(results_csv(results))}


def _page_json(result: PageResult, picture: str) -> Json:
    return {
        "page": result.page_number,
        "error": result.error,
        "numbers": [_number_json(number) for number in result.numbers],
        "picture": picture,
    }


def _number_json(number: Number) -> Json:
    return {
        "text": number.text,
        "confidence": number.confidence,
        "review": number.review_reason,
        "table": number.table,
        "row": number.row,
        "column": number.column,
        "field": number.field,
        "kind": number.kind,
    }


def _reading_json(reading: DigitReading | None) -> Json | None:
    if reading is None:
        return None
    return {
        "digit": reading.digit,
        "is_digit": reading.is_digit,
        "confidence": reading.confidence,
        "scores": reading.probabilities,
    }


def _data_url(image: Image) -> str:
    _, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode("ascii")
