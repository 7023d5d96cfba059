from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets.data_folder import DigitSamples
from scanner.datasets.own_digits import keep_some_aside, load_own_digits
from scanner.errors import DataError
from scanner.image.digit_frame import digit_frame
from scanner.pad.drawing import Drawing, render_ink
from scanner.pad.labelled_drawings import save_drawing
from scanner.synthesis.pen import random_writer, render_character


def written(text: str, seed: int = 0) -> NDArray[np.uint8]:
    """A digit, 255 = ink, with a margin around it."""
    rng = np.random.default_rng(seed)
    return np.pad(render_character(text, random_writer(rng), rng, 60), 25)


def looks_like(frame: NDArray[np.uint8], ink: NDArray[np.uint8]) -> bool:
    """Whether a frame is that of some ink, but for the edge of its strokes."""
    return bool(np.abs(frame.astype(int) - digit_frame(ink)).mean() < 6)


def save(path: Path, picture: NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)
    return path


def test_pictures_are_labelled_by_their_folder_and_in_order(tmp_path: Path) -> None:
    inks = {"7/10.png": written("7", 1), "7/9.png": written("7", 2), "0/1.png": written("0", 3)}
    for name, ink in inks.items():
        save(tmp_path / name, 255 - ink)
    samples = load_own_digits(tmp_path)
    assert samples.labels.tolist() == [0, 7, 7]
    assert not looks_like(samples.frames[1], inks["7/10.png"])
    for frame, name in zip(samples.frames, ("0/1.png", "7/9.png", "7/10.png"), strict=True):
        assert looks_like(frame, inks[name]), name


def test_a_drawing_of_the_pad_is_framed_as_the_pad_reads_it(tmp_path: Path) -> None:
    # A 5 in two strokes, its bar apart from the rest.
    drawing = Drawing(280, 280, (((90, 110), (90, 150), (150, 150), (160, 190), (100, 215)), ((105, 80), (180, 75))))
    save_drawing(drawing, 5, tmp_path)
    (frame,) = load_own_digits(tmp_path).frames
    assert looks_like(frame, render_ink(drawing))


@pytest.mark.parametrize("name", ["4/a.jpg", "4/b.bmp", "4/more/c.png"])
def test_other_formats_paper_that_is_grey_and_white_ink_are_read(tmp_path: Path, name: str) -> None:
    ink = written("4")
    save(tmp_path / name, np.asarray(205 - 0.6 * ink, np.uint8))
    save(tmp_path / "4" / "white_on_black.png", ink)
    samples = load_own_digits(tmp_path)
    assert samples.labels.tolist() == [4, 4]
    for frame in samples.frames:
        assert looks_like(frame, ink)


def test_what_is_no_picture_of_a_digit_is_ignored(tmp_path: Path) -> None:
    save(tmp_path / "3" / "1.png", 255 - written("3"))
    save(tmp_path / "others" / "1.png", 255 - written("3"))
    save(tmp_path / "10" / "1.png", 255 - written("3"))
    save(tmp_path / "1.png", 255 - written("3"))
    (tmp_path / "3" / "notes.txt").write_text("mine", "utf-8")
    assert load_own_digits(tmp_path).labels.tolist() == [3]


def test_without_pictures_there_are_no_samples(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert load_own_digits(folder).frames.shape == (0, 28, 28)


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    save(tmp_path / "3" / "1.png", 255 - written("3"))
    (tmp_path / "3" / "2.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"3/2\.png: "):
        load_own_digits(tmp_path)


def test_a_picture_without_ink_is_named(tmp_path: Path) -> None:
    save(tmp_path / "3" / "0001.png", np.full((90, 90), 255, np.uint8))
    with pytest.raises(DataError, match=r"3/0001\.png: shows no ink"):
        load_own_digits(tmp_path)


def samples_of(*labels: int) -> DigitSamples:
    """Frames that tell how manieth they are."""
    frames = np.stack([np.full((28, 28), index, np.uint8) for index in range(len(labels))])
    return DigitSamples("some", frames, np.array(labels, np.int64))


def places(samples: DigitSamples) -> list[int]:
    return [int(frame[0, 0]) for frame in samples.frames]


def test_every_fifth_of_each_digit_is_kept_aside() -> None:
    learned, aside = keep_some_aside(samples_of(*[0] * 10, *[1] * 6, *[4] * 2))
    # The fifth and the tenth 0, the fourth 1, the first 4.
    assert places(aside) == [4, 9, 13, 16]
    assert aside.labels.tolist() == [0, 0, 1, 4]
    assert places(learned) == [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 14, 15, 17]


def test_of_few_of_each_digit_a_fifth_is_kept_aside_too() -> None:
    _, aside = keep_some_aside(samples_of(*[digit for digit in range(10) for _ in range(2)]))
    assert aside.labels.tolist() == [3, 4, 8, 9]


def test_pictures_added_behind_the_others_leave_these_where_they_are() -> None:
    few, more = samples_of(2, 2, 2, 2, 2, 2), samples_of(2, 2, 2, 2, 2, 2, 2, 2, 2)
    assert [place for place in places(keep_some_aside(more)[1]) if place < 6] == places(keep_some_aside(few)[1]) == [2]
