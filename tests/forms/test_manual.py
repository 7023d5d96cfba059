"""The examples of docs/forms.md are form files, or parts of the first one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanner.errors import FormError
from scanner.forms.form import FieldKind, Form
from scanner.forms.form_entries import ColumnEntry, FieldEntry, FormEntry, RuleEntry, TableEntry, keys_of
from scanner.forms.form_file import parse_form

MANUAL = (Path(__file__).parents[2] / "docs" / "forms.md").read_text("utf-8")
WHOLE, *PARTS, WRONG = re.findall(r"^```toml\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
HEAD = WHOLE.partition("[[field]]")[0]


def parse_part(part: str) -> Form:
    """Parse a part: a rule within the whole example, a field or table by itself."""
    return parse_form((WHOLE if part.startswith("[[rule]]") else HEAD) + part, "forms.md")


def test_the_whole_example_is_a_form() -> None:
    form = parse_form(WHOLE, "forms.md")
    assert len(form.all_fields()) == 2 + 25 * 3


@pytest.mark.parametrize("part", PARTS)
def test_parts_are_of_a_form(part: str) -> None:
    parse_part(part)


def test_there_is_an_example_of_every_kind() -> None:
    shown = {field.kind for part in PARTS if part.startswith("[[field]]") for field in parse_part(part).fields}
    assert shown == set(FieldKind)


def test_mistakes_are_told_as_the_manual_says() -> None:
    [told] = re.findall(r"^```text\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
    with pytest.raises(FormError) as raised:
        parse_form(WRONG, "form.toml")
    assert f"{raised.value}\n" == told


@pytest.mark.parametrize("entry", [FormEntry, FieldEntry, TableEntry, ColumnEntry, RuleEntry])
def test_every_key_is_explained(entry: type) -> None:
    explained = set(re.findall(r"`\[*(\w+)(?:\]\]|`| = )", MANUAL)) | {"columns", "rows", "field", "check"}
    assert set(keys_of(entry)) <= explained
