import os
from pathlib import Path

import pytest

from scanner.datasets.data_folder import DATA_FOLDER_VARIABLE
from scanner.errors import DataError
from scanner.evaluation.ground_truth import PageTruth, read_truth
from scanner.evaluation.page_kinds import PAGE_KINDS, kinds_named, pages_of_kind


def page(file: str) -> PageTruth:
    return PageTruth(file, 1, ())


def files_of_kind(name: str, *files: str) -> list[str]:
    (kind,) = kinds_named([name])
    return [truth.file for truth in pages_of_kind(kind, map(page, files))]


def test_no_folder_is_of_two_kinds() -> None:
    folders = [folder for kind in PAGE_KINDS for folder in kind.folders]
    assert len(folders) == len(set(folders))


def test_pages_are_chosen_by_their_folder() -> None:
    files = ("tally/1.png", "blank_exam/b.pdf", "logs/tally.png", "exam_answers/a.pdf", "tally.png")
    assert files_of_kind("tally", *files) == ["tally/1.png"]
    assert files_of_kind("print", *files) == ["blank_exam/b.pdf", "exam_answers/a.pdf"]


def test_of_registers_only_those_for_testing_are_chosen() -> None:
    kept_aside, trained_on = "registers/DAFANCH96_048MIC06480_L-0.jpg", "registers/FRAN_0025_0073_L-0.jpg"
    assert files_of_kind("registers", trained_on, kept_aside) == [kept_aside]


def test_kinds_are_named_or_all() -> None:
    assert [kind.name for kind in kinds_named(["tally", "logs"])] == ["logs", "tally"]
    assert kinds_named([]) == PAGE_KINDS
    with pytest.raises(DataError, match=r"^logsheets: there is no such kind of page"):
        kinds_named(["logs", "logsheets"])


def test_each_kind_has_real_pages_and_each_page_a_kind() -> None:
    home = os.environ.get(DATA_FOLDER_VARIABLE)
    if not home or not (path := Path(home) / "pages" / "truth.json").is_file():
        pytest.skip(f"{DATA_FOLDER_VARIABLE} names no folder with pages")
    truths = read_truth(path)
    for kind in PAGE_KINDS:
        pages = pages_of_kind(kind, truths)
        assert pages
    assert {truth.file.partition("/")[0] for truth in truths} == {f for kind in PAGE_KINDS for f in kind.folders}
