"""The form editor in a real browser, driven by mouse, touch and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

pytest.importorskip("flask", reason="the web page needs Flask")
pytest.importorskip("selenium", reason="selenium is not installed")

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions import interaction
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from scanner.forms.form import FieldKind, Form, FormColumn, FormField, FormTable, Reference
from scanner.forms.form_file import load_form
from scanner.forms.form_writing import write_form
from scanner.reading_models import Models
from scanner.types import Box, BrokenRule, Number, PageResult
from scanner.web.form_editor import build_editor_app
from scanner.web.form_sheet import FormSheet, open_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from selenium import webdriver

TIMEOUT = 60  # seconds; the machine may be busy
MODELS: Any = Models(None)  # type: ignore[arg-type]  # nothing is read with them
TABLE = FormTable(
    name="votes",
    box=Box(100, 200, 300, 90),
    columns=(FormColumn(name="left", width=100), FormColumn(name="right")),
    rows=3,
)
FORM = Form(
    name="tally",
    reference=Reference("blank.png"),
    fields=(FormField(name="account", box=Box(100, 100, 120, 40)),),
    tables=(TABLE,),
)
NUMBERS = (
    Number("12", 0.99, "", 1, 1, Box(100, 100, 20, 20), (), "account", "handwritten"),
    Number("", 0.0, "unread", 1, 2, Box(100, 200, 20, 20), (), "votes.1.right", "handwritten"),
)


@pytest.fixture
def form_file(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "blank.png"), np.full((600, 500, 3), 255, np.uint8))
    (tmp_path / "form.toml").write_text(write_form(FORM), "utf-8")
    return tmp_path / "form.toml"


@pytest.fixture
def page(
    browser: webdriver.Chrome, serve: Callable[[Flask], str], form_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[webdriver.Chrome]:
    broken = BrokenRule("account == left", ("account",), "12 is not 7")
    monkeypatch.setattr(FormSheet, "read", lambda *_: PageResult("a", 1, 9, 9, NUMBERS, broken_rules=(broken,)))
    app, path = build_editor_app(open_sheet(form_file, None, MODELS), MODELS, 2**20, "127.0.0.1")
    browser.get(serve(app) + path)
    until(browser, "#save:enabled")
    browser.find_element(By.ID, "read-always").click()
    yield browser
    messages = [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium's
    assert messages == []


def until(page: webdriver.Chrome, selector: str, count: int = 1) -> list[Any]:
    """Wait for as many elements as that, or more."""
    return WebDriverWait(page, TIMEOUT).until(
        lambda _: len(found := page.find_elements(By.CSS_SELECTOR, selector)) >= count and found
    )


def until_text(page: webdriver.Chrome, element: str, text: str) -> None:
    WebDriverWait(page, TIMEOUT).until(lambda _: text in page.find_element(By.ID, element).text)


def drag(page: webdriver.Chrome, start: tuple[int, int], end: tuple[int, int], kind: str = "mouse") -> None:
    """Drag from one place to another, both in pixels of the reference."""
    sheet = page.find_element(By.ID, "sheet")
    left, top, width = (sheet.rect[name] for name in ("x", "y", "width"))
    (x0, y0), (x1, y1) = ((round(left + x * width / 500), round(top + y * width / 500)) for x, y in (start, end))
    device = PointerInput(kind, f"a {kind}")  # type: ignore[no-untyped-call]  # selenium's
    actions: Any = ActionBuilder(page, mouse=device, duration=10)
    pointer = actions.pointer_action
    pointer.move_to_location(x0, y0).pointer_down()
    for step in range(1, 5):
        pointer.move_to_location(x0 + (x1 - x0) * step // 4, y0 + (y1 - y0) * step // 4)
    pointer.pointer_up()
    actions.perform()


def press(page: webdriver.Chrome, *keys: str) -> None:
    ActionChains(page).send_keys(*keys).perform()


def press_with(page: webdriver.Chrome, held: str, *keys: str) -> None:
    ActionChains(page).key_down(held).send_keys(*keys).key_up(held).perform()


def choose(page: webdriver.Chrome, name: str) -> None:
    """Choose an entry in the list, and put the focus on its box."""
    Select(page.find_element(By.ID, "entries")).select_by_visible_text(name)
    page.execute_script("document.querySelector('.box.chosen').focus()")


def write_over(element: Any, text: str) -> None:
    element.send_keys(Keys.CONTROL, "a", Keys.NULL, text)


def saved(page: webdriver.Chrome, file: Path) -> Form:
    until(page, "#save:enabled")
    press_with(page, Keys.CONTROL, "s")
    until_text(page, "message", "Saved")
    return load_form(file)


def test_each_key_of_these_tests_is_known(page: webdriver.Chrome, form_file: Path) -> None:
    assert saved(page, form_file) == FORM


@pytest.mark.parametrize("kind", [interaction.POINTER_MOUSE, interaction.POINTER_TOUCH])
def test_a_field_is_drawn_named_and_saved(page: webdriver.Chrome, form_file: Path, kind: str) -> None:
    page.find_element(By.ID, "draw-field").click()
    drag(page, (250, 400), (400, 450), kind)
    name = page.find_element(By.ID, "entry-name")
    assert page.switch_to.active_element == name
    press(page, "total")  # what is there is chosen, so that it is written over
    form = saved(page, form_file)
    drawn = form.fields[1]
    assert (drawn.name, drawn.kind) == ("total", FieldKind.NUMBER)
    assert np.allclose(drawn.box, (250, 400, 150, 50), atol=2)
    assert form.tables == FORM.tables


def test_a_field_is_moved_resized_and_deleted_with_keys(page: webdriver.Chrome, form_file: Path) -> None:
    choose(page, "account")
    press(page, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_UP)
    press_with(page, Keys.SHIFT, Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    press_with(page, Keys.CONTROL, Keys.ARROW_DOWN)
    assert saved(page, form_file).fields[0].box == Box(102, 109, 121, 42)
    press(page, Keys.DELETE)
    assert saved(page, form_file).fields == ()
    press_with(page, Keys.CONTROL, "z")
    assert len(saved(page, form_file).fields) == 1
    press_with(page, Keys.CONTROL, "zzz")
    assert saved(page, form_file) == FORM
    press_with(page, Keys.CONTROL, "y")
    assert saved(page, form_file).fields[0].box == Box(102, 99, 120, 40)


def test_a_box_is_dragged_and_its_corner(page: webdriver.Chrome, form_file: Path) -> None:
    drag(page, (160, 120), (200, 140))
    assert np.allclose(saved(page, form_file).fields[0].box, (140, 120, 120, 40), atol=2)
    drag(page, (260, 160), (300, 170))
    assert np.allclose(saved(page, form_file).fields[0].box, (140, 120, 160, 50), atol=3)


def test_a_finger_scrolls_over_a_box_that_is_not_chosen(page: webdriver.Chrome, form_file: Path) -> None:
    drag(page, (160, 120), (160, 180), interaction.POINTER_TOUCH)
    assert saved(page, form_file) == FORM
    choose(page, "account")
    drag(page, (160, 120), (160, 160), interaction.POINTER_TOUCH)
    assert saved(page, form_file).fields[0].box.y > 130


def test_columns_are_dragged_added_and_named(page: webdriver.Chrome, form_file: Path) -> None:
    choose(page, "votes (table)")
    drag(page, (200, 245), (250, 245))
    edges = saved(page, form_file).tables[0].column_edges
    assert np.allclose(edges, (100, 250, 400), atol=2)
    buttons = {each.text: each for each in page.find_elements(By.CSS_SELECTOR, "#entry button")}
    buttons["right"].click()
    next(b for b in page.find_elements(By.CSS_SELECTOR, "#entry button") if b.text == "Add a column").click()
    write_over(page.find_element(By.ID, "control-columns-2-name"), "spoilt")
    table = saved(page, form_file).tables[0]
    assert [each.name for each in table.columns] == ["left", "right", "spoilt"]
    assert np.allclose(table.column_edges, (100, 250, 325, 400), atol=2)


def test_mistakes_keep_it_from_being_saved_and_are_shown_where_they_are(
    page: webdriver.Chrome, form_file: Path
) -> None:
    rules = page.find_element(By.ID, "rules")
    rules.send_keys("account > 0\n\naccount = 3")
    (mistake,) = until(page, ".mistake")
    assert not page.find_element(By.ID, "save").is_enabled()
    assert page.find_element(By.ID, "rules-mistakes").text.startswith("Line 3: character 9")
    press_with(page, Keys.CONTROL, "s")
    mistake.click()
    selected = "return [document.activeElement.id, document.activeElement.selectionStart]"
    assert page.execute_script(selected) == ["rules", 13]
    press(page, "account < 9")
    form = saved(page, form_file)
    assert len(form.rules) == 2


def test_a_mistake_leads_to_its_field(page: webdriver.Chrome, form_file: Path) -> None:
    choose(page, "account")
    write_over(page.find_element(By.ID, "entry-name"), "2")
    until(page, "#entry-name[aria-invalid=true]")
    until(page, ".box.mistaken")
    Select(page.find_element(By.ID, "entries")).select_by_index(0)
    assert page.find_elements(By.ID, "entry-name") == []
    until(page, ".mistake")[0].click()
    assert page.switch_to.active_element == page.find_element(By.ID, "entry-name")
    assert load_form(form_file) == FORM


def test_what_is_read_is_shown_in_each_field(page: webdriver.Chrome) -> None:
    until(page, "#read:enabled")[0].click()
    until_text(page, "reading", "a blank reference")
    Select(page.find_element(By.ID, "reference-is")).select_by_value("filled")
    until(page, "#read:enabled")[0].click()
    labels = until(page, ".box .reading", 2)
    assert [(label.text, label.get_attribute("class")) for label in labels] == [
        ("12", "reading sure"),
        ("?", "reading unread"),
    ]
    until_text(page, "reading", "2 fields, 0 of them empty, 1 to look at.")
    assert page.find_element(By.ID, "broken").text == "account == left: 12 is not 7 (account)"
    choose(page, "account")
    press(page, Keys.ARROW_LEFT)
    assert len(page.find_elements(By.CSS_SELECTOR, ".box .reading")) == 1  # it was read elsewhere


def test_nothing_is_cut_off_on_a_narrow_screen(page: webdriver.Chrome) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    try:
        choose(page, "votes (table)")
        controls = page.find_elements(By.CSS_SELECTOR, "button, .button, select, textarea, #entry input")
        shown = [control.rect for control in controls if control.is_displayed()]
        assert len(shown) > 20
        assert all(rect["x"] >= 0 and rect["x"] + rect["width"] <= 400 for rect in shown)
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_zoom_keeps_the_boxes_in_their_places(page: webdriver.Chrome, form_file: Path) -> None:
    for control in ("zoom-in", "zoom-in", "zoom-fit", "zoom-out"):
        page.find_element(By.ID, control).click()
    drag(page, (160, 120), (200, 140))
    assert np.allclose(saved(page, form_file).fields[0].box, (140, 120, 120, 40), atol=3)


@pytest.mark.parametrize(
    ("widths", "rows"), [((100, None), 3), ((None, None, None), 7), ((None, 31, None, 40), 11), ((7,), 1)]
)
def test_tables_are_drawn_where_they_are_read(
    page: webdriver.Chrome, widths: tuple[int | None, ...], rows: int
) -> None:
    columns = tuple(FormColumn(name=f"c{i}", width=width) for i, width in enumerate(widths))
    table = FormTable(name="t", box=Box(13, 17, 200, 101), columns=columns, rows=rows)
    sent = {
        "box": list(table.box),
        "rows": rows,
        "row_heights": [],
        "columns": [{} if width is None else {"width": width} for width in widths],
    }
    edges = page.execute_async_script(
        "const [table, done] = arguments;"
        "import('/static/form_model.js').then((m) => done([m.columnEdges(table), m.rowEdges(table)]));",
        sent,
    )
    assert edges == [list(table.column_edges), list(table.row_edges)]
