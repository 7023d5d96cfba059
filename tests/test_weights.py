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
    folder_with,
    load_weights,
    models_folder,
    open_weights_folder,
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
    with pytest.raises(
        NotInstalledError, match=r"cannot read the weights or their card .* copy the weights there again"
    ):
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
    with pytest.raises(NotInstalledError, match="copy the weights there again"):
        load_weights(tmp_path, DIGIT_CNN_WEIGHTS)


def test_a_card_of_other_weights_is_refused(tmp_path: Path) -> None:
    path = copied(tmp_path)
    card_path(path).rename(tmp_path / "pages.json")
    path.rename(tmp_path / PAGE_NETWORK_WEIGHTS)
    with pytest.raises(NotInstalledError, match=r"pages\.onnx: the card beside it is that of digits\.onnx"):
        load_weights(tmp_path, PAGE_NETWORK_WEIGHTS)


def test_damaged_weights_of_the_program_are_to_be_installed_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("scanner.weights.models_folder", lambda: tmp_path)
    with pytest.raises(NotInstalledError, match="install digitscan again"):
        load_weights(tmp_path, DIGIT_CNN_WEIGHTS)


def test_a_folder_of_own_weights_has_those_with_their_checksums(tmp_path: Path) -> None:
    (tmp_path / "notes.onnx").write_bytes(b"not read")
    card = json.loads(card_path(copied(tmp_path)).read_text("utf-8"))
    own = open_weights_folder(tmp_path)
    assert (own.folder, own.checksums) == (tmp_path, ((DIGIT_CNN_WEIGHTS, card["sha256"]),))
    assert folder_with(DIGIT_CNN_WEIGHTS, tmp_path) == tmp_path
    assert folder_with(PAGE_NETWORK_WEIGHTS, tmp_path) is None


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        NotInstalledError, match=r"has no weights, which are called digits\.onnx, .* or blank_marks\.npz"
    ):
        open_weights_folder(tmp_path)
    with pytest.raises(NotInstalledError, match="is not a folder"):
        open_weights_folder(tmp_path / "nowhere")


def test_a_folder_with_damaged_weights_is_refused(tmp_path: Path) -> None:
    copied(tmp_path).write_bytes(b"damaged")
    with pytest.raises(NotInstalledError, match=r"digits\.onnx: the weights do not match the card"):
        open_weights_folder(tmp_path)
