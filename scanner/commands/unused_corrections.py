"""What is said of corrections that are about no page of the results."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.corrections.correction import Correction


def unused_corrections_line(corrections: Sequence[Correction]) -> str:
    """Say that corrections are about pages that are not there, and that they are kept.

    Args:
        corrections: at least one.
    """
    count = len(corrections)
    others = len({(each.file, each.page) for each in corrections}) - 1
    # As it can be printed: it comes from a file.
    page = f"{corrections[0].file!a}, page {corrections[0].page}," + (f" and {others:,} more" if others else "")
    return (
        f"{count:,} correction{'s' if count > 1 else ''} kept but not used: {page} {'are' if others else 'is'} not in"
        " these results, or in a file that has changed"
    )
