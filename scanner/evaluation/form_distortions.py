"""Changes of the pages of a form: turned, smaller, bent, photographed; and reading pages with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.page_sources import HeldOutSeed
from scanner.evaluation.field_scoring import judge_page
from scanner.evaluation.real_pages import PageVariant, decode_pages, make_variant
from scanner.form_pipeline import scan_form_page
from scanner.synthesis.bending import bend_page
from scanner.synthesis.scans import SyntheticPage, simulate_photograph
from scanner.types import PageImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.evaluation.field_scoring import JudgedPage
    from scanner.evaluation.real_forms import RealForm
    from scanner.reading_models import Models
    from scanner.types import Image

    Generator = np.random.Generator

_SHEET_WIDTH_INCHES = 8.27
"""Width of a sheet of A4, from which the resolution of a page is told."""


@dataclass(frozen=True, slots=True)
class Distortion:
    """A change of a page."""

    name: str
    change: Callable[[Image, Generator], Image]
    """From the page and a source of randomness; nothing of the page is lost but what a camera loses."""


def _bend(image: Image, rng: Generator) -> Image:
    return bend_page(_as_synthetic(image), rng).image


def _photograph(image: Image, rng: Generator) -> Image:
    return simulate_photograph(_as_synthetic(image), rng).image


def _as_synthetic(image: Image) -> SyntheticPage:
    """A page of which nothing is known but its picture."""
    height, width = image.shape[:2]
    return SyntheticPage(image, np.zeros((height, width), np.uint8), (), min(width, height) / _SHEET_WIDTH_INCHES)


def _vary(image: Image, _: Generator, variant: PageVariant) -> Image:
    return make_variant(image, variant)


DISTORTIONS = (
    *(
        Distortion(variant.name, partial(_vary, variant=variant))
        for variant in (
            PageVariant("turned by 2 degrees", degrees=2),
            PageVariant("turned by 7 degrees", degrees=7),
            PageVariant("turned by 90 degrees", quarter_turns=1),
            PageVariant("turned by 180 degrees", quarter_turns=2),
            PageVariant("at 0.6 of its size", scale=0.6),
        )
    ),
    Distortion("bent", _bend),
    Distortion("photographed", _photograph),
)
"""A sheet placed carelessly, fed in sideways or upside down, scanned coarsely; one of a book or folded; by a phone."""


def read_real_forms(
    forms: Sequence[RealForm], models: Models, distortion: Distortion | None = None
) -> list[JudgedPage]:
    """Read all pages of some forms, each with its own form, and judge them.

    Args:
        forms: the forms.
        models: models to read with, all of them.
        distortion: change of each page before it is read, the same each time; None for none.
    """
    judged: list[JudgedPage] = []
    for form in forms:
        for page in form.pages:
            rng = np.random.default_rng((HeldOutSeed.FORM_BENCHMARK, len(judged)))
            image = next(decode_pages(page.path)).image
            changed = image if distortion is None else distortion.change(image, rng)
            result = scan_form_page(PageImage(page.path.name, 1, changed), [form.reference], models)
            judged.append(judge_page(result, page.asked, form.separators))
    return judged
