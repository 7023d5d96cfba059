"""The table of figures in the manual, rendered from the file that ``digitscan benchmark --json`` writes.

``docs/figures.json`` holds what was measured, ``docs/figures_table.toml`` the rows of the table with the comparison to
other programs.  ``python -m scanner.evaluation.figures`` renders all rows into ``docs/figures.md``, and those marked
``headline = true`` into the README.
"""

from __future__ import annotations

import json
import os
import platform
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner import __version__
from scanner.atomic_write import write_text
from scanner.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.evaluation.benchmark import Measurement

FIGURES_PATH = Path("docs/figures.json")
"""The measured figures, relative to the folder of the project."""
TABLE_PATH = Path("docs/figures_table.toml")
"""The rows of the table, relative to the folder of the project."""
README_PATH = Path("README.md")
"""The page that contains the headline rows of the table, relative to the folder of the project."""
PAGE_PATHS = (README_PATH, Path("docs/figures.md"))
"""Pages that contain the table, relative to the folder of the project."""
BEGIN_MARKER, END_MARKER = "<!-- figures: begin -->", "<!-- figures: end -->"
"""Lines between which a page contains the table."""

_PACKAGES = ("numpy", "opencv-python", "scikit-learn")
"""Packages whose versions are recorded with the figures."""
_FIGURE_PATTERN = re.compile(r"\{([^{}]+)\}")
"""A reference to a figure by its name in a row of the table."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Measured figures, and when, where and with which versions they were measured."""

    date: str
    """ISO 8601 date, UTC."""
    machine: str
    """Description of the machine."""
    versions: Mapping[str, str]
    """Version of the program, of Python and of packages, by name."""
    values: Mapping[str, str]
    """Figures with their units, by name; ``NAME (measured on)`` is what the figure of that name was measured on."""


def write_figures(path: Path, measurements: Sequence[Measurement]) -> None:
    """Write measurements as JSON, with date, machine and versions.

    Raises:
        OutputError: if the file cannot be written.
    """
    figures = {each.name: {"value": each.value, "measured_on": each.measured_on} for each in measurements}
    write_measured(path, {"figures": figures})


def write_measured(path: Path, measured: Mapping[str, Any]) -> None:
    """Write what was measured as a JSON object, with date, machine and versions before it.

    Raises:
        OutputError: if the file cannot be written.
    """
    document = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{_processor_name()}, {os.cpu_count()} cores, {platform.system()}",
        "versions": {
            "digitscan": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
        **measured,
    }
    write_text(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def read_figures(path: Path) -> Figures:
    """Read what :func:`write_figures` wrote.

    Raises:
        DataError: if the file is missing or malformed.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        values = {name: figure["value"] for name, figure in document["figures"].items()}
        values |= {f"{name} (measured on)": figure["measured_on"] for name, figure in document["figures"].items()}
        return Figures(document["date"], document["machine"], document["versions"], values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: not readable as figures ({error})") from error


def render_table(figures: Figures, table_path: Path, *, headlines_only: bool = False) -> str:
    """Render the figures as a Markdown table, followed by a line that says when and where they were measured.

    Args:
        figures: the measured figures.
        table_path: TOML file with an array of tables ``row``, each with the texts ``subject``, ``figures`` and
            optionally ``elsewhere``, in which each ``{NAME}`` is replaced by the value of that name.
        headlines_only: leave out the rows without ``headline = true``.

    Raises:
        DataError: if the file is missing or malformed, or names a figure that was not measured.
    """

    def value_of(reference: re.Match[str]) -> str:
        return figures.values[reference[1]]

    try:
        rows = tomllib.loads(table_path.read_text("utf-8"))["row"]
        chosen = [row for row in rows if row.get("headline") or not headlines_only]
        cells = [(row["subject"], row["figures"], row.get("elsewhere", "")) for row in chosen]
        lines = ["| " + " | ".join(_FIGURE_PATTERN.sub(value_of, cell) for cell in row) + " |" for row in cells]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{table_path}: not readable as the rows of the table ({error})") from error
    versions = ", ".join(f"{name} {number}" for name, number in figures.versions.items())
    measured = f"Measured on {figures.date} on {figures.machine}, with {versions}."
    return "\n".join(["| | digitscan | reported elsewhere |", "| --- | --- | --- |", *lines, "", measured])


def insert_table(page: str, table: str) -> str:
    """Replace what a page has between the two markers.

    Raises:
        DataError: if the page does not contain both markers, once each and in order.
    """
    before, begin, rest = page.partition(f"{BEGIN_MARKER}\n")
    _, end, after = rest.partition(f"{END_MARKER}\n")
    if not begin or not end or BEGIN_MARKER in rest or END_MARKER in before + after:
        raise DataError(f"the lines {BEGIN_MARKER} and {END_MARKER} must occur once each, in this order")
    return f"{before}{begin}\n{table}\n\n{end}{after}"


def update_pages(project_folder: Path) -> None:
    """Render the table into the pages of the project that contain it.

    Raises:
        DataError: if a file is missing or malformed.
        OutputError: if a page cannot be written.
    """
    figures = read_figures(project_folder / FIGURES_PATH)
    for path in PAGE_PATHS:
        table = render_table(figures, project_folder / TABLE_PATH, headlines_only=path == README_PATH)
        page = project_folder / path
        write_text(page, insert_table(page.read_text("utf-8"), table))


if __name__ == "__main__":
    update_pages(Path())
