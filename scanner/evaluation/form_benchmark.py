"""Measure how forms are read: real ones, their pages changed, a printed one, and whose pages are taken for whose."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import DataError
from scanner.evaluation.benchmark import Measurement, single_threaded_opencv
from scanner.evaluation.calibration_error import calibration_table, expected_calibration_error, max_calibration_error
from scanner.evaluation.field_scoring import count_fields, count_lost
from scanner.evaluation.form_distortions import DISTORTIONS, read_real_forms
from scanner.evaluation.form_identity import compare_layouts, compare_with_other_forms
from scanner.evaluation.real_forms import REAL_FORMS, FormSources
from scanner.evaluation.real_pages import decode_pages
from scanner.evaluation.synthetic_forms import PAGE_COUNT, WRITER_COUNT, make_printed_form, read_filled_page
from scanner.form_pipeline import scan_form_page
from scanner.pipeline import scan_page
from scanner.reading_models import Models, load_models

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.evaluation.field_scoring import FieldCounts, JudgedField, JudgedPage
    from scanner.evaluation.real_forms import RealForm
    from scanner.types import PageImage

CHANGED, IDENTITY, PRINTED, COST = "changed", "identity", "printed", "cost"
"""Parts that are no kind of real form: pages changed; pages of other forms; a printed form; processor time."""
PARTS = (*REAL_FORMS, CHANGED, IDENTITY, PRINTED, COST)
"""Parts of the benchmark, each of which can be measured alone."""
_UNCHANGED_ONLY = "tally_blank"
"""Kind whose pages are those of another one: it is only read as it is."""


@dataclass(slots=True)
class _Session:
    """What several parts need, made when it is first asked for."""

    sources: FormSources
    _forms: dict[str, tuple[RealForm, ...]] = field(default_factory=dict)
    _judged: dict[str, list[JudgedPage]] = field(default_factory=dict)

    def forms(self, kind: str) -> tuple[RealForm, ...]:
        """The forms of a kind."""
        if kind not in self._forms:
            self._forms[kind] = REAL_FORMS[kind](self.sources)
        return self._forms[kind]

    def judged(self, kind: str) -> list[JudgedPage]:
        """Its pages as they are, read and judged."""
        if kind not in self._judged:
            self._judged[kind] = read_real_forms(self.forms(kind), self.sources.models)
        return self._judged[kind]
