"""Which pictures are drawn of the pages of a batch, and whether those of a page are there already."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.results.annotation_style import DEFAULT_ANNOTATION_STYLE, AnnotationStyle
from scanner.results.picture_names import annotated_page_path, stages_folder_path

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class DrawnPages:
    """Which pictures are drawn of each page, and in which folders."""

    annotated_folder: Path | None = None
    """Folder for pictures of the page with the readings drawn on it; None for no such pictures."""
    stages_folder: Path | None = None
    """Folder for pictures of the output of each stage; None for no such pictures."""
    style: AnnotationStyle = DEFAULT_ANNOTATION_STYLE
    """How pictures of the page with its readings are kept."""

    @property
    def record(self) -> str:
        """What the state keeps with a page of which these pictures were drawn."""
        annotated = "" if self.annotated_folder is None else f"{self.annotated_folder} {_style_text(self.style)}"
        return json.dumps([annotated, str(self.stages_folder or "")])

    def exist(self, file: str, page: int, record: str) -> bool:
        """Whether all these pictures of a page exist as they would be drawn.

        Args:
            file: name in results.
            page: page number within the file.
            record: what the state has kept with the page.
        """
        paths = (
            (self.annotated_folder, annotated_page_path(file, page, self.style.picture_suffix)),
            (self.stages_folder, stages_folder_path(file, page)),
        )
        if all(folder is None for folder, _ in paths):
            return True
        return record == self.record and all((folder / name).exists() for folder, name in paths if folder)


def without_annotated(record: str) -> str:
    """Make of a record the one of a page whose annotated picture is to be drawn again."""
    return json.dumps(["", json.loads(record)[1]]) if record else ""


def _style_text(style: AnnotationStyle) -> str:
    return f"{style.format.value} {style.quality}"
