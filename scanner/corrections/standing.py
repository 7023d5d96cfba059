"""Which corrections stand: a later one about the same place replaces an earlier one, unless it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.corrections.correction import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.corrections.correction import Correction


def standing_corrections(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """Choose the corrections that stand.

    Args:
        corrections: all of a file, in its order.  Taking back one that takes another back puts that into force again.

    Returns:
        At most one for each place, in the order of the file.
    """
    standing: dict[tuple[str, int], list[Correction]] = {}
    order = {}
    for index, correction in enumerate(not_undone(corrections)):
        of_page = standing.setdefault((correction.file, correction.page), [])
        of_page[:] = [other for other in of_page if not correction.is_about(other)]
        of_page.append(correction)
        order[correction.id] = index
    found = (correction for of_page in standing.values() for correction in of_page)
    return tuple(sorted(found, key=lambda correction: order[correction.id]))


def not_undone(corrections: Iterable[Correction]) -> list[Correction]:
    """Leave out the corrections that were taken back, and those that only take others back."""
    listed = list(corrections)
    # From the last to the first: whether one is taken back is known when it is reached.
    taken_back: set[str] = set()
    for correction in reversed(listed):
        if correction.verdict is Verdict.UNDONE and correction.id not in taken_back:
            taken_back.add(correction.undoes)
    return [each for each in listed if each.verdict is not Verdict.UNDONE and each.id not in taken_back]
