"""An evaluation as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.evaluation.risk_coverage import calibration_section, risk_coverage_section

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence

    from scanner.evaluation.comparison import Evaluation, PageEvaluation

MAX_LISTED_PAGES = 10
"""Pages listed in a report: enough to look at in one sitting."""


def format_report(evaluation: Evaluation) -> str:
    """The evaluation as plain text for a terminal, lines of at most 80 characters but for long file names."""
    sections = (
        _numbers_section(evaluation),
        _review_section(evaluation),
        risk_coverage_section(evaluation.judged_readings),
        calibration_section(evaluation.judged_readings),
        _confusion_section(evaluation.digit_confusions),
        _worst_pages_section(evaluation.pages),
        _pages_not_in_truth_section(evaluation.pages_not_in_truth),
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
    if totals.undecided:
        lines.append(f"        undecided {totals.undecided:4}   not counted: a person could not tell")
    lines.append(f"Digits  right   {_format_share(evaluation.correct_digit_count, evaluation.written_digit_count)}")
    if rows := evaluation.rows_correct:
        lines.append(f"In their row    {_format_share(sum(rows), len(rows))} read in tables")
    return lines


def _format_share(part: int, whole: int) -> str:
    percent = f"{100 * part / whole:5.1f} %" if whole else "    - %"
    return f"{part:6} of {whole:6}  {percent}"


def _review_section(evaluation: Evaluation) -> list[str]:
    lines = ["Readings            exact   wrong   false"]
    for title, counts in (("not flagged", evaluation.unflagged), ("flagged for review", evaluation.flagged)):
        lines.append(f"{title:18} {counts.exact:6}  {counts.wrong:6}  {counts.false:6}")
    return lines


def _confusion_section(confusions: Counter[tuple[str, str]]) -> list[str]:
    digits = [*"0123456789", ""]
    lines = [
        "Digits: written down the side, read across",
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


def _pages_not_in_truth_section(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = [f"  and {len(names) - MAX_LISTED_PAGES} more"] if len(names) > MAX_LISTED_PAGES else []
    return [f"Not in truth, left out ({len(names)})", *(f"  {name}" for name in names[:MAX_LISTED_PAGES]), *more]
