"""The review as a client sees it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("flask", reason="the web page needs Flask")

from scanner.corrections.corrections_file import corrections_path, read_corrections
from scanner.review.crop_cache import CropCache
from scanner.review.crop_shelf import CropShelf
from scanner.review.decoded_pages import DecodedPages
from scanner.review.session import open_session
from scanner.types import Box, Digit, Number
from scanner.web.review_app import ReviewDesk, build_review_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

HOST = {"Host": "127.0.0.1:8000"}
SEVEN = Number("7", 0.6, "low confidence", 1, 1, Box(50, 40, 30, 30), (Digit("7", 0.6, Box(50, 40, 30, 30)),))
EIGHT = Number("8", 0.99, "", 1, 2, Box(150, 40, 30, 30), ())
HOSTILE = ("../../etc/passwd", "<script>alert(1)</script>.png")


class Review:
    """A client of a review, at its address."""

    def __init__(self, client: FlaskClient, path: str, results: Path) -> None:
        self.client, self.path, self.results = client, path, results

    def get(self, name: str = "", **headers: str) -> Any:
        return self.client.get(f"/{self.path}{name}", headers=HOST | headers)

    def post(self, name: str, value: object, **headers: str) -> Any:
        return self.client.post(f"/{self.path}{name}", json=value, headers=HOST | headers)

    def decide(self, *decisions: dict[str, Any], **headers: str) -> Any:
        return self.post("decide", {"since": 0, "decisions": decisions}, **headers)

    def kept(self) -> list[tuple[str, str]]:
        return [(str(each.verdict), each.text) for each in read_corrections(corrections_path(self.results))]


@pytest.fixture
def review(make_batch: Callable[..., Path], tmp_path: Path) -> Review:
    results = make_batch({HOSTILE[0]: [SEVEN, EIGHT], HOSTILE[1]: [SEVEN]})
    session = open_session(results, "Anna")
    pages = DecodedPages(session.stack.pages)
    shelf = CropShelf(session.stack, pages, CropCache(tmp_path / "crops"))
    app, path = build_review_app(ReviewDesk(session, pages, shelf, "<b>.csv"), "127.0.0.1")
    return Review(app.test_client(), path, results)


def test_the_stack_is_told_with_the_doubtful_first_and_names_as_they_are(review: Review) -> None:
    stack = review.get("stack.json").json
    assert [page["file"] for page in stack["pages"]] == list(HOSTILE)
    assert [(item["id"], item["text"]) for item in stack["items"]] == [("n0", "7"), ("n2", "7"), ("n1", "8")]
    assert stack["left"] == {"total": 3, "left": 3, "doubtful": 2, "expected": 0.81}


def test_names_are_escaped_in_the_page(review: Review) -> None:
    page = review.get().text
    assert "<b>.csv" not in page
    assert "&lt;b&gt;.csv" in page


def test_what_is_decided_is_on_the_disk_when_it_is_answered(review: Review) -> None:
    answer = review.decide(
        {"item": "n0", "verdict": "corrected", "text": " 12 "}, {"item": "n1", "verdict": "confirmed"}
    )
    assert [item["text"] for item in answer.json["items"]] == ["12", "8"]
    assert answer.json["left"]["left"] == 1
    assert review.kept() == [("corrected", "12"), ("confirmed", "8")]
    assert review.post("undo", {"since": 2}).json["item"] == "n1"
    assert review.post("changes", {"since": 2}).json["left"]["left"] == 3


def test_what_somebody_else_has_decided_is_not_overwritten(review: Review) -> None:
    other = Review(review.client, review.path, review.results)
    assert other.decide({"item": "n0", "verdict": "confirmed"}).status_code == 200
    refused = review.decide({"item": "n0", "verdict": "corrected", "text": "1"})
    assert refused.status_code == 409
    assert "Anna has decided this number meanwhile: “7”" in refused.json["error"]
    seen = refused.json["items"][0]["seen"]
    assert review.decide({"item": "n0", "verdict": "corrected", "text": "1", "seen": seen}).status_code == 200


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        ({"item": "n9", "verdict": "confirmed"}, 422),
        ({"item": "n0", "verdict": "corrected", "text": "  "}, 422),
        ({"item": "n0", "verdict": "corrected", "text": "1\n2"}, 422),
        ({"item": "n0", "verdict": "corrected", "text": "1" * 201}, 422),
        ({"item": "n0", "verdict": "undone"}, 422),
        ({"verdict": "added", "page": 2, "box": [0, 0, 9, 9], "text": "1"}, 422),
        ({"verdict": "added", "page": 0, "box": [0, 0, 900, 9], "text": "1"}, 422),
        ({"verdict": "added", "page": 0, "box": [0, 0, 0, 9], "text": "1"}, 400),
        ({"verdict": "added", "page": -1, "box": [0, 0, 9, 9], "text": "1"}, 400),
        ({"verdict": "added", "page": 0, "box": [0.5, 0, 9, 9], "text": "1"}, 400),
        ({"item": ["n0"], "verdict": "confirmed"}, 400),
        ({"item": "n0", "verdict": "wonderful"}, 400),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(review: Review, decision: dict[str, Any], status: int) -> None:
    answer = review.decide({"item": "n1", "verdict": "confirmed"}, decision)
    assert answer.status_code == status
    assert answer.json["error"]
    assert review.kept() == []


@pytest.mark.parametrize("body", ["", "[]", '{"since": 0}', '{"since": -1, "decisions": [{}]}', "[" * 100_000])
def test_a_body_that_is_no_request_is_refused(review: Review, body: str) -> None:
    for name in ("decide", "crops"):
        answer = review.client.post(f"/{review.path}{name}", data=body, headers=HOST)
        assert answer.status_code in {400, 413}


def test_pictures_are_told_by_name_and_none_is_got_by_a_path(review: Review) -> None:
    answer = review.post("crops", {"items": ["n0", "../../etc/passwd"]}).json
    crop = answer["crops"]["n0"]
    assert crop["frame"] == [14, 19, 102, 72]
    assert base64.b64decode(crop["url"].partition(",")[2]).startswith(b"\xff\xd8")
    assert list(answer["failed"]) == ["../../etc/passwd"]
    assert review.get("page/1.jpg").data.startswith(b"\xff\xd8")
    assert review.get("page/2.jpg").status_code == 404
    assert review.get("page/../../../etc/passwd").status_code == 404
    assert review.get("page/-1.jpg").status_code == 404


def test_digits_are_told_with_their_places(review: Review) -> None:
    assert review.get("digits/7.json").json["tiles"] == [
        {"id": name, "box": [50, 40, 30, 30], "confidence": 0.6} for name in ("n0", "n2")
    ]
    assert review.get("digits/8.json").json["tiles"] == []


def test_a_page_that_has_changed_is_told(review: Review) -> None:
    (review.results.parent / "scans" / "page0.png").write_bytes(b"another")
    answer = review.post("crops", {"items": ["n0", "n2"]}).json
    assert "has changed since it was read" in answer["failed"]["n0"]
    assert list(answer["crops"]) == ["n2"]
    assert review.get("page/0.jpg").status_code == 422


@pytest.mark.parametrize("name", ["", "stack.json", "page/0.jpg", "digits/7.json"])
def test_only_who_knows_the_address_sees_anything(review: Review, name: str) -> None:
    for token in ("", "x", "ü", review.path.split("/")[1][:-1]):
        assert review.client.get(f"/review/{token}/{name}", headers=HOST).status_code in {404, 308}
    assert review.client.post("/review/x/decide", json={}, headers=HOST).status_code == 404


def test_other_sites_cannot_decide_anything(review: Review) -> None:
    decision = {"item": "n0", "verdict": "confirmed"}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert review.decide(decision, **headers).status_code == 403
    assert review.get("stack.json", Host="evil.example").status_code == 400
    assert review.kept() == []


def test_the_page_loads_nothing_from_elsewhere_and_is_not_kept(review: Review) -> None:
    headers = review.get().headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert headers["Cache-Control"] == "no-store"
    assert "://" not in review.get().text.replace("http://www.w3.org", "")


def test_requests_that_are_too_long_are_refused(review: Review) -> None:
    long = json.dumps({"items": ["n" * 70_000]})
    assert review.client.post(f"/{review.path}crops", data=long, headers=HOST).status_code == 413
    assert review.client.post(f"/{review.path}decide", data=b" " * (5 * 2**20), headers=HOST).status_code == 413
