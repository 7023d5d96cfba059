import json
from pathlib import Path

import pytest

from scanner import __version__
from scanner.errors import DataError
from scanner.evaluation.benchmark import Measurement
from scanner.evaluation.figures import (
    BEGIN_MARKER,
    END_MARKER,
    FIGURES_PATH,
    PAGE_PATHS,
    README_PATH,
    TABLE_PATH,
    Figures,
    insert_table,
    read_figures,
    render_table,
    update_pages,
    write_figures,
)

PROJECT = Path(__file__).parents[2]
FIGURES = Figures("2026-01-02", "a machine", {"digitscan": "1.0"}, {"amounts exact": "94.0 %"})


def test_the_pages_show_the_figures_that_were_measured() -> None:
    figures = read_figures(PROJECT / FIGURES_PATH)
    for path in PAGE_PATHS:
        table = render_table(figures, PROJECT / TABLE_PATH, headlines_only=path == README_PATH)
        page = (PROJECT / path).read_text("utf-8")
        assert insert_table(page, table) == page, f"{path} is out of date; run: make figures"


def test_measurements_come_back_with_date_machine_and_versions(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    write_figures(path, [Measurement("amounts exact", "94.0 %", "200 amounts")])
    assert json.loads(path.read_text("utf-8"))["figures"]["amounts exact"]["measured_on"] == "200 amounts"
    figures = read_figures(path)
    assert figures.values == {**FIGURES.values} | {"amounts exact (measured on)": "200 amounts"}
    assert figures.versions["digitscan"] == __version__
    assert len(figures.date) == len("2026-01-02")
    assert "cores" in figures.machine


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"figures": {"a": 1}}'])
def test_a_malformed_file_of_figures_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "figures.json"
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=r"figures\.json: not readable as figures"):
        read_figures(path)


def rows(folder: Path, text: str) -> Path:
    path = folder / "table.toml"
    path.write_text(text, "utf-8")
    return path


def test_names_in_a_row_are_replaced_by_figures(tmp_path: Path) -> None:
    path = rows(tmp_path, '[[row]]\nsubject = "amounts"\nfigures = "**{amounts exact}**"\nelsewhere = "88 % X"\n')
    assert "\n| amounts | **94.0 %** | 88 % X |\n" in render_table(FIGURES, path)
    assert "Measured on 2026-01-02 on a machine, with digitscan 1.0." in render_table(FIGURES, path)


@pytest.mark.parametrize(
    "text", ["", "row = 3", "[[row]]\nsubject = 'x'", "[[row]]\nsubject = ''\nfigures = '{cells}'"]
)
def test_a_malformed_row_and_an_unknown_figure_are_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match=r"table\.toml: not readable as the rows"):
        render_table(FIGURES, rows(tmp_path, text))


def test_only_what_is_between_the_markers_is_replaced() -> None:
    page = f"before\n{BEGIN_MARKER}\nold\n{END_MARKER}\nafter\n"
    assert insert_table(page, "new") == f"before\n{BEGIN_MARKER}\n\nnew\n\n{END_MARKER}\nafter\n"
    assert insert_table(insert_table(page, "new"), "new") == insert_table(page, "new")


@pytest.mark.parametrize("page", ["", f"{BEGIN_MARKER}\n", f"{END_MARKER}\n{BEGIN_MARKER}\n", f"{BEGIN_MARKER}\n" * 2])
def test_a_page_without_both_markers_is_refused(page: str) -> None:
    with pytest.raises(DataError, match="must occur once each"):
        insert_table(page, "new")


def test_all_pages_are_updated(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    write_figures(tmp_path / FIGURES_PATH, [Measurement("amounts exact", "94.0 %", "200 amounts")])
    (tmp_path / TABLE_PATH).write_text(
        '[[row]]\nsubject = "amounts"\nfigures = "{amounts exact}"\nheadline = true\n'
        '[[row]]\nsubject = "others"\nfigures = "50 %"\n',
        "utf-8",
    )
    for path in PAGE_PATHS:
        (tmp_path / path).write_text(f"{BEGIN_MARKER}\n{END_MARKER}\n", "utf-8")
    update_pages(tmp_path)
    for path in PAGE_PATHS:
        page = (tmp_path / path).read_text("utf-8")
        assert "| amounts | 94.0 % |  |" in page
        assert ("| others |" in page) == (path != README_PATH)
