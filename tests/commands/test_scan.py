from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from scanner import pipeline
from scanner.batch.loaded_models import load_models_once
from scanner.debug import draw_stage_pictures
from scanner.evaluation.comparison import compare_files
from scanner.results.csv_tables import read_results_csv
from scanner.synthesis.pen import draw_text, random_writer

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from click.testing import Result

    from scanner.pipeline import StageOutputs
    from scanner.types import Image

    Run = Callable[..., Result]
    Start = Callable[..., subprocess.CompletedProcess[str]]

SAMPLES = Path(__file__).parent.parent.parent / "samples"
GOOD = SAMPLES / "amounts.png"
"""A page without print, which is read in full."""
GOOD_NUMBERS: list[str] = json.loads((SAMPLES / "truth.json").read_text("utf-8"))["amounts.png"]["numbers"]
STRIP = SAMPLES / "box_strip.png"
"""A small page with one number, which is read in half the time."""
STRIP_NUMBERS: list[str] = json.loads((SAMPLES / "truth.json").read_text("utf-8"))["box_strip.png"]["numbers"]


def read_image(path: Path) -> Image:
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return np.asarray(image, np.uint8)


def texts(csv_file: Path, page: str) -> list[str]:
    return [row.text for row in read_results_csv(csv_file) if row.file == page]


# The samples


def test_the_sample_numbers_are_read(scanned_samples: Path) -> None:
    evaluation = compare_files(scanned_samples / "results.csv", SAMPLES / "truth.json")
    assert evaluation.totals.exact >= 0.9 * evaluation.totals.written
    assert evaluation.totals.written == 149
    assert evaluation.pages_not_in_truth == ()


def test_the_summary_counts_what_is_in_the_results(scanned_samples: Path) -> None:
    rows = read_results_csv(scanned_samples / "results.csv")
    doubtful = sum(bool(row.review) for row in rows)
    wrong = sum(1 - row.confidence for row in rows if not row.review)
    out = scanned_samples / "results.csv"
    unread = sum(not row.text for row in rows)
    counts = f"6 pages read, {len(rows)} numbers, {doubtful} flagged" + f", {unread} of them unread" * bool(unread)
    summary = f"{counts}; expect about {wrong:.1f} errors among the {len(rows) - doubtful} unflagged -> {out}\n"
    assert (scanned_samples / "stderr.txt").read_text("utf-8") == summary


def test_every_page_is_annotated(scanned_samples: Path) -> None:
    for page in SAMPLES.glob("*.[pj][np]g"):
        drawn = cv2.imread(str(scanned_samples / "checked" / f"{page.name}.p1.jpg"))
        original = cv2.imread(str(page))
        assert drawn is not None
        assert original is not None
        height, width = original.shape[:2]
        assert drawn.shape[1] == width
        assert drawn.shape[0] > height  # the key below the page
        assert (drawn[:height] != original).any()
    assert len(list((scanned_samples / "checked").iterdir())) == 6


def test_digits_and_json_hold_the_same_numbers(scanned_samples: Path) -> None:
    numbers = [row.text for row in read_results_csv(scanned_samples / "results.csv")]
    document = json.loads((scanned_samples / "results.json").read_text("utf-8"))
    assert [number["text"] for page in document["pages"] for number in page["numbers"]] == numbers
    digits = csv.DictReader(io.StringIO((scanned_samples / "digits.csv").read_text("utf-8")))
    assert "".join(row["digit"] for row in digits) == "".join(numbers)


def test_the_same_pages_give_the_same_bytes(succeed: Run, start: Start, tmp_path: Path) -> None:
    def outputs(folder: Path) -> list[str | Path]:
        names = {"--out": "results.csv", "--json": "results.json", "--digits": "digits.csv", "--annotate": "checked"}
        return [word for option, name in names.items() for word in (option, folder / name)]

    # Two pages, so that two processes read them, and those may end in any order.
    assert start("scan", GOOD, STRIP, *outputs(tmp_path / "started"), "--jobs", "2").returncode == 0
    succeed("scan", GOOD, STRIP, *outputs(tmp_path / "here"))
    for name in (
        "results.csv",
        "results.json",
        "digits.csv",
        "checked/amounts.png.p1.jpg",
        "checked/box_strip.png.p1.jpg",
    ):
        assert (tmp_path / "started" / name).read_bytes() == (tmp_path / "here" / name).read_bytes(), name


# Unusual and broken pages: each is read or reported, and never affects the others


HEIGHT = 640  # of the part of the good page that is written in every format
NUMBERS_ABOVE = GOOD_NUMBERS[:8]
"""The numbers on that part."""


def grey(path: Path) -> None:
    PilImage.fromarray(read_image(GOOD)[:HEIGHT]).save(path)


def alpha(path: Path) -> None:
    ink = 255 - read_image(GOOD)[:HEIGHT]
    black = np.zeros_like(ink)
    PilImage.fromarray(np.dstack([black, black, black, ink])).save(path)


def sixteen_bit(path: Path) -> None:
    cv2.imwrite(str(path), read_image(GOOD)[:HEIGHT].astype(np.uint16) * 257)


def cmyk(path: Path) -> None:
    PilImage.fromarray(read_image(GOOD)[:HEIGHT]).convert("RGB").convert("CMYK").save(path, quality=95)


def turned(path: Path) -> None:
    exif = PilImage.Exif()
    exif[0x0112] = 6  # to be shown turned by a quarter to the right
    PilImage.fromarray(np.rot90(read_image(GOOD)[:HEIGHT])).save(path, exif=exif, quality=95)


def white_on_black(path: Path) -> None:
    PilImage.fromarray(255 - read_image(GOOD)[:HEIGHT]).save(path)


def pdf(path: Path) -> None:
    PilImage.fromarray(read_image(GOOD)[:HEIGHT]).save(path, resolution=150)


@pytest.mark.parametrize(
    ("write", "name"),
    [
        *((grey, "grey.bmp"), (grey, "lossless.tif"), (grey, "page.webp"), (alpha, "see through.png")),
        *((sixteen_bit, "sixteen.png"), (cmyk, "print.jpg"), (turned, "turned.jpg"), (white_on_black, "negative.png")),
        (pdf, "scan.pdf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_file_format_is_read(succeed: Run, tmp_path: Path, write: Callable[[Path], None], name: str) -> None:
    folder = tmp_path / "pages with spaces"
    folder.mkdir()
    write(folder / name)
    succeed("scan", folder, "--out", tmp_path / "out.csv")
    found = texts(tmp_path / "out.csv", name)
    # A lossy format, or one that changes the light, may cost a number.
    assert len(found) == len(NUMBERS_ABOVE)
    assert sum(a == b for a, b in zip(found, NUMBERS_ABOVE, strict=True)) >= len(NUMBERS_ABOVE) - 1


def test_pages_of_any_name_are_read(succeed: Run, tmp_path: Path) -> None:
    names = {"Zähler Straße №1.png", "a, \"b\"; 'c'.png", "-rf.png", "=1+1.png"}
    folder = tmp_path / "pages with spaces"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(STRIP.read_bytes())
    succeed("scan", folder, "--out", tmp_path / "out.csv", "--reader", "contours")
    assert {row.file for row in read_results_csv(tmp_path / "out.csv")} == names


def broken_pages() -> dict[str, bytes]:
    png = GOOD.read_bytes()
    return {
        "text.png": b"this is no picture",
        "empty.png": b"",
        "truncated.png": png[: len(png) // 2],
        "header only.png": png[:40],
        "truncated.jpg": (SAMPLES / "photograph.jpg").read_bytes()[:300],
        "broken.pdf": b"%PDF-1.7\nnothing more",
        "broken.tif": b"II*\0\xff\xff\xff\xff",
        "Müll.webp": b"RIFF\0\0\0\0WEBPVP8 ",
    }


@pytest.mark.parametrize("name", sorted(broken_pages()))
def test_a_broken_page_is_one_line_and_the_next_is_read(run: Run, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / name).write_bytes(broken_pages()[name])
    (folder / "zz.png").write_bytes(STRIP.read_bytes())
    result = run("scan", folder, "--out", tmp_path / "out.csv", "--json", tmp_path / "out.json")
    assert result.exit_code == 3
    problem, summary = result.stderr.splitlines()
    assert problem.startswith((f"{name}: ", f"{name}, page 1: "))
    assert summary.startswith("1 page read, 1 could not be read, 1 number, ")
    assert texts(tmp_path / "out.csv", "zz.png") == STRIP_NUMBERS
    failed = json.loads((tmp_path / "out.json").read_text("utf-8"))["pages"][0]
    assert (failed["file"], failed["error"]) == (name, problem)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 2), (40, 40), (400, 300)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_bare_page_of_any_size_has_no_numbers(run: Run, tmp_path: Path, shape: tuple[int, int], level: int) -> None:
    (tmp_path / "pages").mkdir()
    cv2.imwrite(str(tmp_path / "pages" / "bare.png"), np.full(shape, level, np.uint8))
    result = run("scan", tmp_path / "pages", "--out", tmp_path / "out.csv", "--annotate", tmp_path / "checked")
    assert (result.exit_code, texts(tmp_path / "out.csv", "bare.png")) == (0, [])
    assert result.stderr.startswith("1 page read, 0 numbers, 0 flagged -> ")


def test_noise_gives_no_traceback(succeed: Run, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    noise = np.random.default_rng(4).integers(0, 256, (300, 400, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "pages" / "noise.png"), noise)
    succeed("scan", tmp_path / "pages", "--out", tmp_path / "out.csv", "--annotate", tmp_path / "checked")


def test_a_folder_of_broken_pages_as_a_process(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    (folder / "deep" / "er").mkdir(parents=True)
    for name, data in broken_pages().items():
        (folder / name).write_bytes(data)
    (folder / "deep" / "er" / "good one.png").write_bytes(GOOD.read_bytes())
    (folder / "notes.txt").write_text("no page")
    result = start("scan", folder, "--out", "-")
    lines = result.stderr.splitlines()
    assert result.returncode == 3
    assert len(lines) == len(broken_pages()) + 1
    assert all(any(line.startswith(name) for line in lines) for name in broken_pages())
    assert "Traceback" not in result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["file"] for row in rows} == {"deep/er/good one.png"}
    assert [row["text"] for row in rows] == GOOD_NUMBERS


def test_only_broken_pages_give_an_empty_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    result = run("scan", tmp_path / "a.png", "--out", tmp_path / "out.csv")
    assert result.exit_code == 3
    assert result.stderr.endswith(
        f"0 pages read, 1 could not be read, 0 numbers, 0 flagged -> {tmp_path / 'out.csv'}\n"
    )
    assert read_results_csv(tmp_path / "out.csv") == ()


def test_nothing_to_read_is_4(run: Run, tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "not there"):
        result = run("scan", place, "--out", tmp_path / "out.csv")
        assert result.exit_code == 4
        assert re.fullmatch(f"Error: {re.escape(str(place))}.*\n", result.stderr)
    assert not (tmp_path / "out.csv").exists()


def test_a_bad_scan_is_read_and_reported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    page = read_image(GOOD)
    cv2.imwrite(str(tmp_path / "pages" / "faint.png"), 250 - (250 - page.clip(max=250)) // 8)
    (tmp_path / "pages" / "good.png").write_bytes(GOOD.read_bytes())
    result = run("scan", tmp_path / "pages", "--out", tmp_path / "o.csv", "--json", tmp_path / "o.json")
    assert result.exit_code == 0
    verdict, summary = result.stderr.splitlines()
    assert re.fullmatch(r"faint\.png: faint \(ink \d+% darker than paper\) - scan darker", verdict)
    assert summary.startswith("2 pages read, ")
    faint, good = json.loads((tmp_path / "o.json").read_text("utf-8"))["pages"]
    assert [finding["name"] for finding in faint["scan_quality"]] == ["faint"]
    assert good["scan_quality"] == []


# Outputs


def test_standard_output_contains_only_the_table(start: Start, scanned_samples: Path) -> None:
    result = start("scan", STRIP, "--out", "-")
    lines = (scanned_samples / "results.csv").read_text("utf-8").splitlines(keepends=True)
    assert result.stdout == "".join(line for line in lines if line.startswith(("file,", "box_strip.png,")))
    assert result.stderr.endswith(" -> standard output\n")


@pytest.mark.parametrize(("flags", "quarters"), [((), 2), (("--no-straighten",), 2), (("--no-turn",), 0)])
def test_a_page_upside_down_is_turned_unless_switched_off(
    succeed: Run, tmp_path: Path, flags: tuple[str, ...], quarters: int
) -> None:
    cv2.imwrite(str(tmp_path / "page.png"), np.rot90(read_image(GOOD), 2))
    options = "--reader", "contours", "--no-perspective", *flags
    succeed("scan", tmp_path / "page.png", *options, "--out", tmp_path / "o.csv", "--json", tmp_path / "o.json")
    (page,) = json.loads((tmp_path / "o.json").read_text("utf-8"))["pages"]
    assert [step["settings"]["quarter_turns"] for step in page["steps"] if step["name"] == "orientation"] == [quarters]
    assert ([number["text"] for number in page["numbers"]] == GOOD_NUMBERS) == (quarters == 2)


def test_the_svm_reads_too(succeed: Run, tmp_path: Path) -> None:
    succeed("scan", GOOD, "--out", tmp_path / "out.csv", "--classifier", "svm")
    found = texts(tmp_path / "out.csv", "amounts.png")
    assert len(set(found) & set(GOOD_NUMBERS)) >= 0.8 * len(GOOD_NUMBERS)


@pytest.mark.parametrize(
    ("reader", "said"), [("contours", ["contours"]), ("number", ["number"]), ("both", ["contours", "number"])]
)
def test_each_reader_reads_and_its_opinion_is_in_the_json(
    succeed: Run, tmp_path: Path, reader: str, said: list[str]
) -> None:
    succeed("scan", GOOD, "--reader", reader, "--out", tmp_path / "out.csv", "--json", tmp_path / "out.json")
    assert texts(tmp_path / "out.csv", "amounts.png") == GOOD_NUMBERS
    (page,) = json.loads((tmp_path / "out.json").read_text("utf-8"))["pages"]
    for number in page["numbers"]:
        assert [opinion["reader"] for opinion in number["opinions"]] == said
        assert number["text"] in {opinion["text"] for opinion in number["opinions"]}


@pytest.fixture
def cell(tmp_path: Path) -> Path:
    """An image of one number with a comma."""
    rng = np.random.default_rng(1)
    ink, _ = draw_text("13,5", random_writer(rng), rng, 40)
    path = tmp_path / "cell.png"
    cv2.imwrite(str(path), 255 - np.pad(ink, 10))
    return path


@pytest.mark.parametrize(("options", "text"), [((), "13,5"), (("--charset", "digits"), "135")])
@pytest.mark.parametrize("layout", ["auto", "number"])
def test_a_cut_out_number_is_read_with_its_comma_unless_only_digits_are_wanted(
    succeed: Run, tmp_path: Path, cell: Path, options: tuple[str, ...], text: str, layout: str
) -> None:
    succeed("scan", cell, "--layout", layout, *options, "--out", tmp_path / "out.csv")
    assert texts(tmp_path / "out.csv", "cell.png") == [text]


def test_a_layout_that_does_not_exist_is_named(run: Run, tmp_path: Path) -> None:
    result = run("scan", GOOD, "--layout", "table", "--out", tmp_path / "out.csv")
    assert result.exit_code == 2
    assert "'auto', 'page', 'number'" in result.stderr


def test_every_page_of_a_file_is_annotated_in_its_folder(succeed: Run, tmp_path: Path) -> None:
    (tmp_path / "pages" / "sub").mkdir(parents=True)
    page = PilImage.fromarray(read_image(SAMPLES / "box_strip.png"))
    page.save(tmp_path / "pages" / "sub" / "two.tif", save_all=True, append_images=[page])
    succeed("scan", tmp_path / "pages", "--out", tmp_path / "out.csv", "--annotate", tmp_path / "checked")
    drawn = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "checked").rglob("*.jpg"))
    assert drawn == ["checked/sub/two.tif.p1.jpg", "checked/sub/two.tif.p2.jpg"]


def test_the_stages_of_every_page_are_drawn(succeed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pages" / "sub").mkdir(parents=True)
    page = PilImage.fromarray(read_image(SAMPLES / "box_strip.png"))
    page.save(tmp_path / "pages" / "sub" / "two.tif", save_all=True, append_images=[page])
    read: list[StageOutputs] = []

    def run_stages(*arguments: Any) -> StageOutputs:
        read.append(pipeline.run_stages(*arguments))
        return read[-1]

    monkeypatch.setattr("scanner.batch.failure_isolation.run_stages", run_stages)
    outputs = ("--out", tmp_path / "out.csv", "--annotate", tmp_path / "checked", "--debug", tmp_path / "stages")
    succeed("scan", tmp_path / "pages", *outputs)
    assert len(read) == 2
    drawn = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "stages").rglob("*.png"))
    names = [name for name, _ in draw_stage_pictures(read[0])]
    assert "08_form_structure" in names
    assert drawn == [f"stages/sub/two.tif.p{number}/{name}.png" for number in (1, 2) for name in names]
    assert (tmp_path / "checked" / "sub" / "two.tif.p1.jpg").is_file()


def test_missing_weights_are_6(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_models_once.cache_clear()
    monkeypatch.setattr("scanner.recognition.digit_classifier.models_folder", lambda: tmp_path)
    result = run("scan", GOOD, "--out", tmp_path / "out.csv")
    assert result.exit_code == 6
    assert re.fullmatch(r"Error: .*digits\.onnx.*\n", result.stderr)


def test_missing_weights_of_the_number_reader_are_6_if_it_is_used(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_models_once.cache_clear()
    monkeypatch.setattr("scanner.recognition.line_reader.models_folder", lambda: tmp_path)
    result = run("scan", GOOD, "--out", tmp_path / "out.csv")
    assert result.exit_code == 6
    assert re.fullmatch(r"Error: .*numbers\.onnx.*\n", result.stderr)
    assert run("scan", GOOD, "--reader", "contours", "--out", tmp_path / "out.csv").exit_code == 0


def test_no_bar_is_drawn_without_a_terminal(scanned_samples: Path) -> None:
    assert "\r" not in (scanned_samples / "stderr.txt").read_text("utf-8")
    assert "file/s" not in (scanned_samples / "stderr.txt").read_text("utf-8")


@pytest.mark.parametrize("share", ["0.02", "2%", " 2 %"])
def test_enough_numbers_are_flagged_for_the_share_of_errors(succeed: Run, tmp_path: Path, share: str) -> None:
    page = SAMPLES / "box_strip.png"
    result = succeed("scan", page, "--out", tmp_path / "r.csv", "--max-error", share, "--annotate", tmp_path / "drawn")
    rows = read_results_csv(tmp_path / "r.csv")
    taken = [row.confidence for row in rows if not row.review]
    assert sum(1 - confidence for confidence in taken) <= 0.02 * len(taken) + 1e-3
    assert f"{len(rows) - len(taken)} flagged" in result.stderr
    assert len(list((tmp_path / "drawn").iterdir())) == 1


@pytest.mark.parametrize("share", ["1", "120%", "-1%", "nan", "little", ""])
def test_a_bad_share_of_errors_is_wrong_usage(run: Run, tmp_path: Path, share: str) -> None:
    result = run("scan", SAMPLES, "--out", tmp_path / "r.csv", "--max-error", share)
    assert result.exit_code == 2
    assert "1% or 0.01" in result.stderr
