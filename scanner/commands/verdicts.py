"""The verdicts on the scans of many pages, as a few lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.types import PageResult

MOST_LINES = 5
"""Pages told one by one: a stack scanned badly is bad for one reason, and the first pages tell it."""


def verdict_lines(results: Sequence[PageResult]) -> list[str]:
    """One line per page whose scan has something wrong with it, at most MOST_LINES, then how many more there are.

    Args:
        results: of all pages; those that could not be read have no verdict.
    """
    judged = [result for result in results if result.verdict]
    parts = {(result.file, result.page) for result in results}
    # A line left for "1 more" tells the page itself as well.
    told = judged if len(judged) <= MOST_LINES + 1 else judged[:MOST_LINES]
    lines = []
    for result in told:
        alone = result.page == 1 and (result.file, 2) not in parts
        place = result.file if alone else f"{result.file}, page {result.page}"
        found = "; ".join(f"{one.name.replace('_', ' ')} ({one.measured}) - {one.advice}" for one in result.verdict)
        lines.append(f"{place}: {found}")
    if len(told) < len(judged):
        lines.append(f"... and {len(judged) - len(told)} more pages: the JSON (--json) tells of each")
    return lines
