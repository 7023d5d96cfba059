import numpy as np
import pytest

from scanner import ctc
from scanner.confidence import UNCALIBRATED, Calibration
from scanner.reader import Charset, NumberReader


class Scripted(NumberReader):
    """A reader whose network says at every step of 4 columns what the first pixel there says."""

    def __init__(self, calibration: Calibration = UNCALIBRATED) -> None:
        self._calibration = calibration

    def logits(self, images: np.ndarray) -> np.ndarray:
        said = images[:, 0, ::4]
        out = np.zeros((*said.shape, ctc.CLASSES), np.float32)
        np.put_along_axis(out, (said[..., None].astype(int) + ctc.BLANK) % ctc.CLASSES, 12.0, axis=2)
        return out


def line(text: str, width: int = 56) -> np.ndarray:
    """A line whose steps 1, 3, 5 ... say the characters of ``text``, the others blank."""
    image = np.zeros((32, width), np.uint8)
    for place, label in enumerate(ctc.encode(text)):
        image[0, 4 * (2 * place + 1)] = label + 1
    return image


def test_reads_lines_of_different_widths_in_order() -> None:
    lines = [line("123"), line("4,50", 120), line(""), line("99")]
    readings = Scripted().read(lines, Charset.DECIMAL)
    assert [reading.text for reading in readings] == ["123", "4,50", "", "99"]
    assert all(reading.probability > 0.99 for reading in readings)


def test_digits_leave_separators_out() -> None:
    (reading,) = Scripted().read([line("-4,50")], Charset.DIGITS)
    assert reading.text == "450"


def test_each_character_has_its_place() -> None:
    (reading,) = Scripted().read([line("70")], Charset.DIGITS)
    assert [(c.text, c.left, c.right) for c in reading.characters] == [("7", 4, 8), ("0", 12, 16)]


def test_probabilities_are_those_of_the_calibration() -> None:
    doubting = Calibration((0.0, 1.0), (0.0, 0.5))
    (sure,), (unsure,) = (reader.read([line("12")], Charset.DIGITS) for reader in (Scripted(), Scripted(doubting)))
    assert sure.text == unsure.text == "12"
    assert unsure.probability == pytest.approx(sure.probability / 2)


def test_nothing_to_read() -> None:
    assert Scripted().read([], Charset.DIGITS) == ()


def test_more_lines_than_a_batch() -> None:
    lines = [line(str(n)) for n in range(40)]
    assert [r.text for r in Scripted().read(lines, Charset.DIGITS)] == [str(n) for n in range(40)]


@pytest.mark.parametrize("charset", list(Charset))
def test_charsets_have_the_names_of_the_command_line(charset: Charset) -> None:
    assert Charset(charset.value) is charset
