"""Forms of real pages in the data folder, each made from one page, and what is written on the pages.

No form is fitted to the pages that it is measured on: one has boxes that a person drew on one page, the others are what
``digitscan form new`` suggests for one page, with the kinds that a person who knows the form gives its columns.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import DataError
from scanner.evaluation.field_scoring import AskedField
from scanner.evaluation.ground_truth import read_truth
from scanner.form_making.blank_form import write_blank_form
from scanner.form_making.new_form import write_new_form
from scanner.form_reading.reference_page import load_reference
from scanner.forms.form import FieldKind, Reference, ReferenceState, cell_name
from scanner.forms.form_file import load_form, parse_form
from scanner.text_comparison import Separators

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.form_reading.reference_page import ReferencePage
    from scanner.forms.form import Form, FormTable
    from scanner.reading_models import Models

FORM_FILES = Path(__file__).parent / "form_files"
"""Folder of the forms that come with the benchmark."""
TRUTH_PATH = Path("pages/truth.json")
"""What is written on the pages, relative to the data folder."""

_TALLY_FIELDS = (("votes_01",), ("votes_02",), ("valid",), ("invalid",), ("total",), ("day", "month", "year"))
"""The fields of a tally sheet, in the order of its truth."""
_UNUSED_CELL_MARKS = "X_"
"""What the truth of tally sheets has for a cell that is crossed, dashed or empty."""
_LOGBOOK_REFERENCE = "logbooks/3d06c0df.jpg"
_LOGBOOK_PICTURES, _LOGBOOK_WHOLE = ("c1", "c3", "c4", "c14"), ("c2", "c5", "c15")
"""Columns of a logbook with letters and bubbles, and with whole numbers; all others have decimals."""
_LOGBOOK_COLUMNS = {
    _LOGBOOK_REFERENCE: ("c2", "c6", "c7", "c8", "c9", "c10", "c11", "c12"),
    "logbooks/b857fe01.jpg": ("c1", "c2", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13", "c15"),
}
"""The columns that the truth of each photograph lists; the other columns of numbers are empty."""
_EXAM_LAYOUTS = (
    ("page_00", "page_02", "page_10"),
    ("page_01", "page_03", "page_09"),
    ("page_04", "page_08"),
    ("page_05", "page_07"),
    ("page_06", "page_11"),
)
"""Exam covers that are printed alike; the first of each is the reference.  All have the same text, but the comb stands
elsewhere in it."""
_EXAM_CELLS = 9
"""Cells of the comb on an exam cover."""


@dataclass(frozen=True, slots=True)
class FilledPage:
    """A page of a form, and what is written on it."""

    path: Path
    asked: tuple[AskedField, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RealForm:
    """A form and its pages."""

    reference: ReferencePage
    pages: tuple[FilledPage, ...]
    separators: Separators = Separators.EXACT
    """How separators are compared."""


@dataclass(frozen=True, slots=True)
class FormSources:
    """What forms are made from."""

    folder: Path
    """The data folder."""
    scratch: Path
    """Folder for form files and their references."""
    models: Models

    @property
    def pages(self) -> Path:
        """Folder of the pages."""
        return self.folder / "pages"

    def suggest(self, file: str) -> Form:
        """The form that is suggested for a page that somebody has written on."""
        out = self.scratch / f"{Path(file).stem}.toml"
        write_new_form(str(self.pages / file), out, self.models, ReferenceState.FILLED, overwrite=True)
        return load_form(out)

    def rows(self, kind: str) -> dict[str, tuple[tuple[str | None, ...], ...]]:
        """The rows of the truth of the pages in a folder, by file."""
        truths = read_truth(self.folder / TRUTH_PATH)
        return {truth.file: truth.rows for truth in truths if truth.file.startswith(f"{kind}/")}


def load_tally(sources: FormSources) -> tuple[RealForm, ...]:
    """Load the tally sheets, with boxes drawn on one of them."""
    return (RealForm(load_reference(_tally_form(sources)), _tally_pages(sources)),)


def load_tally_with_computed_blank(sources: FormSources) -> tuple[RealForm, ...]:
    """Load the tally sheets, with the blank form that is computed from all of them as the reference."""
    form = _tally_form(sources)
    blank = sources.scratch / "tally_blank.png"
    write_blank_form([sources.pages / "tally"], blank, str(form.reference_path), overwrite=True)
    form = replace(form, reference=Reference(blank.name), file=sources.scratch / "tally.toml")
    return (RealForm(load_reference(form), _tally_pages(sources)),)


def load_marksheets(sources: FormSources) -> tuple[RealForm, ...]:
    """Load the mark sheets, each of which is a form of its own: marks, and a grade in letters in the last column."""
    return tuple(
        RealForm(
            load_reference(_marksheet_form(sources.suggest(file))),
            (FilledPage(sources.pages / file, asked_in_table(rows)),),
        )
        for file, rows in sources.rows("marksheets").items()
    )


def load_logbooks(sources: FormSources) -> tuple[RealForm, ...]:
    """Load the logbooks: two photographs of one form, in which other columns are filled."""
    form = sources.suggest(_LOGBOOK_REFERENCE)
    table = _with_kinds(main_table(form), _logbook_kind)
    pages = tuple(
        FilledPage(sources.pages / file, asked_in_logbook(rows, _LOGBOOK_COLUMNS[file], table))
        for file, rows in sources.rows("logbooks").items()
    )
    reference = load_reference(replace(form, fields=(), tables=(table,)))
    return (RealForm(reference, pages, Separators.ALIKE),)


def load_logs(sources: FormSources) -> tuple[RealForm, ...]:
    """Load the temperature logs: a column of temperatures, and one of signatures."""
    form = sources.suggest("logs/p02.png")
    table = _with_kinds(main_table(form), {"c1": FieldKind.NUMBER}.get)
    pages = tuple(
        FilledPage(sources.pages / file, asked_in_table([(text,) for row in rows for text in row]))
        for file, rows in sources.rows("logs").items()
    )
    return (RealForm(load_reference(replace(form, fields=(), tables=(table,))), pages),)


def load_exam_covers(sources: FormSources) -> tuple[RealForm, ...]:
    """Load the exam covers, each layout of which is a form: a comb of nine cells, and no other field."""
    rows = sources.rows("exam_ids")
    forms = []
    for files in _EXAM_LAYOUTS:
        names = [f"exam_ids/{file}.png" for file in files]
        pages = tuple(
            FilledPage(sources.pages / name, (AskedField(("exam_id",), rows[name][0][0] or ""),)) for name in names
        )
        forms.append(RealForm(load_reference(_exam_form(sources.suggest(names[0]))), pages))
    return tuple(forms)


FormLoader = Callable[[FormSources], tuple[RealForm, ...]]
REAL_FORMS: dict[str, FormLoader] = {
    "tally": load_tally,
    "tally_blank": load_tally_with_computed_blank,
    "marksheets": load_marksheets,
    "logbooks": load_logbooks,
    "logs": load_logs,
    "exam_ids": load_exam_covers,
}
"""What loads the forms of each kind, by the name of the kind."""


def asked_in_table(rows: Iterable[Sequence[str | None]]) -> tuple[AskedField, ...]:
    """What is written in the cells of a table whose columns are called ``c1``, ``c2`` and so on; None is not asked."""
    return tuple(
        AskedField((cell_name("table_1", row, f"c{column}"),), text)
        for row, texts in enumerate(rows, start=1)
        for column, text in enumerate(texts, start=1)
        if text is not None
    )


def asked_in_logbook(
    rows: Sequence[Sequence[str | None]], columns: Sequence[str], table: FormTable
) -> tuple[AskedField, ...]:
    """What is written in a logbook.

    Args:
        rows: the texts of each row, empty cells at its end left out; None is not asked.
        columns: the columns that they are in.
        table: the form; its columns of numbers that are not in ``columns``, and its rows beyond ``rows``, are empty.
    """
    asked = []
    for row in range(1, max(table.rows, len(rows)) + 1):
        texts: dict[str, str | None] = {column.name: "" for column in table.columns if column.kind.is_numeric}
        if row <= len(rows):
            texts |= dict(zip(columns, rows[row - 1], strict=False))
        asked += [
            AskedField((cell_name(table.name, row, name),), text) for name, text in texts.items() if text is not None
        ]
    return tuple(asked)


def asked_on_tally_sheet(cells: Sequence[str | None]) -> tuple[AskedField, ...]:
    """What is written on a tally sheet, from the texts of its fields with marks for cells that are not used."""
    return tuple(
        AskedField(names, text.strip(_UNUSED_CELL_MARKS))
        for names, text in zip(_TALLY_FIELDS, cells, strict=True)
        if text is not None
    )


def main_table(form: Form) -> FormTable:
    """The table of a form with the most fields.

    Raises:
        DataError: if there is none.
    """
    if not form.tables:
        raise DataError(f"{form.file}: no table is suggested")
    return max(form.tables, key=lambda table: table.rows * len(table.columns))


def _tally_form(sources: FormSources) -> Form:
    name = "tally.toml"
    return replace(parse_form((FORM_FILES / name).read_text("utf-8"), name), file=sources.folder / name)


def _tally_pages(sources: FormSources) -> tuple[FilledPage, ...]:
    truth = json.loads((sources.folder / TRUTH_PATH).read_text("utf-8"))
    return tuple(
        FilledPage(sources.pages / file, asked_on_tally_sheet(page["cells"]))
        for file, page in truth.items()
        if file.startswith("tally/")
    )


def _exam_form(form: Form) -> Form:
    combs = [field for field in form.fields if field.cells == _EXAM_CELLS]
    if len(combs) != 1:
        raise DataError(f"{form.file}: {len(combs)} combs of {_EXAM_CELLS} cells are suggested instead of one")
    return replace(form, fields=(replace(combs[0], name="exam_id"),), tables=())


def _marksheet_form(form: Form) -> Form:
    table = main_table(form)
    last = table.columns[-1].name
    table = _with_kinds(table, lambda name: FieldKind.TEXT_IMAGE if name == last else FieldKind.DECIMAL)
    return replace(form, fields=(), tables=(table,))


def _logbook_kind(name: str) -> FieldKind:
    if name in _LOGBOOK_PICTURES:
        return FieldKind.TEXT_IMAGE
    return FieldKind.NUMBER if name in _LOGBOOK_WHOLE else FieldKind.DECIMAL


def _with_kinds(table: FormTable, kind_of: Callable[[str], FieldKind | None]) -> FormTable:
    """The table, called as in the truth, with these kinds of its columns; those of no kind are not read."""
    columns = tuple(
        replace(column, kind=kind_of(column.name) or FieldKind.TEXT_IMAGE, cells=None) for column in table.columns
    )
    return replace(table, name="table_1", columns=columns)
