"""The corrections of a batch, put into the results of its pages wherever these are written or drawn."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from scanner.batch.settings import STDOUT
from scanner.corrections.applied_corrections import apply_corrections
from scanner.corrections.corrections_file import CorrectionsFile, corrections_path
from scanner.corrections.standing import standing_corrections

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scanner.corrections.correction import Correction
    from scanner.forms.form import Form
    from scanner.types import PageResult


class CorrectedResults:
    """What people have said of the pages of a batch so far."""

    def __init__(self, results: Path, forms: Sequence[Form] = ()) -> None:
        """Read the corrections beside some results; those on standard output have none.

        Raises:
            DataError: if the file cannot be read, or has a line that is no correction.
        """
        self._file = None if results == STDOUT else CorrectionsFile(corrections_path(results))
        self._forms = {form.name: form for form in forms}
        self._all: list[Correction] = []
        self._standing: dict[tuple[str, int], list[Correction]] = {}
        self.read_new()

    @property
    def is_empty(self) -> bool:
        """Whether nobody has said anything that stands."""
        return not self._standing

    def read_new(self) -> frozenset[str]:
        """Read what was said meanwhile; return the names of the files that it is about.

        Raises:
            DataError: as on creation.
        """
        new = () if self._file is None else self._file.read_new()
        if new:
            self._all += new
            standing = defaultdict(list)
            for correction in standing_corrections(self._all):
                standing[correction.file, correction.page].append(correction)
            self._standing = dict(standing)
        return frozenset(correction.file for correction in new)

    def apply(self, result: PageResult, sha256: str) -> PageResult:
        """Put the corrections of a page into its result.

        Args:
            result: what was read.
            sha256: of its file, in hexadecimal; empty if that is not known.
        """
        said = self._standing.get((result.file, result.page_number), ())
        of_this_file = [each for each in said if not (each.sha256 and sha256) or each.sha256 == sha256]
        if result.error or not of_this_file:
            return result
        corrected = apply_corrections(result, of_this_file)
        form = self._forms.get(result.form)
        if form is None:
            return corrected
        # Imported here because most batches have no form.
        from scanner.forms.rechecked_rules import recheck_rules

        numbers, broken_rules = recheck_rules(form, corrected.numbers)
        return replace(corrected, numbers=numbers, broken_rules=broken_rules)

    def count_unplaced(self, files: Mapping[str, str]) -> int:
        """Count the corrections of files that are not there, or are other files of the same name.

        Args:
            files: the SHA-256 of each file of the batch, by its name.
        """
        return sum(
            correction.file not in files
            or bool(correction.sha256 and files[correction.file] and correction.sha256 != files[correction.file])
            for said in self._standing.values()
            for correction in said
        )
