"""Selections of pages as people write them: ``1-3,7,9-``."""

from __future__ import annotations

from dataclasses import dataclass

MAX_TEXT_LENGTH = 4096
"""Longest text in characters: room for a thousand single pages; a script that pastes something else gets an error."""
MAX_PAGE_DIGITS = 9
"""Maximum number of digits of a page number: no file has a billion pages."""
_MAX_QUOTED_LENGTH = 40
"""Maximum number of characters of a wrong part that an error repeats: enough to find it, and still one line."""
_FORMAT_HINT = "write pages as 1-3,7,9-"

_PageRange = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class PageRanges:
    """A set of page numbers, made by ``parse_ranges``."""

    ranges: tuple[tuple[int, int | None], ...]
    """First and last page of each range, sorted, with a gap between any two; None stands for the end of the file."""

    def __contains__(self, page: object) -> bool:
        """Whether a page, counted from 1, is in the set."""
        return isinstance(page, int) and any(
            first <= page and (last is None or page <= last) for first, last in self.ranges
        )

    def __str__(self) -> str:
        """The shortest text for the same pages: ``3,1-2, 9-`` becomes ``1-3,9-``."""
        return ",".join(_format_range(first, last) for first, last in self.ranges)


def parse_ranges(text: str) -> PageRanges:
    """Parse ``1-3,7,9-``: pages and ranges from 1, in any order; a range without a last page goes to the end.

    Blanks around numbers are ignored, and a page may be named twice.

    Args:
        text: as the user wrote it.

    Returns:
        The pages; equal for texts that mean the same.

    Raises:
        ValueError: if the text is empty or longer than ``MAX_TEXT_LENGTH``, or a part of it is no page or range.  The
            message is a sentence for the user, without the name of the option.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError(f"{len(text)} characters are too many, {MAX_TEXT_LENGTH} are the most; join pages to ranges")
    if not text.strip():
        raise ValueError(f"no page is named; {_FORMAT_HINT}")
    return PageRanges(_merge_ranges([_parse_range(part) for part in text.split(",")]))


def _parse_range(part: str) -> _PageRange:
    start, dash, end = (number.strip() for number in part.partition("-"))
    if not part.strip():
        raise ValueError(f"there is nothing before, after or between commas; {_FORMAT_HINT}")
    if not start and _is_number(end):
        raise ValueError(f"{_quoted(part)} has no first page; write {_quoted('1-' + end)}")
    if not _is_number(start) or (end and not _is_number(end)):
        raise ValueError(f"{_quoted(part)} is no page and no range of pages; {_FORMAT_HINT}")
    first = _parse_page_number(start)
    if not dash:
        return first, first
    if not end:
        return first, None
    last = _parse_page_number(end)
    if last < first:
        raise ValueError(f"{first}-{last} runs backwards; write {last}-{first}")
    return first, last


def _is_number(text: str) -> bool:
    # isdigit alone also accepts superscripts and the digits of other scripts.
    return text.isascii() and text.isdigit()


def _parse_page_number(digits: str) -> int:
    digits = digits.lstrip("0")
    if not digits:
        raise ValueError("there is no page 0; pages are counted from 1")
    if len(digits) > MAX_PAGE_DIGITS:
        raise ValueError(f"{_quoted(digits)} is no page that a file has; pages have up to {MAX_PAGE_DIGITS} digits")
    return int(digits)


def _merge_ranges(ranges: list[_PageRange]) -> tuple[_PageRange, ...]:
    merged: list[_PageRange] = []
    for first, last in sorted(ranges, key=lambda page_range: page_range[0]):
        merged_first, merged_last = merged[-1] if merged else (0, -1)
        if merged_last is None:
            break  # it includes all later pages already
        if first <= merged_last + 1:
            merged[-1] = (merged_first, None if last is None else max(merged_last, last))
        else:
            merged.append((first, last))
    return tuple(merged)


def _format_range(first: int, last: int | None) -> str:
    if last is None:
        return f"{first}-"
    return f"{first}" if first == last else f"{first}-{last}"


def _quoted(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= _MAX_QUOTED_LENGTH else f"{text[:_MAX_QUOTED_LENGTH]}...")
