from scanner.errors import DigitscanError, PageError


def test_a_message_is_one_line_whatever_is_in_a_file_s_name() -> None:
    assert str(PageError("a\nb\x1b[2J.png: is torn")) == r"a\nb\x1b[2J.png: is torn"
    assert str(DigitscanError("é.png: is torn")) == "é.png: is torn"
