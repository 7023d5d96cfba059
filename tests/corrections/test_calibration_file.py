from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scanner.corrections.calibration_file import calibration_path, read_calibration, write_calibration
from scanner.decision.stack_calibration import UNAUDITED, StackCalibration
from scanner.errors import DataError, OutputError

if TYPE_CHECKING:
    from pathlib import Path

CALIBRATION = StackCalibration(shift=-1.25, slope=0.8, lowest=0.91, ceiling=0.97, audited=200, errors=6)


def test_it_is_read_as_it_was_written_beside_the_results(tmp_path: Path) -> None:
    path = calibration_path(tmp_path / "r.csv")
    assert path == tmp_path / "r.calibration.json"
    assert read_calibration(path) is UNAUDITED
    write_calibration(path, CALIBRATION)
    assert read_calibration(path) == CALIBRATION


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "\udcff", "[" * 100_000, '{"shift": "1"}', '{"shift": 1e999}', '{"audited": 1.5}'),
        *('{"slope": 0}', '{"lowest": 2}', '{"ceiling": -1}', '{"audited": 1, "errors": 2}'),
    ],
)
def test_anything_else_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.calibration.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=r"r\.calibration\.json: is no calibration"):
        read_calibration(path)


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "r.calibration.json").mkdir()
    with pytest.raises(DataError, match="cannot be read"):
        read_calibration(tmp_path / "r.calibration.json")
    with pytest.raises(OutputError):
        write_calibration(tmp_path / "r.calibration.json", CALIBRATION)
