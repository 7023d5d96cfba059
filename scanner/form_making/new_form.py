"""Make a form file from a page."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.atomic_write import write_image, write_text
from scanner.errors import NothingToReadError, OutputError
from scanner.form_making.field_names import move_words
from scanner.form_making.form_pages import open_page, place_of
from scanner.form_making.form_suggestion import suggest_form
from scanner.form_making.levelling import LEVEL_OPTIONS, level_page
from scanner.forms.form import Reference
from scanner.forms.form_mistakes import MAX_TEXT_LENGTH
from scanner.forms.form_writing import write_form
from scanner.preparation import prepare
from scanner.sources.decoding import read_file
from scanner.sources.pdf_words import read_words
from scanner.types import PageRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.form_making.levelling import LevelPage
    from scanner.forms.form import Form, ReferenceState
    from scanner.reading_models import Models
    from scanner.sources.pdf_words import PlacedWord
    from scanner.types import Image


@dataclass(frozen=True, slots=True)
class NewForm:
    """A form file that was written."""

    form: Form
    straightened: Path | None
    """Picture of the page, straightened, that was written to be the reference; None if the page itself is."""


@dataclass(frozen=True, slots=True, eq=False)
class SuggestedForm:
    """A form that was suggested for a page."""

    form: Form
    """Without fields and tables if nothing is seen on the page that may be one."""
    image: Image
    """The reference, shape (height, width, 3), BGR."""
    picture: Path | None
    """Where it has to be written to be the reference; None if the page itself is."""


def write_new_form(
    address: str, out: Path, models: Models, state: ReferenceState | None = None, *, overwrite: bool = False
) -> NewForm:
    """Suggest a form for a page and write its file; see :func:`suggest_new_form`.

    Args:
        address: ``FILE``, or ``FILE#PAGE``.
        out: the form file to write.
        models: see the page.
        state: whether somebody has written on it; None to judge by what is seen.
        overwrite: whether files that exist are replaced.

    Raises:
        PageError: if the page cannot be read.
        NothingToReadError: if there is no such page, or nothing on it that may be a field.
        OutputError: if a file exists, or cannot be written.
    """
    refuse_to_overwrite(out, overwrite=overwrite)
    suggested = suggest_new_form(address, out, models, state)
    if suggested.picture:
        refuse_to_overwrite(suggested.picture, overwrite=overwrite)
    form = suggested.form
    if not form.fields and not form.tables:
        raise NothingToReadError(
            f"{address}: has no boxes, combs or tables that are seen; draw them: digitscan form edit {out} {address}"
        )
    text = write_form(form)
    if suggested.picture:
        write_image(suggested.picture, suggested.image)
    write_text(out, text)
    return NewForm(form, suggested.picture)


def suggest_new_form(address: str, out: Path, models: Models, state: ReferenceState | None = None) -> SuggestedForm:
    """Suggest a form for a page, to be written to a file; writes nothing.

    The page is the reference as it is.  If its lines are not level, or its name cannot stand in a form file, a picture
    of it beside the form file is the reference, straightened if need be.

    Args:
        address: ``FILE``, or ``FILE#PAGE``.
        out: where the form file will be.
        models: see the page.
        state: whether somebody has written on it; None to judge by what is seen.

    Raises:
        PageError: if the page cannot be read.
        NothingToReadError: if there is no such page.
    """
    given = place_of(address)
    path = Path(given.file)
    image = open_page(path, given.page).image
    level = level_page(image, models)
    place = _seen_from(path, out.parent) if level.is_original else None
    picture = None if place else out.with_name(f"{out.stem}_reference.png")
    reference = Reference(place, given.page) if place else Reference(f"{out.stem}_reference.png")
    form = suggest_on_level_page(level, models, out.stem, reference, _words_of(path, given.page, image), state)
    return SuggestedForm(form, level.image, picture)


def suggest_on_level_page(
    level: LevelPage,
    models: Models,
    name: str,
    reference: Reference,
    words: Sequence[PlacedWord] = (),
    state: ReferenceState | None = None,
) -> Form:
    """Suggest a form for a page that was levelled.

    Args:
        level: the page.
        models: see it.
        name: what the form is called.
        reference: what its file will say of the page.
        words: what is printed on the page as it was, if that is known, for names.
        state: whether somebody has written on it; None to judge by what is seen.
    """
    prepared = prepare(level.image, models, LEVEL_OPTIONS)
    return suggest_form(prepared, name, reference, move_words(words, level.page_map), state)


def refuse_to_overwrite(path: Path, *, overwrite: bool) -> None:
    """Refuse to replace a file that somebody may have edited.

    Raises:
        OutputError: if it exists and is not to be overwritten.
    """
    if path.exists() and not overwrite:
        raise OutputError(f"{path}: exists; choose another name, or overwrite it with --force")


def _seen_from(path: Path, folder: Path) -> str | None:
    """A file as a form file in a folder names it; None if it cannot."""
    try:
        relative = Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # On Windows it may be on another drive.
        return None
    return relative if len(relative) <= MAX_TEXT_LENGTH and relative.isprintable() and "\\" not in relative else None


def _words_of(path: Path, page_number: int, image: Image) -> tuple[PlacedWord, ...]:
    height, width = image.shape[:2]
    return read_words(read_file(PageRef(path, str(path))), page_number, width, height)
