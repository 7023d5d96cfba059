from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.errors import DataError, DigitscanError
from scanner.isolated_python import HOME
from scanner.stress.compare_checkouts import (
    CheckoutScan,
    ComparedRow,
    RowDifferences,
    compare_checkouts,
    compare_rows,
    compare_scans,
    gather_page_folders,
    scan_with_checkout,
)
from scanner.stress.small_pages import write_small_pages
from scanner.types import Box

SCRIPT = """
import sys
{prelude}
from scanner import main
main(sys.argv[1:])
"""
ISOLATING = """
from scanner.isolated_python import isolate
isolate()
"""
PACKAGE = """
import csv
from pathlib import Path

def main(arguments):
    folder, out = arguments[1], arguments[arguments.index("--out") + 1]
    with open(out, "w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow("file,page,text,confidence,review,x,y,width,height".split(","))
        for path in sorted(Path(folder).iterdir()):
            rows.writerow([path.name, 1, {text}, 0.9, "", 1, 2, 3, 4])
    sys.exit({exit_code})

import sys
"""


def write_checkout(folder: Path, text: str = "'12'", *, exit_code: int = 0, isolating: bool = False) -> Path:
    """A checkout whose program reads the same text on every page."""
    (folder / "scanner").mkdir(parents=True)
    (folder / "cli.py").write_text(SCRIPT.format(prelude=ISOLATING if isolating else ""))
    shutil.copy(Path(HOME, "scanner", "isolated_python.py"), folder / "scanner")
    (folder / "scanner" / "__init__.py").write_text(PACKAGE.format(text=text, exit_code=exit_code))
    return folder


def row(text: str = "12", **changes: object) -> ComparedRow:
    return replace(ComparedRow("a.png", "1", text, "0.9", "", Box(1, 2, 3, 4)), **changes)  # type: ignore[arg-type]  # of any field


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    write_small_pages(tmp_path / "pages", 2, seed=1)
    return tmp_path / "pages"


@pytest.mark.parametrize("isolating", [False, True])
def test_each_checkout_runs_its_own_code(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, isolating: bool
) -> None:
    checkouts = [write_checkout(tmp_path / name, "__file__", isolating=isolating) for name in ("old", "new")]
    monkeypatch.setenv("PYTHONPATH", os.fspath(checkouts[0]))
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    for checkout in checkouts:
        scan = scan_with_checkout(checkout, pages, tmp_path / f"out-{checkout.name}")
        assert {one.text for one in scan.rows} == {os.fspath(checkout / "scanner" / "__init__.py")}
        assert scan.seconds > 0
        assert scan.user_seconds >= 0


def test_a_changed_copy_of_this_checkout_reads_differently(pages: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(Path(HOME, "cli.py"), copy)
    shutil.copytree(Path(HOME, "scanner"), copy / "scanner", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "models").symlink_to(Path(HOME, "models"), target_is_directory=True)
    with (copy / "scanner" / "pipeline.py").open("a") as pipeline:
        # Read by the workers as well, which are processes of their own.
        pipeline.write(
            "\nfrom dataclasses import replace\n_own = build_page_result\n"
            "def build_page_result(*given):\n    result = _own(*given)\n"
            "    return replace(result, numbers=result.numbers[:-1])\n"
        )
    (compared,) = compare_checkouts(Path(HOME), copy, {"small pages": pages}, tmp_path)
    assert not compared.passed
    # Each of the two pages lacks its last number.
    assert compared.differences.identical_rows == compared.differences.compared_rows - 2 > 0
    assert len(compared.differences.descriptions) == 2
    assert all("only the old checkout reads" in line for line in compared.differences.descriptions)
    assert compared.new.user_seconds > 0


def test_checkouts_that_read_the_same_pass(pages: Path, tmp_path: Path) -> None:
    old, new = (write_checkout(tmp_path / name) for name in ("old", "new"))
    scans: list[str] = []
    folders = {"one": pages, "two": pages}
    compared = list(compare_checkouts(old, new, folders, tmp_path / "out", on_scan=scans.append))
    assert [one.folder_name for one in compared] == ["one", "two"]
    assert all(one.passed for one in compared)
    assert [one.differences for one in compared] == [RowDifferences(2, 2, ())] * 2
    assert scans[0] == f"one: scanning with the old checkout, {old}"
    assert len(scans) == 4


def test_differences_are_described() -> None:
    moved = Box(9, 9, 3, 4)
    old = [row("1"), row("2", box=moved), row("3", page="2")]
    new = [row("7", confidence="0.8"), row("3", page="2"), row("4", page="2", box=moved)]
    assert compare_rows(old, new) == RowDifferences(
        4,
        1,
        (
            "a.png, page 1: number at x 1, y 2, 3 x 4 pixels: text '1' became '7', confidence '0.9' became '0.8'",
            "a.png, page 1: only the old checkout reads '2' at x 9, y 9, 3 x 4 pixels",
            "a.png, page 2: only the new checkout reads '4' at x 9, y 9, 3 x 4 pixels",
        ),
    )


def test_the_order_of_rows_counts() -> None:
    compared = compare_rows([row("1"), row("2")], [row("2"), row("1")])
    assert compared == RowDifferences(2, 2, ("a.png, page 1: the same numbers in another order",))


def test_a_page_that_only_one_checkout_can_read_is_a_difference() -> None:
    whole = CheckoutScan(0, (), 1.0, 1.0)
    assert compare_scans(whole, whole).descriptions == ()
    assert compare_scans(whole, replace(whole, exit_code=3)).descriptions == (
        "the new checkout could not read all pages",
    )


def test_a_folder_that_is_not_a_checkout_is_an_error(pages: Path, tmp_path: Path) -> None:
    with pytest.raises(DigitscanError, match=r"is not a checkout of digitscan; it has no cli\.py"):
        scan_with_checkout(tmp_path, pages, tmp_path / "out")
    with pytest.raises(DigitscanError, match="has no folder samples"):
        gather_page_folders(tmp_path, tmp_path, 1, 1)


def test_a_scan_that_fails_is_an_error(pages: Path, tmp_path: Path) -> None:
    checkout = write_checkout(tmp_path / "old", exit_code=5)
    with pytest.raises(DigitscanError, match=r"could not scan .* \(exit code 5\): it says nothing"):
        scan_with_checkout(checkout, pages, tmp_path / "out")


def test_results_without_a_column_are_an_error(pages: Path, tmp_path: Path) -> None:
    package = write_checkout(tmp_path / "old") / "scanner" / "__init__.py"
    package.write_text(package.read_text().replace("review,", ""))
    with pytest.raises(DigitscanError, match="'review'"):
        scan_with_checkout(tmp_path / "old", pages, tmp_path / "out")


def test_samples_and_synthetic_pages_are_gathered(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the fonts of digitscan[train]")
    folders = gather_page_folders(Path(HOME), tmp_path, 2, seed=1)
    assert list(folders) == ["samples", "synthetic pages"]
    assert [path.name for path in sorted(folders["synthetic pages"].iterdir())] == ["0000.png", "0001.png"]


def test_without_the_fonts_the_error_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.synthesis.fonts.find_packaged_fonts", lambda: ())
    with pytest.raises(DataError, match=r"digitscan\[train\]"):
        gather_page_folders(Path(HOME), tmp_path, 1, seed=1)
