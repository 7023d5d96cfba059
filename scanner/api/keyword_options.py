"""The keywords that say how pages are read, with the names and values of the command line's options."""

from __future__ import annotations

import os
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

from scanner.api.forms import opened_forms
from scanner.batch.recipe import ReadingRecipe
from scanner.batch.settings import MEBIBYTE, MILLION, build_limits
from scanner.options import (
    CLASSIFIER_NAMES,
    DEFAULT_CLASSIFIER,
    DEFAULT_OPTIONS,
    Charset,
    Finder,
    NumberKind,
    PageOrCrop,
    Readers,
    ScanOptions,
)
from scanner.sources.limits import DEFAULT_LIMITS
from scanner.sources.page_ranges import parse_ranges
from scanner.weights import open_weights_folder

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from enum import Enum

    from scanner.api.forms import AnyForm

    _Choice = TypeVar("_Choice", bound=Enum)

PageSelection = int | str | range | list[int] | tuple[int, ...] | set[int] | frozenset[int] | None
"""Numbers of the pages to read, from 1: one number, several, or text such as ``"1-3,7,9-"``; None for all."""


class ReadKeywords(TypedDict, total=False):
    """How pages are read; every keyword has the meaning and the default of the command line's option of that name."""

    reader: Literal["both", "number", "contours"]
    """Which reader to use: ``"number"`` reads each number as a whole, ``"contours"`` reads digit by digit."""
    finder: Literal["network", "contours"]
    """What finds the handwritten numbers of a page."""
    layout: Literal["auto", "page", "number", "digits"]
    """What an image shows: a page, one number that was cut out already, or digits, each a number of its own."""
    charset: Literal["digits", "decimal"]
    """``"decimal"`` also reads the separators ``,`` ``.`` and ``-``."""
    kind: Literal["handwritten", "printed", "any"]
    """Which numbers of a page to return."""
    straighten: bool
    """Whether to straighten pages that are tilted."""
    turn: bool
    """Whether to turn pages that lie on their side or upside down."""
    perspective: bool
    """Whether to flatten sheets that were photographed at an angle."""
    classifier: Literal["cnn", "svm"]
    """Which classifier recognizes single digits."""
    form: AnyForm | Iterable[AnyForm] | None
    """Form, path of a form file, or several: the fields that they name are read, and nothing else."""
    models: str | os.PathLike[str] | None
    """Folder of weights that ``digitscan train`` wrote; those it lacks come with the program."""
    max_pixels: float
    """Largest image of a file, millions of pixels."""
    max_file_size: float
    """Largest file, MiB."""
    max_pages: int
    """Largest number of pages of a file; later ones are not read."""


READ_KEYWORDS = tuple(ReadKeywords.__annotations__)


def check_keywords(function: str, given: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    """Check that all keywords are allowed.

    Args:
        function: name of the function that was called.
        given: the keywords.
        allowed: names of all keywords.

    Raises:
        TypeError: if a keyword is not allowed; the message names those that are.
    """
    for name in given:
        if name not in allowed:
            raise TypeError(f"{function}() has no keyword {name!r}; its keywords are {', '.join(allowed)}")


def build_recipe(keywords: ReadKeywords) -> ReadingRecipe:
    """Convert keywords to the values of the library.

    Raises:
        ValueError: if a keyword has a value that is not allowed; it quotes the value.
        NotInstalledError: if the folder of ``models`` has no weights, or damaged ones.
        FormError: if the file of a form cannot be read, or anything in it is wrong.
    """
    classifier = keywords.get("classifier", DEFAULT_CLASSIFIER)
    if classifier not in CLASSIFIER_NAMES:
        raise _bad_choice("classifier", classifier, CLASSIFIER_NAMES)
    options = ScanOptions(
        readers=check_choice("reader", keywords.get("reader", DEFAULT_OPTIONS.readers), Readers),
        finder=check_choice("finder", keywords.get("finder", DEFAULT_OPTIONS.finder), Finder),
        page_or_crop=check_choice("layout", keywords.get("layout", DEFAULT_OPTIONS.page_or_crop), PageOrCrop),
        charset=check_choice("charset", keywords.get("charset", DEFAULT_OPTIONS.charset), Charset),
        number_kind=check_choice("kind", keywords.get("kind", DEFAULT_OPTIONS.number_kind), NumberKind),
        deskew=check_flag("straighten", keywords.get("straighten", DEFAULT_OPTIONS.deskew)),
        correct_orientation=check_flag("turn", keywords.get("turn", DEFAULT_OPTIONS.correct_orientation)),
        correct_perspective=check_flag("perspective", keywords.get("perspective", DEFAULT_OPTIONS.correct_perspective)),
    )
    limits = build_limits(
        check_positive("max_file_size", keywords.get("max_file_size", DEFAULT_LIMITS.file_bytes / MEBIBYTE)),
        check_positive("max_pixels", keywords.get("max_pixels", DEFAULT_LIMITS.pixels / MILLION)),
        check_count("max_pages", keywords.get("max_pages", DEFAULT_LIMITS.pages)),
    )
    folder = optional_path("models", keywords.get("models"))
    forms = opened_forms(keywords.get("form"))
    if forms and options.readers is Readers.CONTOURS:
        raise ValueError("reader='contours': forms are not read by contours alone; give 'both' or 'number'")
    return ReadingRecipe(options, classifier, limits, None if folder is None else open_weights_folder(folder), forms)


def select_pages(pages: PageSelection) -> Container[int] | None:
    """Convert the keyword ``pages`` to a container of page numbers; None for all pages.

    Raises:
        ValueError: if it is none of the values of ``PageSelection``; it quotes the value.
    """
    match pages:
        case None:
            return None
        case str():
            try:
                return parse_ranges(pages)
            except ValueError as error:
                raise ValueError(f"pages={pages!r}: {error}") from error
        case Integral():
            return (check_count("pages", pages),)
        case range() | list() | tuple() | set() | frozenset() if pages:
            return tuple(check_count("pages", page) for page in pages)
        case _:
            raise ValueError(f"pages={pages!r}: give a page number from 1, several, or text such as '1-3,7,9-'")


def check_path(name: str, value: object) -> Path:
    """Return a path that was given as text or as an object that stands for one.

    Raises:
        ValueError: if it is anything else; it quotes the value.
    """
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(path, str):
        raise ValueError(f"{name}={value!r}: give a path")
    return Path(path)


def optional_path(name: str, value: object) -> Path | None:
    """Return a path as :func:`check_path` does, or None for None."""
    return None if value is None else check_path(name, value)


def check_flag(name: str, value: object) -> bool:
    """Return True or False.

    Raises:
        ValueError: if it is anything else; it quotes the value.
    """
    if not isinstance(value, bool):
        raise ValueError(f"{name}={value!r}: give True or False")
    return value


def check_text(name: str, value: object) -> str:
    """Return a text.

    Raises:
        ValueError: if it is anything else; it quotes the value.
    """
    if not isinstance(value, str):
        raise ValueError(f"{name}={value!r}: give a text")
    return value


def check_positive(name: str, value: float) -> float:
    """Return a number that is larger than 0.

    Raises:
        ValueError: if it is anything else; it quotes the value.
    """
    # The numbers of NumPy are no int or float, but they are Real.
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < float("inf"):
        raise ValueError(f"{name}={value!r}: give a number larger than 0")
    return float(value)


def check_count(name: str, value: int) -> int:
    """Return a whole number from 1.

    Raises:
        ValueError: if it is anything else; it quotes the value.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name}={value!r}: give a whole number from 1")
    return int(value)


def check_choice(name: str, value: object, enumeration: type[_Choice]) -> _Choice:
    """Return the member of an enumeration with this value.

    Raises:
        ValueError: if there is none; it quotes the value and says which there are.
    """
    try:
        return enumeration(value)
    except ValueError:
        raise _bad_choice(name, value, [member.value for member in enumeration]) from None


def _bad_choice(name: str, value: object, choices: list[str] | tuple[str, ...]) -> ValueError:
    return ValueError(f"{name}={value!r}: give {', '.join(map(repr, choices[:-1]))} or {choices[-1]!r}")
