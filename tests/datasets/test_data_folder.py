from pathlib import Path

import numpy as np
import pytest

from scanner.datasets.data_folder import (
    DATA_FOLDER_VARIABLE,
    DataSplit,
    load_arrays,
    read_gray,
    resolve_data_folder,
    split_of_group,
)
from scanner.errors import DataError


def test_splits_of_groups_by_hand() -> None:
    parts = [split_of_group(group) for group in range(10)]
    assert [place for place, part in enumerate(parts) if part is DataSplit.TEST] == [4, 9]
    assert [place for place, part in enumerate(parts) if part is DataSplit.VALIDATION] == [3]
    assert [split_of_group(group + 10) for group in range(10)] == parts


def test_the_option_comes_before_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    monkeypatch.delenv(DATA_FOLDER_VARIABLE, raising=False)
    assert resolve_data_folder(None) is None
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path / "a"))
    assert resolve_data_folder(None) == tmp_path / "a"
    assert resolve_data_folder(tmp_path / "b") == tmp_path / "b"
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, "")
    assert resolve_data_folder(None) is None


def test_a_data_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: there is no such data folder"):
        resolve_data_folder(tmp_path / "nowhere")


def test_a_file_that_holds_no_arrays_is_named(tmp_path: Path) -> None:
    (tmp_path / "usps.npz").write_bytes(b"no arrays")
    with pytest.raises(DataError, match=r"usps\.npz: not readable as arrays"):
        load_arrays(tmp_path / "usps.npz", "x")


def test_an_array_that_is_missing_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "usps.npz", x=np.zeros((1, 16, 16), np.uint8))
    with pytest.raises(DataError, match=r"usps\.npz: not readable as arrays x, y"):
        load_arrays(tmp_path / "usps.npz", "x", "y")


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"1\.png: not readable as a picture"):
        read_gray(tmp_path / "1.png")
