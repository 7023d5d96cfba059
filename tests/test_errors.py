import pickle

from scanner.errors import DigitscanError, FormError, PageError


def test_a_message_is_one_line_whatever_is_in_a_file_s_name() -> None:
    assert str(PageError("a\nb\x1b[2J.png: is torn")) == r"a\nb\x1b[2J.png: is torn"
    assert str(DigitscanError("é.png: is torn")) == "é.png: is torn"


def test_an_error_in_a_form_has_a_line_for_each_mistake() -> None:
    error = FormError(["a.toml:3: name: is missing", "a\nb.toml: has no field"])
    assert str(error) == "a.toml:3: name: is missing\na\\nb.toml: has no field"
    assert error.mistakes == ("a.toml:3: name: is missing", r"a\nb.toml: has no field")


def test_an_error_in_a_form_can_be_sent_to_another_process() -> None:
    error = FormError(["a.toml: has no field"])
    assert pickle.loads(pickle.dumps(error)).mistakes == error.mistakes
