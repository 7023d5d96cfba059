"""The pages of a sheet as one result, where a form has several pages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.types import BrokenRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.forms.form import Form
    from scanner.types import PageResult

MISSING_PAGE = "a page is missing"
"""What does not hold of a sheet that lacks a page."""


def join_pages(results: Iterable[PageResult], sheets: Sequence[Sequence[Form]]) -> Iterator[PageResult]:
    """Join pages that follow one another and are those of one sheet.

    A page whose form follows another, without that page right before it, is of a sheet that lacks a page; so is one
    without the page that follows.  Such sheets are kept, with a broken rule for each page that is not there.

    Args:
        results: all pages, in order.  They are iterated once, as the joined ones are.
        sheets: the forms of the pages of each sheet, from :func:`scanner.forms.page_order.put_in_order`.

    Yields:
        One result for each sheet: its file and page are those of its first page, its form is that of the sheet.  Pages
        that are of no form, and sheets of one page, are as they were.
    """
    sheet_of = {form.name: tuple(each.name for each in sheet) for sheet in sheets for form in sheet}
    pages: list[PageResult] = []
    for result in results:
        sheet = sheet_of.get(result.form, ())
        if pages and not _goes_on(pages[-1], result, sheet_of):
            yield _joined(pages, sheet_of[pages[0].form])
            pages = []
        if len(sheet) > 1:
            pages.append(result)
        else:
            yield result
    if pages:
        yield _joined(pages, sheet_of[pages[0].form])


def _goes_on(before: PageResult, result: PageResult, sheet_of: dict[str, tuple[str, ...]]) -> bool:
    """Whether a page is a later one of the sheet of the page before."""
    sheet = sheet_of[before.form]
    return result.form in sheet and sheet.index(result.form) > sheet.index(before.form)


def _joined(pages: Sequence[PageResult], sheet: Sequence[str]) -> PageResult:
    present = {page.form for page in pages}
    missing = tuple(BrokenRule(f"page {name}", (), MISSING_PAGE) for name in sheet if name not in present)
    return replace(
        pages[0],
        numbers=tuple(number for page in pages for number in page.numbers),
        form=sheet[0],
        broken_rules=tuple(broken for page in pages for broken in page.broken_rules) + missing,
    )
