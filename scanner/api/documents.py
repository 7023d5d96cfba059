"""What reading returns: a document and its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from scanner import __version__
from scanner.api.images import Image, ImageSource, to_page_image
from scanner.errors import DataError, PageError
from scanner.types import Number, PageResult


@dataclass(frozen=True, slots=True, repr=False)
class Page(PageResult):
    """One page and the numbers on it.

    Its fields are those of :class:`scanner.types.PageResult`.  Two pages are equal
    if all fields are, wherever their images are.
    """

    image_source: ImageSource | None = field(default=None, compare=False, kw_only=True)
    """Provides the image to draw on; None for a page that came from a dict."""

    @classmethod
    def of_result(cls, result: PageResult, image_source: ImageSource | None = None) -> Page:
        """Make a page from a result and the source of its image."""
        return cls(**{each.name: getattr(result, each.name) for each in fields(PageResult)}, image_source=image_source)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Page:
        """Make a page from what ``to_dict`` returned, or of an entry of ``"pages"`` in JSON results.

        The dict of a document is accepted too, if it has one page.

        Raises:
            DataError: if the data is neither.
        """
        if not isinstance(data, Mapping):
            raise DataError(f"a page is made of a dict, not of {type(data).__name__}; pass what to_dict returned")
        if "pages" in data:
            document = Document.from_dict(data)
            if len(document.pages) != 1:
                raise DataError(f"the document has {len(document.pages)} pages; use scanner.Document.from_dict")
            return document.page
        from scanner.results.json_results import page_from_dict

        return cls.of_result(page_from_dict(data))

    def to_dict(self) -> dict[str, Any]:
        """Return everything known of the page as values that JSON can hold.

        The keys are those of an entry of ``"pages"`` in JSON results; confidences are not rounded.
        """
        from scanner.results.json_results import page_to_dict

        return page_to_dict(self)

    def render(self, image: Image | None = None, *, key: bool = True) -> Image:
        """Draw the boxes and readings of all numbers on the page, as ``digitscan scan --annotate`` does.

        Args:
            image: the image of the page, as for ``scanner.read``, of the size of the page.  By default the image that
                was read; a file is opened again for it.
            key: whether to add a key to the colours below the page, if the page is large enough.

        Returns:
            A new image, uint8, BGR, shape (height, width, 3) of the page; higher with the key.

        Raises:
            PageError: if the page could not be read, or its file is no longer there or was changed.
            ValueError: if there is no image, or it has another size.
        """
        if self.error:
            raise PageError(self.error)
        if image is not None:
            picture = to_page_image(image)
        elif self.image_source is not None:
            picture = self.image_source.load()
        else:
            raise ValueError("this page came without an image; pass it as page.render(image)")
        if picture.shape[:2] != (self.height, self.width):
            height, width = picture.shape[:2]
            raise ValueError(
                f"the image has {width} x {height} pixels, the page has {self.width} x {self.height} (width x height)"
            )
        from scanner.results.annotated_page import annotate_page, draw_readings
        from scanner.types import PageImage

        draw = annotate_page if key else draw_readings
        return draw(PageImage(self.file, self.page_number, picture), self)

    def __repr__(self) -> str:
        """Name the page and say what is on it."""
        content = f"error={self.error!r}" if self.error else f"numbers={len(self.numbers)}"
        return f"<Page {self.file!r} page_number={self.page_number} {content}>"


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """All pages that were read of one file; it can be iterated and indexed like a tuple of pages.

    A file of one page is a document of one page, so that there is one type for all files.
    """

    file: str
    """Name of the file in results."""
    pages: tuple[Page, ...]
    """The pages in order.  One that could not be read has an ``error`` and no numbers."""

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers of all pages, in reading order."""
        return tuple(number for page in self.pages for number in page.numbers)

    @property
    def errors(self) -> tuple[str, ...]:
        """The errors of the pages that could not be read, one line each."""
        return tuple(page.error for page in self.pages if page.error)

    @property
    def page(self) -> Page:
        """The only page.

        Raises:
            ValueError: if there are several.
        """
        if len(self.pages) != 1:
            raise ValueError(f"{self.file!r} has {len(self.pages)} pages; use one of document.pages")
        return self.pages[0]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Document:
        """Make a document from what ``to_dict`` returned.

        Raises:
            DataError: if the data is anything else.
        """
        from scanner.results.json_results import document_from_dict

        pages = tuple(map(Page.of_result, document_from_dict(data)))
        return cls(pages[0].file if pages else "", pages)

    def to_dict(self) -> dict[str, Any]:
        """Return everything known of all pages as values that JSON can hold, in the format of JSON results."""
        from scanner.results.json_results import document_to_dict

        return document_to_dict(self.pages, __version__)

    def render(self, image: Image | None = None, *, key: bool = True) -> Image:
        """Draw the numbers on the only page; see ``Page.render``.

        Raises:
            ValueError: if there are several pages.
        """
        return self.page.render(image, key=key)

    def __len__(self) -> int:
        """Return the number of pages."""
        return len(self.pages)

    def __iter__(self) -> Iterator[Page]:
        """Iterate over the pages."""
        return iter(self.pages)

    def __getitem__(self, index: int) -> Page:
        """Return the page at an index from 0."""
        return self.pages[index]

    def __repr__(self) -> str:
        """Name the file and say what is in it."""
        return f"<Document {self.file!r} pages={len(self.pages)} numbers={len(self.numbers)}>"
