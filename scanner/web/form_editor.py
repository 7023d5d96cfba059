"""The requests of the page on which a form is edited.

A form is addressed by a token that nobody guesses: ``/form/TOKEN/`` is the page.  It asks for ``form.json``,
``reference.png`` and ``page.png`` beside it, and posts the form as it is to ``check``, which says what is wrong with
it, to ``read``, which reads the page that is looked at, to ``toml``, or to ``save``.  ``page`` takes the bytes of a
file to look at.  ``save`` writes the file that the form was opened with, and no other: no request names a file.
"""

from __future__ import annotations

from pathlib import PurePath
from threading import Lock
from typing import TYPE_CHECKING

from flask import Response, abort, render_template, request

from scanner.batch.failure_isolation import PAGE_ERRORS, isolate_decoding_errors, page_error_advice
from scanner.errors import NothingToReadError, PageError
from scanner.form_making.levelling import level_page
from scanner.form_making.new_form import suggest_on_level_page
from scanner.forms.form import Reference
from scanner.forms.form_file import MAX_FILE_BYTES
from scanner.forms.form_mistakes import MAX_TEXT_LENGTH
from scanner.forms.form_writing import write_form
from scanner.sources.decoding import PageFailure, decode_bytes
from scanner.sources.limits import Limits
from scanner.sources.pdf_words import read_words
from scanner.web.base_app import guarded_app, refuse_longer, uploaded_name
from scanner.web.form_json import check_form_json, form_json, reading_json
from scanner.web.form_sheet import FormSheet, SheetStore, picture_bytes

if TYPE_CHECKING:
    from flask import Flask

    from scanner.forms.form import Form
    from scanner.reading_models import Models
    from scanner.types import Image, PageImage
    from scanner.web.base_app import Json
    from scanner.web.form_json import CheckedForm

DOWNLOADED_FORM, DOWNLOADED_REFERENCE = "form.toml", "form_reference.png"
"""What the files are called that a form without a file is downloaded as; the first names the second."""
_LIMITS = Limits(pixels=40_000_000)
"""Limits on uploaded pages: A4 at 600 dpi passes, and a form keeps two."""
_MAX_PAGE_NUMBER = 10_000
"""Highest number of a page of a PDF: more are not decoded."""


def build_editor_app(sheet: FormSheet, models: Models, max_upload_bytes: int, server_host: str) -> tuple[Flask, str]:
    """Build the application that edits one form.

    Args:
        sheet: the form.
        models: models to read with.
        max_upload_bytes: larger pages are answered with status 413.
        server_host: name or address that the server listens on.

    Returns:
        The application, and the path of its page, without a slash in front.
    """
    app, sheets = guarded_app(max_upload_bytes, server_host), SheetStore()
    _add_form_page(app, sheets)
    _add_form_requests(app, sheets, models, Lock())
    return app, f"form/{sheets.add(sheet)}/"


def add_form_uploads(app: Flask, models: Models, one_at_a_time: Lock) -> None:
    """Add a page on which forms are made of uploaded pages, and downloaded when they are edited.

    Args:
        app: the application, guarded.
        models: models to read with.
        one_at_a_time: held while they are used.
    """
    sheets = SheetStore()
    _add_form_page(app, sheets)
    _add_form_requests(app, sheets, models, one_at_a_time)

    @app.get("/forms")
    def forms() -> str:
        return render_template("forms.html", max_upload_bytes=app.config["MAX_CONTENT_LENGTH"])

    @app.post("/forms")
    def new_form() -> Json:
        name, data = uploaded_name(), request.get_data()
        page = _uploaded_page(data, name)
        with one_at_a_time:
            return {"form": sheets.add(_suggested(page, data, models))}


def _add_form_page(app: Flask, sheets: SheetStore) -> None:
    @app.get("/form/<token>/")
    def form_page(token: str) -> str:
        sheet = _sheet(sheets, token)
        return render_template(
            "form_editor.html",
            file="" if sheet.file is None else str(sheet.file.path),
            max_upload_bytes=app.config["MAX_CONTENT_LENGTH"],
            downloaded_form=DOWNLOADED_FORM,
            downloaded_reference=DOWNLOADED_REFERENCE,
        )

    @app.get("/form/<token>/form.json")
    def begin(token: str) -> Json:
        sheet = _sheet(sheets, token)
        form, (width, height) = sheet.form(), sheet.size
        return {
            "form": form_json(form),
            "width": width,
            "height": height,
            "page": "" if sheet.page is None else sheet.page.file,
            "is_saved": sheet.file is not None and sheet.file.exists,
            "loses_comments": sheet.file is not None and sheet.file.loses_comments,
        }

    @app.get("/form/<token>/reference.png")
    def reference(token: str) -> Response:
        return _png(_sheet(sheets, token).image)

    @app.get("/form/<token>/page.png")
    def laid_page(token: str) -> Response:
        laid = _sheet(sheets, token).laid
        return abort(404) if laid is None else _png(laid)


def _add_form_requests(app: Flask, sheets: SheetStore, models: Models, one_at_a_time: Lock) -> None:
    @app.post("/form/<token>/check")
    def check(token: str) -> Json:
        return {"mistakes": list(_checked(_sheet(sheets, token)).mistakes)}

    @app.post("/form/<token>/read")
    def read_fields(token: str) -> Json:
        sheet = _sheet(sheets, token)
        form = _faultless(sheet)
        with one_at_a_time:
            return reading_json(sheet.read(form, models))

    @app.post("/form/<token>/page")
    def look_at(token: str) -> Json:
        sheet, data = _sheet(sheets, token), request.get_data()
        page = _uploaded_page(data, uploaded_name()) if data else None
        with one_at_a_time:
            sheet.look_at(page)
        return {"page": "" if page is None else page.file}

    @app.post("/form/<token>/toml")
    def toml(token: str) -> Response:
        return Response(write_form(_faultless(_sheet(sheets, token))), mimetype="application/toml")

    @app.post("/form/<token>/save")
    def save(token: str) -> Json:
        sheet = _sheet(sheets, token)
        if sheet.file is None:
            abort(403, "this server writes no files; download the form")
        form = _faultless(sheet)
        with one_at_a_time:
            sheet.file.save(form, sheet.image)
        return {"saved": str(sheet.file.path)}


def _sheet(sheets: SheetStore, token: str) -> FormSheet:
    sheet = sheets.get(token)
    if sheet is None:
        abort(404, "this form is kept no longer; begin again with its page")
    return sheet


def _checked(sheet: FormSheet) -> CheckedForm:
    refuse_longer(MAX_FILE_BYTES, "the form is too large; edit it by hand")
    try:
        return check_form_json(request.get_data(), sheet.reference, *sheet.size)
    except ValueError as error:
        abort(400, str(error))


def _faultless(sheet: FormSheet) -> Form:
    """The form of the request; answers it if there are mistakes."""
    form, mistakes = _checked(sheet)
    if form is None:
        abort(422, "\n".join(f"{mistake['where']}: {mistake['message']}" for mistake in mistakes))
    return form


def _png(image: Image) -> Response:
    return Response(picture_bytes(image), mimetype="image/png")


def _uploaded_page(data: bytes, name: str) -> PageImage:
    """The page of an uploaded file that the request asks for.

    Raises:
        PageError: if it cannot be read.
        NothingToReadError: if there is no such page.
    """
    number = request.args.get("page", 1, type=int)
    if not 1 <= number <= _MAX_PAGE_NUMBER:
        abort(400, f"pages have numbers from 1 to {_MAX_PAGE_NUMBER}")
    decoded = decode_bytes(data, name, _LIMITS, selected_pages=range(number, number + 1))
    for page in isolate_decoding_errors(decoded, name):
        if not isinstance(page, PageFailure) and page.page_number == number:
            return page
        if isinstance(page, PageFailure):
            raise PageError(page.error)
    raise NothingToReadError(f"{name}: has no page {number}; count its pages from 1")


def _suggested(page: PageImage, data: bytes, models: Models) -> FormSheet:
    """A form as it is suggested for an uploaded page.

    Raises:
        PageError: if the page cannot be analysed.
    """
    height, width = page.image.shape[:2]
    name = PurePath(page.file).stem[:MAX_TEXT_LENGTH].strip() or "form"
    try:
        level = level_page(page.image, models)
        words = read_words(data, page.page_number, width, height)
        form = suggest_on_level_page(level, models, name, Reference(DOWNLOADED_REFERENCE), words)
    except PAGE_ERRORS as error:
        raise PageError(f"{page.file}: {page_error_advice(error)}") from error
    return FormSheet(level.image, form)
