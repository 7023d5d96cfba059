import json
import shutil
from pathlib import Path

import pytest

from scanner.errors import NotInstalledError
from scanner.evaluation.judged_pages import JudgedPage, judge_pages_of_kinds
from scanner.evaluation.judging import Outcome
from scanner.evaluation.page_kinds import kinds_named

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two kinds of pages: amounts, once as they are and once with a truth of nothing."""
    home = tmp_path_factory.mktemp("data")
    for folder in ("worksheets", "tally"):
        (home / "pages" / folder).mkdir(parents=True)
        shutil.copy(SAMPLES / "amounts.png", home / "pages" / folder)
    truth = json.loads((SAMPLES / "truth.json").read_text("utf-8"))["amounts.png"]
    entries = {"tally/amounts.png": truth, "worksheets/amounts.png": {"numbers": []}, "other/a.png": {"numbers": []}}
    (home / "pages" / "truth.json").write_text(json.dumps(entries), "utf-8")
    return home


def judge(home: Path, processes: int = 1, weights: Path | None = None) -> dict[str, tuple[JudgedPage, ...]]:
    kinds = kinds_named(["worksheets", "logs", "tally"])
    folders = {} if weights is None else {"worksheets": weights}
    return {kind.name: pages for kind, pages in judge_pages_of_kinds(home, kinds, folders, processes)}


@pytest.fixture(scope="module")
def judged(home: Path) -> dict[str, tuple[JudgedPage, ...]]:
    """All pages, judged in this process with the weights of the program."""
    return judge(home)


def test_pages_are_judged_kind_by_kind(judged: dict[str, tuple[JudgedPage, ...]]) -> None:
    assert list(judged) == ["worksheets", "tally"]
    (page,), (blank,) = judged["tally"], judged["worksheets"]
    assert page.result.file == "tally/amounts.png"
    assert len(page.judgement.readings) == len(page.result.numbers)
    right = sum(each.outcome.is_right for each in page.judgement.readings)
    assert right > 0.8 * len(page.truth.texts)
    assert {each.outcome for each in blank.judgement.readings} == {Outcome.FALSE}


def test_more_processes_judge_alike(home: Path, judged: dict[str, tuple[JudgedPage, ...]]) -> None:
    assert judge(home, processes=2) == judged


def test_each_kind_is_read_with_its_own_weights(
    home: Path, judged: dict[str, tuple[JudgedPage, ...]], tmp_path: Path
) -> None:
    assert judge(home, weights=tmp_path) == judged
    (tmp_path / "digits.onnx").write_bytes(b"")
    with pytest.raises(NotInstalledError, match=r"digits\.onnx"):
        judge(home, weights=tmp_path)
