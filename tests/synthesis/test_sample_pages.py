import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.errors import OutputError
from scanner.synthesis.sample_pages import SamplePage, draw_sample_pages, write_sample_pages
from scanner.types import Box

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def pages() -> tuple[SamplePage, ...]:
    return tuple(draw_sample_pages())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return write_sample_pages(tmp_path_factory.mktemp("made") / "deeper" / "samples")


def test_there_are_six_pages(pages: tuple[SamplePage, ...]) -> None:
    assert [page.name for page in pages] == [
        "ruled_log.png", "box_strip.png", "free_sums.jpg", "amounts.png", "faint_scan.png", "photograph.jpg",
    ]  # fmt: skip  # in columns


def test_the_same_seed_gives_the_same_bytes(written: tuple[Path, ...], tmp_path: Path) -> None:
    again = write_sample_pages(tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in written]


def test_another_seed_gives_other_numbers(pages: tuple[SamplePage, ...]) -> None:
    for page, other in zip(pages, draw_sample_pages(seed=1), strict=True):
        assert page.name == other.name
        assert [text for text, _ in page.numbers] != [text for text, _ in other.numbers]


def test_boxes_hold_ink_and_have_paper_around_them(pages: tuple[SamplePage, ...]) -> None:
    for page in pages:
        darkness = 255 - (page.image if page.image.ndim == 2 else page.image.min(axis=2)).astype(float)
        for text, box in page.numbers:
            inside = darkness[box.y : box.bottom, box.x : box.right]
            assert inside.shape == (box.height, box.width), (page.name, text)
            paper_tone = np.median(darkness[box.y - 2 : box.bottom + 2, box.x - 2 : box.right + 2])
            assert inside.max() > paper_tone + 40, (page.name, text)
            # Tight: every side of the box meets ink within two pixels.
            inked = inside > paper_tone + 20
            for side in (inked[:2], inked[-2:], inked[:, :2], inked[:, -2:]):
                assert side.any(), (page.name, text)


def test_numbers_are_in_reading_order(pages: tuple[SamplePage, ...]) -> None:
    for page in pages:
        previous = None
        for _, box in page.numbers:
            if previous is not None:
                same_row = abs(box.center[1] - previous.center[1]) < 0.8 * box.height
                assert box.x > previous.right if same_row else box.center[1] > previous.center[1], page.name
            previous = box


def test_numbers_are_digits_and_some_begin_with_zero(pages: tuple[SamplePage, ...]) -> None:
    texts = [text for page in pages for text, _ in page.numbers]
    assert all(text.isdecimal() and text.isascii() for text in texts)
    assert any(text.startswith("0") and len(text) > 1 for text in texts)


def test_the_comb_field_has_one_number_of_nine_digits(pages: tuple[SamplePage, ...]) -> None:
    ((text, _),) = pages[1].numbers
    assert len(text) == 9


def test_amounts_add_up(pages: tuple[SamplePage, ...]) -> None:
    *values, total = (int(text) for text, _ in pages[3].numbers)
    assert sum(values) == total


def test_the_truth_has_the_numbers_on_the_pages(written: tuple[Path, ...], pages: tuple[SamplePage, ...]) -> None:
    truth = json.loads(written[-1].read_text(encoding="utf-8"))
    assert list(truth) == [page.name for page in pages]
    for page in pages:
        entry = truth[page.name]
        assert [(text, Box(*box)) for text, box in zip(entry["numbers"], entry["boxes"], strict=True)] == list(
            page.numbers
        )


def test_files_hold_the_pages(written: tuple[Path, ...], pages: tuple[SamplePage, ...]) -> None:
    for path, page in zip(written[:-1], pages, strict=True):
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert image is not None
        assert image.shape == page.image.shape
        if path.suffix == ".png":
            assert np.array_equal(image, page.image)


def test_the_samples_in_the_repository_are_complete_and_small() -> None:
    truth = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    assert sorted(truth) == sorted(path.name for path in SAMPLES.iterdir() if path.suffix in (".png", ".jpg"))
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 3_000_000


def test_pages_can_be_drawn_from_many_seeds() -> None:
    for seed in (40, 41):
        assert len(list(draw_sample_pages(seed))) == 6


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match=r"cannot write the sample pages to .*file.*choose another folder"):
        write_sample_pages(tmp_path / "file" / "samples")
