"""Whether pages of other forms are taken for pages of a form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.form_making.form_pages import darkness
from scanner.registration.registration import best_registration
from scanner.sources.decoding import PageFailure, decode_file
from scanner.sources.discovery import find_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scanner.evaluation.real_forms import RealForm
    from scanner.form_reading.reference_page import ReferencePage
    from scanner.registration.registration import ReferenceDescription
    from scanner.types import Image, PageRef

_FORMS_OF_A_KIND = 2
"""Most forms of one kind that other pages are compared with: the others are printed much like them."""
_MANY_FILES, _CHOSEN_SHARE = 50, 3
"""Of a folder with so many files, one in so many is looked at: they are alike."""


@dataclass(frozen=True, slots=True)
class IdentityCounts:
    """Counts of pages that were compared with other forms than their own."""

    pages: int = 0
    pairs: int = 0
    """Pages and other forms, each with each."""
    taken: int = 0
    """Pages that were taken for one of them."""

    def __add__(self, other: IdentityCounts) -> IdentityCounts:
        return IdentityCounts(self.pages + other.pages, self.pairs + other.pairs, self.taken + other.taken)


def compare_with_other_forms(folder: Path, references: Mapping[str, Sequence[ReferencePage]]) -> IdentityCounts:
    """Compare the pages of a folder with forms of other kinds.

    Args:
        folder: folder with a folder of pages for each kind.
        references: the forms of each kind.  No page in the folder of that name is compared with them; pages of others
            are with a few of them.
    """
    counts = IdentityCounts()
    for kind, pages in pages_by_folder(folder):
        others = [
            each.description for name, forms in references.items() if name != kind for each in forms[:_FORMS_OF_A_KIND]
        ]
        counts += compare_pages(pages, others)
    return counts


def compare_layouts(forms: Sequence[RealForm]) -> IdentityCounts:
    """Compare the pages of forms that are much alike with the others of them."""
    counts = IdentityCounts()
    for form in forms:
        others = [other.reference.description for other in forms if other is not form]
        counts += compare_pages(decode_all(find_files([page.path for page in form.pages])), others)
    return counts


def compare_pages(pages: Iterable[Image], others: Sequence[ReferenceDescription]) -> IdentityCounts:
    """Compare pages, shape (H, W, 3), BGR, with forms that none of them is of."""
    taken = [best_registration(darkness(page), others) is not None for page in pages]
    return IdentityCounts(len(taken), len(taken) * len(others), sum(taken))


def pages_by_folder(folder: Path) -> Iterator[tuple[str, Iterator[Image]]]:
    """The name of each folder in a folder, and its pages."""
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = find_files([kind])
        yield kind.name, decode_all(files[:: _CHOSEN_SHARE if len(files) >= _MANY_FILES else 1])


def decode_all(files: Iterable[PageRef]) -> Iterator[Image]:
    """Decode the pages of files; those that cannot be read are left out."""
    return (page.image for file in files for page in decode_file(file) if not isinstance(page, PageFailure))
