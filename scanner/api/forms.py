"""Forms for who reads pages from Python."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scanner.batch.batch_forms import BatchForm, check_different_names, open_batch_forms


@dataclass(frozen=True, slots=True)
class Form:
    """A form: which fields its pages have, and where.  Read it with :meth:`load`."""

    opened: BatchForm
    """The form file as it was when it was read."""

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Form:
        """Read a form file, as :doc:`forms` describes it.

        Args:
            path: the file; its reference is beside it.

        Raises:
            FormError: if the file or the reference cannot be read, or anything in it is wrong; the message lists all
                mistakes.
        """
        return cls(open_batch_forms([Path(path)])[0])

    @property
    def name(self) -> str:
        """What the form is called."""
        return self.opened.form.name

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of all fields, in the order of the numbers of a page; of a field of a table ``marks.1.q1``."""
        return tuple(field.name for field in self.opened.form.all_fields())


AnyForm = Form | str | os.PathLike[str]


def opened_forms(forms: AnyForm | Iterable[AnyForm] | None) -> tuple[BatchForm, ...]:
    """Convert the keyword ``form``: one form or the path of one, several, or None.

    Raises:
        FormError: if a form file cannot be read, anything in it is wrong, or two forms have one name.
        ValueError: if it is something else.
    """
    match forms:
        case None:
            return ()
        case Form() | str() | os.PathLike():
            given: tuple[object, ...] = (forms,)
        case Iterable():
            given = tuple(forms)
        case _:
            raise ValueError(f"form={forms!r}: give a Form, the path of a form file, or several of them")
    opened = tuple(_opened(each) for each in given)
    check_different_names(opened)
    return opened


def _opened(form: object) -> BatchForm:
    match form:
        case Form():
            return form.opened
        case str() | os.PathLike():
            return Form.load(form).opened
        case _:
            raise ValueError(f"form={form!r}: give a Form, the path of a form file, or several of them")
