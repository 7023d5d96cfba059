import json
from pathlib import Path

import pytest

from scanner.options import Readers
from scanner.recognition.models import load_models, weights_checksums
from scanner.weights import card_path, models_folder


@pytest.mark.parametrize("readers", [Readers.BOTH, Readers.CONTOURS])
@pytest.mark.parametrize("classifier", ["cnn", "svm"])
def test_the_weights_told_are_those_that_are_loaded(
    monkeypatch: pytest.MonkeyPatch, classifier: str, readers: Readers
) -> None:
    told = weights_checksums(classifier, readers)
    read: list[str] = []
    read_bytes = Path.read_bytes

    def noted(path: Path) -> bytes:
        if path.parent == models_folder():
            read.append(path.name)
        return read_bytes(path)

    # Cards are read as text.
    monkeypatch.setattr(Path, "read_bytes", noted)
    load_models(classifier, readers)
    assert {name for name, _ in told} == set(read)
    for name, sha256 in told:
        assert json.loads(card_path(models_folder() / name).read_text("utf-8"))["sha256"] == sha256


def test_there_are_no_weights_of_an_unknown_classifier() -> None:
    with pytest.raises(ValueError, match="no classifier"):
        weights_checksums("forest")
