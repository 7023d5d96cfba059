"""Reasons why a page cannot be decoded: what is wrong and what to do, as sentences that begin with the file's name."""

from __future__ import annotations

CUT_SHORT = "is cut short; copy or scan it again"
DAMAGED = "is damaged; copy or scan it again"
NO_PAGES = "has no pages; scan it again"
LOCKED = "is locked with a password; save it without one"


def too_many_pages(max_pages: int) -> str:
    """Reason for the first page that is over the limit."""
    return f"is one of more than {max_pages} {'page' if max_pages == 1 else 'pages'}; split the file"


def too_many_pixels(max_pixels: int, size: tuple[int, int] | None = None) -> str:
    """Reason for a picture that is too large: the page itself, of a size (width, height), or one on a PDF page."""
    limit = f"the {_limit_text(max_pixels / 1e6)} million"
    if size is None:
        problem = f"holds a picture of more than {limit} pixels that are read"
    else:
        problem = f"has {size[0]} x {size[1]} pixels, more than {limit} that are read"
    return f"{problem}; scan it at a lower resolution"


def too_many_bytes(max_bytes: int) -> str:
    """Reason for a file that is too large."""
    return f"is larger than {_limit_text(max_bytes / 2**20)} MiB; split it into smaller files"


def _limit_text(limit: float) -> str:
    """Write a limit so that a small one is not rounded to nothing."""
    return f"{limit:.0f}" if limit >= 100 or limit == round(limit) else f"{limit:.3g}"
