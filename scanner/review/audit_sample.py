"""Which numbers are typed a second time by somebody who does not see what was read: some of those nobody looks at."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.review.review_item import ReviewItem
    from scanner.review.stack import ReviewStack


def audited_population(stack: ReviewStack) -> list[ReviewItem]:
    """The numbers that a sample is drawn from, in the random order in which they are asked for.

    They are those that are not flagged and that nobody has decided with the reading before their eyes; what was typed
    without it stays among them, whatever was decided then.  The order is made of hashes of what each number is and
    where: it is the same whenever it is asked for, whatever was decided meanwhile, and its beginning is a sample.
    """
    population = [item for item in list(stack.items.values()) if _may_be_audited(item)]
    return sorted(population, key=lambda item: _rank(stack, item))


def draw_sample(stack: ReviewStack, size: int) -> tuple[str, ...]:
    """Names of the numbers of a random sample, in the order in which they are asked for.

    Args:
        stack: the numbers.
        size: how many; all if there are not as many.
    """
    return tuple(item.id for item in audited_population(stack)[:size])


def _may_be_audited(item: ReviewItem) -> bool:
    if item.reason or item.is_added or not item.read:
        return False
    return item.is_audited or not item.is_decided


def _rank(stack: ReviewStack, item: ReviewItem) -> bytes:
    page = stack.pages[item.page]
    name = repr((page.sha256, page.file, page.page_number, item.field, *item.box))
    return hashlib.sha256(name.encode("utf-8", "backslashreplace")).digest()
