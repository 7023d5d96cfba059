from __future__ import annotations

import json
import pickle
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

import scanner
from scanner.batch import failure_isolation, loaded_models
from scanner.pipeline import run_stages
from scanner.types import PageResult

if TYPE_CHECKING:
    from scanner.types import Image

SAMPLES = Path(__file__).parents[2] / "samples"
STRIP = SAMPLES / "box_strip.png"
NUMBERS: list[str] = json.loads((SAMPLES / "truth.json").read_text("utf-8"))["amounts.png"]["numbers"]


def colour_image(path: Path = STRIP) -> Image:
    image = cv2.imread(str(path))
    assert image is not None
    return np.asarray(image, np.uint8)


@pytest.fixture(scope="module")
def strip() -> scanner.Document:
    return scanner.read(STRIP)


@pytest.fixture
def two_pages(tmp_path: Path) -> Path:
    pages = [PilImage.open(STRIP), PilImage.new("L", (60, 40), 255)]
    pages[0].save(tmp_path / "two.tif", save_all=True, append_images=pages[1:])
    return tmp_path / "two.tif"


def test_a_file_of_one_page_is_a_document_of_one_page(strip: scanner.Document) -> None:
    assert (strip.file, len(strip), strip.errors) == ("box_strip.png", 1, ())
    assert strip.page is strip[0]
    assert list(strip) == [strip.page]
    assert strip.numbers == strip.page.numbers
    (number,) = strip.numbers
    assert number.text.isdigit()
    assert 0 < number.confidence < 1
    assert number.box.width > number.box.height
    assert isinstance(strip.page, PageResult)


def test_a_path_its_bytes_and_its_image_give_the_same_numbers(strip: scanner.Document) -> None:
    image = colour_image()
    sources: list[Any] = [str(STRIP), STRIP.read_bytes(), bytearray(STRIP.read_bytes()), memoryview(STRIP.read_bytes())]
    for source in (*sources, image, image[:, :, 0], image[:, :, :1], np.asfortranarray(image)):
        assert scanner.read(source, name="box_strip.png") == strip


def test_bytes_and_arrays_without_a_name_are_called_page() -> None:
    assert scanner.read(STRIP.read_bytes()).file == scanner.read(colour_image()).file == "page"


def test_a_file_may_be_given_another_name() -> None:
    assert scanner.read(STRIP, name="other").page.file == "other"


def test_the_numbers_of_a_document_are_those_of_its_pages(two_pages: Path) -> None:
    document = scanner.read(two_pages)
    assert [page.page_number for page in document.pages] == [1, 2]
    assert [len(page.numbers) for page in document] == [1, 0]
    assert document.numbers == document[0].numbers
    with pytest.raises(ValueError, match=r"'two\.tif' has 2 pages; use one of document\.pages"):
        _ = document.page


@pytest.mark.parametrize("pages", [2, "2-", [2], (2, 5), range(2, 3), {2}, np.int64(2), [np.int64(2)]])
def test_pages_can_be_selected(two_pages: Path, pages: Any) -> None:
    assert [page.page_number for page in scanner.read(two_pages, pages=pages)] == [2]


def test_one_page_can_be_read(two_pages: Path) -> None:
    assert scanner.read_page(two_pages, 2).page_number == 2
    assert scanner.read_page(two_pages) == scanner.read(two_pages)[0]
    with pytest.raises(scanner.PageError, match=r"^two\.tif: does not have page 3"):
        scanner.read_page(two_pages, 3)
    with pytest.raises(scanner.PageError, match="does not have page 2"):
        scanner.read_page(colour_image(), 2)


def test_options_are_those_of_the_command_line() -> None:
    assert scanner.read(STRIP, kind="printed").numbers == ()
    opinions = scanner.read(STRIP, reader="contours", classifier="svm", turn=False).numbers[0].opinions
    assert [opinion.reader for opinion in opinions] == ["contours"]
    with pytest.raises(scanner.PageError, match=r"more than the 0\.1 million"):
        scanner.read(STRIP, max_pixels=0.1)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.png", "nowhere.png: does not exist; check the spelling"),
        (SAMPLES, f"{SAMPLES}: is a folder; read its files with scanner.scan"),
        (b"", "page: is empty; copy or scan it again"),
        (b"no picture", "page: is not a PNG"),
        (STRIP.read_bytes()[:500], "page"),
    ],
    ids=["missing", "folder", "empty", "text", "damaged"],
)
def test_a_source_that_cannot_be_read_is_an_error(source: Any, message: str) -> None:
    with pytest.raises(scanner.PageError) as error:
        scanner.read(source)
    assert str(error.value).startswith(message)


def test_a_page_that_fails_has_an_error_and_the_others_are_read(
    two_pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(image: Image, *rest: Any) -> Any:
        if image.shape[:2] == (40, 60):
            raise MemoryError
        return run_stages(image, *rest)

    monkeypatch.setattr(failure_isolation, "run_stages", failing)
    document = scanner.read(two_pages)
    assert [bool(page.error) for page in document] == [False, True]
    assert document.errors == (document[1].error,)
    assert document.errors[0].startswith("two.tif, page 2: needs more memory")
    with pytest.raises(scanner.PageError, match="page 2: needs more memory"):
        document[1].render()
    with pytest.raises(scanner.PageError, match="page 2: needs more memory"):
        scanner.read_page(two_pages, 2)


def test_an_unknown_keyword_is_answered_with_those_there_are() -> None:
    with pytest.raises(TypeError, match=r"^read\(\) has no keyword 'rader'; its keywords are pages, name, reader, "):
        scanner.read(STRIP, rader="both")  # type: ignore[call-arg]  # misspelt
    with pytest.raises(
        TypeError, match=r"^read_page\(\) has no keyword 'pages'; its keywords are page, name, reader, "
    ):
        scanner.read_page(STRIP, pages=1)  # type: ignore[call-arg]  # not a keyword of it


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"reader": "fast"}, "reader='fast': give 'both', 'number' or 'contours'"),
        ({"finder": "eyes"}, "finder='eyes': give 'network' or 'contours'"),
        ({"layout": None}, "layout=None: give 'auto', 'page', 'number' or 'digits'"),
        ({"charset": "letters"}, "charset='letters': give 'digits' or 'decimal'"),
        ({"kind": 3}, "kind=3: give 'handwritten', 'printed' or 'any'"),
        ({"classifier": "knn"}, "classifier='knn': give 'cnn' or 'svm'"),
        ({"turn": "no"}, "turn='no': give True or False"),
        ({"max_pixels": 0}, "max_pixels=0: give a number larger than 0"),
        ({"max_file_size": float("nan")}, "max_file_size=nan: give a number larger than 0"),
        ({"max_pages": 2.5}, "max_pages=2.5: give a whole number from 1"),
        ({"pages": 0}, "pages=0: give a whole number from 1"),
        ({"pages": True}, "pages=True: give a whole number from 1"),
        ({"pages": [1, 0]}, "pages=0: give a whole number from 1"),
        ({"pages": "3-1"}, "pages='3-1': "),
        ({"pages": []}, "pages=[]: give a page number from 1, several, or text such as '1-3,7,9-'"),
        ({"pages": 1.5}, "pages=1.5: give a page number"),
        ({"name": 7}, "name=7: give a text"),
        ({"models": 7}, "models=7: give a path"),
        ({"models": b"models"}, "models=b'models': give a path"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_bad_value_is_quoted(keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message is compared
        scanner.read(STRIP, **keywords)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        (3, "source=3: "),
        (None, "source=None: "),
        ([[1]], "source=[[1]]: "),
        (np.zeros((4, 5), np.float32), "source has shape (4, 5) and dtype float32: "),
        (np.zeros((4, 5, 4), np.uint8), "source has shape (4, 5, 4) and dtype uint8: "),
        (np.zeros(5, np.uint8), "source has shape (5,) and dtype uint8: "),
        (np.zeros((0, 5), np.uint8), "source has shape (0, 5) and dtype uint8: "),
    ],
)
def test_a_source_of_another_type_is_quoted(source: Any, quoted: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - as above
        scanner.read(source)
    assert str(error.value).startswith(f"{quoted}give a path, the bytes of a file, or an array of uint8")


# Drawing


def test_a_page_is_drawn_on_its_image(strip: scanner.Document) -> None:
    image = colour_image()
    drawn = strip.render(key=False)
    assert (drawn.shape, drawn.dtype) == (image.shape, image.dtype)
    assert (drawn != image).any()
    for source in (STRIP.read_bytes(), image):
        assert (scanner.read(source).render(key=False) == drawn).all()


def test_a_key_to_the_colours_is_below_the_page(strip: scanner.Document, tmp_path: Path) -> None:
    drawn, with_key = strip.render(key=False), strip.render()
    assert with_key.shape[0] > drawn.shape[0]
    assert (with_key[: drawn.shape[0]] == drawn).all()
    scanner.scan(STRIP, out=tmp_path / "r.csv", annotate=tmp_path / "checked", annotate_as="png", jobs=1)
    assert (colour_image(tmp_path / "checked" / "box_strip.png.p1.png") == with_key).all()


def test_the_image_of_an_array_is_that_which_was_read(strip: scanner.Document) -> None:
    image = colour_image()
    document = scanner.read(image)
    image[:] = 0
    assert (document.render() == strip.render()).all()


def test_every_page_is_drawn_on_its_own_image(two_pages: Path) -> None:
    shapes = [page.render(key=False).shape for page in scanner.read(two_pages)]
    assert shapes == [colour_image().shape, (40, 60, 3)]
    with pytest.raises(ValueError, match="has 2 pages"):
        scanner.read(two_pages).render()


def test_a_page_from_a_dict_is_drawn_on_an_image_that_is_passed(strip: scanner.Document) -> None:
    page = scanner.Page.from_dict(strip.page.to_dict())
    with pytest.raises(ValueError, match=r"came without an image; pass it as page\.render\(image\)"):
        page.render()
    assert (page.render(colour_image()) == strip.render()).all()
    assert (page.render(colour_image()[:, :, 0]) == strip.render()).all()
    with pytest.raises(ValueError, match=r"the image has 5 x 4 pixels, the page has "):
        page.render(np.zeros((4, 5), np.uint8))
    with pytest.raises(ValueError, match=r"^image has shape \(4, 5\) and dtype bool"):
        page.render(np.zeros((4, 5), bool))


def test_a_file_that_was_changed_or_deleted_is_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    shutil.copy(STRIP, path)
    document = scanner.read(path)
    shutil.copy(SAMPLES / "amounts.png", path)
    with pytest.raises(scanner.PageError, match=r"^page\.png: was changed after it was read"):
        document.render()
    path.unlink()
    with pytest.raises(scanner.PageError, match=r"^page\.png: cannot be read again"):
        document.render()


# Models


def test_models_are_loaded_once_for_a_process_and_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    from scanner import reading_models as models

    loaded_models.load_models_once.cache_clear()
    loads: list[tuple[Any, ...]] = []
    whole = models.load_models

    def load(*arguments: Any) -> Any:
        loads.append(arguments)
        return whole(*arguments)

    monkeypatch.setattr(models, "load_models", load)
    for _ in range(2):
        scanner.read(STRIP, reader="contours")
        scanner.read(STRIP, reader="contours", turn=False)
        scanner.read(STRIP)
    assert len(loads) == 2


def test_other_models_read(own_models: Path) -> None:
    document = scanner.read(STRIP, reader="contours", models=str(own_models))
    assert 0 < max(number.confidence for number in document.numbers) < 0.2


def test_a_folder_without_models_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(scanner.NotInstalledError, match="has no weights"):
        scanner.read(STRIP, models=tmp_path)


def test_threads_read_the_same(strip: scanner.Document) -> None:
    found: list[scanner.Document] = []
    threads = [threading.Thread(target=lambda: found.append(scanner.read(STRIP))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [strip] * 4


def test_a_document_can_be_sent_to_another_process(strip: scanner.Document) -> None:
    received = pickle.loads(pickle.dumps(strip))
    assert received == strip
    assert (received.render() == strip.render()).all()


def test_what_is_shown_of_a_document_is_short(strip: scanner.Document) -> None:
    assert repr(strip) == "<Document 'box_strip.png' pages=1 numbers=1>"
    assert repr(strip.page) == "<Page 'box_strip.png' page_number=1 numbers=1>"
    assert repr(scanner.Page("a.png", 2, 0, 0, error="torn")) == "<Page 'a.png' page_number=2 error='torn'>"
