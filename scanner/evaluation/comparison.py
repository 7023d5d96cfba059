"""Compare results with the ground truth, page by page, and count.

``judging`` says which reading is of which number, and what its outcome is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scanner.errors import DataError
from scanner.evaluation.alignment import align_digits
from scanner.evaluation.ground_truth import PageTruth, keep_digits, read_truth
from scanner.evaluation.judging import Outcome, judge_page
from scanner.evaluation.risk_coverage import JudgedReading
from scanner.results.csv_tables import ResultRow, read_results_csv
from scanner.text_comparison import Separators, comparable_text, separators_of_readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Match:
    """One true number and its reading; one of them is absent if the number was missed or the reading is false."""

    outcome: Outcome
    true_text: str
    """What counts of the text written; empty if the reading is of no number, or of an undecided one."""
    read_text: str
    """What counts of the text read; empty if there is no reading, or it has no text."""
    flagged: bool
    """Whether the reading is flagged for review."""
    confidence: float
    """Confidence of the reading, 0-1; 0 if there is none."""
    in_place: bool | None = None
    """Whether the reading is in its row, and in its column where the truth is a table; None if that is unknown."""


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Counts of numbers by outcome."""

    exact: int
    """Numbers read exactly, including those out of order."""
    out_of_order: int
    wrong: int
    missed: int
    """Numbers without a reading, or with one whose text is empty."""
    false: int
    undecided: int
    unread: int = 0
    """Those of ``missed`` that have a reading whose text is empty."""
    optional: int = 0
    ignored: int = 0

    @classmethod
    def from_matches(cls, matches: Iterable[Match]) -> OutcomeCounts:
        """Count the outcomes of ``matches``."""
        counts = Counter(match.outcome for match in matches)
        return cls(
            exact=counts[Outcome.EXACT] + counts[Outcome.OUT_OF_ORDER],
            out_of_order=counts[Outcome.OUT_OF_ORDER],
            wrong=counts[Outcome.WRONG],
            missed=counts[Outcome.MISSED] + counts[Outcome.UNREAD],
            false=counts[Outcome.FALSE],
            undecided=counts[Outcome.UNDECIDED],
            unread=counts[Outcome.UNREAD],
            optional=counts[Outcome.OPTIONAL],
            ignored=counts[Outcome.IGNORED],
        )

    @property
    def written(self) -> int:
        """Number of written numbers that a person can read."""
        return self.exact + self.wrong + self.missed

    @property
    def errors(self) -> int:
        """Number of wrong, missed and false numbers."""
        return self.wrong + self.missed + self.false

    @property
    def readings(self) -> int:
        """Number of readings that count: those of nothing that is undecided, optional or ignored."""
        return self.exact + self.reading_errors

    @property
    def reading_errors(self) -> int:
        """Number of wrong, unread and false readings."""
        return self.wrong + self.unread + self.false


@dataclass(frozen=True, slots=True)
class PageEvaluation:
    """Comparison of one page of the truth."""

    file: str
    page_number: int
    """Page number within the file, from 1."""
    matches: tuple[Match, ...]
    is_table: bool = False
    """Whether the truth is a table, so that columns are known as well as rows."""

    @property
    def name(self) -> str:
        """``FILE``, or ``FILE#PAGE`` after the first page, as in a truth file."""
        return _page_name(self.file, self.page_number)

    @property
    def counts(self) -> OutcomeCounts:
        """Counts of the page's numbers by outcome."""
        return OutcomeCounts.from_matches(self.matches)


@dataclass(frozen=True)
class Evaluation:
    """Comparison of all pages of the truth."""

    pages: tuple[PageEvaluation, ...]
    pages_not_in_truth: tuple[str, ...] = ()
    """Pages with readings but without truth, as ``FILE`` or ``FILE#PAGE``; they are not compared."""
    pages_without_readings: tuple[str, ...] = ()
    """Pages with numbers of which the results have none, likewise; all their numbers are missed."""

    @property
    def matches(self) -> tuple[Match, ...]:
        """Matches of all pages."""
        return tuple(match for page in self.pages for match in page.matches)

    @property
    def judged_readings(self) -> tuple[JudgedReading, ...]:
        """Confidence and correctness of every reading that counts."""
        return tuple(
            JudgedReading(match.confidence, match.outcome.is_right)
            for match in self.matches
            if match.outcome.is_counted
        )

    @cached_property
    def totals(self) -> OutcomeCounts:
        """Counts of all numbers by outcome."""
        return OutcomeCounts.from_matches(self.matches)

    @cached_property
    def unflagged(self) -> OutcomeCounts:
        """Counts of the readings not flagged for review, by outcome."""
        return OutcomeCounts.from_matches(
            match for match in self.matches if match.outcome is not Outcome.MISSED and not match.flagged
        )

    @cached_property
    def flagged(self) -> OutcomeCounts:
        """Counts of the readings flagged for review, by outcome; only unread ones are missed."""
        return OutcomeCounts.from_matches(match for match in self.matches if match.flagged)

    @cached_property
    def digit_confusions(self) -> Counter[tuple[str, str]]:
        """How often each true digit was read as each digit, including the correct one.

        ``""`` as the read digit counts digits that were not read, including those of missed numbers; as the true digit
        it counts digits read where there is none.
        """
        counts: Counter[tuple[str, str]] = Counter()
        for match in self.matches:
            if match.outcome.is_counted or match.outcome is Outcome.MISSED:
                true_digits, read_digits = keep_digits(match.true_text), keep_digits(match.read_text)
                counts.update(
                    ("" if i is None else true_digits[i], "" if j is None else read_digits[j])
                    for i, j in align_digits(true_digits, read_digits)
                )
        return counts

    @property
    def rows_correct(self) -> tuple[bool, ...]:
        """Whether each number read in a table is in its row, where only the rows are known."""
        return self._in_place(columns_known=False)

    @property
    def cells_correct(self) -> tuple[bool, ...]:
        """Whether each number of a table is in its row and column, where both are known."""
        return self._in_place(columns_known=True)

    def _in_place(self, *, columns_known: bool) -> tuple[bool, ...]:
        return tuple(
            match.in_place
            for page in self.pages
            if page.is_table is columns_known
            for match in page.matches
            if match.in_place is not None
        )

    @property
    def written_digit_count(self) -> int:
        """Number of digits written."""
        return sum(count for (true, _), count in self.digit_confusions.items() if true)

    @property
    def correct_digit_count(self) -> int:
        """Number of digits read correctly."""
        return sum(count for (true, read), count in self.digit_confusions.items() if true == read)


def compare_files(results_path: Path, truth_path: Path, separators: Separators | None = None) -> Evaluation:
    """Compare a CSV of results with a truth file.

    Args:
        results_path: the ``results.csv`` of a scan.
        truth_path: truth file in any format of ``scanner.evaluation.ground_truth``.
        separators: how separators are compared; None to compare them exactly if any was read, else not at all.

    Raises:
        DataError: if either is malformed, or a result fits several pages of the truth.
    """
    rows = read_results_csv(results_path)
    if separators is None:
        separators = separators_of_readings(row.text for row in rows)
    return compare_with_truth(rows, read_truth(truth_path), separators)


def compare_with_truth(
    rows: Iterable[ResultRow], truths: Sequence[PageTruth], separators: Separators = Separators.IGNORED
) -> Evaluation:
    """Compare readings with the truth, page by page.

    A result belongs to the page with the same file, or else to the only one where one path ends in the other, as after
    a scan that started from another folder.  On a page without results all numbers are missed.

    Args:
        rows: the results.
        truths: the truth of each page.
        separators: how separators are compared.

    Raises:
        DataError: if a path fits several.
    """
    rows = tuple(rows)
    files = _match_files({row.file for row in rows}, {truth.file for truth in truths})
    read: defaultdict[tuple[str, int], list[ResultRow]] = defaultdict(list)
    true_pages = {(truth.file, truth.page_number) for truth in truths}
    unknown_pages: dict[str, None] = {}
    for row in rows:
        page = files.get(row.file, ""), row.page
        if page in true_pages:
            read[page].append(row)
        else:
            unknown_pages[_page_name(row.file, row.page)] = None
    pages = tuple(_compare_page(truth, read[truth.file, truth.page_number], separators) for truth in truths)
    absent = (page.name for page in pages if page.counts.missed and not read[page.file, page.page_number])
    return Evaluation(pages, tuple(unknown_pages), tuple(absent))


def _page_name(file: str, page: int) -> str:
    return file if page == 1 else f"{file}#{page}"


def _match_files(read: set[str], true: set[str]) -> dict[str, str]:
    """The file of the truth for each file of the results that has one."""
    true_file = {file: file for file in read & true}
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted(true - read):
        by_name[PurePosixPath(file).name].append(file)
    taken: dict[str, str] = {}
    for file in sorted(read - true):
        fitting = [other for other in by_name[PurePosixPath(file).name] if _is_path_suffix(file, other)]
        if len(fitting) > 1:
            raise DataError(f"{file}: fits {' and '.join(fitting)} of the truth; scan the folder that the truth is for")
        for other in fitting:
            if other in taken:
                raise DataError(
                    f"{other}: fits {taken[other]} and {file} of the results; scan the folder that the truth is for"
                )
            taken[other] = file
            true_file[file] = other
    return true_file


def _is_path_suffix(a: str, b: str) -> bool:
    short, long = sorted((PurePosixPath(a).parts, PurePosixPath(b).parts), key=len)
    return long[len(long) - len(short) :] == short


def _compare_page(truth: PageTruth, rows: Sequence[ResultRow], separators: Separators) -> PageEvaluation:
    # A form field that is empty has a row as well, without text and without a reason to look.
    # A form field that is empty has a row as well.
    rows = sorted((row for row in rows if row.text or row.review or not row.field), key=lambda row: row.number)
    judgement = judge_page(rows, truth, separators)
    true = ["" if text is None else comparable_text(text, separators) for text in truth.texts]
    matches = [
        Match(
            judged.outcome,
            "" if judged.true_index is None else true[judged.true_index],
            comparable_text(row.text, separators),
            # What was not read is for a person to read, whether or not it says so.
            flagged=bool(row.review) or not row.text,
            confidence=row.confidence,
            in_place=judged.in_place,
        )
        for row, judged in zip(rows, judgement.readings, strict=True)
    ]
    for index in judgement.without_reading:
        outcome = Outcome.UNDECIDED if truth.texts[index] is None else Outcome.MISSED
        matches.append(Match(outcome, true[index], "", flagged=False, confidence=0.0))
    return PageEvaluation(truth.file, truth.page_number, tuple(matches), truth.is_table)
