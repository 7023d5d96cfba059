"""Format an evaluation as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.evaluation.calibration_error import calibration_table, expected_calibration_error, max_calibration_error
from scanner.evaluation.risk_coverage import coverage_at_error, error_at_coverage, risk_coverage_curve

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence

    from scanner.evaluation.comparison import Evaluation, PageEvaluation
    from scanner.evaluation.risk_coverage import JudgedReading

MAX_LISTED_PAGES = 10
"""Maximum number of pages listed in a section of the report; a choice."""
_LISTED_ERROR_RATES = (0.005, 0.01, 0.02, 0.05)
"""Shares of errors at which the coverage is listed; a choice."""
_LISTED_COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Coverages at which the share of errors is listed; a choice."""


def format_report(evaluation: Evaluation) -> str:
    """Format an evaluation as plain text, in lines of at most 80 characters except for long file names."""
    sections = (
        _numbers_section(evaluation),
        _review_section(evaluation),
        _risk_coverage_section(evaluation.judged_readings),
        _calibration_section(evaluation.judged_readings),
        _confusion_section(evaluation.digit_confusions),
        _worst_pages_section(evaluation.pages),
        _page_names_section("Not in the results, all their numbers missed", evaluation.pages_without_readings),
        _page_names_section("Not in truth, left out", evaluation.pages_not_in_truth),
    )
    return "\n".join("".join(f"{line}\n" for line in section) for section in sections if section)


def _numbers_section(evaluation: Evaluation) -> list[str]:
    totals, pages = evaluation.totals, len(evaluation.pages)
    order = f", {totals.out_of_order} of them out of order" if totals.out_of_order else ""
    per_page = f"{totals.false / pages:.2f}" if pages else "-"
    lines = [
        f"Pages           {pages:6}",
        f"Numbers exact   {_format_share(totals.exact, totals.written)}{order}",
        f"        wrong   {_format_share(totals.wrong, totals.written)}",
        f"        missed  {_format_share(totals.missed, totals.written)}",
        f"        false   {totals.false:6}   {per_page} per page",
    ]
    if totals.unread:
        lines.append(f"        unread  {totals.unread:6}   of those missed: found, but left for a person to read")
    if totals.undecided:
        lines.append(f"        undecided {totals.undecided:4}   not counted: a person could not read them")
    if totals.optional:
        lines.append(f"        optional {totals.optional:5}   not counted: written, but not asked for")
    if totals.ignored:
        lines.append(f"        ignored {totals.ignored:6}   not counted: in a part of the page to be ignored")
    lines.append(f"Digits  right   {_format_share(evaluation.correct_digit_count, evaluation.written_digit_count)}")
    if rows := evaluation.rows_correct:
        lines.append(f"In their row    {_format_share(sum(rows), len(rows))} read in tables")
    if cells := evaluation.cells_correct:
        lines.append(f"In their cell   {_format_share(sum(cells), len(cells))} read in tables, by row and column")
    return lines


def _format_share(part: int, whole: int) -> str:
    percent = f"{100 * part / whole:5.1f} %" if whole else "    - %"
    return f"{part:6} of {whole:6}  {percent}"


def _review_section(evaluation: Evaluation) -> list[str]:
    lines = ["Readings            exact   wrong   false  unread"]
    for title, counts in (("not flagged", evaluation.unflagged), ("flagged for review", evaluation.flagged)):
        lines.append(f"{title:18} {counts.exact:6}  {counts.wrong:6}  {counts.false:6}  {counts.unread:6}")
    flagged, unflagged = evaluation.flagged, evaluation.unflagged
    lines += [
        f"Flagged         {_format_share(flagged.readings, flagged.readings + unflagged.readings)} of all readings",
        f"Errors left     {_format_share(unflagged.reading_errors, unflagged.readings)} of those not flagged",
    ]
    return lines


def _risk_coverage_section(readings: Sequence[JudgedReading]) -> list[str]:
    curve = risk_coverage_curve(readings)
    if not curve:
        return []
    return [
        f"If only the most confident of {len(readings)} readings are accepted",
        "  errors allowed    " + "".join(f"{100 * error_rate:6g} %" for error_rate in _LISTED_ERROR_RATES),
        "  share accepted    "
        + "".join(f"{100 * coverage_at_error(curve, error_rate):6.1f} %" for error_rate in _LISTED_ERROR_RATES),
        "  share accepted    " + "".join(f"{100 * coverage:6g} %" for coverage in _LISTED_COVERAGES),
        "  errors among them "
        + "".join(f"{100 * error_at_coverage(curve, coverage):6.2f} %" for coverage in _LISTED_COVERAGES),
    ]


def _calibration_section(readings: Sequence[JudgedReading]) -> list[str]:
    table = calibration_table([r.confidence for r in readings], [r.correct for r in readings])
    if not table:
        return []
    return [
        "Confidence, by tenths           errors",
        "    from      to  readings predicted observed  points",
        *(
            f"  {each.lowest_confidence:.4f}  {each.highest_confidence:.4f}{each.count:10}"
            f"{100 * each.expected_error:8.2f} %{100 * each.observed_error:7.2f} %{each.gap:+8.2f}"
            for each in table
        ),
        f"  largest gap {max_calibration_error(table):.2f} points, mean {expected_calibration_error(table):.2f}",
    ]


def _confusion_section(confusions: Counter[tuple[str, str]]) -> list[str]:
    digits = [*"0123456789", ""]
    lines = [
        "Digits: true ones in the rows, read ones in the columns",
        "       " + "".join(f"{digit:>6}" for digit in digits[:-1]) + "  unread",
    ]
    for true in digits:
        cells = (confusions[true, read] or "." for read in digits[:-1])
        unread = confusions[true, ""] or "." if true else ""
        lines.append((f"{true or 'extra':>7}" + "".join(f"{cell:>6}" for cell in cells) + f"{unread:>8}").rstrip())
    return lines


def _worst_pages_section(pages: Iterable[PageEvaluation]) -> list[str]:
    scored = ((page.counts, page.name) for page in pages)
    worst = sorted((item for item in scored if item[0].errors), key=lambda item: (-item[0].errors, item[1]))
    if not worst:
        return []
    lines = [
        f"Worst pages ({min(MAX_LISTED_PAGES, len(worst))} of {len(worst)} with errors)",
        "  exact     of   wrong  missed   false  page",
    ]
    for counts, name in worst[:MAX_LISTED_PAGES]:
        lines.append(f"{counts.exact:7}{counts.written:7}{counts.wrong:8}{counts.missed:8}{counts.false:8}  {name}")
    return lines


def _page_names_section(title: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = [f"  and {len(names) - MAX_LISTED_PAGES} more"] if len(names) > MAX_LISTED_PAGES else []
    return [f"{title} ({len(names)})", *(f"  {name}" for name in names[:MAX_LISTED_PAGES]), *more]
