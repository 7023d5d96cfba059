from __future__ import annotations

import msgspec
import pytest

from scanner.forms.form import FieldKind
from scanner.forms.form_entries import ColumnEntry, FieldEntry, FormEntry, RuleEntry, TableEntry, keys_of


@pytest.mark.parametrize(
    ("entry", "required", "others"),
    [
        (FormEntry, "name reference", "reference_is follows field table rule"),
        (FieldEntry, "name box", "kind cells blank_marks required min max"),
        (ColumnEntry, "name", "kind cells blank_marks required min max width"),
        (TableEntry, "name box columns rows", "row_heights"),
        (RuleEntry, "", "check field check_digit"),
    ],
)
def test_the_keys_of_a_form_file(entry: type[msgspec.Struct], required: str, others: str) -> None:
    keys = keys_of(entry)
    assert {name for name, key in keys.items() if key.is_required} == set(required.split())
    assert {name for name, key in keys.items() if not key.is_required} == set(others.split())


@pytest.mark.parametrize("entry", [FormEntry, FieldEntry, TableEntry, ColumnEntry, RuleEntry])
def test_what_to_write_for_a_key_is_one_short_line(entry: type[msgspec.Struct]) -> None:
    for key in keys_of(entry).values():
        assert 10 < len(key.description) < 100
        assert key.description.isprintable()


def test_the_type_of_a_key_converts_its_values() -> None:
    assert msgspec.convert("tick", keys_of(FieldEntry)["kind"].type) is FieldKind.TICK
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(0, keys_of(TableEntry)["rows"].type)


def test_every_kind_is_described() -> None:
    description = keys_of(FieldEntry)["kind"].description
    assert all(f'"{kind.value}"' in description for kind in FieldKind)
