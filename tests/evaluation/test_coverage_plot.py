import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scanner.errors import NotInstalledError, OutputError
from scanner.evaluation.coverage_plot import PLOT_FORMATS, check_plot_path, draw_risk_coverage_plot
from scanner.evaluation.risk_coverage import JudgedReading

pytest.importorskip("matplotlib", reason="the plot extra is not installed")

from matplotlib import rc_context

FOUR = [JudgedReading(0.9, True), JudgedReading(0.6, False), JudgedReading(0.8, False), JudgedReading(0.7, True)]


@pytest.mark.parametrize(
    ("readings", "plot_format", "signature"),
    [
        ([], "png", b"\x89PNG"),
        ([JudgedReading(1.0, True)] * 5, "png", b"\x89PNG"),
        (FOUR, "png", b"\x89PNG"),
        (FOUR, "svg", b"<?xml"),
        (FOUR, "pdf", b"%PDF"),
    ],
)
def test_every_format_is_written_and_the_same_each_time(
    readings: list[JudgedReading], plot_format: str, signature: bytes
) -> None:
    data = draw_risk_coverage_plot(readings, plot_format)
    assert data.startswith(signature)
    assert draw_risk_coverage_plot(readings, plot_format) == data


def test_the_user_s_settings_of_matplotlib_do_not_count() -> None:
    data = draw_risk_coverage_plot(FOUR, "png")
    with rc_context({"text.usetex": True, "savefig.facecolor": "red"}):
        assert draw_risk_coverage_plot(FOUR, "png") == data


def test_both_curves_are_drawn_in_their_colours() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(draw_risk_coverage_plot(FOUR, "png"))).convert("RGB")).astype(int)
    blue, vermilion = pixels[..., 2] - pixels[..., 0] > 120, pixels[..., 0] - pixels[..., 2] > 120
    # Right of the legend's lines.
    assert blue[:, pixels.shape[1] // 2 :].any()
    assert vermilion[:, pixels.shape[1] // 2 :].any()


def test_a_name_of_another_format_is_refused(tmp_path: Path) -> None:
    for suffix in PLOT_FORMATS:
        check_plot_path(tmp_path / f"errors{suffix.upper()}")
    with pytest.raises(OutputError, match=r"errors\.jpg: plots are written as \.png, \.svg, \.pdf"):
        check_plot_path(tmp_path / "errors.jpg")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(NotInstalledError, match=r"pip install 'digitscan\[plot\]'"):
        check_plot_path(tmp_path / "errors.png")
