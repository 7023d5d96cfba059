"""The commands that only pass on their options."""

from __future__ import annotations

import builtins
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scanner.commands.train import PAGE_KINDS
from scanner.evaluation import page_kinds
from scanner.evaluation.ground_truth import read_truth
from scanner.results.csv_tables import results_csv
from scanner.types import Box, Number, PageResult
from scanner.weights import models_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    Run = Callable[..., Result]

SAMPLES = Path(__file__).parent.parent.parent / "samples"
MODELS = models_folder()


class Recorder:
    """Replaces a function and records its arguments."""

    def __init__(self, answer: object = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._answer = answer

    def __call__(self, *arguments: Any) -> object:
        self.calls.append(arguments)
        return self._answer


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recorder]:
    def record(target: str, answer: object = None) -> Recorder:
        recorder = Recorder(answer)
        monkeypatch.setattr(target, recorder)
        return recorder

    return record


@pytest.fixture
def sample_results(tmp_path: Path) -> Path:
    """Results of the sample pages: all that is written on them, but for one number that was read wrongly."""
    pages = []
    for page in read_truth(SAMPLES / "truth.json"):
        written = zip(page.texts, page.number_boxes, strict=True)
        numbers = tuple(Number(text or "", 0.9, "", 1, 1, box, ()) for text, box in written)
        pages.append(PageResult(page.file, 1, 1240, 1240, numbers))
    wrong = replace(pages[0].numbers[0], text="3", confidence=0.5)
    pages[0] = replace(pages[0], numbers=(wrong, *pages[0].numbers[1:]))
    path = tmp_path / "results.csv"
    path.write_text("".join(results_csv(pages)), "utf-8")
    return path


def test_evaluate_prints_the_report(succeed: Run, sample_results: Path) -> None:
    report = succeed("evaluate", sample_results, SAMPLES / "truth.json").stdout
    assert re.search(r"^Numbers exact +148 of +149 ", report, re.MULTILINE)


def test_evaluate_without_a_file_is_8(run: Run, tmp_path: Path) -> None:
    result = run("evaluate", tmp_path / "none.csv", SAMPLES / "truth.json")
    assert result.exit_code == 8
    assert "none.csv" in result.stderr


def test_samples_writes_the_pages_of_the_repository(succeed: Run, tmp_path: Path) -> None:
    written = succeed("samples", tmp_path / "new").stdout.splitlines()
    truths = [read_truth(folder / "truth.json") for folder in (tmp_path / "new", SAMPLES)]
    assert [Path(line).name for line in written] == [*(page.file for page in truths[1]), "truth.json"]
    assert [page.numbers for page in truths[0]] == [page.numbers for page in truths[1]]


def test_samples_that_cannot_be_written_are_5(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run("samples", tmp_path / "file").exit_code == 5


def test_pad_passes_on_its_options(succeed: Run, recorded: Callable[..., Recorder], tmp_path: Path) -> None:
    run_pad = recorded("scanner.pad.run_pad")
    succeed("pad")
    succeed("pad", "--classifier", "svm", "--save-to", tmp_path, "--models", MODELS)
    assert run_pad.calls == [("cnn", Path("drawn"), None), ("svm", tmp_path, MODELS)]


def test_web_passes_on_its_options_and_prints_the_address(succeed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def serve(host: str, port: int, classifier: str, on_ready: Callable[[str], None], models: Path | None) -> None:
        calls.append((host, port, classifier, models))
        on_ready("http://127.0.0.1:8000/")

    monkeypatch.setattr("scanner.web.serve", serve)
    assert "http://127.0.0.1:8000/" in succeed("web").stdout
    succeed("web", "--host", "::1", "--port", "0", "--classifier", "svm", "--models", MODELS)
    assert calls == [("127.0.0.1", 8000, "cnn", None), ("::1", 0, "svm", MODELS)]


def test_training_can_leave_out_every_kind_of_page() -> None:
    assert tuple(kind.name for kind in page_kinds.PAGE_KINDS) == PAGE_KINDS


def test_train_passes_on_its_options(succeed: Run, recorded: Callable[..., Recorder], tmp_path: Path) -> None:
    digits, svm = (
        recorded("scanner.training.train_digits.train_digit_cnn"),
        recorded("scanner.training.train_digits.train_digit_svm"),
    )
    numbers = recorded("scanner.training.train_line_reader.train_line_reader")
    options = ("--data", tmp_path, "--seed", "3", "--epochs", "2", "--models", tmp_path / "m", "--without", "tally")
    succeed("train", "numbers", *options)
    assert [(*call[:4], call[5]) for call in numbers.calls] == [(tmp_path, tmp_path / "m", 3, 2, ("tally",))]
    pages = recorded("scanner.training.train_page_network.train_page_network")
    start = tmp_path / "start.pt"
    start.touch()
    succeed("train", "pages", *options, "--start", start)
    assert [(*call[:4], *call[5:]) for call in pages.calls] == [(tmp_path, tmp_path / "m", 3, 2, ("tally",), start)]
    succeed("train", "digits")
    succeed("train", "digits", "--data", tmp_path, "--seed", "3", "--epochs", "2", "--models", tmp_path / "m")
    succeed("train", "svm", "--seed", "4")
    succeed("train", "digits", "--data", tmp_path, "--start", start)
    assert [(*call[:4], call[5]) for call in digits.calls] == [
        (None, Path("models"), 1, None, None),
        (tmp_path, tmp_path / "m", 3, 2, None),
        (tmp_path, Path("models"), 1, None, start),
    ]
    assert [call[:-1] for call in svm.calls] == [(None, Path("models"), 4)]


def test_own_digits_are_learned_without_other_data(
    succeed: Run, run: Run, recorded: Callable[..., Recorder], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DIGITSCAN_DATA", str(tmp_path / "none"))
    own, others = (
        recorded("scanner.training.train_own_digits.train_own_digits"),
        recorded("scanner.training.train_digits.train_digit_cnn"),
    )
    start = tmp_path / "digits.onnx"
    start.touch()
    succeed("train", "digits", "--drawn", tmp_path)
    options = ("--seed", "3", "--epochs", "2", "--models", tmp_path / "m", "--start", start)
    succeed("train", "digits", "--drawn", tmp_path, *options)
    assert [(*call[:4], call[5]) for call in own.calls] == [
        (tmp_path, Path("models"), 1, None, None),
        (tmp_path, tmp_path / "m", 3, 2, start),
    ]
    assert others.calls == []
    result = run("train", "digits", "--drawn", tmp_path, "--data", tmp_path)
    assert result.exit_code == 2
    assert "give one of them" in result.stderr


def test_too_few_own_digits_are_8_and_it_is_said_what_is_needed(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow", reason="the training extra is not installed")
    drawn = tmp_path / "drawn"
    result = run("train", "digits", "--drawn", drawn, "--models", tmp_path / "m")
    assert result.exit_code == 8
    assert f"{drawn}: has 0 pictures of 0 different digits" in result.stderr
    assert f"at least 30 of 5 are needed, such as digitscan pad --save-to {drawn} saves" in result.stderr
    assert not (tmp_path / "m").exists()


def test_training_without_the_training_extra_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = builtins.__import__

    def without_keras(name: str, *others: Any, **more: Any) -> Any:
        if name.partition(".")[0] in {"keras", "tensorflow"} or name == "scanner.training.digit_cnn":
            raise ModuleNotFoundError(f"No module named {name!r}", name="keras")
        return whole(name, *others, **more)

    monkeypatch.setattr(builtins, "__import__", without_keras)
    result = run("train", "digits")
    assert result.exit_code == 6
    assert "pip install 'digitscan[train]'" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["benchmark"],
        ["train", "digits"],
        ["train", "svm"],
        ["train", "numbers"],
        ["train", "pages"],
        ["synthesize", "s"],
    ],
)
def test_a_data_folder_that_is_not_there_is_8(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    result = run(*arguments, "--data", tmp_path / "none")
    assert result.exit_code == 8
    assert str(tmp_path / "none") in result.stderr


def test_benchmark_without_data_says_how_to_give_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIGITSCAN_DATA", raising=False)
    result = run("benchmark")
    assert result.exit_code == 8
    assert "--data" in result.stderr
    assert "DIGITSCAN_DATA" in result.stderr


def test_benchmark_prints_a_line_per_figure(
    succeed: Run, recorded: Callable[..., Recorder], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from scanner.evaluation.benchmark import Measurement

    monkeypatch.setenv("DIGITSCAN_DATA", str(tmp_path))
    measure = recorded(
        "scanner.evaluation.benchmark.run_benchmark", [Measurement("digits right", "99.00%", "10 digits")]
    )
    assert succeed("benchmark").stdout.split() == ["digits", "right", "99.00%", "10", "digits"]
    succeed("benchmark", "--models", MODELS)
    assert measure.calls == [(tmp_path, None), (tmp_path, MODELS)]


def test_benchmark_leaves_kinds_out(
    succeed: Run, recorded: Callable[..., Recorder], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from scanner.evaluation.page_kinds import kinds_named

    monkeypatch.setenv("DIGITSCAN_DATA", str(tmp_path))
    (tally,) = kinds_named(["tally"])
    judge = recorded("scanner.evaluation.judged_pages.judge_pages_of_kinds", [(tally, ())])
    (tmp_path / "weights" / "tally").mkdir(parents=True)
    arguments = ["--only", "tally", "--without", tmp_path / "weights", "--jobs", "3", "--json", tmp_path / "kinds.json"]
    report = succeed("benchmark", "--leave-out", *arguments).stdout
    assert judge.calls == [(tmp_path, (tally,), {"tally": tmp_path / "weights" / "tally"}, 3)]
    assert "left the kind out: tally\n" in report
    document = json.loads((tmp_path / "kinds.json").read_text("utf-8"))
    assert document["kinds"]["tally"]["pages"] == 0
    assert document["left_out"] == ["tally"]
    assert document["versions"]["python"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["--only", "tally"], 2, "needs --leave-out"),
        (["--forms", "--only", "talley"], 8, "no such part"),
        (["--leave-out", "--only", "talley"], 8, "no such kind of page"),
        (["--leave-out", "--without", ".", "--models", str(MODELS)], 2, "give one of them"),
        (["--models", "nowhere"], 6, "is not a folder"),
    ],
)
def test_benchmark_says_what_goes_together(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], exit_code: int, said: str
) -> None:
    monkeypatch.setenv("DIGITSCAN_DATA", str(tmp_path))
    result = run("benchmark", *arguments)
    assert result.exit_code == exit_code
    assert said in result.stderr


@pytest.mark.parametrize(
    ("option", "exact"), [([], 0), (["--separators", "alike"], 1), (["--separators", "ignored"], 2)]
)
def test_evaluate_compares_separators_as_asked(succeed: Run, tmp_path: Path, option: list[str], exact: int) -> None:
    texts = {"a.png": "1,5", "b.png": "22.5"}
    results = [
        PageResult(file, 1, 9, 9, (Number(text, 0.9, "", 1, 1, Box(1, 2, 3, 4), ()),)) for file, text in texts.items()
    ]
    (tmp_path / "results.csv").write_text("".join(results_csv(results)), "utf-8")
    (tmp_path / "truth.json").write_text(
        json.dumps({"a.png": {"numbers": ["1.5"]}, "b.png": {"numbers": ["225"]}}), "utf-8"
    )
    report = succeed("evaluate", tmp_path / "results.csv", tmp_path / "truth.json", *option).stdout
    assert f"Numbers exact   {exact:6} of      2" in report


def test_evaluate_draws_the_errors_where_it_is_told(succeed: Run, sample_results: Path, tmp_path: Path) -> None:
    plot = tmp_path / "errors.png"
    report = succeed("evaluate", sample_results, SAMPLES / "truth.json", "--plot", plot).stdout
    assert "errors allowed" in report
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_synthesize_writes_the_same_for_the_same_seed(
    succeed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGITSCAN_DATA", raising=False)
    monkeypatch.setattr("scanner.datasets.number_sources._QUICK_PEN_HAND_COUNT", 4)
    for folder, seed in (("a", 7), ("b", 7), ("c", 8)):
        said = succeed("synthesize", tmp_path / folder, "--count", "3", "--seed", str(seed)).stdout
        assert said == f"3 images and truth.csv -> {tmp_path / folder}, an overview -> {tmp_path / folder}-sheet.png\n"
    a, b, c = ({path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()} for folder in "abc")
    assert sorted(a) == ["00001.png", "00002.png", "00003.png", "truth.csv"]
    assert a == b
    assert (tmp_path / "a-sheet.png").read_bytes() == (tmp_path / "b-sheet.png").read_bytes()
    assert a["00001.png"] != c["00001.png"]
