import pytest

from scanner.forms.did_you_mean import closest, suggestion

KEYS = ("name", "box", "kind", "cells", "blank_marks", "required", "min", "max")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nam", "name"),
        ("nmae", "name"),
        ("Box", "box"),
        ("cels", "cells"),
        ("blankmarks", "blank_marks"),
        ("mim", "min"),
        ("requierd", "required"),
    ],
)
def test_slips_of_the_pen_are_seen(written: str, meant: str) -> None:
    assert closest(written, KEYS) == meant
    assert suggestion(written, KEYS) == f'; did you mean "{meant}"?'


@pytest.mark.parametrize("written", ["colour", "x", "", "name" * 1000])
def test_what_is_like_nothing_has_no_suggestion(written: str) -> None:
    assert closest(written, KEYS) is None
    assert suggestion(written, KEYS) == ""


def test_there_may_be_nothing_to_suggest() -> None:
    assert closest("name", ()) is None


def test_the_keys_of_a_mapping_are_suggested() -> None:
    assert closest("nam", {"name": 1}) == "name"
