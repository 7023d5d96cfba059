"""How the pages of a batch are read, and a hash of it that shows whether earlier results are still valid."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING

from scanner.options import DEFAULT_CLASSIFIER, DEFAULT_OPTIONS, ScanOptions
from scanner.sources.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from scanner.batch.batch_forms import BatchForm
    from scanner.forms.form import Form
    from scanner.weights import OwnWeights


@dataclass(frozen=True, slots=True)
class ReadingRecipe:
    """How the pages of a batch are read."""

    options: ScanOptions = DEFAULT_OPTIONS
    classifier: str = DEFAULT_CLASSIFIER
    limits: Limits = DEFAULT_LIMITS
    own_weights: OwnWeights | None = None
    """Weights that go before those that come with the program."""
    forms: tuple[BatchForm, ...] = ()
    """Forms of which each page is one; none if nothing is known of the pages."""

    @property
    def form_values(self) -> tuple[Form, ...]:
        """The forms alone."""
        return tuple(each.form for each in self.forms)


@dataclass(frozen=True, slots=True)
class ReadingSetup:
    """Programs and models that pages are read with."""

    versions: tuple[tuple[str, str], ...]
    """Name and version of each program and library."""
    models: tuple[tuple[str, str], ...]
    """File name and SHA-256 of each file of weights."""


def recipe_hash(recipe: ReadingRecipe, setup: ReadingSetup) -> str:
    """Compute a hash of everything that determines what is read on a page: programs, models and options.

    The limits that only decide whether a page is read, ``Limits.acceptance_limits``, are not part of it.

    Args:
        recipe: how the pages are read.
        setup: the programs and models they are read with.
    """

    def plain(value: object) -> object:
        return value.value if isinstance(value, Enum) else str(value)

    read_with = [
        asdict(recipe.options),
        recipe.classifier,
        recipe.limits.rendering_settings,
        setup.versions,
        setup.models,
        [(str(each.form.file), each.sha256) for each in recipe.forms],
    ]
    return hashlib.sha256(json.dumps(read_with, default=plain, sort_keys=True).encode()).hexdigest()
