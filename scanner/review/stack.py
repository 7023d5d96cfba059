"""All numbers of a batch with what people decided about them, from the saved state and the corrections beside it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.batch.saved_pages import read_last_outputs, read_saved_pages
from scanner.corrections.calibration_file import calibration_path, read_calibration
from scanner.corrections.correction import Correction, Verdict, is_same_place, overlap
from scanner.corrections.standing import not_undone
from scanner.decision.review import flag_below_threshold, review_threshold_of_results
from scanner.errors import NothingToReadError
from scanner.review.review_item import ReviewItem, item_of_number
from scanner.text_comparison import separators_of_readings
from scanner.types import PICTURE_KIND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.batch.last_outputs import LastOutputs
    from scanner.batch.saved_pages import SavedPage
    from scanner.decision.stack_calibration import StackCalibration


@dataclass(frozen=True, slots=True)
class StackPage:
    """A page of a stack."""

    file: str
    """Name in results."""
    page_number: int
    """Number within the file, from 1; 0 if the file could not be opened."""
    sha256: str
    """SHA-256 of the file in hexadecimal."""
    path: Path | None
    """Where the file is on the disk; None if that is not known."""
    width: int
    height: int
    """Size of the original page, pixels; 0 if it could not be read."""
    error: str
    """Why it could not be read; empty if it was."""


def state_path(results: Path) -> Path:
    """The saved state beside a file of results."""
    return results.with_name(f"{results.name}.state")


def load_stack(results: Path) -> ReviewStack:
    """Load the numbers of a batch, nobody having decided anything yet.

    Args:
        results: the table of results, beside which the saved state is.

    Raises:
        DataError: if there is no saved state, it is of another version, or a scan is writing it; or if the calibration
            beside it cannot be read.
        NothingToReadError: if the batch has no page.
        OutputError: if the state is damaged or of another program.
    """
    pages = read_saved_pages(state_path(results))
    if not pages:
        raise NothingToReadError(f"{results}: has no pages; scan some first")
    last = read_last_outputs(results, state_path(results))
    calibration = read_calibration(calibration_path(results))
    return ReviewStack(_flagged([_calibrated(page, calibration) for page in pages], last), pages)


class ReviewStack:
    """The numbers of a batch; corrections change what stands about them.  Not thread-safe."""

    def __init__(self, saved: Sequence[SavedPage], as_read: Sequence[SavedPage] | None = None) -> None:
        """Begin with the numbers as they were read.

        Args:
            saved: the pages.
            as_read: the same as the readers had them, if an audit has changed how sure and flagged they are.
        """
        self.pages = tuple(map(_stack_page, saved))
        self.items: dict[str, ReviewItem] = {}
        """Every number by its name; those that were added last."""
        self.unplaced: list[Correction] = []
        """Corrections of pages that are not of the batch any more, or of other files of their names."""
        self._page_index = {(each.file, each.page_number): i for i, each in enumerate(self.pages)}
        self._of_page: dict[int, list[str]] = defaultdict(list)
        self._history: dict[str, list[Correction]] = defaultdict(list)
        self._item_of_correction: dict[str, str] = {}
        for index, (page, before) in enumerate(zip(saved, as_read or saved, strict=True)):
            for number, read in zip(page.result.numbers, before.result.numbers, strict=True):
                if number.kind != PICTURE_KIND:
                    item = item_of_number(f"n{len(self.items)}", index, number)
                    self._add_item(replace(item, confidence_as_read=read.confidence))
        self.separators = separators_of_readings(item.read for item in self.items.values())
        """Which separators count when what is typed is compared with what was read."""

    def items_of_page(self, page: int) -> list[ReviewItem]:
        """The numbers of a page, in the order in which they were read; those that were added last."""
        return [self.items[name] for name in self._of_page[page]]

    def apply(self, corrections: Iterable[Correction]) -> list[str]:
        """Take note of corrections, in the order in which they were made.

        Returns:
            The names of the numbers that are decided otherwise now.
        """
        changed: dict[str, None] = {}
        for correction in corrections:
            name = self._item_of(correction)
            if name is None:
                self.unplaced.append(correction)
                continue
            self._item_of_correction[correction.id] = name
            self._history[name].append(correction)
            standing = not_undone(self._history[name])
            self.items[name] = replace(
                self.items[name],
                decision=standing[-1] if standing else None,
                is_audited=any(each.blind for each in standing),
            )
            changed[name] = None
        return list(changed)

    def latest_of(self, by: str) -> Correction | None:
        """The last decision of a person that was not undone; None if there is none."""
        # By the order of the file: decisions of one second have the same time.
        for name in reversed(self._item_of_correction):
            for each in reversed(not_undone(self._history[self._item_of_correction[name]])):
                if each.id == name and each.by == by:
                    return each
        return None

    def corrections(self) -> list[Correction]:
        """All corrections that are about numbers of this stack, in the order in which they were made."""
        made = {each.id: each for history in self._history.values() for each in history}
        return [made[name] for name in self._item_of_correction]

    def item_name_of(self, correction: Correction) -> str:
        """The name of the number that a correction of this stack is about."""
        return self._item_of_correction[correction.id]

    def _item_of(self, correction: Correction) -> str | None:
        if correction.verdict is Verdict.UNDONE:
            return self._item_of_correction.get(correction.undoes)
        page = self._page_index.get((correction.file, correction.page))
        if page is None or (correction.sha256 and correction.sha256 != self.pages[page].sha256):
            return None
        name = self._item_at(page, correction)
        if name is not None:
            return name
        # It was added, or is not read any more; a person's word about it stands all the same.
        return self._add_item(
            ReviewItem(id=f"a{correction.id}", page=page, box=correction.box, field=correction.field, is_added=True)
        )

    def _item_at(self, page: int, correction: Correction) -> str | None:
        """The number in a field, or the one that overlaps the box of a correction most, if that is enough."""
        items = self.items_of_page(page)
        if correction.field:
            named = next((item.id for item in items if item.field == correction.field), None)
            if named is not None:
                return named
        # Where it was read, or where a person says that it is: by now it may be read there.
        places = {correction.box, correction.place}
        alike = [
            (max(overlap(item.box, place) for place in places), item.id)
            for item in items
            if item.field in {"", correction.field} and any(is_same_place(item.box, place) for place in places)
        ]
        return max(alike)[1] if alike else None

    def _add_item(self, item: ReviewItem) -> str:
        self.items[item.id] = item
        self._of_page[item.page].append(item.id)
        return item.id


def _calibrated(page: SavedPage, calibration: StackCalibration) -> SavedPage:
    numbers = tuple(map(calibration.apply_to_number, page.result.numbers))
    return replace(page, result=replace(page.result, numbers=numbers))


def _flagged(pages: list[SavedPage], last: LastOutputs | None) -> list[SavedPage]:
    """Pages with the numbers flagged that the results flag: how many may be wrong was said to the scan."""
    if last is None or last.review_threshold is None:
        # Of a scan that was interrupted nothing is flagged otherwise yet than as it was read.
        return pages
    results = [page.result for page in pages]
    threshold = last.review_threshold
    if last.max_error is not None:
        threshold = review_threshold_of_results(results, last.max_error)
    flagged = flag_below_threshold(results, threshold)
    return [replace(page, result=result) for page, result in zip(pages, flagged, strict=True)]


def _stack_page(saved: SavedPage) -> StackPage:
    result = saved.result
    return StackPage(
        result.file, result.page_number, saved.sha256, saved.path, result.width, result.height, result.error
    )
