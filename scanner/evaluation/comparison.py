"""How well the pages were read, measured against the truth.

Every number of the truth is paired with what was read for it, or counted as
missed; what is left of the readings is false.  Where the truth has boxes they
decide who belongs to whom.  Elsewhere the two sequences in reading order are
aligned so that the fewest digits have to be changed, added or removed
(Levenshtein 1966; Wagner & Fischer 1974), as word error rates are measured;
then what was read in another order than written is found by its text.
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
    """What became of one number."""

    EXACT = "exact"
    OUT_OF_ORDER = "out of order"
    """Read exactly, at another place in the order than written."""
    WRONG = "wrong"
    """Found, but read differently."""
    MISSED = "missed"
    """Written, but not read."""
    FALSE = "false"
    """Read where no number is written."""
    UNDECIDED = "undecided"
    """A person could not tell what is written: any reading is accepted, and none."""


@dataclass(frozen=True, slots=True)
class Match:
    """One number of the truth and what was read for it."""

    outcome: Outcome
    true_text: str
    """Digits written; empty if false or undecided."""
    read_text: str
    """Digits read; empty if there is no reading."""
    flagged: bool
    """Whether the reading asked for review."""
    confidence: float
    """Of the reading, 0-1; 0 if there is none."""


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Numbers by verdict."""

    exact: int
    """Out of order included."""
    out_of_order: int
    wrong: int
    missed: int
    false: int
    undecided: int

    @classmethod
    def from_matches(cls, matches: Iterable[Match]) -> OutcomeCounts:
        """Count ``matches``."""
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
        """Numbers written that a person can tell."""
        return self.exact + self.wrong + self.missed

    @property
    def errors(self) -> int:
        """Wrong, missed and false."""
        return self.wrong + self.missed + self.false


@dataclass(frozen=True, slots=True)
class PageEvaluation:
    """One page of the truth."""

    file: str
    page_number: int
    """Page number within the file, from 1."""
    matches: tuple[Match, ...]
    rows_correct: tuple[bool, ...] = ()
    """Of each number read in the page's table, whether in its row; empty if that cannot be told: see ``placement``."""

    @property
    def name(self) -> str:
        """``FILE``, or ``FILE#PAGE`` after the first page, as in a truth file."""
        return _page_name(self.file, self.page_number)

    @property
    def counts(self) -> OutcomeCounts:
        """The page's numbers by verdict."""
        return OutcomeCounts.from_matches(self.matches)


@dataclass(frozen=True)
class Evaluation:
    """All pages of the truth, and what was left out."""

    pages: tuple[PageEvaluation, ...]
    pages_not_in_truth: tuple[str, ...] = ()
    """Pages with readings of which the truth says nothing, as ``FILE`` or ``FILE#PAGE``."""

    @property
    def matches(self) -> tuple[Match, ...]:
        """Those of all pages."""
        return tuple(match for page in self.pages for match in page.matches)

    @property
    def judged_readings(self) -> tuple[JudgedReading, ...]:
        """Confidence and rightness of every reading a person can judge."""
        return tuple(
            JudgedReading(match.confidence, match.outcome in {Outcome.EXACT, Outcome.OUT_OF_ORDER})
            for match in self.matches
            if match.outcome not in {Outcome.MISSED, Outcome.UNDECIDED}
        )

    @cached_property
    def totals(self) -> OutcomeCounts:
        """All numbers by verdict."""
        return OutcomeCounts.from_matches(self.matches)

    @cached_property
    def unflagged(self) -> OutcomeCounts:
        """Readings that did not ask for review; none is missed."""
        return OutcomeCounts.from_matches(
            match for match in self.matches if match.outcome is not Outcome.MISSED and not match.flagged
        )

    @cached_property
    def flagged(self) -> OutcomeCounts:
        """Readings that asked for review; none is missed."""
        return OutcomeCounts.from_matches(match for match in self.matches if match.flagged)

    @cached_property
    def digit_confusions(self) -> Counter[tuple[str, str]]:
        """How often each true digit was read as each digit, the right one included.

        ``""`` as the digit read counts digits that were not read, those of
        missed numbers included; as the true digit, digits that are not there.
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
        """Of each number read in a table, whether in its row."""
        return tuple(right for page in self.pages for right in page.rows_correct)

    @property
    def written_digit_count(self) -> int:
        """Digits written."""
        return sum(count for (true, _), count in self.digit_confusions.items() if true)

    @property
    def correct_digit_count(self) -> int:
        """Digits written and read as such."""
        return sum(count for (true, read), count in self.digit_confusions.items() if true == read)


def compare_files(results_path: Path, truth_path: Path) -> Evaluation:
    """Compare a CSV of results with a truth file.

    Args:
        results_path: the CSV of numbers that a scan wrote.
        truth_path: in any format of ``scanner.evaluation.ground_truth``.

    Raises:
        DataError: if either is malformed, or it cannot be told which result belongs to which page of the truth.
    """
    return compare_with_truth(read_results_csv(results_path), read_truth(truth_path))


def compare_with_truth(rows: Iterable[ResultRow], truths: Sequence[PageTruth]) -> Evaluation:
    """Compare readings with the truth, page by page.

    A result belongs to the page of the same file, or else to the only one
    whose path ends in the result's or the other way round, as when a scan
    started from another folder.  Only digits are compared.  A page without
    results has all its numbers missed.

    Raises:
        DataError: if a path fits several.
    """
    rows = tuple(rows)
    files = _match_files({row.file for row in rows}, {truth.file for truth in truths})
    read: defaultdict[tuple[str, int], list[ResultRow]] = defaultdict(list)
    wanted = {(truth.file, truth.page_number) for truth in truths}
    others: dict[str, None] = {}
    for row in rows:
        place = files.get(row.file, ""), row.page
        if place in wanted:
            read[place].append(row)
        else:
            others[_page_name(row.file, row.page)] = None
    pages = tuple(_compare_page(truth, read[truth.file, truth.page_number]) for truth in truths)
    return Evaluation(pages, tuple(others))


def _page_name(file: str, page: int) -> str:
    return file if page == 1 else f"{file}#{page}"


def _match_files(read: set[str], true: set[str]) -> dict[str, str]:
    """Which file of the truth each file of the results is, where there is one."""
    same = {file: file for file in read & true}
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted(true - read):
        by_name[PurePosixPath(file).name].append(file)
    taken: dict[str, str] = {}
    for file in sorted(read - true):
        fitting = [other for other in by_name[PurePosixPath(file).name] if _is_path_suffix(file, other)]
        if len(fitting) > 1:
            raise DataError(f"{file}: is {' or '.join(fitting)} of the truth; scan the folder that the truth is of")
        for other in fitting:
            if other in taken:
                raise DataError(f"{other}: is {taken[other]} or {file} of the results; scan the folder of the truth")
            taken[other] = file
            same[file] = other
    return same


def _is_path_suffix(a: str, b: str) -> bool:
    short, long = sorted((PurePosixPath(a).parts, PurePosixPath(b).parts), key=len)
    return long[len(long) - len(short) :] == short


def _compare_page(truth: PageTruth, rows: Sequence[ResultRow]) -> PageEvaluation:
    rows = sorted(rows, key=lambda row: row.number)
    true, read = truth.numbers, [keep_digits(row.text) for row in rows]
    elsewhere: Sequence[IndexPair] = ()
    if truth.number_boxes:
        pairs = match_boxes(truth.number_boxes, [row.box for row in rows])
    else:
        pairs, elsewhere = match_out_of_order(true, read, align_numbers(true, read))
    matches = [_judge_pair(true, read, rows, pair, Outcome.EXACT) for pair in pairs]
    matches += [_judge_pair(true, read, rows, pair, Outcome.OUT_OF_ORDER) for pair in elsewhere]
    told = [(i, rows[j]) for i, j in (*pairs, *elsewhere) if i is not None and j is not None and true[i] is not None]
    return PageEvaluation(truth.file, truth.page_number, tuple(matches), tuple(check_table_rows(truth, told)))


def _judge_pair(
    true: Sequence[str | None], read: Sequence[str], rows: Sequence[ResultRow], pair: IndexPair, if_equal: Outcome
) -> Match:
    i, j = pair
    written = "" if i is None else true[i]
    reading = "" if j is None else read[j]
    flagged = j is not None and bool(rows[j].review)
    confidence = 0.0 if j is None else rows[j].confidence
    if written is None:
        return Match(Outcome.UNDECIDED, "", reading, flagged, confidence)
    if i is None:
        verdict = Outcome.FALSE
    elif j is None:
        verdict = Outcome.MISSED
    else:
        verdict = if_equal if written == reading else Outcome.WRONG
    return Match(verdict, written, reading, flagged, confidence)
