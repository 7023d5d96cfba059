"""Figures for each kind of page: what is read, what is flagged, and what is wrong among the rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from scanner.decision.review import flag_for_max_error
from scanner.evaluation.judging import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.evaluation.judged_pages import JudgedPage
    from scanner.evaluation.page_kinds import PageKind
    from scanner.types import Number

MAX_ERROR = 0.01
"""Share of errors that the strict setting accepts, as ``--max-error 1%`` does; a choice."""
MIN_COUNT_ALONE = 100
"""Unflagged readings that a kind must have to be judged by itself; kinds with fewer are pooled.

Of 100 readings one error is one per cent, which is the size of the figures aimed at.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCounts:
    """Counts on some pages.  A reading counts unless its number is undecided, optional or ignored."""

    pages: int = 0
    written: int = 0
    """Numbers that a person can read."""
    exact: int = 0
    """Those of ``written`` that were read exactly."""
    in_table: int = 0
    """Those of ``written`` that stand on pages whose rows are known."""
    in_place: int = 0
    """Those of ``in_table`` that were read exactly in their row, and in their column where it is known."""
    false: int = 0
    """Readings where no number is written."""
    readings: int = 0
    unflagged: int = 0
    """Readings that are not flagged for review."""
    unflagged_errors: int = 0
    """Those of ``unflagged`` that are wrong or false."""
    accepted: int = 0
    """Readings that are not flagged if at most ``MAX_ERROR`` of those may be wrong."""
    accepted_errors: int = 0
    """Those of ``accepted`` that are wrong or false."""

    def __add__(self, other: KindCounts) -> KindCounts:
        return KindCounts(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})


class WorstKind(NamedTuple):
    """The kind with the largest share of errors among its readings that are not flagged."""

    name: str
    """Its name, or the names of the small kinds that were pooled."""
    errors: int
    readings: int
    """Its readings that are not flagged."""


def count_pages(pages: Sequence[JudgedPage], kind: PageKind) -> KindCounts:
    """Count the pages of a kind, as one batch: what is flagged for a maximum share of errors depends on all of them."""
    strict = flag_for_max_error([page.result for page in pages], MAX_ERROR)
    counts = (
        _count_page(page, kind, [number.review_reason for number in flagged.numbers])
        for page, flagged in zip(pages, strict, strict=True)
    )
    return sum(counts, KindCounts())


def _count_page(page: JudgedPage, kind: PageKind, strict_reasons: Sequence[str]) -> KindCounts:
    judged, numbers = page.judgement.readings, page.result.numbers
    written = sum(text is not None for text in page.truth.texts)
    known = kind.in_rows and (page.truth.is_table or any(each.in_place is not None for each in judged))
    counted = [each.outcome.is_counted for each in judged]
    right = [each.outcome.is_right for each in judged]
    unflagged = [a and not _is_flagged(n, n.review_reason) for a, n in zip(counted, numbers, strict=True)]
    accepted = [
        a and not _is_flagged(*b) for a, b in zip(counted, zip(numbers, strict_reasons, strict=True), strict=True)
    ]
    return KindCounts(
        pages=1,
        written=written,
        exact=sum(right),
        in_table=written if known else 0,
        in_place=sum(each.outcome.is_right and each.in_place is True for each in judged) if known else 0,
        false=sum(each.outcome is Outcome.FALSE for each in judged),
        readings=sum(counted),
        unflagged=sum(unflagged),
        unflagged_errors=sum(a and not b for a, b in zip(unflagged, right, strict=True)),
        accepted=sum(accepted),
        accepted_errors=sum(a and not b for a, b in zip(accepted, right, strict=True)),
    )


def _is_flagged(number: Number, reason: str) -> bool:
    """Whether a number is flagged for a reason; what was found but not read always is."""
    return bool(reason) or not number.text


def worst_kind(shares: Mapping[str, tuple[int, int]]) -> WorstKind | None:
    """Find the kind with the largest share of errors; those with fewer than ``MIN_COUNT_ALONE`` are pooled.

    Args:
        shares: for each kind, the errors among its readings that are not flagged, and the number of those.

    Returns:
        The kind; None if no reading of any is unflagged.
    """
    small = {name: share for name, share in shares.items() if share[1] < MIN_COUNT_ALONE}
    groups = {name: share for name, share in shares.items() if name not in small}
    if pooled := sum(count for _, count in small.values()):
        name = ", ".join(name for name, (_, count) in small.items() if count)
        groups[name] = (sum(errors for errors, _ in small.values()), pooled)
    ranked = (WorstKind(name, *share) for name, share in groups.items())
    return max(ranked, key=lambda kind: kind.errors / kind.readings, default=None)


_COLUMNS = "{:<11}{:>6}{:>9}{:>8}{:>9}{:>8}{:>9}{:>15}{:>11}{:>15}"
TABLE_HEAD = (
    _COLUMNS.format("", "", "", "", "in", "false", "", "wrong of", "max 1 %:", "wrong of"),
    _COLUMNS.format(
        "kind", "pages", "written", "exact", "place", "a page", "flagged", "unflagged", "accepted", "accepted"
    ),
)
"""The two lines above a table of kinds."""


def format_kind(name: str, counts: KindCounts) -> str:
    """Format a line of the table."""
    return _COLUMNS.format(
        name,
        counts.pages,
        counts.written,
        _percent(counts.exact, counts.written),
        _percent(counts.in_place, counts.in_table),
        f"{counts.false / counts.pages:.1f}" if counts.pages else "-",
        _percent(counts.readings - counts.unflagged, counts.readings),
        _percent_of(counts.unflagged_errors, counts.unflagged),
        _percent(counts.accepted, counts.readings),
        _percent_of(counts.accepted_errors, counts.accepted),
    )


def format_summary(kinds: Mapping[str, KindCounts]) -> list[str]:
    """Format the lines below the table: all kinds together, and the worst kind by the default and by ``MAX_ERROR``."""
    lines = [format_kind("together", sum(kinds.values(), KindCounts()))]
    for title, worst in zip(("not flagged", "accepted, max 1 %"), _worst_kinds(kinds), strict=True):
        text = "-" if worst is None else f"{_percent_of(worst.errors, worst.readings)} wrong: {worst.name}"
        lines.append(f"worst kind, {title + ':':<19}{text}")
    return lines


def _worst_kinds(kinds: Mapping[str, KindCounts]) -> tuple[WorstKind | None, WorstKind | None]:
    return (
        worst_kind({name: (counts.unflagged_errors, counts.unflagged) for name, counts in kinds.items()}),
        worst_kind({name: (counts.accepted_errors, counts.accepted) for name, counts in kinds.items()}),
    )


def kinds_document(kinds: Mapping[str, KindCounts]) -> dict[str, Any]:
    """The counts of each kind, and the worst kinds, for JSON."""
    unflagged, accepted = _worst_kinds(kinds)
    return {
        "kinds": {name: asdict(counts) for name, counts in kinds.items()},
        "worst_unflagged": None if unflagged is None else unflagged._asdict(),
        "worst_accepted": None if accepted is None else accepted._asdict(),
    }


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _percent_of(part: int, whole: int) -> str:
    return f"{_percent(part, whole)} ({whole})" if whole else "-"
