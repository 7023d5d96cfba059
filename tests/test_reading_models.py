import json
from pathlib import Path

import pytest

from scanner.errors import NotInstalledError
from scanner.options import Readers
from scanner.reading_models import load_models, weights_checksums
from scanner.weights import PAGE_NETWORK_WEIGHTS, card_path, models_folder


@pytest.mark.parametrize("readers", [Readers.BOTH, Readers.CONTOURS])
@pytest.mark.parametrize("classifier", ["cnn", "svm"])
def test_the_weights_listed_are_those_that_are_loaded(
    monkeypatch: pytest.MonkeyPatch, classifier: str, readers: Readers
) -> None:
    listed = weights_checksums(classifier, readers)
    read: list[str] = []
    read_bytes = Path.read_bytes

    def recorded(path: Path) -> bytes:
        if path.parent == models_folder():
            read.append(path.name)
        return read_bytes(path)

    # Model cards are read as text.
    monkeypatch.setattr(Path, "read_bytes", recorded)
    load_models(classifier, readers)
    assert {name for name, _ in listed} == set(read)
    for name, sha256 in listed:
        assert json.loads(card_path(models_folder() / name).read_text("utf-8"))["sha256"] == sha256


def test_weights_of_another_folder_go_first_file_by_file(tmp_path: Path) -> None:
    assert load_models(folder=tmp_path).page_network is not None
    (tmp_path / PAGE_NETWORK_WEIGHTS).write_bytes(b"")
    with pytest.raises(NotInstalledError, match=PAGE_NETWORK_WEIGHTS):
        load_models(folder=tmp_path)


def test_an_unknown_classifier_has_no_weights() -> None:
    with pytest.raises(ValueError, match="no classifier"):
        weights_checksums("forest")
