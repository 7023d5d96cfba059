"""The verdicts on the scans of many pages, as a few lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.types import Finding, PageResult

MAX_LINES = 5
"""Pages told one by one: a stack scanned badly is bad for one reason, and the first pages tell it."""


def scan_quality_lines(results: Iterable[PageResult]) -> list[str]:
    """One line per page whose scan has something wrong with it, at most MOST_LINES, then how many more there are.

    No more is held in memory than those lines, however many pages there are.

    Args:
        results: of all pages, those of a file in their order; those that could not be read have no verdict.
    """
    judged = 0
    told: list[tuple[str, int, str]] = []
    longer: set[str] = set()
    for result in results:
        # Page 2 comes after page 1, so the file is among those told by then, if it ever is.
        if result.page_number == 2 and any(file == result.file for file, _, _ in told):
            longer.add(result.file)
        if result.scan_quality:
            judged += 1
            # One more than MOST_LINES: a line left for "1 more" tells the page itself as well.
            if len(told) <= MAX_LINES:
                told.append((result.file, result.page_number, _format_findings(result.scan_quality)))
    if judged > len(told):
        told = told[:MAX_LINES]
    lines = [
        f"{file if page == 1 and file not in longer else f'{file}, page {page}'}: {found}" for file, page, found in told
    ]
    if judged > len(told):
        lines.append(f"... and {judged - len(told)} more pages: the JSON (--json) tells of each")
    return lines


def _format_findings(verdict: Iterable[Finding]) -> str:
    return "; ".join(f"{one.name.replace('_', ' ')} ({one.measured}) - {one.advice}" for one in verdict)
