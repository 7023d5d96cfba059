"""Compare readings with the ground truth.

Every true number is paired with its reading or counted as missed; the readings left over are false.  Where the truth
has boxes, numbers are paired by overlap.  Otherwise both sequences, in reading order, are aligned with the fewest
changed, added or removed digits (Levenshtein distance), as word error rates are measured; then numbers read out of
order are paired by equal text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scanner.errors import DataError
from scanner.evaluation.alignment import align_digits, align_numbers, match_boxes, match_out_of_order
from scanner.evaluation.ground_truth import PageTruth, keep_digits, read_truth
from scanner.evaluation.risk_coverage import JudgedReading
from scanner.evaluation.table_rows import check_table_rows
from scanner.results.csv_tables import ResultRow, read_results_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.evaluation.alignment import IndexPair


class Outcome(Enum):
    """Outcome of the comparison for one number."""

    EXACT = "exact"
    OUT_OF_ORDER = "out of order"
    """Read exactly, but at another position in the reading order."""
    WRONG = "wrong"
    """Found, but some digit is wrong."""
    MISSED = "missed"
    """Written, but not read."""
    FALSE = "false"
    """Read where no number is written."""
    UNDECIDED = "undecided"
    """Not readable even by a person; any reading is accepted, and none."""


@dataclass(frozen=True, slots=True)
class Match:
    """One true number and its reading; one of them is absent if the number was missed or the reading is false."""

    outcome: Outcome
    true_text: str
    """Digits written; empty if the reading is false or the number undecided."""
    read_text: str
    """Digits read; empty if there is no reading."""
    flagged: bool
    """Whether the reading is flagged for review."""
    confidence: float
    """Confidence of the reading, 0-1; 0 if there is none."""


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Counts of numbers by outcome."""

    exact: int
    """Numbers read exactly, including those out of order."""
    out_of_order: int
    wrong: int
    missed: int
    false: int
    undecided: int

    @classmethod
    def from_matches(cls, matches: Iterable[Match]) -> OutcomeCounts:
        """Count the outcomes of ``matches``."""
        counts = Counter(match.outcome for match in matches)
        return cls(
            exact=counts[Outcome.EXACT] + counts[Outcome.OUT_OF_ORDER],
            out_of_order=counts[Outcome.OUT_OF_ORDER],
            wrong=counts[Outcome.WRONG],
            missed=counts[Outcome.MISSED],
            false=counts[Outcome.FALSE],
            undecided=counts[Outcome.UNDECIDED],
        )

    @property
    def written(self) -> int:
        """Number of written numbers that a person can read."""
        return self.exact + self.wrong + self.missed

    @property
    def errors(self) -> int:
        """Number of wrong, missed and false numbers."""
        return self.wrong + self.missed + self.false


@dataclass(frozen=True, slots=True)
class PageEvaluation:
    """Comparison of one page of the truth."""

    file: str
    page_number: int
    """Page number within the file, from 1."""
    matches: tuple[Match, ...]
    rows_correct: tuple[bool, ...] = ()
    """Whether each number read in the page's table is in its row; empty if unknown, see ``table_rows``."""

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

    @property
    def matches(self) -> tuple[Match, ...]:
        """Matches of all pages."""
        return tuple(match for page in self.pages for match in page.matches)

    @property
    def judged_readings(self) -> tuple[JudgedReading, ...]:
        """Confidence and correctness of every reading that a person can judge."""
        return tuple(
            JudgedReading(match.confidence, match.outcome in {Outcome.EXACT, Outcome.OUT_OF_ORDER})
            for match in self.matches
            if match.outcome not in {Outcome.MISSED, Outcome.UNDECIDED}
        )

    @cached_property
    def totals(self) -> OutcomeCounts:
        """Counts of all numbers by outcome."""
        return OutcomeCounts.from_matches(self.matches)

    @cached_property
    def unflagged(self) -> OutcomeCounts:
        """Counts of the readings not flagged for review, by outcome; none is missed."""
        return OutcomeCounts.from_matches(
            match for match in self.matches if match.outcome is not Outcome.MISSED and not match.flagged
        )

    @cached_property
    def flagged(self) -> OutcomeCounts:
        """Counts of the readings flagged for review, by outcome; none is missed."""
        return OutcomeCounts.from_matches(match for match in self.matches if match.flagged)

    @cached_property
    def digit_confusions(self) -> Counter[tuple[str, str]]:
        """How often each true digit was read as each digit, including the correct one.

        ``""`` as the read digit counts digits that were not read, including those of missed numbers; as the true digit
        it counts digits read where there is none.
        """
        counts: Counter[tuple[str, str]] = Counter()
        for match in self.matches:
            if match.outcome is not Outcome.UNDECIDED:
                counts.update(
                    ("" if i is None else match.true_text[i], "" if j is None else match.read_text[j])
                    for i, j in align_digits(match.true_text, match.read_text)
                )
        return counts

    @property
    def rows_correct(self) -> tuple[bool, ...]:
        """Whether each number read in a table is in its row."""
        return tuple(correct for page in self.pages for correct in page.rows_correct)

    @property
    def written_digit_count(self) -> int:
        """Number of digits written."""
        return sum(count for (true, _), count in self.digit_confusions.items() if true)

    @property
    def correct_digit_count(self) -> int:
        """Number of digits read correctly."""
        return sum(count for (true, read), count in self.digit_confusions.items() if true == read)


def compare_files(results_path: Path, truth_path: Path) -> Evaluation:
    """Compare a CSV of results with a truth file.

    Args:
        results_path: the ``results.csv`` of a scan.
        truth_path: truth file in any format of ``scanner.evaluation.ground_truth``.

    Raises:
        DataError: if either is malformed, or a result fits several pages of the truth.
    """
    return compare_with_truth(read_results_csv(results_path), read_truth(truth_path))


def compare_with_truth(rows: Iterable[ResultRow], truths: Sequence[PageTruth]) -> Evaluation:
    """Compare readings with the truth, page by page.

    A result belongs to the page with the same file, or else to the only one where one path ends in the other, as after
    a scan that started from another folder.  Only digits are compared.  On a page without results all numbers are
    missed.

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
    pages = tuple(_compare_page(truth, read[truth.file, truth.page_number]) for truth in truths)
    return Evaluation(pages, tuple(unknown_pages))


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


def _compare_page(truth: PageTruth, rows: Sequence[ResultRow]) -> PageEvaluation:
    rows = sorted(rows, key=lambda row: row.number)
    true, read = truth.numbers, [keep_digits(row.text) for row in rows]
    out_of_order: Sequence[IndexPair] = ()
    if truth.number_boxes:
        pairs = match_boxes(truth.number_boxes, [row.box for row in rows])
    else:
        pairs, out_of_order = match_out_of_order(true, read, align_numbers(true, read))
    matches = [_judge_pair(true, read, rows, pair, Outcome.EXACT) for pair in pairs]
    matches += [_judge_pair(true, read, rows, pair, Outcome.OUT_OF_ORDER) for pair in out_of_order]
    decided = [
        (i, rows[j]) for i, j in (*pairs, *out_of_order) if i is not None and j is not None and true[i] is not None
    ]
    return PageEvaluation(truth.file, truth.page_number, tuple(matches), tuple(check_table_rows(truth, decided)))


def _judge_pair(
    true: Sequence[str | None], read: Sequence[str], rows: Sequence[ResultRow], pair: IndexPair, if_equal: Outcome
) -> Match:
    i, j = pair
    true_text = "" if i is None else true[i]
    read_text = "" if j is None else read[j]
    flagged = j is not None and bool(rows[j].review)
    confidence = 0.0 if j is None else rows[j].confidence
    if true_text is None:
        return Match(Outcome.UNDECIDED, "", read_text, flagged, confidence)
    if i is None:
        outcome = Outcome.FALSE
    elif j is None:
        outcome = Outcome.MISSED
    else:
        outcome = if_equal if true_text == read_text else Outcome.WRONG
    return Match(outcome, true_text, read_text, flagged, confidence)
