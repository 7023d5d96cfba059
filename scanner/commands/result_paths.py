"""Options that name a file to write: its ending must be that of the format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.batch.settings import DOCUMENT_ENDINGS, PAGE_TABLE_ENDINGS, TABLE_ENDINGS, check_ending

if TYPE_CHECKING:
    from collections.abc import Sequence


class _ResultPath(click.Path):
    """A path whose ending is one of those given."""

    def __init__(self, endings: Sequence[str]) -> None:
        super().__init__(path_type=Path)
        self._endings = endings

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        try:
            check_ending(path, self._endings)
        except ValueError as error:
            self.fail(f"{value}: {error}", param, ctx)
        return path


TABLE_PATH = _ResultPath(TABLE_ENDINGS)
PAGE_TABLE_PATH = _ResultPath(PAGE_TABLE_ENDINGS)
DOCUMENT_PATH = _ResultPath(DOCUMENT_ENDINGS)
FORM_PATH = _ResultPath((".toml",))
PICTURE_PATH = _ResultPath((".png", ".jpg", ".jpeg"))
