"""Forms of several pages: a form for each page, which says what page it follows; together they are one sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.errors import FormError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.forms.form import Form


def put_in_order(forms: Sequence[Form]) -> tuple[tuple[Form, ...], ...]:
    """Put the forms of the pages of each sheet in order.

    Args:
        forms: the forms, no two of one name.

    Returns:
        The forms of each sheet, from its first page on; a form of a single page is a sheet by itself.  Sheets are in
        the order of the first of their forms.

    Raises:
        FormError: if a form follows one that is not there, or which another follows as well, or forms follow one
            another in a circle, or two forms of a sheet have a field or a table of one name.
    """
    by_name = {form.name: form for form in forms}
    next_form: dict[str, Form] = {}
    for form in filter(lambda each: each.follows, forms):
        if form.follows not in by_name:
            raise FormError([f'{_where(form)}: follows "{form.follows}", and no form is called that; give it as well'])
        if form.follows in next_form:
            other = _where(next_form[form.follows])
            raise FormError([f'{_where(form)}: follows "{form.follows}", and so does {other}; only one can'])
        next_form[form.follows] = form
    sheets = [tuple(_pages_from(form, next_form)) for form in forms if not form.follows]
    in_sheets = {form.name for sheet in sheets for form in sheet}
    for form in forms:
        if form.name not in in_sheets:
            raise FormError([f"{_where(form)}: the forms follow one another in a circle; one has to be the first"])
    for sheet in sheets:
        _check_different_names(sheet)
    return tuple(sorted(sheets, key=lambda sheet: min(forms.index(form) for form in sheet)))


def sheet_form(pages: Sequence[Form]) -> Form:
    """Make one form of those of the pages of a sheet: the name is that of the first, and fields of all are in order."""
    first = pages[0]
    if len(pages) == 1:
        return first
    return replace(
        first,
        fields=tuple(field for form in pages for field in form.fields),
        tables=tuple(table for form in pages for table in form.tables),
        rules=tuple(rule for form in pages for rule in form.rules),
    )


def _pages_from(first: Form, next_form: dict[str, Form]) -> Iterator[Form]:
    form: Form | None = first
    while form is not None:
        yield form
        form = next_form.get(form.name)


def _check_different_names(sheet: Iterable[Form]) -> None:
    owners: dict[str, Form] = {}
    for form in sheet:
        for name in (*(field.name for field in form.fields), *(table.name for table in form.tables)):
            if name in owners:
                other = _where(owners[name])
                raise FormError([f'{_where(form)}: has a field or table "{name}", as {other} has; rename one of them'])
            owners[name] = form


def _where(form: Form) -> str:
    return str(form.file) if form.file.name else form.name
