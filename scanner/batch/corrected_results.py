"""The results of a batch as they are written: what was read, with what people say put in.

This is the one place where corrections, and the calibration of an audit, meet readings.  The state has readings alone,
and may be deleted without the loss of a word; everything that is written or drawn is made of ``CorrectedResults``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.corrections.applied_corrections import apply_corrections
from scanner.corrections.calibration_file import read_calibration
from scanner.corrections.correction import Verdict
from scanner.corrections.corrections_file import CorrectionsFile
from scanner.corrections.standing import standing_corrections
from scanner.decision.stack_calibration import UNAUDITED
from scanner.forms.applied_rules import recheck_rules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from scanner.batch.resumable_state import BatchState
    from scanner.corrections.correction import Correction
    from scanner.forms.form import Form
    from scanner.types import PageResult

_LAST_INDEX = 2**62
"""Larger than any index of a file."""


class BatchCorrections:
    """The corrections of a batch, to which people may add while it goes on, and its calibration, which stays."""

    def __init__(self, path: Path | None, forms: Sequence[Form] = (), calibration: Path | None = None) -> None:
        """Use a corrections file, and that of a calibration.

        Args:
            path: the file of corrections, which may not exist; None for no corrections.
            forms: the forms that the pages were read with.
            calibration: the file of the calibration, which may not exist; None for none.

        Raises:
            DataError: if the calibration cannot be read.
        """
        self.calibration = UNAUDITED if calibration is None else read_calibration(calibration)
        self._forms = {form.name: form for form in forms}
        self.path = path
        self._file = None if path is None else CorrectionsFile(path)
        self._lines: list[Correction] = []
        self._standing: dict[tuple[str, int], list[Correction]] = {}

    def read_new(self) -> frozenset[str]:
        """Read what people have added since this was called last.

        Returns:
            Names of the files that it is about.

        Raises:
            DataError: if the corrections file cannot be read.
        """
        new = self._file.read_new() if self._file is not None else ()
        if new:
            self._lines += new
            self._standing = {}
            for correction in standing_corrections(self._lines):
                self._standing.setdefault((correction.file, correction.page), []).append(correction)
        return frozenset(correction.file for correction in new)

    def pages(self) -> frozenset[tuple[str, int]]:
        """File and page number of all pages of which anything was ever said, even if it was taken back."""
        return frozenset((correction.file, correction.page) for correction in self._lines)

    def apply(self, result: PageResult, sha256: str) -> PageResult:
        """Put what people say of a page into its result, apply the rules of its form again, and the calibration.

        Args:
            result: what was read.
            sha256: hash of its file; what was said of another file of the same name is left out.
        """
        standing = self._standing.get((result.file, result.page_number), ())
        of_page = [each for each in standing if each.sha256 in {"", sha256}]
        if not of_page or result.error:
            return self.calibrated(result)
        corrected = apply_corrections(result, of_page)
        form = self._forms.get(result.form)
        return self.calibrated(corrected if form is None else recheck_rules(form, corrected))

    def calibrated(self, result: PageResult) -> PageResult:
        """A page with the confidences that an audit of the batch has shown, and flags by them."""
        if not self.calibration.audited:
            return result
        return replace(result, numbers=tuple(map(self.calibration.apply_to_number, result.numbers)))

    def of_other_pages(self, pages: Collection[tuple[str, str, int]]) -> tuple[Correction, ...]:
        """Return what people say of pages that are not among these, given by file, hash and number."""
        known = {(file, page) for file, _, page in pages}
        return tuple(
            each
            for each in (correction for of_page in self._standing.values() for correction in of_page)
            if each.verdict is not Verdict.SKIPPED
            and (
                (each.file, each.sha256, each.page) not in pages if each.sha256 else (each.file, each.page) not in known
            )
        )


@dataclass(frozen=True, slots=True, eq=False)
class UncorrectedResults:
    """The results of a batch with its calibration and without its corrections, made one by one at each iteration.

    How many numbers may stay unflagged is judged by these: that a person has checked one makes no other surer.
    """

    state: BatchState
    corrections: BatchCorrections

    def __iter__(self) -> Iterator[PageResult]:
        """Iterate from the first page of the first file."""
        return map(self.corrections.calibrated, self.state.results())


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedResults:
    """The results of a batch with its corrections, made one by one at each iteration."""

    state: BatchState
    corrections: BatchCorrections
    files: Collection[str] | None = None
    """Names of the files whose results these are; None for all."""

    def __iter__(self) -> Iterator[PageResult]:
        """Iterate from the first page of the first file."""
        if self.files is None:
            yield from self.of_files(0, _LAST_INDEX)
            return
        for index, file in self.state.files():
            if file in self.files:
                yield from self.of_files(index, index)

    def of_files(self, first_index: int, last_index: int) -> Iterator[PageResult]:
        """Return the results of the files from one index to another, both included."""
        for sha256, result in self.state.hashed_results(first_index, last_index):
            yield self.corrections.apply(result, sha256)
