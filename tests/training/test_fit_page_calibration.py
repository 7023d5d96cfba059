import pytest

from scanner.training import fit_page_calibration
from scanner.training.fit_page_calibration import read_calibration_lines
from scanner.weights import load_weights, models_folder


@pytest.mark.usefixtures("families")
def test_readings_of_synthetic_pages_are_compared_with_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_page_calibration, "_CALIBRATION_PAGE_COUNT", 5)
    weights, _ = load_weights(models_folder(), "text_lines.onnx")
    readings = read_calibration_lines(weights, None, 1)
    assert len(readings) > 5
    assert all(0 <= reading.raw_probability <= 1 for reading in readings)
    assert sum(reading.correct for reading in readings) > len(readings) / 2
    assert {reading.confirmed for reading in readings if reading.correct} >= {True}
