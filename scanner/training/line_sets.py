"""Labelled line images: in memory, and packed in files that several processes map into memory at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.recognition.line_image import LINE_HEIGHT

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image


@dataclass(frozen=True, slots=True, eq=False)
class LabelledLines:
    """Line images with their texts."""

    name: str
    """What they were made from, such as ``cheques``."""
    images: tuple[Image, ...]
    """Line images, each of shape (LINE_HEIGHT, W), uint8, 0 = paper."""
    texts: tuple[str, ...]
    """The numbers of each line, with a space where one ends and the next begins; empty if there is none."""
    separators_omitted: bool
    """Whether the texts leave out separators that may be visible in the images."""
    source_ids: NDArray[np.int64]
    """Shape (N,): lines with the same value were made from the same image and are left out together."""


@dataclass(frozen=True, slots=True, eq=False)
class PackedLines:
    """Labelled lines in one array, mapped into memory from a file."""

    name: str
    columns: Image
    """Shape (sum of widths, LINE_HEIGHT), uint8: the columns of all lines, one after the other."""
    starts: NDArray[np.int64]
    """Shape (N + 1,): first column of each line, and the number of columns."""
    texts: NDArray[np.str_]
    """Shape (N,)."""
    separators_omitted: bool
    source_ids: NDArray[np.int64]
    """Shape (N,)."""

    @property
    def widths(self) -> NDArray[np.int64]:
        """Width of each line, shape (N,)."""
        return np.diff(self.starts)

    def image(self, index: int) -> Image:
        """A line image, shape (LINE_HEIGHT, W)."""
        return self.columns[self.starts[index] : self.starts[index + 1]].T


def write_lines(folder: Path, lines: LabelledLines) -> None:
    """Write lines to two files of a folder, named after them."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = [image.T for image in lines.images] or [np.zeros((0, LINE_HEIGHT), np.uint8)]
    starts = np.cumsum([0, *(image.shape[1] for image in lines.images)])
    np.save(folder / f"{lines.name}.npy", np.concatenate(columns))
    np.savez(
        folder / f"{lines.name}.npz",
        starts=starts.astype(np.int64),
        texts=np.array(lines.texts, np.str_),
        separators_omitted=lines.separators_omitted,
        source_ids=lines.source_ids,
    )


def has_lines(folder: Path, name: str) -> bool:
    """Whether :func:`write_lines` wrote a set of this name to a folder."""
    return (folder / f"{name}.npz").exists()


def map_lines(folder: Path, name: str) -> PackedLines:
    """Map lines that :func:`write_lines` wrote into memory."""
    columns = np.load(folder / f"{name}.npy", mmap_mode="r")
    with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
        return PackedLines(
            name, columns, arrays["starts"], arrays["texts"], bool(arrays["separators_omitted"]), arrays["source_ids"]
        )
