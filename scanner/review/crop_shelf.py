"""The pictures of all numbers of a stack: cut page by page, ahead of who looks at them."""

from __future__ import annotations

import logging
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from scanner.errors import DigitscanError
from scanner.review.crops import cut_crop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.review.crop_cache import CropCache, CropKey
    from scanner.review.crops import Crop
    from scanner.review.decoded_pages import DecodedPages
    from scanner.review.review_item import ReviewItem
    from scanner.review.stack import ReviewStack

MAX_AHEAD = 50_000
"""Most numbers of which pictures are cut before anybody asks for them: about 400 MB on the disk."""


class CropShelf:
    """Pictures of numbers; may be used by several threads."""

    def __init__(self, stack: ReviewStack, pages: DecodedPages, cache: CropCache) -> None:
        """Begin with what the cache has."""
        self._stack, self._pages, self._cache = stack, pages, cache
        self._stop = Event()
        self._thread: Thread | None = None
        self._cutting = Lock()

    def crop(self, item: ReviewItem) -> Crop:
        """The picture of a number; if there is none yet, those of its whole page are made.

        Raises:
            PageError: if its page cannot be shown.
        """
        key = self._key(item)
        crop = self._cache.find(key)
        if crop is None:
            self._cut_page(item.page, [item])
            crop = self._cache.find(key)
        return crop if crop is not None else cut_crop(self._pages.image(item.page), item.shown_box)

    def work_ahead(self, order: Sequence[ReviewItem]) -> None:
        """Begin to cut the pictures of all numbers, in the order of those given, until ``stop``."""
        pages = list(dict.fromkeys(item.page for item in order[:MAX_AHEAD]))
        self._thread = Thread(target=self._cut_pages, args=(pages,), name="crops", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the work ahead, and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _cut_pages(self, pages: Iterable[int]) -> None:
        for page in pages:
            if self._stop.is_set():
                return
            try:
                self._cut_page(page, ())
            except DigitscanError as error:
                # Who looks at one of its numbers is told.
                logging.getLogger(__name__).debug("%s", error)

    def _cut_page(self, page: int, more: Sequence[ReviewItem]) -> None:
        """Cut the pictures of a page that are missing; ``more`` are numbers of it that were just added or moved."""
        with self._cutting:
            items = [*self._stack.items_of_page(page), *more]
            boxes = {self._key(item): item.shown_box for item in items}
            missing: list[CropKey] = self._cache.missing(boxes)
            if missing:
                image = self._pages.image(page)
                self._cache.add([(key, cut_crop(image, boxes[key])) for key in missing])

    def _key(self, item: ReviewItem) -> CropKey:
        page = self._stack.pages[item.page]
        return page.sha256, page.page_number, item.shown_box
