from pathlib import Path

import numpy as np
import pytest

from scanner.datasets.data_folder import read_gray
from scanner.errors import OutputError
from scanner.evaluation.ground_truth import read_truth
from scanner.synthesis.crop_files import contact_sheet_path, draw_contact_sheet, write_number_crops

CROPS = [(np.full((20, 50), 90, np.uint8), "1,20"), (np.full((300, 900), 10, np.uint8), "")]


def test_crops_are_written_with_their_truth_and_a_contact_sheet(tmp_path: Path) -> None:
    written = list(write_number_crops(tmp_path / "new", CROPS))
    names = ["new/00001.png", "new/00002.png", "new/truth.csv", "new-sheet.png"]
    assert [path.relative_to(tmp_path).as_posix() for path in written] == names
    assert np.array_equal(read_gray(written[0]), CROPS[0][0])
    assert written[2].read_text("utf-8") == 'image,text\n00001.png,"1,20"\n00002.png,\n'
    assert [page.numbers for page in read_truth(written[2])] == [("120",), ()]


def test_the_contact_sheet_is_beside_the_current_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert contact_sheet_path(Path()) == tmp_path / "here-sheet.png"
    assert contact_sheet_path(Path("some/folder")) == Path("some/folder-sheet.png")


def test_texts_are_not_formulas(tmp_path: Path) -> None:
    texts = ("=12", "-40.5", "@1")
    list(write_number_crops(tmp_path, [(CROPS[0][0], text) for text in texts]))
    assert (tmp_path / "truth.csv").read_text("utf-8").split()[1:] == [
        *("00001.png,./=12", "00002.png,-40.5", "00003.png,./@1"),
    ]
    assert [page.rows for page in read_truth(tmp_path / "truth.csv")] == [((text,),) for text in texts]


def test_the_error_names_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        list(write_number_crops(tmp_path / "file", CROPS))


def test_large_crops_are_scaled_down_on_the_contact_sheet() -> None:
    sheet = draw_contact_sheet(CROPS * 4)
    assert sheet.shape == (2 * 96, 6 * 260)
    # The large crop fills the height of its tile; the small one keeps its size.
    assert (sheet[:, 260:520] == 10).any(axis=0)[4:256].sum() >= 200
    assert (sheet[:96, :260] == 90).sum() >= 20 * 50
    assert draw_contact_sheet(CROPS[:1]).shape == (96, 260)
