import json
import shutil
from pathlib import Path

import pytest

from scanner.errors import NotInstalledError
from scanner.weights import (
    CROP_READER_WEIGHTS,
    DIGIT_CNN_WEIGHTS,
    DIGIT_SVM_WEIGHTS,
    PAGE_NETWORK_WEIGHTS,
    TEXT_LINE_READER_WEIGHTS,
    card_path,
    load_weights,
    models_folder,
)

FILES = (DIGIT_CNN_WEIGHTS, DIGIT_SVM_WEIGHTS, CROP_READER_WEIGHTS, TEXT_LINE_READER_WEIGHTS, PAGE_NETWORK_WEIGHTS)


def copied(folder: Path) -> Path:
    """A copy of the weights of the digit CNN and their card."""
    source = models_folder() / DIGIT_CNN_WEIGHTS
    shutil.copy(card_path(source), folder)
    return Path(shutil.copy(source, folder))


@pytest.mark.parametrize("file", FILES)
def test_weights_are_loaded_with_their_card(file: str) -> None:
    weights, card = load_weights(models_folder(), file)
    assert weights == (models_folder() / file).read_bytes()
    assert card == json.loads(card_path(models_folder() / file).read_text("utf-8"))


def test_the_card_is_beside_its_weights() -> None:
    assert card_path(Path("models/digits.onnx")) == Path("models/digits.json")


@pytest.mark.parametrize("missing", ["digits.onnx", "digits.json"])
def test_missing_weights_or_cards_are_refused(missing: str, tmp_path: Path) -> None:
    (copied(tmp_path).parent / missing).unlink()
    with pytest.raises(NotInstalledError, match=r"cannot read the weights or their card .* install digitscan again"):
        load_weights(tmp_path, DIGIT_CNN_WEIGHTS)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    path = copied(tmp_path)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(NotInstalledError, match="do not match the card"):
        load_weights(tmp_path, DIGIT_CNN_WEIGHTS)


@pytest.mark.parametrize("card", ["", "[]", "null", "{}", '{"sha256": 5}'])
def test_a_damaged_card_is_refused(card: str, tmp_path: Path) -> None:
    card_path(copied(tmp_path)).write_text(card, "utf-8")
    with pytest.raises(NotInstalledError, match="install digitscan again"):
        load_weights(tmp_path, DIGIT_CNN_WEIGHTS)
