"""Names of the sheets of a spreadsheet: any text will not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAX_LENGTH = 31
"""Most characters of the name of a sheet, those beyond U+FFFF counted as two."""
_FORBIDDEN = frozenset("[]:*?/\\'")
"""Characters that no name may have; the apostrophe only not at the ends, but formulas would have to double it."""
_OMITTED = "\u2026"
"""Stands for the beginning of a name that is too long."""


def name_sheets(tables: Iterable[Sequence[str | int]], taken: Iterable[str] = ()) -> tuple[str, ...]:
    """Name the sheets of tables by file, page and table: ``sub/log.pdf``, 2, 1 becomes ``log p2 t1``.

    Folders and endings are left out.  Of a long name the end stays, where most scanners count; of names that would be
    the same, later ones get a number.

    Args:
        tables: file, page number and table number of each.
        taken: names of other sheets.

    Returns:
        As many names, all different whatever their case.
    """
    used = {name.casefold() for name in taken}
    names = []
    for file, page, table in tables:
        ending = f" p{page} t{table}"
        name = _fit(_stem(str(file)), ending)
        count = 1
        while name.casefold() in used:
            count += 1
            name = _fit(_stem(str(file)), f"{ending} ({count})")
        used.add(name.casefold())
        names.append(name)
    return tuple(names)


def fit_names(names: Iterable[str]) -> tuple[str, ...]:
    """Make names of sheets of any texts.

    Of a long one the beginning stays; of those that would be the same, later ones get a number.

    Returns:
        As many names, all different whatever their case.
    """
    used: set[str] = set()
    fitting = []
    for text in names:
        whole = _clean(text).strip() or "_"
        name, count = _shorten(whole, ""), 1
        while name.casefold() in used:
            count += 1
            name = _shorten(whole, f" ({count})")
        used.add(name.casefold())
        fitting.append(name)
    return tuple(fitting)


def _stem(file: str) -> str:
    name = file.rpartition("/")[2]
    return _clean(name.rpartition(".")[0] or name)


def _clean(stem: str) -> str:
    return "".join("_" if character in _FORBIDDEN or not character.isprintable() else character for character in stem)


def _fit(stem: str, ending: str) -> str:
    if _length(stem + ending) <= _MAX_LENGTH:
        return stem + ending
    while _length(_OMITTED + stem + ending) > _MAX_LENGTH:
        stem = stem[1:]
    return _OMITTED + stem + ending


def _shorten(text: str, ending: str) -> str:
    if _length(text + ending) <= _MAX_LENGTH:
        return text + ending
    while _length(text + _OMITTED + ending) > _MAX_LENGTH:
        text = text[:-1]
    return text + _OMITTED + ending


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
