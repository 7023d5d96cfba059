"""The calibration of a stack, kept beside its results: what an audit has shown of its confidences."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec

from scanner.atomic_write import write_text
from scanner.decision.stack_calibration import UNAUDITED, StackCalibration
from scanner.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

CALIBRATION_ENDING = ".calibration.json"
"""Ending of the name of a calibration, instead of that of the results."""


def calibration_path(results: Path) -> Path:
    """Where the calibration of results is: ``results.calibration.json`` for ``results.csv``."""
    return results.with_name(results.stem + CALIBRATION_ENDING)


def read_calibration(path: Path) -> StackCalibration:
    """Read a calibration; one that changes nothing if there is no such file.

    Raises:
        DataError: if the file cannot be read, or is none.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=StackCalibration)
    except FileNotFoundError:
        return UNAUDITED
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise DataError(f"{path}: is no calibration ({error}); delete it, or audit again") from error
    if not _is_sound(found):
        raise DataError(f"{path}: is no calibration that confidences can be changed by; delete it, or audit again")
    return found


def write_calibration(path: Path, calibration: StackCalibration) -> None:
    """Write a calibration, whole or not at all.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(path, json.dumps(asdict(calibration), indent=2) + "\n")


def _is_sound(calibration: StackCalibration) -> bool:
    shares = (calibration.lowest, calibration.ceiling)
    return (
        math.isfinite(calibration.shift)
        and 0 < calibration.slope < math.inf
        and all(0 <= share <= 1 for share in shares)
        and 0 <= calibration.errors <= calibration.audited
    )
