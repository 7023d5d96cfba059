"""Measure how forms are read: real ones, their pages changed, a printed one, and whose pages are taken for whose."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
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
from scanner.reading_models import load_models

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scanner.evaluation.field_scoring import JudgedPage
    from scanner.evaluation.form_identity import IdentityCounts
    from scanner.evaluation.real_forms import RealForm
    from scanner.evaluation.synthetic_forms import PrintedForm
    from scanner.reading_models import Models

CHANGED, IDENTITY, PRINTED, COST = "changed", "identity", "printed", "cost"
"""Parts that are no kind of real form: pages changed; pages of other forms; a printed form; processor time."""
PARTS = (*REAL_FORMS, CHANGED, IDENTITY, PRINTED, COST)
"""Parts of the benchmark, each of which can be measured alone."""
_SECOND_LOOK = "tally_blank"
"""Kind whose pages are those of another one, read with another reference: nothing else is done with it."""
_MANY_LAYOUTS = "exam_ids"
"""Kind whose pages have the same text, with the field elsewhere in it."""


def run_form_benchmark(folder: Path, only: Sequence[str] = (), weights: Path | None = None) -> Iterator[Measurement]:
    """Measure all figures, or those of some parts, one at a time.

    Args:
        folder: the data folder.
        only: some of ``PARTS``; all if it is empty.  Kinds of real forms among them are those whose pages are changed
            and timed, too; without any, those of all kinds are.
        weights: folder of weights; those that it lacks come with the program.

    Raises:
        DataError: if there is no part of a name, or a source is missing.
        FormError: if a reference cannot be read.
        NotInstalledError: if weights are missing.
    """
    for name in only:
        if name not in PARTS:
            raise DataError(f"{name}: there is no such part of this benchmark; name one of {', '.join(PARTS)}")
    parts = tuple(only) or PARTS
    named = [kind for kind in REAL_FORMS if kind in parts]
    kinds = [kind for kind in named or REAL_FORMS if kind != _SECOND_LOOK]
    with tempfile.TemporaryDirectory() as scratch:
        session = _Session(FormSources(folder, Path(scratch), load_models(folder=weights)))
        yield from _measure_kinds(session, named)
        if CHANGED in parts:
            yield from _measure_changed(session, kinds)
        if IDENTITY in parts:
            yield from _measure_identity(session, kinds)
        if PRINTED in parts:
            yield from _measure_printed(session)
        if COST in parts:
            yield from _measure_cost(session, kinds)
        if session.read_pages:
            refused = f"{session.refused_pages} of {session.read_pages}"
            yield Measurement("own pages refused", refused, "all pages above, changed or not")


@dataclass(slots=True)
class _Session:
    """What several parts need, made when it is first asked for."""

    sources: FormSources
    read_pages: int = 0
    """Pages that were read with their own form."""
    refused_pages: int = 0
    """Those of them that were taken for pages of another form."""
    _forms: dict[str, tuple[RealForm, ...]] = field(default_factory=dict)
    _judged: dict[str, list[JudgedPage]] = field(default_factory=dict)
    _printed: list[PrintedForm] = field(default_factory=list)

    @property
    def models(self) -> Models:
        """Models to read with."""
        return self.sources.models

    def forms(self, kind: str) -> tuple[RealForm, ...]:
        """The forms of a kind."""
        if kind not in self._forms:
            self._forms[kind] = REAL_FORMS[kind](self.sources)
        return self._forms[kind]

    def judged(self, kind: str) -> list[JudgedPage]:
        """The pages of a kind as they are, read and judged."""
        if kind not in self._judged:
            self._judged[kind] = self.counted(read_real_forms(self.forms(kind), self.models))
        return self._judged[kind]

    def printed(self) -> PrintedForm:
        """The printed form."""
        if not self._printed:
            self._printed.append(make_printed_form(self.sources.folder))
        return self._printed[0]

    def counted(self, pages: list[JudgedPage]) -> list[JudgedPage]:
        """The same pages, counted among those that were read with their own form."""
        self.read_pages += len(pages)
        self.refused_pages += sum(page.is_refused for page in pages)
        return pages


def _measure_kinds(session: _Session, kinds: Sequence[str]) -> Iterator[Measurement]:
    """Each kind of real form, and all of them pooled."""
    for kind in kinds:
        yield from measure_fields(kind, session.judged(kind))
    if kinds:
        pooled = [page for kind in kinds if kind != _SECOND_LOOK for page in session.judged(kind)]
        yield from measure_fields("real forms", pooled)
        yield from measure_calibration("real forms", pooled)


def measure_fields(name: str, pages: Sequence[JudgedPage]) -> Iterator[Measurement]:
    """Measure what was read in the fields of some pages."""
    counts = count_fields(pages)
    on_pages = _plural(counts.pages, "page")
    refused = f", {counts.refused} refused" if counts.refused else ""
    yield Measurement(f"{name}: fields right", _of(counts.right, counts.written), on_pages + refused)
    yield Measurement(f"{name}: pages all right", _of(counts.right_pages, counts.pages), on_pages)
    unflagged = f"{counts.right_unflagged_pages} of {counts.unflagged_pages}"
    yield Measurement(f"{name}: unflagged pages all right", unflagged, on_pages)
    if counts.blank:
        false = f"{counts.false} of {counts.blank}"
        yield Measurement(f"{name}: false", false, "fields in which nothing is written")
    yield Measurement(f"{name}: flagged", _of(counts.flagged, counts.fields), "fields, empty ones too")
    wrong = _of(counts.unflagged_errors, counts.unflagged)
    yield Measurement(f"{name}: wrong of unflagged", wrong, "fields, empty ones too")


def measure_calibration(name: str, pages: Sequence[JudgedPage]) -> Iterator[Measurement]:
    """Measure the calibration of the fields of some pages, empty ones too; pages that were refused have none."""
    judged = [each for page in pages if not page.is_refused for each in page.fields]
    table = calibration_table([each.confidence for each in judged], [each.is_right for each in judged])
    if table:
        on_all = f"{len(judged):,} fields"
        error, largest = expected_calibration_error(table), max_calibration_error(table)
        yield Measurement(f"{name}: expected calibration error", f"{error:.1f} points", on_all)
        yield Measurement(f"{name}: maximum calibration error", f"{largest:.1f} points", f"{table[0].count} in a tenth")


def _measure_changed(session: _Session, kinds: Sequence[str]) -> Iterator[Measurement]:
    """For each change of the pages, the fields that are read rightly without it alone."""
    for distortion in DISTORTIONS:
        lost, won, before, refused = {}, 0, 0, 0
        for kind in kinds:
            changed = session.counted(read_real_forms(session.forms(kind), session.models, distortion))
            lost[kind], more = count_lost(session.judged(kind), changed)
            won += more
            refused += sum(page.is_refused for page in changed)
            before += sum(each.is_right for page in session.judged(kind) for each in page.fields)
        by_kind = ", ".join(f"{kind} {count}" for kind, count in lost.items())
        conditions = f"{by_kind}; {won} won, {refused} pages refused"
        yield Measurement(f"{distortion.name}: fields lost", _of(sum(lost.values()), before), conditions)


def _measure_identity(session: _Session, kinds: Sequence[str]) -> Iterator[Measurement]:
    """Pages of other forms that are taken for pages of a form."""
    references = {kind: [form.reference for form in session.forms(kind)] for kind in kinds}
    references[PRINTED] = [session.printed().reference]
    pages = session.sources.pages
    yield _taken("pages of other kinds taken for a form", compare_with_other_forms(pages, references))
    if _MANY_LAYOUTS in kinds:
        alike = compare_layouts(session.forms(_MANY_LAYOUTS))
        yield _taken("pages of other layouts taken for a form", alike)


def _taken(name: str, counts: IdentityCounts) -> Measurement:
    return Measurement(name, f"{counts.taken} of {counts.pages}", f"{counts.pairs} comparisons with other forms")


def _measure_printed(session: _Session) -> Iterator[Measurement]:
    """The printed form, filled in by several writers."""
    printed = session.printed()
    pages = session.counted([read_filled_page(printed, index, session.models) for index in range(PAGE_COUNT)])
    name, writers = "printed form", f"{PAGE_COUNT} pages by {WRITER_COUNT} writers"
    counts = count_fields(pages)
    yield Measurement(f"{name}: right or flagged", _of(counts.fields - counts.unflagged_errors, counts.fields), writers)
    safe = counts.unflagged - counts.unflagged_errors
    yield Measurement(f"{name}: right and not flagged", _of(safe, counts.fields), writers)
    yield from measure_fields(name, pages)
    yield from measure_calibration(name, pages)


def _measure_cost(session: _Session, kinds: Sequence[str]) -> Iterator[Measurement]:
    """Processor time of the first page of each kind, with its form and without any."""
    seconds = {True: 0.0, False: 0.0}
    with single_threaded_opencv():
        for kind in kinds:
            form = session.forms(kind)[0]
            page = next(decode_pages(form.pages[0].path))
            seconds[True] += _seconds(partial(scan_form_page, page, [form.reference], session.models))
            seconds[False] += _seconds(partial(scan_page, page, session.models))
    pages = f"a page of each of {len(kinds)} kinds, one core, decoded"
    yield Measurement("processor time of a page with its form", f"{seconds[True] / len(kinds):.2f} s", pages)
    yield Measurement("processor time of a page without", f"{seconds[False] / len(kinds):.2f} s", pages)


_TIMING_REPETITIONS = 2
"""Repetitions of which the fastest counts: other work on the machine makes one slower, never faster."""


def _seconds(work: Callable[[], object]) -> float:
    """Processor time of the fastest of some repetitions, seconds."""
    times = []
    for _ in range(_TIMING_REPETITIONS):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,} ({100 * part / whole:.1f} %)" if whole else "0 of 0"


def _plural(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
