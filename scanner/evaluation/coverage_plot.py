"""Plot of the risk-coverage curve; needs the optional extra ``plot``."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from scanner.errors import NotInstalledError, OutputError
from scanner.evaluation.risk_coverage import expected_risk_coverage_curve, risk_coverage_curve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from scanner.evaluation.risk_coverage import JudgedReading, RiskCoveragePoint

PLOT_FORMATS = {".png": "png", ".svg": "svg", ".pdf": "pdf"}
"""Formats a plot can be written in, by file suffix."""

_SIZE_INCHES = (6.4, 4.0)
_DOTS_PER_INCH = 200
_OBSERVED_COLOUR, _EXPECTED_COLOUR = "#0072B2", "#D55E00"
"""Blue and vermilion of Okabe & Ito's palette, which people with any colour vision can distinguish; the line style
distinguishes the curves as well."""
_MIN_SCALED_COVERAGE = 0.1
"""Minimum coverage from which the error axis must hold the curves; among the first readings, one error is a large
share."""
_MIN_ERROR_AXIS = 0.01
"""Minimum upper end of the error axis, so that a curve near 0 stays near the axis."""
_FREE_ERROR_AXIS_SHARE = 0.15
"""Room above the highest error on the error axis, as a share of it."""


def check_plot_path(path: Path) -> None:
    """Check that a plot can be written to ``path``, before any work is done.

    Raises:
        OutputError: if the suffix is none of ``PLOT_FORMATS``.
        NotInstalledError: if the ``plot`` extra is not installed.
    """
    if path.suffix.lower() not in PLOT_FORMATS:
        raise OutputError(f"{path}: plots are written as {', '.join(PLOT_FORMATS)}; change the name")
    try:
        import matplotlib.figure  # noqa: F401 - only whether it can be
    except ImportError as error:
        raise NotInstalledError(f"{error.name} is not installed: pip install 'digitscan[plot]'") from error


def draw_risk_coverage_plot(readings: Sequence[JudgedReading], plot_format: str) -> bytes:
    """Plot the error rate of the accepted readings against their share, as observed and as the confidences predict.

    Args:
        readings: the judged readings; without any the axes stay empty.
        plot_format: a value of ``PLOT_FORMATS``.

    Returns:
        The bytes of the file; equal readings and versions give equal bytes.
    """
    # A Figure of its own: pyplot would keep global state and choose a backend with windows.
    from matplotlib import rc_context, rcdefaults, rcParams
    from matplotlib.figure import Figure

    with rc_context():
        # A matplotlibrc in the current folder has no say: it could even start LaTeX.
        rcdefaults()
        # Fixed identifiers in SVG files instead of random ones.
        rcParams["svg.hashsalt"] = "digitscan"
        figure = Figure(figsize=_SIZE_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
        _draw_curves(figure.add_subplot(), readings)
        file = io.BytesIO()
        # Without a date and a version in the file.
        metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[plot_format]
        figure.savefig(file, format=plot_format, metadata=metadata)
    return file.getvalue()


def _draw_curves(axes: Axes, readings: Sequence[JudgedReading]) -> None:
    from matplotlib.ticker import PercentFormatter

    observed, expected = risk_coverage_curve(readings), expected_risk_coverage_curve(readings)
    if readings:
        axes.plot(*_coordinates(expected), color=_EXPECTED_COLOUR, linestyle="--", label="predicted by the confidences")
        axes.plot(*_coordinates(observed), color=_OBSERVED_COLOUR, linewidth=2, label="observed")
        axes.legend(loc="upper left", framealpha=1, edgecolor="none")
    scaled = [point.error_rate for point in (*observed, *expected) if point.coverage >= _MIN_SCALED_COVERAGE]
    top = max(max(scaled, default=0.0), _MIN_ERROR_AXIS) * (1 + _FREE_ERROR_AXIS_SHARE)
    axes.set(
        xlim=(0, 1),
        ylim=(0, min(top, 1)),
        xlabel=f"accepted share of the {len(readings):,} readings, most confident first",
        ylabel="errors among accepted readings",
    )
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def _coordinates(curve: Sequence[RiskCoveragePoint]) -> tuple[list[float], list[float]]:
    """Coverages and error rates of a curve, which starts at coverage 0 with its first error rate."""
    coverages = [0.0, *(point.coverage for point in curve)]
    return coverages, [curve[0].error_rate, *(point.error_rate for point in curve)]
