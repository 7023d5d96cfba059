"""The form editor as a client sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

pytest.importorskip("flask", reason="the web page needs Flask")

from scanner.forms.form import Form, FormField, Reference
from scanner.forms.form_file import load_form, parse_form
from scanner.forms.form_writing import write_form
from scanner.reading_models import Models
from scanner.types import Box, DigitReading, Number, PageResult
from scanner.web.app import build_app
from scanner.web.form_editor import build_editor_app
from scanner.web.form_sheet import FormSheet, open_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from scanner.types import Image

LIMIT = 2 * 1024 * 1024
HOST = {"Host": "127.0.0.1:8000"}
FORM = Form(name="tally", reference=Reference("blank.png"), fields=(FormField(name="votes", box=Box(10, 10, 60, 20)),))
SENT = {"name": "tally", "field": [{"name": "voices", "box": [10, 20, 60, 20]}], "table": [], "rules": ["voices > 0"]}


class AlwaysSeven:
    """A classifier that reads every digit as 7."""

    name = "test"

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        return tuple(DigitReading((0.0,) * 7 + (0.9, 0.0, 0.0, 0.1)) for _ in frames)


def page_with_boxes() -> Image:
    page = np.full((600, 500, 3), 255, np.uint8)
    for top in (100, 200, 300):
        cv2.rectangle(page, (200, top), (400, top + 40), (0, 0, 0), 2)
        cv2.putText(page, "Number", (60, top + 28), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 0, 0), 2)
    return page


def png(image: Image) -> bytes:
    _, data = cv2.imencode(".png", image)
    return data.tobytes()


@pytest.fixture
def form_file(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((100, 200, 3), 255, np.uint8))
    (tmp_path / "form.toml").write_text(write_form(FORM), "utf-8")
    return tmp_path / "form.toml"


class Editor:
    """A client of an editor, at the address of its form."""

    def __init__(self, client: FlaskClient, path: str) -> None:
        self.client, self.path = client, path

    def get(self, name: str = "", **headers: str) -> Any:
        return self.client.get(f"/{self.path}{name}", headers=HOST | headers, buffered=True)

    def post(self, name: str, value: object = SENT, **headers: str) -> Any:
        return self.client.post(f"/{self.path}{name}", json=value, headers=HOST | headers)


@pytest.fixture
def editor(form_file: Path) -> Editor:
    models = Models(AlwaysSeven())
    app, path = build_editor_app(open_sheet(form_file, None, models), models, LIMIT, "127.0.0.1")
    return Editor(app.test_client(), path)


@pytest.fixture
def web() -> FlaskClient:
    return build_app(Models(AlwaysSeven()), LIMIT, "127.0.0.1").test_client()


def uploaded(web: FlaskClient, name: str = "page.png") -> Editor:
    answer = web.post(f"/forms?name={name}", data=png(page_with_boxes()), headers=HOST)
    assert answer.status_code == 200, answer.text
    return Editor(web, f"form/{answer.get_json()['form']}/")


def test_the_page_has_all_its_parts(editor: Editor, form_file: Path) -> None:
    page = editor.get().text
    for part in ("style.css", "form.css", "form_editor.js", "icon.svg"):
        assert f'"/static/{part}"' in page
    for part in ("form_editor.js", "form_model.js", "form_page.js", "form_panel.js", "server.js", "form.css"):
        assert editor.client.get(f"/static/{part}", headers=HOST, buffered=True).status_code == 200
    assert f'data-file="{form_file}"' in page
    assert "<script>" not in page
    assert "style=" not in page
    assert "://" not in page


def test_it_begins_with_the_form_and_its_reference(editor: Editor) -> None:
    begun = editor.get("form.json").get_json()
    assert (begun["width"], begun["height"], begun["page"]) == (200, 100, "")
    assert begun["form"]["field"][0]["name"] == "votes"
    assert (begun["is_saved"], begun["loses_comments"]) == (True, False)
    picture = cv2.imdecode(np.frombuffer(editor.get("reference.png").data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (100, 200, 3)
    assert editor.get("page.png").status_code == 404


def test_it_is_saved(editor: Editor, form_file: Path) -> None:
    answer = editor.post("save")
    assert answer.get_json() == {"saved": str(form_file)}
    saved = load_form(form_file)
    assert [field.name for field in saved.fields] == ["voices"]
    assert len(saved.rules) == 1


@pytest.mark.parametrize(
    ("name", "added", "status"),
    [
        ("save?file=other.toml&path=../other.toml&name=other.toml", {}, 200),
        ("save", {"reference": "../other.png"}, 200),
        ("save", {"file": "other.toml"}, 422),
        ("save", {"path": "../other.toml"}, 422),
        ("save/other.toml", {}, 404),
    ],
)
def test_no_request_writes_another_file(
    editor: Editor, form_file: Path, name: str, added: dict[str, str], status: int
) -> None:
    assert editor.post(name, SENT | added).status_code == status
    assert sorted(path.name for path in form_file.parent.iterdir()) == ["blank.png", "form.toml"]
    assert load_form(form_file).reference == FORM.reference


def test_a_form_with_mistakes_is_not_saved(editor: Editor, form_file: Path) -> None:
    before = form_file.read_text()
    answer = editor.post("save", SENT | {"rules": ["votes > 0"]})
    assert answer.status_code == 422
    assert 'there is no field or column "votes"' in answer.get_json()["error"]
    assert form_file.read_text() == before


def test_mistakes_are_listed(editor: Editor) -> None:
    assert editor.post("check").get_json() == {"mistakes": []}
    (mistake,) = editor.post("check", SENT | {"rules": ["votes > 0"]}).get_json()["mistakes"]
    assert mistake["place"] == ["rule", 0, "check"]


@pytest.mark.parametrize("name", ["check", "read", "toml", "save"])
def test_what_is_no_form_is_a_bad_request(editor: Editor, name: str) -> None:
    assert editor.post(name, [1]).status_code == 400


@pytest.mark.parametrize("name", ["check", "read", "toml", "save", "page"])
@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_is_refused(editor: Editor, form_file: Path, name: str, header: dict[str, str]) -> None:
    before = form_file.read_text()
    assert editor.post(name, **header).status_code == 403
    assert form_file.read_text() == before


@pytest.mark.parametrize("name", ["", "form.json", "reference.png", "page.png"])
def test_another_host_is_refused(editor: Editor, name: str) -> None:
    assert editor.get(name, Host="evil.example").status_code == 400


def test_who_does_not_know_the_address_gets_nothing(editor: Editor) -> None:
    stranger = Editor(editor.client, "form/guessed/")
    assert [stranger.get(name).status_code for name in ("", "form.json", "reference.png")] == [404] * 3
    assert [stranger.post(name).status_code for name in ("check", "read", "save", "page")] == [404] * 4
    assert editor.client.get("/", headers=HOST).status_code == 404


def test_a_form_too_large_to_parse_is_refused(form_file: Path) -> None:
    models = Models(AlwaysSeven())
    app, path = build_editor_app(open_sheet(form_file, None, models), models, 2**25, "127.0.0.1")
    assert Editor(app.test_client(), path).post("check", "x" * 2**23).status_code == 413


def test_a_page_is_read_in_its_fields(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    number = Number("7", 0.97, "", 1, 1, Box(0, 0, 1, 1), (), "voices")
    monkeypatch.setattr(FormSheet, "read", lambda *_: PageResult("a.png", 1, 9, 9, (number,)))
    read = editor.post("read").get_json()
    assert (read["fields"]["voices"]["text"], read["fields"]["voices"]["level"]) == ("7", "sure")


def test_reading_needs_all_models(editor: Editor) -> None:
    answer = editor.post("read")
    assert answer.status_code == 422
    assert "models are missing" in answer.get_json()["error"]


def test_a_page_is_looked_at_and_the_reference_again(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    laid = np.full((100, 200, 3), 7, np.uint8)
    monkeypatch.setattr("scanner.web.form_sheet.lay_on", lambda *_: laid)
    look = f"/{editor.path}page?name=../a.png"
    assert editor.client.post(look, data=png(page_with_boxes()), headers=HOST).get_json() == {"page": "../a.png"}
    picture = cv2.imdecode(np.frombuffer(editor.get("page.png").data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert (picture == laid).all()
    assert editor.client.post(look, data=b"", headers=HOST).get_json() == {"page": ""}
    assert editor.get("page.png").status_code == 404


@pytest.mark.parametrize(
    ("query", "data", "status", "words"),
    [
        ("name=a.txt", b"just some text", 422, "a.txt: is not a PNG"),
        ("name=a.png&page=2", png(page_with_boxes()), 422, "has no page 2"),
        ("name=a.png&page=0", png(page_with_boxes()), 400, "numbers from 1"),
        ("name=a.png", b"", 422, "is empty"),
    ],
)
def test_what_is_no_page_is_refused(web: FlaskClient, query: str, data: bytes, status: int, words: str) -> None:
    answer = web.post(f"/forms?{query}", data=data, headers=HOST)
    assert answer.status_code == status
    assert words in answer.get_json()["error"]


def test_the_first_page_leads_to_forms(web: FlaskClient) -> None:
    assert 'href="/forms"' in web.get("/", headers=HOST).text
    page = web.get("/forms", headers=HOST).text
    assert f'data-max-bytes="{LIMIT}"' in page
    assert "<script>" not in page


def test_an_uploaded_page_becomes_a_form_to_download(web: FlaskClient) -> None:
    editor = uploaded(web, "a%22b.png")
    begun = editor.get("form.json").get_json()
    assert begun["form"]["name"] == 'a"b'
    assert [field["kind"] for field in begun["form"]["field"]] == ["number"] * 3
    assert begun["is_saved"] is False
    toml = editor.post("toml", begun["form"]).text
    form = parse_form(toml, "form.toml")
    assert form.reference == Reference("form_reference.png")
    picture = cv2.imdecode(np.frombuffer(editor.get("reference.png").data, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(picture, page_with_boxes())  # type: ignore[arg-type]  # None fails the test


def test_a_server_of_uploads_writes_nothing(web: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    editor = uploaded(web)
    answer = editor.post("save")
    assert answer.status_code == 403
    assert "writes no files" in answer.get_json()["error"]
    editor.post("toml")
    assert list(tmp_path.iterdir()) == []


def test_uploads_have_names_of_their_own(web: FlaskClient) -> None:
    assert uploaded(web).path != uploaded(web).path


def test_a_page_without_a_name_has_a_form_all_the_same(web: FlaskClient) -> None:
    assert uploaded(web, "").get("form.json").get_json()["form"]["name"] == "page"
