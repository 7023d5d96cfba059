import pytest

from scanner.text_comparison import Separators, comparable_text, separators_of_readings


@pytest.mark.parametrize(
    ("text", "ignored", "alike", "exact"),
    [
        ("-40.5", "405", "-40.5", "-40.5"),
        ("10,200", "10200", "10.200", "10,200"),
        ("4·72", "472", "4.72", "4.72"),
        ("3 ans", "3", "3", "3"),
        ("", "", "", ""),
    ],
)
def test_what_counts_of_a_text(text: str, ignored: str, alike: str, exact: str) -> None:
    assert comparable_text(text, Separators.IGNORED) == ignored
    assert comparable_text(text, Separators.ALIKE) == alike
    assert comparable_text(text, Separators.EXACT) == exact


def test_separators_count_if_one_was_read() -> None:
    assert separators_of_readings(["12", "3,5"]) is Separators.EXACT
    assert separators_of_readings(["12", "35", ""]) is Separators.IGNORED
    assert separators_of_readings([]) is Separators.IGNORED
