import json
import os
from pathlib import Path

import pytest

from scanner.datasets.data_folder import DATA_FOLDER_VARIABLE, DataSplit
from scanner.datasets.register_pages import RegisterLine, load_register_pages, split_of_register_page
from scanner.errors import DataError
from scanner.types import Box

TRAIN_PAGE, TEST_PAGE = "DAFANCH96_048MIC07650_L-1.jpg", "FRAN_0025_0989_L-0.jpg"
TRUTH = {"numbers": ["12", "2.20"], "boxes": [[1, 2, 30, 10], [5, 20, 30, 10]], "optional": ["7"]}


def write_registers(home: Path, truth: object, lines: object) -> Path:
    (home / "pages" / "registers").mkdir(parents=True)
    (home / "pages" / "truth.json").write_text(json.dumps(truth), "utf-8")
    (home / "pages" / "registers" / "lines.json").write_text(json.dumps(lines), "utf-8")
    return home


def test_pages_come_with_boxes_and_lines(tmp_path: Path) -> None:
    home = write_registers(
        tmp_path,
        {f"registers/{TRAIN_PAGE}": TRUTH, f"registers/{TEST_PAGE}": TRUTH, "logs/p02.png": {"numbers": ["1"]}},
        {TRAIN_PAGE: [["An 1851", 0, 0, 90, 20]], TEST_PAGE: [[".", 4, 4, 0, 3]]},
    )
    (page,) = load_register_pages(home, DataSplit.TRAIN)
    assert page.path == home / "pages" / "registers" / TRAIN_PAGE
    assert page.numbers == ("12", "2.20")
    assert page.boxes == (Box(1, 2, 30, 10), Box(5, 20, 30, 10))
    assert page.optional == ("7",)
    assert page.lines == (RegisterLine("An 1851", Box(0, 0, 90, 20)),)
    (page,) = load_register_pages(home, DataSplit.TEST)
    assert page.lines == (RegisterLine(".", Box(4, 4, 1, 3)),)
    assert load_register_pages(home, DataSplit.VALIDATION) == ()


@pytest.mark.parametrize(
    ("names", "split"),
    [
        (["DAFANCH96_048MIC06479_L-1.jpg", "DAFANCH96_048MIC06494_L-0.jpg"], DataSplit.TEST),
        (["FRAN_0025_0073_L-0.jpg", "FRAN_0025_0293_L-0.jpg"], DataSplit.TRAIN),
        (["FRAN_0025_1443_L-1.jpg", "FRAN_0025_1444_L-1.jpg"], DataSplit.TRAIN),
        (["FRAN_0025_2352_L-0.jpg"], DataSplit.VALIDATION),
    ],
)
def test_pages_of_a_register_are_in_one_split(names: list[str], split: DataSplit) -> None:
    assert {split_of_register_page(name) for name in names} == {split}


@pytest.mark.parametrize("name", ["FRAN_0025_0400_L-0.jpg", "FRAN_0025_.jpg", "0073_L-0.jpg", ""])
def test_page_of_unknown_register_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="of no register whose split is known"):
        split_of_register_page(name)


@pytest.mark.parametrize(
    ("truth", "lines"),
    [
        ([], {}),
        ({f"registers/{TRAIN_PAGE}": TRUTH}, []),
        ({f"registers/{TRAIN_PAGE}": TRUTH}, {}),
        ({f"registers/{TRAIN_PAGE}": TRUTH}, {TRAIN_PAGE: [["no box"]]}),
        ({f"registers/{TRAIN_PAGE}": TRUTH | {"boxes": [[1, 2, 3, 4]]}}, {TRAIN_PAGE: []}),
        ({f"registers/{TRAIN_PAGE}": {}}, {TRAIN_PAGE: []}),
    ],
)
def test_malformed_truth_is_refused(tmp_path: Path, truth: object, lines: object) -> None:
    home = write_registers(tmp_path, truth, lines)
    with pytest.raises(DataError, match="not readable as truth of register pages"):
        load_register_pages(home, DataSplit.TRAIN)


def test_missing_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not readable as truth of register pages"):
        load_register_pages(tmp_path, DataSplit.TRAIN)


def test_every_real_page_is_in_a_split() -> None:
    if not (home := os.environ.get(DATA_FOLDER_VARIABLE)) or not (Path(home) / "pages" / "registers").is_dir():
        pytest.skip(f"{DATA_FOLDER_VARIABLE} names no folder with register pages")
    counts = {split: len(load_register_pages(Path(home), split)) for split in DataSplit}
    assert counts == {DataSplit.TRAIN: 60, DataSplit.VALIDATION: 3, DataSplit.TEST: 36}
