import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scanner.datasets.labelled_crops import LabelledCrop
from scanner.errors import DataError
from scanner.evaluation import benchmark
from scanner.evaluation.benchmark import Measurement, format_measurements
from scanner.evaluation.real_pages import VARIANTS
from scanner.reading_models import Models, load_models
from scanner.recognition.digit_classifier import load_classifier
from scanner.synthesis.pen import draw_text, random_writer

SAMPLES = Path(__file__).parents[2] / "samples"


def written_crop(folder: Path, name: str, written: str, truth: str) -> LabelledCrop:
    """A picture of ``written`` with the truth ``truth``."""
    rng = np.random.default_rng(3)
    ink, _ = draw_text(written, random_writer(rng), rng, 60)
    cv2.imwrite(str(folder / name), 255 - np.pad(ink, 20))
    return LabelledCrop(folder / name, truth, ())


def test_only_exactly_the_true_number_counts(tmp_path: Path) -> None:
    crops = [
        written_crop(tmp_path, "right.png", "2580", "2580"),
        written_crop(tmp_path, "wrong.png", "2580", "2581"),
        written_crop(tmp_path, "separated.png", "2580", "2.580"),
        written_crop(tmp_path, "short.png", "2580", "258"),
    ]
    figure = benchmark._measure_contour_reading("amounts", crops, Models(load_classifier("cnn")))
    assert figure == Measurement("amounts", "50.0 %", "4 numbers")


def test_numbers_of_a_page_are_counted_against_its_truth(tmp_path: Path) -> None:
    pages = tmp_path / "pages" / "worksheets"
    pages.mkdir(parents=True)
    shutil.copy(SAMPLES / "amounts.png", pages)
    truth = json.loads((SAMPLES / "truth.json").read_text("utf-8"))["amounts.png"]["numbers"]
    entries = {"worksheets/amounts.png": {"numbers": [*truth[:-1], "99999999"]}, "own/other.png": {"numbers": ["1"]}}
    (tmp_path / "pages" / "truth.json").write_text(json.dumps(entries), "utf-8")
    read, false, *others, worst = benchmark._measure_real_pages(tmp_path, load_models())
    assert read.value == f"{100 * (len(truth) - 1) / len(truth):.1f} %"
    assert read.measured_on == f"{len(truth)} numbers"
    assert false.measured_on == "1 page"
    varied = [figure for figure in others if "their row" not in figure.name]
    assert [figure.name for figure in varied] == [
        *(f"worksheets: exact {variant.name}" for variant in VARIANTS),
        "worksheets: exact at worst",
    ]
    values = [float(figure.value.removesuffix(" %")) for figure in varied]
    loss = float(read.value.removesuffix(" %")) - min(values)
    assert float(worst.value.removesuffix(" points")) == pytest.approx(loss, abs=0.11)


def test_pages_of_print_are_reported_on_together(tmp_path: Path) -> None:
    for folder in ("blank_exam", "questionnaires"):
        (tmp_path / "pages" / folder).mkdir(parents=True)
        blank = Image.new("L", (850, 1100), 255)
        blank.save(tmp_path / "pages" / folder / "two.pdf", save_all=True, append_images=[blank], resolution=100)
    entries: dict[str, dict[str, list[str]]] = {
        "blank_exam/two.pdf#2": {"numbers": []},
        "questionnaires/two.pdf": {"numbers": []},
    }
    (tmp_path / "pages" / "truth.json").write_text(json.dumps(entries), "utf-8")
    (false,) = benchmark._measure_real_pages(tmp_path, Models(load_classifier("cnn")))
    assert (false.value, false.measured_on) == ("0", "2 pages")


def test_the_time_of_a_page_is_reported_if_it_is_there(tmp_path: Path) -> None:
    models = Models(load_classifier("cnn"))
    assert list(benchmark._measure_page_time(tmp_path, models)) == []
    (tmp_path / "pages" / "exam_ids").mkdir(parents=True)
    Image.new("L", (400, 500), 255).save(tmp_path / "pages" / "exam_ids" / "page_00.png")
    (figure,) = benchmark._measure_page_time(tmp_path, models)
    assert 0 <= float(figure.value.removesuffix(" s")) < 10


def test_times_are_of_the_whole_program() -> None:
    assert 0.0 < benchmark._median_process_seconds(["--version"]) < 10.0


def test_missing_data_is_named(tmp_path: Path) -> None:
    (tmp_path / "mnist.npz").write_bytes(b"")
    with pytest.raises(DataError, match=r"mnist\.npz"):
        next(benchmark.run_benchmark(tmp_path))


def test_figures_stand_in_columns() -> None:
    lines = list(format_measurements([Measurement("a", "1 %", "9 digits"), Measurement("longer", "22 %", "8 digits")]))
    assert lines[0].index("9 digits") == lines[1].index("8 digits")
    assert lines[0].index("1 %") == lines[1].index("22 %") + 1
