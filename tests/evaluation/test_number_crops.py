from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.labelled_crops import LabelledCrop
from scanner.errors import DataError
from scanner.evaluation import number_crops
from scanner.options import Charset, ScanOptions
from scanner.reading_models import Models
from scanner.recognition.digit_classifier import Classifier, load_classifier
from scanner.recognition.line_reader import LineReader
from scanner.synthesis.pen import draw_text, random_writer
from scanner.types import Box, Number, PageResult


def page(*numbers: tuple[str, float]) -> PageResult:
    found = tuple(Number(text, sure, "", 1, 1, Box(0, 0, 1, 1), ()) for text, sure in numbers)
    return PageResult("a.png", 1, 9, 9, found)


def written(folder: Path, name: str, text: str, truth: str) -> LabelledCrop:
    """A picture of ``text`` with the truth ``truth``."""
    rng = np.random.default_rng(3)
    ink, _ = draw_text(text, random_writer(rng), rng, 60)
    cv2.imwrite(str(folder / name), 255 - np.pad(ink, 20))
    return LabelledCrop(folder / name, truth, ())


CROPS = tuple(LabelledCrop(Path("a.png"), text, ()) for text in ("1,20", "7"))


def test_separators_count_only_where_they_are_read() -> None:
    results = [page(("120", 0.9)), page(("1", 0.4))]
    assert number_crops.judge_crops(CROPS, results, Charset.DIGITS) == [(0.9, True), (0.4, False)]
    assert number_crops.judge_crops(CROPS, results, Charset.DECIMAL) == [(0.9, False), (0.4, False)]


def test_nothing_found_and_too_much_found_are_wrong() -> None:
    results = [page(), page(("7", 0.9), ("7", 0.3))]
    assert number_crops.judge_crops(CROPS, results, Charset.DIGITS) == [(0.0, False), (0.3, False)]


def test_scores_are_of_the_test_split(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cnn: Classifier) -> None:
    crops = (written(tmp_path, "a.png", "2580", "2580"), written(tmp_path, "b.png", "2580", "2581"))
    loaded = []

    def source(folder: Path, split: DataSplit) -> tuple[LabelledCrop, ...]:
        loaded.append((folder, split))
        return crops

    monkeypatch.setattr("scanner.datasets.labelled_crops.load_cheques", source)
    monkeypatch.setattr("scanner.datasets.labelled_crops.load_clinic_cells", source)
    scores = number_crops.score_readers(cnn, LineReader(WEIGHTS), tmp_path)
    assert set(loaded) == {(tmp_path, DataSplit.TEST)}
    assert {score["exact"] for score in scores.values()} == {0.5}
    # Two readings of the same image are accepted together or not at all.
    assert scores["cheques, digits"]["coverage at 1 % errors"] == 0.0


def test_a_picture_that_is_not_there_is_named(tmp_path: Path, cnn: Classifier) -> None:
    with pytest.raises(DataError, match=r"none\.png"):
        list(number_crops.scan_crops([LabelledCrop(tmp_path / "none.png", "1", ())], Models(cnn), ScanOptions()))


WEIGHTS = (Path(number_crops.__file__).parents[2] / "models" / "numbers.onnx").read_bytes()


@pytest.fixture(scope="module")
def cnn() -> Classifier:
    return load_classifier("cnn")
