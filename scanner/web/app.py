"""The WSGI application: the page itself, two requests answered in JSON, and the forms.

``POST /read`` takes strokes and returns the digit.  ``POST /scan`` takes the bytes of an image file or PDF and
returns the numbers on its pages.  Forms are those of ``form_editor``, none of which has a file here.  Nothing is
written to disk, and the name of a file is only displayed.
"""

from __future__ import annotations

import base64
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

import cv2
from flask import abort, render_template, request

from scanner.batch.failure_isolation import PAGE_ERRORS, isolate_decoding_errors, scan_pages
from scanner.errors import PageError
from scanner.pad.drawing import PEN_WIDTH_PER_CANVAS_SIDE, read_drawing
from scanner.reading_models import Models, load_models
from scanner.results.annotated_page import annotate_page
from scanner.results.csv_tables import results_csv
from scanner.sources.decoding import decode_bytes, page_label
from scanner.web.base_app import MAX_UPLOAD_BYTES, guarded_app, refuse_longer, uploaded_name
from scanner.web.drawing_json import parse_drawing
from scanner.web.form_editor import add_form_uploads

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from scanner.batch.failure_isolation import ProcessedPage
    from scanner.types import DigitReading, Image, Number, PageResult
    from scanner.web.base_app import Json

MAX_PAGES = 10
"""Maximum number of pages of a file that are read; longer files belong on the command line."""
_MAX_DRAWING_BYTES = 2**19
"""Largest drawing in a request, bytes: enough for the JSON of 10,000 points."""
_JPEG_QUALITY = 88
"""JPEG quality of the annotated pages: no visible blocks around pen strokes, and a page stays below 2 MB."""


def create_app(
    classifier_name: str = "cnn",
    max_upload_bytes: int = MAX_UPLOAD_BYTES,
    server_host: str = "127.0.0.1",
    models: Path | None = None,
) -> Flask:
    """Build the application.

    Args:
        classifier_name: ``"cnn"`` or ``"svm"``.
        max_upload_bytes: larger uploads are answered with status 413.
        server_host: name or address that the server listens on; decides which ``Host`` headers are accepted.
        models: folder of weights to read with; None for those that come with the program.

    Raises:
        NotInstalledError: if the model is not installed.
    """
    return build_app(load_models(classifier_name, folder=models), max_upload_bytes, server_host)


def build_app(models: Models, max_upload_bytes: int, server_host: str) -> Flask:
    """Build the application with models already loaded; see :func:`create_app`."""
    app = guarded_app(max_upload_bytes, server_host)
    # The classifier is not thread-safe, and reading one page at a time bounds the memory.
    one_at_a_time = Lock()

    @app.get("/")
    def page() -> str:
        return render_template(
            "index.html", pen_width=PEN_WIDTH_PER_CANVAS_SIDE, max_upload_bytes=max_upload_bytes, max_pages=MAX_PAGES
        )

    @app.post("/read")
    def read() -> Json:
        refuse_longer(_MAX_DRAWING_BYTES, "the drawing is too large; clear it and draw again")
        try:
            drawing = parse_drawing(request.get_data())
        except ValueError as error:
            abort(400, str(error))
        with one_at_a_time:
            return {"reading": _reading_json(read_drawing(drawing, models.digit_classifier))}

    @app.post("/scan")
    def scan() -> Json:
        name, data = uploaded_name(), request.get_data()
        if not data:
            abort(400, f"{name}: is empty; choose a scanned page or a PDF")
        with one_at_a_time:
            return _scan_upload(data, name, models)

    add_form_uploads(app, models, one_at_a_time)
    return app


def _scan_upload(data: bytes, name: str, models: Models) -> Json:
    results: list[PageResult] = []
    pages: list[Json] = []
    decoded = isolate_decoding_errors(decode_bytes(data, name), name)
    for outcome in scan_pages(islice(decoded, MAX_PAGES), models):
        results.append(outcome.result)
        pages.append(_page_json(outcome))
    is_longer = len(pages) == MAX_PAGES and next(decoded, None) is not None
    note = f"only the first {MAX_PAGES} pages were read; scan longer files on the command line" if is_longer else ""
    if results and all(result.error for result in results):
        abort(422, results[0].error)
    return {"file": name, "pages": pages, "note": note, "csv": "".join(results_csv(results))}


def _page_json(processed: ProcessedPage) -> Json:
    result, error, picture = processed.result, processed.result.error, ""
    if processed.page is not None and not error:
        try:
            picture = _data_url(annotate_page(processed.page, result))
        except PAGE_ERRORS:
            # Its numbers are read, and the other pages are not lost with its picture.
            error = f"{page_label(result.file, result.page_number)}: was read, but no picture of it can be drawn"
    return {
        "page": result.page_number,
        "error": error,
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
        "probabilities": reading.probabilities,
    }


def _data_url(image: Image) -> str:
    encoded, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not encoded:
        # libjpeg takes no more than 65,500 pixels a side.
        raise PageError("the picture is too large for JPEG")
    return "data:image/jpeg;base64," + base64.b64encode(jpeg.tobytes()).decode("ascii")
