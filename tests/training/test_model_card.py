import hashlib
import json
import platform
from pathlib import Path

import pytest

from scanner import __version__
from scanner.errors import OutputError
from scanner.training.model_card import SOURCE_LICENCES, description_of_start, write_model
from scanner.weights import card_path


def test_the_card_names_file_versions_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "digits.onnx"
    write_model(path, b"weights", {"temperature": 1.5, "note": "Größe"})
    assert path.read_bytes() == b"weights"
    text = card_path(path).read_text("utf-8")
    assert json.loads(text) == {
        "file": "digits.onnx",
        "temperature": 1.5,
        "note": "Größe",
        "version": __version__,
        "python": platform.python_version(),
        "sha256": hashlib.sha256(b"weights").hexdigest(),
    }
    assert "Größe" in text
    assert text.endswith("\n")


def test_existing_files_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "digits.onnx"
    write_model(path, b"first", {"a": 1})
    write_model(path, b"second", {"b": 2})
    assert path.read_bytes() == b"second"
    assert "a" not in json.loads(card_path(path).read_text("utf-8"))


def test_a_hash_in_the_given_card_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "digits.onnx"
    write_model(path, b"weights", {"sha256": "of other weights"})
    assert json.loads(card_path(path).read_text("utf-8"))["sha256"] == hashlib.sha256(b"weights").hexdigest()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"digits\.onnx"):
        write_model(tmp_path / "file" / "digits.onnx", b"weights", {})


def test_every_source_has_a_licence() -> None:
    assert all(SOURCE_LICENCES.values())
    assert {"mnist", "usps", "ardis", "exam_boxes", "cheques"} <= set(SOURCE_LICENCES)


def test_what_a_training_run_began_with_is_told_by_its_card(tmp_path: Path) -> None:
    first, second = tmp_path / "first.onnx", tmp_path / "second.onnx"
    write_model(first, b"first", {"seed": 1, "hours of training": 2.5, "scores": {}})
    write_model(second, b"second", {"seed": 2, "began with": description_of_start(first)})
    told = description_of_start(second)
    assert (told["file"], told["seed"]) == ("second.onnx", 2)
    assert told["began with"]["hours of training"] == 2.5
    assert told["began with"]["sha256"] == hashlib.sha256(b"first").hexdigest()
    card_path(second).unlink()
    assert description_of_start(second) == {"file": "second.onnx", "sha256": told["sha256"]}


def test_weights_that_a_card_names_twice_are_described_once(tmp_path: Path) -> None:
    first, second, mean = (tmp_path / name for name in ("first.onnx", "second.onnx", "mean.onnx"))
    write_model(first, b"first", {"seed": 1})
    write_model(second, b"second", {"seed": 2, "began with": description_of_start(first)})
    write_model(mean, b"mean", {"mean of": [description_of_start(first), description_of_start(second)]})
    one, two = json.loads(card_path(mean).read_text("utf-8"))["mean of"]
    digest = hashlib.sha256(b"first").hexdigest()
    assert one == {"file": "first.onnx", "sha256": digest, "seed": 1}
    assert two["began with"] == {"file": "first.onnx", "sha256": digest}
