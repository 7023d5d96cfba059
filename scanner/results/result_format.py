"""How results become the text of a file, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scanner.types import PageResult


@dataclass(frozen=True, slots=True)
class ResultFormat:
    """How results become the text of a file.  What a page adds to it does not depend on the other pages."""

    page_text: Callable[[PageResult], str]
    """What a page adds to the file; empty if nothing."""
    whole_text: Callable[[Iterable[str]], Iterator[str]]
    """The file in chunks, made of what its pages add, in order: one is fetched when all before it is written.

    What pages add may be joined, or split anywhere, but no text is empty.
    """

    def chunks(self, results: Iterable[PageResult]) -> Iterator[str]:
        """Write results.

        Args:
            results: the pages, in order.

        Yields:
            The text in chunks, each made when the caller asks for it: only one page is held in memory.
        """
        return self.whole_text(filter(None, map(self.page_text, results)))
