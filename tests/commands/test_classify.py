from __future__ import annotations

import csv
import io
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result

    from scanner.sources.decoding import PageFailure
    from scanner.types import Image, PageImage, PageRef

    Run = Callable[..., Result]
    Start = Callable[..., subprocess.CompletedProcess[str]]


def one(ink: int = 0, paper: int = 255) -> Image:
    image = np.full((120, 100), paper, np.uint8)
    cv2.line(image, (52, 25), (48, 95), (ink,), 9, cv2.LINE_AA)
    return image


def zero(ink: int = 0, paper: int = 255) -> Image:
    image = np.full((120, 100), paper, np.uint8)
    cv2.ellipse(image, (50, 60), (22, 35), 0, 0, 360, (ink,), 9, cv2.LINE_AA)
    return image


def rows(text: str) -> list[tuple[str, str]]:
    return [(row["file"], row["digit"]) for row in csv.DictReader(io.StringIO(text))]


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    folder = tmp_path / "digits"
    (folder / "drawn ä").mkdir(parents=True)
    for name, image in (("1.png", one()), ("2.png", zero()), ("10.png", one(255, 0)), ("drawn ä/0.png", zero(250, 20))):
        PilImage.fromarray(image).save(folder / name)
    return folder


@pytest.mark.parametrize("classifier", ["cnn", "svm"])
def test_each_image_is_a_row(succeed: Run, digits: Path, classifier: str) -> None:
    result = succeed("classify", digits, "--classifier", classifier)
    assert result.stdout.splitlines()[0] == "file,digit,confidence"
    assert rows(result.stdout) == [("1.png", "1"), ("2.png", "0"), ("10.png", "1"), ("drawn ä/0.png", "0")]
    assert all(0.5 < float(line.split(",")[2]) <= 1 for line in result.stdout.splitlines()[1:])
    assert result.stderr == ""


def test_other_models_read(succeed: Run, digits: Path, own_models: Path) -> None:
    lines = succeed("classify", digits, "--models", own_models).stdout.splitlines()
    assert all(0 < float(line.split(",")[2]) < 0.2 for line in lines[1:])


def test_models_that_do_not_match_their_card_are_6(run: Run, digits: Path, own_models: Path) -> None:
    (own_models / "digits.onnx").write_bytes(b"damaged")
    result = run("classify", digits, "--models", own_models)
    assert (result.exit_code, result.stdout) == (6, "")
    assert "digits.onnx: the weights do not match the card beside them" in result.stderr


def test_a_picture_that_makes_opencv_fail_loses_no_other(
    run: Run, digits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scanner.recognition import single_digit

    find = single_digit.find_digit_ink

    def fail_on_light_ink(image: Image) -> Image:
        if image[0, 0, 0] < 10:
            cv2.resize(image[:0], (1, 1))
        return find(image)

    monkeypatch.setattr(single_digit, "find_digit_ink", fail_on_light_ink)
    result = run("classify", digits)
    assert result.exit_code == 3
    assert rows(result.stdout) == [("1.png", "1"), ("2.png", "0"), ("10.png", ""), ("drawn ä/0.png", "0")]
    assert result.stderr.startswith("10.png: cannot be analysed")
    assert len(result.stderr.splitlines()) == 1


def test_a_decoder_that_fails_loses_no_other_file(run: Run, digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scanner.sources import decoding

    decode = decoding.decode_file

    def fail_on_two(ref: PageRef) -> Iterator[PageImage | PageFailure]:
        if ref.file == "2.png":
            raise MemoryError
        yield from decode(ref)

    monkeypatch.setattr(decoding, "decode_file", fail_on_two)
    result = run("classify", digits)
    assert result.exit_code == 3
    assert rows(result.stdout) == [("1.png", "1"), ("2.png", ""), ("10.png", "1"), ("drawn ä/0.png", "0")]


def test_a_process_prints_the_same(start: Start, succeed: Run, digits: Path) -> None:
    assert start("classify", digits).stdout == succeed("classify", digits).stdout


def test_pages_after_the_first_are_numbered(succeed: Run, tmp_path: Path) -> None:
    first, second = PilImage.fromarray(zero()), PilImage.fromarray(one())
    first.save(tmp_path / "two.tif", save_all=True, append_images=[second])
    assert rows(succeed("classify", tmp_path / "two.tif").stdout) == [("two.tif", "0"), ("two.tif#2", "1")]


def test_a_file_named_like_a_page_is_distinguished(succeed: Run, tmp_path: Path) -> None:
    first, second = PilImage.fromarray(zero()), PilImage.fromarray(one())
    first.save(tmp_path / "two.tif", save_all=True, append_images=[second])
    first.save(tmp_path / "two.tif#2", format="TIFF")
    read = rows(succeed("classify", tmp_path / "two.tif", tmp_path / "two.tif#2").stdout)
    assert read == [("two.tif", "0"), ("two.tif#2", "1"), ("two.tif#2#1", "0")]


def test_an_image_without_ink_has_no_digit(run: Run, tmp_path: Path) -> None:
    PilImage.new("L", (28, 28), 255).save(tmp_path / "a bare.png")
    PilImage.new("L", (28, 28), 0).save(tmp_path / "b black.png")
    (tmp_path / "c broken.png").write_bytes(b"no picture")
    PilImage.fromarray(one()).save(tmp_path / "d.png")
    result = run("classify", tmp_path)
    assert result.exit_code == 3
    assert result.stdout.splitlines()[1:4] == ["a bare.png,,0.0000", "b black.png,,0.0000", "c broken.png,,0.0000"]
    assert rows(result.stdout)[3] == ("d.png", "1")
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == ["a bare.png", "b black.png", "c broken.png"]


def test_a_dot_is_no_digit(run: Run, tmp_path: Path) -> None:
    image = np.full((120, 100), 255, np.uint8)
    PilImage.fromarray(cv2.circle(image, (50, 60), 6, (0,), cv2.FILLED, cv2.LINE_AA)).save(tmp_path / "dot.png")
    result = run("classify", tmp_path)
    assert (result.exit_code, result.stdout.splitlines()[1]) == (3, "dot.png,,0.0000")
    assert result.stderr == "dot.png: shows a dot, not a digit; check that it is the right image\n"


def test_no_file_name_is_written_as_a_formula(run: Run, tmp_path: Path) -> None:
    for name in ("=1+1.png", "@a.png"):
        PilImage.fromarray(one()).save(tmp_path / name)
    (tmp_path / "+broken.png").write_bytes(b"no picture")
    assert rows(run("classify", tmp_path).stdout) == [("./+broken.png", ""), ("./=1+1.png", "1"), ("./@a.png", "1")]


def test_nothing_to_read_is_4(run: Run, tmp_path: Path) -> None:
    assert run("classify", tmp_path).exit_code == 4


@pytest.mark.skipif("DIGITSCAN_DATA" not in os.environ, reason="needs MNIST: set DIGITSCAN_DATA to the data folder")
@pytest.mark.parametrize("dark_on_light", [False, True])
def test_mnist_digits_are_read_as_they_come(succeed: Run, tmp_path: Path, dark_on_light: bool) -> None:
    with np.load(Path(os.environ["DIGITSCAN_DATA"]) / "mnist.npz") as arrays:
        images, labels = arrays["x_test"][:200], arrays["y_test"][:200]
    for place, image in enumerate(images):
        PilImage.fromarray(255 - image if dark_on_light else image).save(tmp_path / f"{place}.png")
    read = [digit for _, digit in rows(succeed("classify", tmp_path).stdout)]
    assert sum(digit == str(label) for digit, label in zip(read, labels, strict=True)) >= 195
