from pathlib import Path

import cv2
import numpy as np

from scanner.datasets.labelled_crops import LabelledCrop
from scanner.datasets.number_sources import draw_pen_material
from scanner.training.number_line_samples import (
    RealNumbers,
    load_real_numbers,
    splice_lines,
    synthesize_lines,
    unvaried_lines,
    vary_lines,
)
from scanner.types import Box


def bars(folder: Path, text: str) -> LabelledCrop:
    """A picture with a vertical bar for every digit."""
    gray = np.full((60, 40 + 30 * len(text)), 235, np.uint8)
    boxes = tuple(Box(30 + 30 * place, 12, 6, 36) for place in range(len(text)))
    for box in boxes:
        gray[box.y : box.bottom, box.x : box.right] = 30
    path = folder / f"{text}.png"
    cv2.imwrite(str(path), gray)
    return LabelledCrop(path, text, boxes)


def numbers(folder: Path, *texts: str) -> RealNumbers:
    return load_real_numbers("cheques", [bars(folder, text) for text in texts], separators_omitted=True)


def test_spliced_lines_show_as_many_digits_as_their_texts_have(tmp_path: Path) -> None:
    made = splice_lines(numbers(tmp_path, "123", "45", "6789"), 30, np.random.default_rng(1))
    assert len(made.images) == len(made.texts) == 30
    assert made.separators_omitted
    for image, text in zip(made.images, made.texts, strict=True):
        assert cv2.connectedComponents((image > 127).astype(np.uint8))[0] - 1 == len(text)
        assert image.shape[1] % 8 == 0
    # The beginning of one and the end of another: no digit comes before the first of its own picture.
    assert {text[0] for text in made.texts} == {"1", "4", "6"}
    assert {text[-1] for text in made.texts} == {"3", "5", "9"}
    assert len(set(made.texts)) > 5


def test_what_cannot_be_cut_between_its_digits_is_not_spliced(tmp_path: Path) -> None:
    overlapping = bars(tmp_path, "345")
    crossed = LabelledCrop(overlapping.path, "345", tuple(reversed(overlapping.boxes)))
    real = load_real_numbers("cheques", [bars(tmp_path, "7"), crossed], separators_omitted=True)
    assert splice_lines(real, 5, np.random.default_rng(1)).texts == ()


def test_varied_lines_keep_text_and_source(tmp_path: Path) -> None:
    real = numbers(tmp_path, "123", "45")
    unvaried, varied = unvaried_lines(real), vary_lines(real, 9, np.random.default_rng(0))
    assert unvaried.texts == ("123", "45")
    assert unvaried.source_ids.tolist() == [0, 1]
    assert varied.texts == tuple(("123", "45")[source] for source in varied.source_ids)
    assert len(varied.images) == 9
    for image, text in zip(varied.images, varied.texts, strict=True):
        assert image.shape[0] == 32
        middle = (image[12:20] > 100).all(axis=0).astype(np.int8)
        assert np.count_nonzero(np.diff(middle) > 0) == len(text)


def test_synthetic_lines_are_the_same_for_the_same_state() -> None:
    material = draw_pen_material(1)
    one, same = (synthesize_lines(material, 6, np.random.default_rng(5)) for _ in range(2))
    assert one.texts == same.texts
    assert all(np.array_equal(a, b) for a, b in zip(one.images, same.images, strict=True))
    assert all(image.shape[0] == 32 for image in one.images)
