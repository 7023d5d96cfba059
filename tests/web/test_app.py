"""The application as a client sees it, with a classifier that reads every digit as 7."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NoReturn

import cv2
import numpy as np
import pytest

pytest.importorskip("flask", reason="the web page needs Flask")

from scanner.reading_models import Models
from scanner.results.annotated_page import annotate_page
from scanner.sources.decoding import PageFailure
from scanner.types import DigitReading, PageImage
from scanner.web import app as web
from scanner.web.app import MAX_PAGES, build_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from scanner.types import Image, PageResult

LIMIT = 2 * 1024 * 1024
HOST = {"Host": "127.0.0.1:8000"}
STROKES = {"width": 320, "height": 320, "strokes": [[[80, 80], [240, 80], [120, 280]]]}


class AlwaysSeven:
    """A classifier that reads every digit as 7."""

    name = "test"

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        return tuple(DigitReading((0.0,) * 7 + (0.9, 0.0, 0.0, 0.1)) for _ in frames)


@pytest.fixture
def client() -> FlaskClient:
    return build_app(Models(AlwaysSeven()), LIMIT, "127.0.0.1").test_client()


def png(image: Image) -> bytes:
    _, data = cv2.imencode(".png", image)
    return data.tobytes()


BLANK = png(np.full((200, 200, 3), 255, np.uint8))


def page_with_a_stroke() -> Image:
    page = np.full((400, 300, 3), 255, np.uint8)
    cv2.polylines(page, [np.array([[100, 100], [130, 100], [110, 150]], np.int32)], False, (0, 0, 0), 5)
    return page


def test_the_page_has_all_its_parts(client: FlaskClient) -> None:
    page = client.get("/", headers=HOST)
    assert page.status_code == 200
    for part in ("style.css", "draw.js", "scan.js", "icon.svg"):
        assert f'"/static/{part}"' in page.text
        assert client.get(f"/static/{part}", headers=HOST, buffered=True).status_code == 200
    assert f'data-max-bytes="{LIMIT}"' in page.text
    assert "<script>" not in page.text
    assert "style=" not in page.text
    assert "://" not in page.text


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/static/draw.js"), ("GET", "/nothing"), ("POST", "/read")]
)
def test_security_headers_are_on_every_answer(client: FlaskClient, method: str, path: str) -> None:
    headers = client.open(path, method=method, headers=HOST, buffered=True).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/", "/static/draw.js"])
def test_another_host_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"}, buffered=True)
    assert answer.status_code == 400
    assert "has another name" in answer.get_json()["error"]


@pytest.mark.parametrize("path", ["/read", "/scan"])
@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_is_refused(client: FlaskClient, path: str, header: dict[str, str]) -> None:
    answer = client.post(path, json=STROKES, headers=HOST | header)
    assert answer.status_code == 403
    assert answer.get_json() == {"error": "this request comes from another website"}


def test_strokes_are_read(client: FlaskClient) -> None:
    answer = client.post("/read", json=STROKES, headers=HOST)
    assert answer.status_code == 200
    reading = answer.get_json()["reading"]
    assert reading == {
        "digit": 7,
        "is_digit": True,
        "confidence": 0.9,
        "probabilities": [0.0] * 7 + [0.9, 0.0, 0.0, 0.1],
    }


def test_no_strokes_have_no_reading(client: FlaskClient) -> None:
    assert client.post("/read", json=STROKES | {"strokes": []}, headers=HOST).get_json() == {"reading": None}


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"width": 320}', b"[" * 50_000])
def test_malformed_drawings_are_bad_requests(client: FlaskClient, data: bytes) -> None:
    answer = client.post("/read", data=data, headers=HOST)
    assert answer.status_code == 400
    assert answer.get_json()["error"]


def test_too_many_points_are_a_bad_request(client: FlaskClient) -> None:
    answer = client.post("/read", json=STROKES | {"strokes": [[[1, 1]] * 10_001]}, headers=HOST)
    assert answer.status_code == 400
    assert "more than" in answer.get_json()["error"]


def test_a_drawing_too_large_to_parse_is_refused(client: FlaskClient) -> None:
    answer = client.post("/read", data=b" " * (513 * 1024), headers=HOST)
    assert answer.status_code == 413
    assert answer.get_json() == {"error": "the drawing is too large; clear it and draw again"}


def test_a_page_comes_back_annotated(client: FlaskClient) -> None:
    answer = client.post("/scan?name=../../a%3Cb%3E.png", data=png(page_with_a_stroke()), headers=HOST)
    assert answer.status_code == 200
    scanned = answer.get_json()
    assert scanned["file"] == "../../a<b>.png"
    assert scanned["note"] == ""
    [page] = scanned["pages"]
    assert page["page"] == 1
    assert page["error"] == ""
    assert [number["text"] for number in page["numbers"]] == ["7"]
    assert len(scanned["csv"].splitlines()) == 2
    start, picture = page["picture"].split(",")
    assert start == "data:image/jpeg;base64"
    annotated = cv2.imdecode(np.frombuffer(base64.b64decode(picture), np.uint8), cv2.IMREAD_COLOR)
    assert annotated is not None
    assert annotated.shape == (400, 300, 3)


def test_a_number_that_could_not_be_read_comes_back_without_text(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AlwaysSeven, "read", lambda _, frames: (DigitReading((0.0,) * 10 + (1.0,)),) * len(frames))
    crop = np.full((60, 40, 3), 255, np.uint8)
    crop[10:50, 18:23] = 0
    scanned = client.post("/scan?name=a.png", data=png(crop), headers=HOST).get_json()
    (number,) = scanned["pages"][0]["numbers"]
    assert (number["text"], number["confidence"], number["review"]) == ("", 0.0, "unread")
    assert ",,0.0000,unread," in scanned["csv"]


def test_a_blank_page_has_no_numbers(client: FlaskClient) -> None:
    scanned = client.post("/scan?name=blank.png", data=BLANK, headers=HOST).get_json()
    assert [page["numbers"] for page in scanned["pages"]] == [[]]


def test_a_file_that_is_not_a_page_is_refused_in_one_line(client: FlaskClient) -> None:
    answer = client.post("/scan?name=notes.txt", data=b"just some text", headers=HOST)
    assert answer.status_code == 422
    error = answer.get_json()["error"]
    assert "notes.txt" in error
    assert "\n" not in error


def test_an_empty_file_is_refused(client: FlaskClient) -> None:
    answer = client.post("/scan?name=empty.png", headers=HOST)
    assert answer.status_code == 400
    assert answer.get_json() == {"error": "empty.png: is empty; choose a scanned page or a PDF"}


def test_a_file_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/scan?name=large.png", data=b"x" * (LIMIT + 1), headers=HOST)
    assert answer.status_code == 413
    assert answer.get_json() == {"error": "the file is larger than 2 MB; scan it on the command line"}


def test_a_file_without_its_length_is_refused(client: FlaskClient) -> None:
    answer = client.post("/scan?name=a.png", data=b"x", headers=HOST | {"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411
    assert "Content-Length" in answer.get_json()["error"]


def test_only_the_first_pages_are_read(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_: bytes, name: str) -> Iterator[PageImage]:
        number = 0
        while True:
            number += 1
            yield PageImage(name, number, np.full((60, 60, 3), 255, np.uint8))

    monkeypatch.setattr(web, "decode_bytes", endless)
    scanned = client.post("/scan?name=long.pdf", data=b"x", headers=HOST).get_json()
    assert [page["page"] for page in scanned["pages"]] == list(range(1, MAX_PAGES + 1))
    assert f"only the first {MAX_PAGES} pages" in scanned["note"]


def test_a_page_that_cannot_be_decoded_does_not_affect_the_others(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(_: bytes, name: str) -> Iterator[PageImage | PageFailure]:
        yield PageFailure(name, 1, f"{name}, page 1: is torn")
        yield PageImage(name, 2, np.full((60, 60, 3), 255, np.uint8))

    monkeypatch.setattr(web, "decode_bytes", torn)
    scanned = client.post("/scan?name=torn.pdf", data=b"x", headers=HOST).get_json()
    assert [page["error"] for page in scanned["pages"]] == ["torn.pdf, page 1: is torn", ""]
    assert scanned["pages"][0]["picture"] == ""
    assert scanned["pages"][1]["picture"] != ""


def white_page(name: str, number: int) -> PageImage:
    return PageImage(name, number, np.full((60, 60, 3), 255, np.uint8))


def test_a_page_that_cannot_be_read_does_not_affect_the_others(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_on_first(*_: object) -> NoReturn:
        monkeypatch.undo()
        raise cv2.error("no luck")

    monkeypatch.setattr(web, "decode_bytes", lambda _, name: (white_page(name, number) for number in (1, 2)))
    monkeypatch.setattr("scanner.batch.failure_isolation.run_stages", fail_on_first)
    scanned = client.post("/scan?name=odd.pdf", data=b"x", headers=HOST).get_json()
    assert "odd.pdf, page 1: cannot be analysed" in scanned["pages"][0]["error"]
    assert [bool(page["picture"]) for page in scanned["pages"]] == [False, True]
    assert scanned["pages"][1]["error"] == ""


def test_a_page_too_large_for_a_picture_does_not_affect_the_others(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = PageImage("wide.pdf", 2, np.full((20, 66_000, 3), 255, np.uint8))
    monkeypatch.setattr(web, "decode_bytes", lambda _, name: iter([white_page(name, 1), wide, white_page(name, 3)]))
    scanned = client.post("/scan?name=wide.pdf", data=b"x", headers=HOST).get_json()
    assert [bool(page["picture"]) for page in scanned["pages"]] == [True, False, True]
    error = "wide.pdf, page 2: was read, but no picture of it can be drawn"
    assert [page["error"] for page in scanned["pages"]] == ["", error, ""]


def test_a_picture_that_cannot_be_drawn_does_not_affect_the_others(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = annotate_page

    def fail_on_second(page: PageImage, result: PageResult) -> Image:
        if page.page_number == 2:
            raise cv2.error("no luck")
        return draw(page, result)

    pages = [PageImage("odd.pdf", number, page_with_a_stroke()) for number in (1, 2, 3)]
    monkeypatch.setattr(web, "decode_bytes", lambda *_: iter(pages))
    monkeypatch.setattr(web, "annotate_page", fail_on_second)
    scanned = client.post("/scan?name=odd.pdf", data=b"x", headers=HOST).get_json()
    assert [len(page["numbers"]) for page in scanned["pages"]] == [1, 1, 1]
    assert [bool(page["picture"]) for page in scanned["pages"]] == [True, False, True]


def test_pages_before_a_decoder_error_are_read(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(_: bytes, name: str) -> Iterator[PageImage]:
        yield white_page(name, 1)
        raise MemoryError

    monkeypatch.setattr(web, "decode_bytes", decode)
    scanned = client.post("/scan?name=huge.pdf", data=b"x", headers=HOST).get_json()
    assert scanned["pages"][0]["error"] == ""
    assert scanned["pages"][1]["error"].startswith("huge.pdf, page 2 and after: ")


def test_a_file_name_is_shown_in_one_line(client: FlaskClient) -> None:
    answer = client.post("/scan?name=a%0Ab%00%E2%80%A8c" + "x" * 500, headers=HOST)
    assert answer.get_json()["error"].startswith("abc" + "x" * 197 + ": ")


def test_errors_are_json_too(client: FlaskClient) -> None:
    assert client.get("/nothing", headers=HOST).get_json()["error"]
    assert client.get("/read", headers=HOST).status_code == 405
