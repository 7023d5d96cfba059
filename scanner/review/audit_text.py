"""An audit in sentences, for whoever has to sign for the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.review.audit import Promise

if TYPE_CHECKING:
    from scanner.review.audit import AuditReport
    from scanner.review.audit_advice import AuditAdvice

_RARE = 0.001
"""Probability below which it is not worth telling how small it is."""


def audit_lines(report: AuditReport, advice: AuditAdvice) -> tuple[str, ...]:
    """Say what was found, how many errors that means, whether the confidences hold, and what to do."""
    if not report.audited:
        return (f"None of {report.population:,} unflagged numbers was typed yet.", *_unreadable_lines(report))
    rate = report.rate
    found = (
        f"{report.audited:,} of {report.population:,} unflagged numbers were typed without the reading in sight; "
        f"{_count(report.wrong, 'was', 'were').lower()} read wrongly: {_percent(rate.share)}. Among all unflagged ones "
        f"it is between {_percent(rate.low)} and {_percent(rate.high)} (95 % interval after Clopper and Pearson)."
    )
    left = (
        f"Errors left among the {report.population - report.audited:,} others: about "
        f"{report.errors_left(rate.share):,.0f}, {report.errors_left(rate.low):,.0f} to "
        f"{report.errors_left(rate.high):,.0f}."
    )
    others = (*_disputed_lines(report), *_unreadable_lines(report))
    return (found, *others, left, promise_line(report), *_advice_lines(advice))


def promise_line(report: AuditReport) -> str:
    """Say in a sentence whether the confidences hold."""
    counted = (
        f"By their confidences about {report.promised:.1f} of these {report.audited:,} were to be wrong, and "
        f"{_count(report.wrong, 'is', 'are').lower()}"
    )
    if report.promise is Promise.HOLDS:
        return f"{counted}: as far as so many numbers tell, the confidences hold on this stack."
    if report.promise is Promise.TOO_CAREFUL:
        rarely = _chance(report.surprise.at_most, "so few")
        return f"{counted}: on this stack the program is right more often than it says; {rarely}."
    rarely = _chance(report.surprise.at_least, "so many")
    return f"{counted}: on this stack the program is too sure of itself; {rarely}."


def _chance(probability: float, how_many: str) -> str:
    if probability < _RARE:
        return f"chance alone gives {how_many} less than once in 1,000 audits"
    return f"chance alone gives {how_many} once in {1 / probability:,.0f} audits"


def _advice_lines(advice: AuditAdvice) -> tuple[str, ...]:
    share = f"{100 * advice.target:g} %"
    if advice.flagged == advice.numbers:
        return (f"No number is sure enough to leave at most {share} of the unflagged ones wrong: look at all of them.",)
    option = f"{100 * advice.target:g}%"
    what = (
        f"To leave at most {share} of the unflagged ones wrong, scan with --max-error {option}: the confidences are "
        f"adjusted to this audit, and {advice.flagged:,} of {advice.numbers:,} numbers are flagged then instead of "
        f"{advice.flagged_before:,}. Unadjusted, that would take --max-error {100 * advice.uncalibrated:.2g}%."
    )
    evidence = f"Of the {advice.audited:,} typed ones that stay unflagged then, {advice.wrong:,} were read wrongly"
    if advice.is_shown:
        return what, f"{evidence}: that shows the {share}."
    return what, f"{evidence}: too little evidence to show {share}, which takes {advice.needed:,} without an error."


def _disputed_lines(report: AuditReport) -> tuple[str, ...]:
    if not report.disputed:
        return ()
    return (f"Of {report.disputed:,} that differ it is not decided yet who is right; they count as wrong.",)


def _unreadable_lines(report: AuditReport) -> tuple[str, ...]:
    if not report.unreadable:
        return ()
    return (f"{_count(report.unreadable, 'more was', 'more were')} unreadable to who typed, and not counted.",)


def _count(count: int, one: str, several: str) -> str:
    return f"{count:,} {one}" if count == 1 else f"{f'{count:,}' if count else 'None'} {several}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
