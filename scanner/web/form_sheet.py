"""A form that is being edited: its reference, the page that is looked at, and the one file that it is saved to."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

import cv2

from scanner.atomic_write import write_image, write_text
from scanner.batch.failure_isolation import PAGE_ERRORS, page_error_advice, scan_pages
from scanner.errors import FormError, NotInstalledError, OutputError, PageError
from scanner.form_making.form_pages import lay_on, open_page, page_at
from scanner.form_making.new_form import suggest_new_form
from scanner.form_reading.reference_page import reference_of
from scanner.forms.form import ReferenceState
from scanner.forms.form_file import load_form
from scanner.forms.form_writing import write_form
from scanner.types import PageImage

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.form_reading.reference_page import ReferencePage
    from scanner.forms.form import Form, Reference
    from scanner.reading_models import Models
    from scanner.types import Box, Image, PageResult

MAX_SHEETS = 4
"""Most forms that are kept in memory at a time: each has two pages, of a hundred megabytes if they are large.  The one
that was asked for longest ago goes first."""
_TOKEN_BYTES = 16
"""Length of what a form is addressed by; nobody guesses it."""


class EditedFile:
    """The form file that a form is saved to; nothing else is ever written."""

    def __init__(self, path: Path, picture: Path | None = None) -> None:
        """Remember the file as it is.

        Args:
            path: the form file, which need not exist.
            picture: where the reference has to be written before the form is; None if it is there.

        Raises:
            OutputError: if there is such a picture already, which may be of another form.
        """
        self.path = path
        self._picture = picture
        self._known = _text_of(path)
        if picture is not None and picture.exists():
            raise OutputError(f"{picture}: exists; move it away, or choose another name for the form")

    def load(self) -> Form | None:
        """Read the form as it is in the file now; None if there is no file yet.

        Raises:
            FormError: if it is none.
        """
        self._known = _text_of(self.path)
        return None if self._known is None else load_form(self.path)

    @property
    def exists(self) -> bool:
        """Whether there is such a file, when it was looked at last."""
        return self._known is not None

    @property
    def loses_comments(self) -> bool:
        """Whether somebody wrote comments into the file, which it will not have when it is saved.

        Raises:
            FormError: if the file is no form any more.
        """
        if self._known is None or "#" not in self._known:
            return False
        return bool(_comments(self._known) - _comments(write_form(load_form(self.path))))

    def save(self, form: Form, image: Image) -> None:
        """Write the form, whole or not at all.

        Args:
            form: the form.
            image: its reference.

        Raises:
            OutputError: if a file cannot be written, or was changed since it was loaded or saved.
            FormError: if the form is none that a file can hold.
        """
        if _text_of(self.path) != self._known:
            raise OutputError(
                f"{self.path}: was changed since it was opened here; copy it if need be, and load this page anew"
            )
        text = write_form(form)
        if self._picture is not None:
            write_image(self._picture, image)
            self._picture = None
        write_text(self.path, text)
        self._known = text


def _comments(text: str) -> set[str]:
    """What stands behind the first ``#`` of each line: a comment, or of both texts alike something else."""
    return {line.partition("#")[2].strip() for line in text.splitlines()}


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(f"{path}: cannot be read ({error.strerror}); choose another file") from error


@dataclass(frozen=True, slots=True)
class _ReferenceKey:
    """All of a form that its reference depends on, beside the picture."""

    state: ReferenceState
    boxes: tuple[Box, ...]

    @classmethod
    def of(cls, form: Form) -> _ReferenceKey:
        """What is written in the fields of a filled reference is painted out, so their places count."""
        is_filled = form.reference.state is ReferenceState.FILLED
        return cls(form.reference.state, tuple(field.box for field in form.all_fields()) if is_filled else ())


class FormSheet:
    """A form that is edited; requests come one at a time."""

    def __init__(self, image: Image, form: Form, file: EditedFile | None = None) -> None:
        """Begin with a form.

        Args:
            image: the reference, shape (height, width, 3), BGR.
            form: the form as it is, or as it is suggested; it may be without fields.
            file: the file that it is saved to; None if it can only be downloaded.
        """
        self.image = image
        self.file = file
        self.page: PageImage | None = None
        """The page that is looked at, as it was decoded; None for the reference."""
        self.laid: Image | None = None
        """That page in pixels of the reference."""
        self._form = form
        self._reference: tuple[_ReferenceKey, ReferencePage] | None = None

    @property
    def reference(self) -> Reference:
        """Where the reference is; it does not change while a form is edited."""
        return self._form.reference

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the reference."""
        return self.image.shape[1], self.image.shape[0]

    def form(self) -> Form:
        """The form that editing begins with: what is in the file, if there is one.

        Raises:
            FormError: if the file is none any more.
        """
        saved = None if self.file is None else self.file.load()
        if saved is not None:
            if (saved.reference.file, saved.reference.page) != (self.reference.file, self.reference.page):
                raise FormError([f"{saved.file}: has another reference now; start again"])
            self._form = saved
        return self._form

    def look_at(self, page: PageImage | None) -> None:
        """Look at a page; None for the reference.

        Raises:
            PageError: if it is no page of this form, which changes nothing.
        """
        laid = None
        if page is not None:
            try:
                laid = lay_on(page, self._reference_of(self._form).description)
            except PAGE_ERRORS as error:
                raise PageError(f"{page.file}: {page_error_advice(error)}") from error
            if laid is None:
                raise PageError(f"{page.file}: is no page of this form, or too little of its print is seen")
        self.page, self.laid = page, laid

    def read(self, form: Form, models: Models) -> PageResult:
        """Read the fields of the page that is looked at.

        Args:
            form: the form as it is now.
            models: models to read with.

        Raises:
            PageError: if the page cannot be read with it.
            NotInstalledError: if not all models are there that forms need.
        """
        if models.page_network is None or models.text_line_reader is None or models.blank_mark_model is None:
            raise NotInstalledError("forms cannot be read, because models are missing; install digitscan again")
        page = self.page or PageImage(form.name, 1, self.image)
        try:
            reference = self._reference_of(form)
        except PAGE_ERRORS as error:
            raise PageError(f"{page.file}: {page_error_advice(error)}") from error
        (processed,) = scan_pages([page], models, references=[reference])
        if processed.result.error:
            raise PageError(processed.result.error)
        return processed.result

    def _reference_of(self, form: Form) -> ReferencePage:
        """The reference for a form, made again only if it is another."""
        key = _ReferenceKey.of(form)
        if self._reference is None or self._reference[0] != key:
            self._reference = key, reference_of(form, self.image)
        return replace(self._reference[1], form=form)


def open_sheet(path: Path, address: str | None, models: Models) -> FormSheet:
    """Open a form file to edit it, or begin one that does not exist yet.

    Args:
        path: the form file.
        address: ``FILE`` or ``FILE#PAGE`` of a page to look at, or of that which a new form is made of.
        models: see the page.

    Raises:
        FormError: if there is such a file, and it is no form; or if there is none, and no page.
        PageError: if a page cannot be read, or is not of this form.
        NothingToReadError: if there is no such page.
        OutputError: if the picture that a new form needs exists already.
    """
    if path.exists():
        form = load_form(path)
        sheet = FormSheet(open_page(form.reference_path, form.reference.page).image, form, EditedFile(path))
        if address is not None:
            sheet.look_at(page_at(address))
        return sheet
    if address is None:
        raise FormError([f"{path}: does not exist; to begin it, give a page as well: digitscan form edit {path} PAGE"])
    suggested = suggest_new_form(address, path, models)
    return FormSheet(suggested.image, suggested.form, EditedFile(path, suggested.picture))


def picture_bytes(image: Image) -> bytes:
    """Encode a picture as PNG, without loss.

    Raises:
        PageError: if it cannot be.
    """
    encoded, data = cv2.imencode(".png", image)
    if not encoded:
        raise PageError("the picture is too large to be shown")
    return data.tobytes()


class SheetStore:
    """The forms that are being edited, by what they are addressed by."""

    def __init__(self) -> None:
        self._sheets: OrderedDict[str, FormSheet] = OrderedDict()
        self._lock = Lock()

    def add(self, sheet: FormSheet) -> str:
        """Keep a form; the one that was asked for longest ago may have to go.  Returns what it is addressed by."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._lock:
            self._sheets[token] = sheet
            while len(self._sheets) > MAX_SHEETS:
                self._sheets.popitem(last=False)
        return token

    def get(self, token: str) -> FormSheet | None:
        """The form that is addressed by a token; None if it is kept no longer."""
        with self._lock:
            if token in self._sheets:
                self._sheets.move_to_end(token)
            return self._sheets.get(token)
