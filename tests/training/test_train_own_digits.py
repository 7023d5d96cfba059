import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.datasets.data_folder import DATA_FOLDER_VARIABLE
from scanner.errors import DataError, NotInstalledError
from scanner.reading_models import load_models
from scanner.recognition.digit_classifier import load_classifier
from scanner.synthesis.pen import random_writer, render_character
from scanner.training import train_own_digits as module
from scanner.training.train_own_digits import BeforeAndAfter, train_own_digits
from scanner.weights import DIGIT_CNN_WEIGHTS, PAGE_NETWORK_WEIGHTS, models_folder

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]

SHIPPED = models_folder() / DIGIT_CNN_WEIGHTS


def draw_mirrored(folder: Path, digits: str, count: int) -> Path:
    """Save digits of a hand that nobody has, as the pad does."""
    rng = np.random.default_rng(4)
    for digit in digits:
        (folder / digit).mkdir(parents=True)
        for number in range(count):
            ink = np.pad(render_character(digit, random_writer(rng), rng, 60), 30)
            assert cv2.imwrite(str(folder / digit / f"{number + 1:04d}.png"), 255 - ink[:, ::-1])
    return folder


@pytest.fixture
def _few_pen_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("_PEN_DIGIT_COUNT", "_PEN_SIGN_COUNT", "_FRAGMENT_COUNT")
    for name in (*names, "_JUDGED_PEN_DIGIT_COUNT", "_JUDGED_PEN_SIGN_COUNT"):
        monkeypatch.setattr(module, name, 60)


@pytest.mark.usefixtures("_few_pen_samples")
def test_own_digits_are_learned_from_the_weights_that_ship(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing is looked for there.
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    models = tmp_path / "models"
    models.mkdir()
    train_own_digits(draw_mirrored(tmp_path / "drawn", "0123456789", 10), models, 1, 5, report.append)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drawn", "models"]
    assert sorted(path.name for path in models.iterdir()) == ["digits.json", "digits.onnx"]

    card = json.loads((models / "digits.json").read_text("utf-8"))
    shipped = json.loads(SHIPPED.with_suffix(".json").read_text("utf-8"))
    assert card["temperature"] == shipped["temperature"]
    assert card["began with"]["sha256"] == shipped["sha256"]
    assert card["began with"]["data"] == shipped["data"]
    assert [(each["samples"], each["frames"]) for each in card["data"]] == [
        ("own digits", 80),
        ("pen digits", 60),
        ("pen signs", 60),
    ]
    assert card["plan"]["epochs"] == 5
    assert str(tmp_path) not in json.dumps(card)
    own = card["scores"]["own digits kept aside"]
    assert own["samples"] == 20
    assert own["now"] > own["before"]

    assert report[0] == "80 own digits to learn from, 20 kept aside"
    assert f"own digits kept aside: {own['before']} of 20 read rightly before, {own['now']} now" in report
    assert any(line.startswith("pen digits: ") for line in report)
    assert report[-1] == "your own digits are read better than before"

    (reading,) = load_classifier("cnn", models).read(np.zeros((1, 28, 28), np.uint8))
    assert sum(reading.probabilities) == pytest.approx(1.0)
    # All else comes with the program.
    loaded = load_models(folder=models)
    assert loaded.row_model is not None
    assert loaded.page_network is not None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (3, 4, "read better than before"),
        (5, 5, "read no better than before, as all of them were read rightly"),
        (3, 3, "read no better than before: add more of them, or keep the weights that you had"),
        (5, 3, "read worse than before: add more of them, or keep the weights that you had"),
    ],
)
def test_it_is_said_plainly_whether_it_helped(before: int, after: int, said: str) -> None:
    assert BeforeAndAfter("own digits kept aside", 5, before, after).verdict() == f"your own digits are {said}"


@pytest.mark.parametrize(("digits", "count"), [("0123456789", 2), ("0123", 10)])
def test_too_few_pictures_or_digits_are_an_error(tmp_path: Path, digits: str, count: int) -> None:
    drawn = draw_mirrored(tmp_path / "drawn", digits, count)
    with pytest.raises(
        DataError, match=rf"drawn: has {len(digits) * count} pictures of {len(digits)} different digits"
    ):
        train_own_digits(drawn, tmp_path, 1, 1, lambda line: None)


def test_weights_of_another_network_are_an_error(tmp_path: Path) -> None:
    drawn = draw_mirrored(tmp_path / "drawn", "01234", 6)
    with pytest.raises(DataError, match="of a network with other layers"):
        train_own_digits(drawn, tmp_path, 1, 1, lambda line: None, models_folder() / PAGE_NETWORK_WEIGHTS)


def test_weights_to_begin_with_need_their_card(tmp_path: Path) -> None:
    drawn = draw_mirrored(tmp_path / "drawn", "01234", 6)
    (tmp_path / "digits.onnx").write_bytes(SHIPPED.read_bytes())
    with pytest.raises(NotInstalledError, match="cannot read the weights or their card"):
        train_own_digits(drawn, tmp_path, 1, 1, lambda line: None, tmp_path / "digits.onnx")
