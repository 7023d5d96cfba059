"""Somebody's own digits: pictures of one digit each in ``FOLDER/0`` to ``FOLDER/9``, as the pad saves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import DigitSamples, stack_samples
from scanner.errors import DataError, NoPagesError
from scanner.image.digit_frame import digit_frame
from scanner.recognition.single_digit import find_digit_ink
from scanner.sources.decoding import PageFailure, decode_file
from scanner.sources.discovery import find_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.types import Image, PageRef

OWN_DIGITS = "own digits"
"""Name of these samples."""
_KEPT_ASIDE_EVERY = 5
"""One in this many pictures is kept aside: enough are left to learn from, and a hundred give twenty to judge by."""


def load_own_digits(folder: Path) -> DigitSamples:
    """Load the pictures in the folders ``0`` to ``9``, in the order of digits and of file names.

    Of each picture the digit is taken that ``digitscan classify`` would read, so that both see the same.  Other files
    in the folder are ignored.

    Args:
        folder: if it does not exist, there are no samples.

    Raises:
        DataError: if a picture cannot be read or shows no ink.
        NothingToReadError: if the folder cannot be opened.
    """
    if not folder.is_dir():
        return stack_samples(OWN_DIGITS, [])
    try:
        refs = find_files([folder])
    except NoPagesError:
        return stack_samples(OWN_DIGITS, [])
    pairs = [
        (frame, int(label))
        for label, ref in ((ref.file.partition("/")[0], ref) for ref in refs)
        if label in _DIGIT_FOLDERS
        for frame in _read_frames(folder, ref)
    ]
    return stack_samples(OWN_DIGITS, pairs)


_DIGIT_FOLDERS = frozenset("0123456789")
"""Folders of pictures, named by what they show."""


def _read_frames(folder: Path, ref: PageRef) -> Iterator[Image]:
    for page in decode_file(ref):
        if isinstance(page, PageFailure):
            # The error begins with the name of the file in the folder.
            raise DataError(f"{folder}/{page.error}")
        ink = find_digit_ink(page.image)
        if not ink.any():
            raise DataError(f"{folder}/{ref.file}: shows no ink; delete it, or put a picture of one digit in its place")
        yield digit_frame(ink)


def keep_some_aside(samples: DigitSamples) -> tuple[DigitSamples, DigitSamples]:
    """Part samples into those to train on and those to judge by: every fifth of each digit, in their order.

    Samples added behind the others leave the parts of these as they are.  With each digit it begins at another place,
    so that it is about a fifth even of few samples.

    Returns:
        Those to train on, and those kept aside.
    """
    place = np.array([np.count_nonzero(samples.labels[:index] == label) for index, label in enumerate(samples.labels)])
    is_aside = (place + samples.labels) % _KEPT_ASIDE_EVERY == _KEPT_ASIDE_EVERY - 1
    part, aside = (DigitSamples(samples.name, samples.frames[m], samples.labels[m]) for m in (~is_aside, is_aside))
    return part, aside
