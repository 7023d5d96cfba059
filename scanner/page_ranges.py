"""Which pages of a file are wanted, as people write it: ``1-3,7,9-``."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_TEXT = 4096
"""Characters.  A thousand single pages fit; nobody types more, and what a script pastes in by mistake is refused."""
MOST_DIGITS = 9
"""Of a page number.  No file has a thousand million pages."""
_SHOWN = 40
"""Characters of a bad part that an error repeats: enough to find it, and still one line."""
_HOW = "write pages as 1-3,7,9-"

_Span = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class PageRanges:
    """A set of page numbers, made by ``parse_ranges``."""

    spans: tuple[tuple[int, int | None], ...]
    """First and last page of each run of pages, sorted, with pages left out between any two; a last page of None: to
    the end of the file."""

    def __contains__(self, page: object) -> bool:
        """Whether a page, counted from 1, is one of them."""
        return isinstance(page, int) and any(
            first <= page and (last is None or page <= last) for first, last in self.spans
        )

    def __str__(self) -> str:
        """The shortest text for the same pages: ``3,1-2, 9-`` becomes ``1-3,9-``."""
        return ",".join(_text(first, last) for first, last in self.spans)


def parse_ranges(text: str) -> PageRanges:
    """Understand ``1-3,7,9-``: pages and ranges from 1, in any order, the last of a range left out for "to the end".

    Blanks around numbers do not matter, nor does a page named twice.

    Args:
        text: as the user wrote it.

    Returns:
        The pages; equal for texts that mean the same.

    Raises:
        ValueError: if the text is empty or longer than ``LONGEST_TEXT``, or a part of it is no page or range: a
            sentence for the user, without the name of the option.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"{len(text)} characters are too many, {LONGEST_TEXT} are the most; join pages to ranges")
    if not text.strip():
        raise ValueError(f"no page is named; {_HOW}")
    return PageRanges(_merged([_span(part) for part in text.split(",")]))


def _span(part: str) -> _Span:
    start, dash, end = (piece.strip() for piece in part.partition("-"))
    if not part.strip():
        raise ValueError(f"there is nothing before, after or between commas; {_HOW}")
    if not start and _is_number(end):
        raise ValueError(f"{_shown(part)} has no first page; write {_shown('1-' + end)}")
    if not _is_number(start) or (end and not _is_number(end)):
        raise ValueError(f"{_shown(part)} is no page and no range of pages; {_HOW}")
    first = _page(start)
    if not dash:
        return first, first
    if not end:
        return first, None
    last = _page(end)
    if last < first:
        raise ValueError(f"{first}-{last} runs backwards; write {last}-{first}")
    return first, last


def _is_number(text: str) -> bool:
    # isdigit alone is also true of superscripts and of the digits of other scripts.
    return text.isascii() and text.isdigit()


def _page(digits: str) -> int:
    digits = digits.lstrip("0")
    if not digits:
        raise ValueError("there is no page 0; pages are counted from 1")
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"{_shown(digits)} is no page that a file has; pages have up to {MOST_DIGITS} digits")
    return int(digits)


def _merged(spans: list[_Span]) -> tuple[_Span, ...]:
    merged: list[_Span] = []
    for first, last in sorted(spans, key=lambda span: span[0]):
        before, until = merged[-1] if merged else (0, -1)
        if until is None:
            break  # all later pages are in already
        if first <= until + 1:
            merged[-1] = (before, None if last is None else max(until, last))
        else:
            merged.append((first, last))
    return tuple(merged)


def _text(first: int, last: int | None) -> str:
    if last is None:
        return f"{first}-"
    return f"{first}" if first == last else f"{first}-{last}"


def _shown(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
