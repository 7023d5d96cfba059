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
    # Names as they can be printed: they come from a file.
    first = f"{corrections[0].file!a}, page {corrections[0].page}"
    pages = len({(each.file, each.page) for each in corrections})
    what = "1 correction is" if len(corrections) == 1 else f"{len(corrections):,} corrections are"
    where = f"of {first}" if pages == 1 else f"of {pages:,} pages, such as {first}"
    verb = "is" if pages == 1 else "are"
    return f"{what} {where}, which {verb} not among the pages that were read, or changed; kept, and not used"
