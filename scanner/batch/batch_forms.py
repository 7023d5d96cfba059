"""The forms of a batch: opened once where it is started, and their references loaded once per process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from scanner.errors import FormError
from scanner.forms.form_file import load_form
from scanner.sources.decoding import read_file
from scanner.types import PageRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.form_reading.reference_page import ReferencePage
    from scanner.forms.form import Form
    from scanner.layout.page_network import PageNetwork


@dataclass(frozen=True, slots=True)
class BatchForm:
    """A form file as it was when the batch was started."""

    form: Form
    sha256: str
    """SHA-256 of the form file and its reference in hexadecimal."""


def open_batch_forms(paths: Iterable[Path]) -> tuple[BatchForm, ...]:
    """Read and check form files, with their references.

    Raises:
        FormError: if one cannot be read, or anything in it is wrong, or two forms have one name.
    """
    forms = [load_form(path) for path in paths]
    opened = tuple(BatchForm(form, _checksum(form)) for form in forms)
    check_different_names(opened)
    return opened


def check_different_names(forms: Sequence[BatchForm]) -> None:
    """Check that no two forms have one name: results say by it which form a page is.

    Raises:
        FormError: if two have.
    """
    files: dict[str, Path] = {}
    for form in (each.form for each in forms):
        if form.name in files:
            raise FormError(
                [f'{form.file}: is called "{form.name}", as {files[form.name]} is; give one another name in its file']
            )
        files[form.name] = form.file


@lru_cache(maxsize=4)
def load_references(forms: tuple[BatchForm, ...], network: PageNetwork | None) -> tuple[ReferencePage, ...]:
    """Load the references at the first call, and return the same ones at later calls with the same arguments.

    Args:
        forms: the forms.
        network: the page network, as for :func:`scanner.form_reading.reference_page.load_reference`.

    Raises:
        FormError: if a reference cannot be read, a field lies outside of it, or a file is not as it was when the batch
            was started.
    """
    from scanner.form_reading.reference_page import load_reference

    for each in forms:
        if _checksum(each.form) != each.sha256:
            raise FormError([f"{each.form.file}: was changed since reading began, or its reference was; start again"])
    return tuple(load_reference(each.form, network) for each in forms)


def _checksum(form: Form) -> str:
    digest = hashlib.sha256()
    for path in (form.file, form.reference_path):
        try:
            digest.update(hashlib.sha256(read_file(PageRef(path, str(path)))).digest())
        except OSError as error:
            raise FormError([f"{path}: cannot be read ({error.strerror}); check the name"]) from error
    return digest.hexdigest()
