"""Findings about the quality of many scans as a few lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.sources.decoding import page_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.types import Finding, PageResult

MAX_LINES = 5
"""Maximum number of pages listed one by one.  A choice: a badly scanned stack has one cause, and the first pages show
it."""


def scan_quality_lines(results: Iterable[PageResult]) -> list[str]:
    """List the pages with a bad scan, one line each, at most ``MAX_LINES``, and then how many more there are.

    Only these lines are held in memory, however many pages there are.

    Args:
        results: all pages, those of a file in order; pages that could not be read have no findings.
    """
    bad_pages = 0
    listed: list[tuple[str, int, str]] = []
    files_with_more_pages: set[str] = set()
    for result in results:
        # Page 2 comes after page 1, so if its file is ever listed, it is listed by now.
        if result.page_number == 2 and any(file == result.file for file, _, _ in listed):
            files_with_more_pages.add(result.file)
        if result.scan_quality:
            bad_pages += 1
            # One more than MAX_LINES: instead of the line "1 more", that page is listed itself.
            if len(listed) <= MAX_LINES:
                listed.append((result.file, result.page_number, _format_findings(result.scan_quality)))
    if bad_pages > len(listed):
        listed = listed[:MAX_LINES]
    lines = [
        f"{file if page == 1 and file not in files_with_more_pages else page_label(file, page)}: {findings}"
        for file, page, findings in listed
    ]
    if bad_pages > len(listed):
        lines.append(f"... and {bad_pages - len(listed)} more pages; the JSON (--json) lists them all")
    return lines


def _format_findings(findings: Iterable[Finding]) -> str:
    return "; ".join(f"{one.name.replace('_', ' ')} ({one.measured}) - {one.advice}" for one in findings)
