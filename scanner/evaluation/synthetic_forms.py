"""A form that is printed, filled in by ten writers, scanned and photographed, so that all that is written is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.page_sources import HeldOutSeed, find_held_out_fonts, load_handwriting
from scanner.evaluation.field_scoring import AskedField, judge_page
from scanner.evaluation.real_forms import FORM_FILES
from scanner.form_pipeline import scan_form_page
from scanner.form_reading.reference_page import reference_of
from scanner.forms.form import FieldKind, cell_name
from scanner.forms.form_file import parse_form
from scanner.synthesis import bending, page_content, paper_wear, scans, surroundings
from scanner.synthesis.filled_forms import fill_in_form, random_form_writer
from scanner.synthesis.printed_forms import FormStyle, print_form
from scanner.synthesis.scans import SyntheticPage
from scanner.text_comparison import Separators
from scanner.types import PageImage

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.evaluation.field_scoring import JudgedPage
    from scanner.form_reading.reference_page import ReferencePage
    from scanner.forms.form import Form
    from scanner.reading_models import Models
    from scanner.synthesis.filled_forms import FormWriter
    from scanner.synthesis.page_content import PageContent

    Generator = np.random.Generator

PAGE_COUNT, WRITER_COUNT = 100, 10
"""Pages that are read, and people who fill them in by turns."""
DPI = 150.0
"""Pixels per inch of the reference and of the pages before they are scanned."""
_PAGE_SIZE = 1240, 1754
"""Width and height of a sheet of A4, pixels."""
_FORM_NAME = "report.toml"
_TABLE_NAME, _TABLE_ROWS = "readings", 10
_MIN_FILLED_ROWS = 4
"""Fewest rows of the table that are filled in.  A choice."""
_EMPTY_SHARE = 0.15
"""Share of fields outside the table that nothing is written in.  A choice."""
_TICKED_SHARE = 0.4
"""Share of boxes that are ticked.  A choice."""
_WRONG_SUM_SHARE = 0.02
"""Share of sums that the writer gets wrong, as rules assume."""
_PHOTOGRAPH_SHARE = 0.35
"""Share of pages that are photographed; the others are scanned.  A choice."""
_BENT_SHARES = {True: 0.5, False: 0.15}
"""Share of bent pages of photographs and of scans; as on other synthetic pages."""
_SURROUNDED_SHARE = 0.6
"""Share of photographs that show what the page lies on; as on other synthetic pages."""


@dataclass(frozen=True, slots=True, eq=False)
class PrintedForm:
    """A form with its print, and the people who fill it in."""

    reference: ReferencePage
    print: PageContent
    writers: tuple[FormWriter, ...]

    @property
    def form(self) -> Form:
        """The form."""
        return self.reference.form


def make_printed_form(folder: Path | None) -> PrintedForm:
    """Print the form, and draw who fills it in.

    Args:
        folder: data folder, with whose digits of the test split people write; None for drawn ones.

    Raises:
        DataError: if the folder lacks a source, or the fonts are not installed.
    """
    form = parse_form((FORM_FILES / _FORM_NAME).read_text("utf-8"), _FORM_NAME)
    family = find_held_out_fonts()[0]
    seed = HeldOutSeed.FORM_BENCHMARK
    pools = load_handwriting(folder, seed, DataSplit.TEST).pools
    printing = np.random.default_rng((seed, 1))
    content = print_form(form, _PAGE_SIZE[0], FormStyle.at(family, DPI), printing)
    white = np.full((_PAGE_SIZE[1], _PAGE_SIZE[0], 3), 255, np.uint8)
    blank, _ = page_content.lay_on_paper(white, content, printing)
    writers = (
        random_form_writer(np.random.default_rng((seed, 2, index)), pools, 25.4 / DPI) for index in range(WRITER_COUNT)
    )
    return PrintedForm(reference_of(form, blank), content, tuple(writers))


def synthesize_filled_page(printed: PrintedForm, index: int) -> tuple[SyntheticPage, tuple[AskedField, ...]]:
    """Fill in a form, and scan or photograph it.

    Args:
        printed: the form.
        index: which page; the same one each time.

    Returns:
        The page, and what is written on it; without what is cut off, or too faint for a person to read.
    """
    rng = np.random.default_rng((HeldOutSeed.FORM_BENCHMARK, 3, index))
    texts = random_report(rng)
    written = fill_in_form(printed.form, texts, printed.writers[index % len(printed.writers)], rng)
    paper = paper_wear.blank_paper(*_PAGE_SIZE, rng)
    image, classes = page_content.lay_on_paper(paper, printed.print + written, rng)
    page = capture(SyntheticPage(image, classes, written.numbers, DPI), rng)
    return page, asked_on_page(printed.form, texts, written, scans.mark_illegible_numbers(page))


def asked_on_page(
    form: Form, texts: dict[str, str], written: PageContent, page: SyntheticPage
) -> tuple[AskedField, ...]:
    """What is written in the fields of a page.

    Args:
        form: the form.
        texts: what was to be written; of ticks it is.
        written: what was; ``row_and_column`` of a number has the index of its field.
        page: the page, whose numbers are those that are still seen on it.
    """
    drawn = {number.row_and_column for number in written.numbers}
    seen = {number.row_and_column: number for number in page.numbers if not number.optional}
    asked = []
    for index, field in enumerate(form.all_fields()):
        key = (index, 0)
        if field.kind is FieldKind.TICK:
            asked.append(AskedField((field.name,), texts.get(field.name, "0")))
        elif field.kind is not FieldKind.TEXT_IMAGE and key in seen:
            asked.append(AskedField((field.name,), seen[key].text))
        elif field.kind is not FieldKind.TEXT_IMAGE and key not in drawn:
            asked.append(AskedField((field.name,), ""))
    return tuple(asked)


def capture(page: SyntheticPage, rng: Generator) -> SyntheticPage:
    """Scan or photograph a page, flat or bent."""
    is_photograph = bool(rng.random() < _PHOTOGRAPH_SHARE)
    if rng.random() < _BENT_SHARES[is_photograph]:
        page = bending.bend_page(page, rng)
    if not is_photograph:
        return scans.simulate_scan(page, rng)
    is_surrounded = bool(rng.random() < _SURROUNDED_SHARE)
    page = surroundings.surround_page(page, rng) if is_surrounded else page
    return scans.simulate_photograph(page, rng, fills_frame=is_surrounded)


def random_report(rng: Generator) -> dict[str, str]:
    """Draw what somebody writes into the form; its sums are right but for some slips."""
    texts = {
        "account": f"{int(rng.integers(10**6)):06d}",
        "day": f"{int(rng.integers(1, 32)):02d}",
        "month": f"{int(rng.integers(1, 13)):02d}",
        "year": str(int(rng.integers(1995, 2035))),
        "signature": "signed",
    }
    others = {
        "people": str(int(rng.integers(1, 501))),
        "weight": f"{int(rng.integers(10, 2000)) / 10:.1f}",
        "temperature": str(int(rng.integers(-25, 41))),
        "rate": f"{int(rng.integers(100, 9996)) / 100:.2f}",
        "visits": str(int(rng.integers(1, 10 ** int(rng.integers(1, 4))))),
    }
    texts |= {name: text for name, text in others.items() if rng.random() >= _EMPTY_SHARE}
    for name in ("heated", "insured", "inhabited", "rented", "renovated"):
        texts[name] = "1" if rng.random() < _TICKED_SHARE else "0"
    grand_total = 0
    for row in range(1, int(rng.integers(_MIN_FILLED_ROWS, _TABLE_ROWS + 1)) + 1):
        left, right = (int(rng.integers(1, 10 ** int(rng.integers(1, 4)))) for _ in range(2))
        total = _add_up(left + right, rng)
        grand_total += total
        for column, number in (("left", left), ("right", right), ("total", total)):
            texts[cell_name(_TABLE_NAME, row, column)] = str(number)
    return texts | {"grand_total": str(_add_up(grand_total, rng))}


def _add_up(total: int, rng: Generator) -> int:
    """A sum as somebody writes it down: off by ten now and then."""
    return total + 10 if rng.random() < _WRONG_SUM_SHARE else total


def read_filled_page(printed: PrintedForm, index: int, models: Models) -> JudgedPage:
    """Fill in a page, read it with its form, and judge it."""
    page, asked = synthesize_filled_page(printed, index)
    result = scan_form_page(PageImage(f"{index}.png", 1, page.image), [printed.reference], models)
    # What a writer means by a small stroke on the baseline nobody can tell but by the number.
    return judge_page(result, asked, Separators.ALIKE)
