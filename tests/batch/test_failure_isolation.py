from __future__ import annotations

import gc
import sys
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from scanner.batch import failure_isolation
from scanner.batch.failure_isolation import ProcessedPage, scan_file, scan_pages
from scanner.errors import DigitscanError
from scanner.pipeline import run_stages, scan_page
from scanner.reading_models import Models
from scanner.recognition.digit_classifier import load_classifier
from scanner.sources.discovery import find_files
from scanner.types import PageImage, PageRef, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.pipeline import StageOutputs
    from scanner.recognition.digit_classifier import Classifier
    from scanner.sources.limits import Limits
    from scanner.types import Image


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier("cnn")


def write_page(path: Path) -> None:
    image = np.full((120, 200, 3), 255, np.uint8)
    cv2.line(image, (100, 30), (100, 90), (0, 0, 0), 6)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)


def write_pages(path: Path, count: int) -> None:
    pages = [PilImage.new("L", (60, 40), 200 + place) for place in range(count)]
    pages[0].save(path, save_all=True, append_images=pages[1:])


def outcomes(classifier: Classifier, *inputs: Path) -> list[ProcessedPage]:
    models = Models(classifier)
    return [outcome for ref in find_files(inputs) for outcome in scan_file(ref, models)]


def test_all_pages_are_in_order_with_their_images(tmp_path: Path, classifier: Classifier) -> None:
    write_page(tmp_path / "b.png")
    write_pages(tmp_path / "a.tif", 2)
    found = outcomes(classifier, tmp_path)
    assert [(o.result.file, o.result.page_number, o.result.error) for o in found] == [
        *(("a.tif", 1, ""), ("a.tif", 2, ""), ("b.png", 1, "")),
    ]
    assert [(o.result.width, o.result.height) for o in found] == [(60, 40), (60, 40), (200, 120)]
    assert all(o.page is not None and o.page.image.shape == (o.result.height, o.result.width, 3) for o in found)


def test_a_file_that_cannot_be_decoded_is_an_error_and_the_next_is_read(tmp_path: Path, classifier: Classifier) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    write_page(tmp_path / "b.png")
    bad, good = outcomes(classifier, tmp_path)
    assert bad.page is None
    assert bad.result == PageResult("a.png", 0, 0, 0, error=bad.result.error)
    assert bad.result.error.startswith("a.png: ")
    assert good.result.error == ""


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (DigitscanError("the ink has run"), "the ink has run"),
        (cv2.error("(-215) assertion failed"), "cannot be analysed"),
        (MemoryError(), "memory"),
    ],
)
def test_an_error_on_one_page_does_not_affect_the_others(
    tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch, fault: Exception, reason: str
) -> None:
    write_pages(tmp_path / "a.tif", 3)
    whole, calls = run_stages, iter((1, 2, 3))

    def faulty(image: Image, *models: Any) -> StageOutputs:
        if next(calls) == 2:
            raise fault
        return whole(image, *models)

    monkeypatch.setattr(failure_isolation, "run_stages", faulty)
    first, second, third = outcomes(classifier, tmp_path)
    assert first.result.error == third.result.error == ""
    assert second.result.error.startswith("a.tif, page 2: ")
    assert reason in second.result.error
    assert (second.result.width, second.result.height, second.result.numbers) == (60, 40, ())


@pytest.mark.skipif(sys.platform != "linux", reason="memory is held to a limit on Linux alone")
def test_opencv_running_out_of_memory_is_told_as_that(
    tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enlarge(image: Image, *_: Any) -> StageOutputs:
        cv2.resize(image, (10**6, 10**6))
        raise AssertionError("it needs three terabytes")

    monkeypatch.setattr(failure_isolation, "run_stages", enlarge)
    write_page(tmp_path / "a.png")
    (page,) = outcomes(classifier, tmp_path)
    assert page.result.error == "a.png, page 1: needs more memory than there is; scan it at a lower resolution"


def test_an_error_on_a_page_of_a_form_is_told_like_any(
    tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: Any) -> None:
        raise DigitscanError("too bent")

    monkeypatch.setattr(failure_isolation, "run_form_stages", faulty)
    page = PageImage("a.png", 1, np.full((40, 60, 3), 255, np.uint8))
    references: Any = ("any form",)
    (found,) = scan_pages([page], Models(classifier), references=references)
    assert found.result.error == "a.png, page 1: too bent"
    assert (found.result.width, found.result.height, found.result.numbers) == (60, 40, ())


def test_a_bug_is_not_hidden(tmp_path: Path, classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> StageOutputs:
        raise TypeError

    monkeypatch.setattr(failure_isolation, "run_stages", broken)
    write_page(tmp_path / "a.png")
    with pytest.raises(TypeError):
        outcomes(classifier, tmp_path)


def test_decoding_that_runs_out_of_memory_ends_the_file_only(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(ref: PageRef, limits: Limits) -> Iterator[PageImage]:
        yield PageImage(ref.file, 1, np.full((20, 20, 3), 255, np.uint8))
        if ref.file == "a.pdf":
            raise MemoryError
        yield PageImage(ref.file, 2, np.full((20, 20, 3), 255, np.uint8))

    monkeypatch.setattr(failure_isolation, "decode_file", decoded)
    refs = [PageRef(Path(name), name) for name in ("a.pdf", "b.pdf")]
    models = Models(classifier)
    results = [outcome.result for ref in refs for outcome in scan_file(ref, models)]
    assert [(result.file, result.page_number, bool(result.error)) for result in results] == [
        *(("a.pdf", 1, False), ("a.pdf", 2, True), ("b.pdf", 1, False), ("b.pdf", 2, False)),
    ]
    assert results[1].error.startswith("a.pdf, page 2 and after: ")


def test_images_are_released(tmp_path: Path, classifier: Classifier) -> None:
    write_pages(tmp_path / "a.tif", 6)
    pictures: list[weakref.ref[Image]] = []
    for outcome in scan_file(find_files([tmp_path])[0], Models(classifier)):
        assert outcome.page is not None
        pictures.append(weakref.ref(outcome.page.image))
        gc.collect()
        assert sum(picture() is not None for picture in pictures) <= 2
    assert len(pictures) == 6


def test_stages_are_kept_on_request(tmp_path: Path, classifier: Classifier) -> None:
    write_page(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    models = Models(classifier)
    assert [outcome.stages for outcome in outcomes(classifier, tmp_path)] == [None, None]
    kept, failed = (next(scan_file(ref, models, keep_stages=True)) for ref in find_files([tmp_path]))
    assert kept.page is not None
    assert kept.stages is not None
    assert kept.result == scan_page(kept.page, models)
    assert kept.stages.numbers == kept.result.numbers
    assert failed.stages is None


def test_stages_are_released(tmp_path: Path, classifier: Classifier) -> None:
    write_pages(tmp_path / "a.tif", 4)
    inks: list[weakref.ref[Image]] = []
    for outcome in scan_file(find_files([tmp_path])[0], Models(classifier), keep_stages=True):
        assert outcome.stages is not None
        inks.append(weakref.ref(outcome.stages.prepared.scan.ink.mask))
        del outcome
        gc.collect()
        assert not any(ink() is not None for ink in inks)
    assert len(inks) == 4


def test_no_page_is_decoded_before_it_is_needed(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    def pages(ref: PageRef, limits: Limits) -> Iterator[PageImage]:
        yield PageImage(ref.file, 1, np.full((20, 20, 3), 255, np.uint8))
        raise AssertionError("the second page was decoded")

    monkeypatch.setattr(failure_isolation, "decode_file", pages)
    assert next(scan_file(PageRef(Path("a.tif"), "a.tif"), Models(classifier))).result.page_number == 1
