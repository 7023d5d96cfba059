import csv
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets.data_folder import DigitSamples
from scanner.synthesis.pen import draw_text, random_writer, render_character

PIXELS = NDArray[np.uint8]

DIGITS_OF_EACH_SOURCE = 220
"""Enough for every part of a split in blocks of twenty to hold some."""


@cache
def _thumbnails(count: int, side: int, seed: int) -> tuple[PIXELS, NDArray[np.int64]]:
    """Written digits on black squares, one after the other from 0 to 9."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    inks = [render_character(str(label), random_writer(rng), rng, 30) for label in labels]
    squares = [cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA) for ink in inks]
    return np.asarray(np.stack(squares), np.uint8), labels


def _write_crop(path: Path, text: str, seed: int) -> list[list[int]]:
    """Write the picture of a number; the boxes of its digits."""
    rng = np.random.default_rng(seed)
    ink, boxes = draw_text(text, random_writer(rng), rng, 40)
    cv2.imwrite(str(path), 255 - np.pad(ink, 12))
    return [[box.x + 12, box.y + 12, box.width, box.height] for box in boxes if box]


@pytest.fixture(scope="session")
def data_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as CONTRIBUTING describes it, with few and small samples of the project's own pen."""
    home = tmp_path_factory.mktemp("data")
    for folder in ("isolated", "cheques/images", "clinic/images", "not_digits"):
        (home / folder).mkdir(parents=True)
    count = DIGITS_OF_EACH_SOURCE
    digits, labels = _thumbnails(count, 28, 1)
    np.savez(
        home / "mnist.npz",
        # As many as are cut off for validation, and a few before them.
        x_train=digits[np.arange(55_040) % count],
        y_train=labels[np.arange(55_040) % count].astype(np.uint8),
        x_test=digits[:30],
        y_test=labels[:30].astype(np.uint8),
    )
    for name, side in (("usps", 16), ("ardis", 28)):
        digits, labels = _thumbnails(count, side, 2)
        np.savez(home / "isolated" / name, x=digits, y=labels)
    digits, labels = _thumbnails(60, 40, 3)
    boxed = np.pad(255 - digits, ((0, 0), (8, 8), (8, 8)), constant_values=255)
    sittings = np.array([f"sitting {index // 6:02d}" for index in range(60)])
    np.savez(home / "isolated" / "exam_boxes", x=boxed, y=labels, batch=sittings)
    entries = []
    for index in range(100):
        text = f"{(index * 7919) % 10_000:04d}"
        name = f"{index:03d}.png"
        entries.append(
            {"image": name, "text": text, "boxes": _write_crop(home / "cheques" / "images" / name, text, index)}
        )
    (home / "cheques" / "truth.json").write_text(json.dumps(entries), "utf-8")
    with (home / "clinic" / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "text"])
        writer.writerows([f"{index}.png", str(index)] for index in range(500))
    letters = np.pad(_thumbnails(200, 24, 4)[0], ((0, 0), (4, 4), (4, 4)))
    np.savez(home / "not_digits" / "letters_printed", x=letters, y=np.array(list("ABCE") * 50))
    np.savez(home / "not_digits" / "letters_drawn", x=255 - letters, y=np.tile([1, 2, 3, 26], 50))
    np.savez(home / "not_digits" / "symbols", x=letters, y=np.array(["plus", "slash"] * 100))
    return home


@pytest.fixture(scope="session")
def assert_framed() -> Callable[[DigitSamples], None]:
    def check(samples: DigitSamples) -> None:
        assert samples.frames.shape == (len(samples.labels), 28, 28)
        assert samples.frames.dtype == np.uint8
        assert samples.labels.dtype == np.int64
        assert all(frame.any() for frame in samples.frames)

    return check
