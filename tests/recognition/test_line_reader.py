import numpy as np
import pytest

from scanner.options import Charset
from scanner.recognition import ctc
from scanner.recognition.calibration import UNCALIBRATED, Calibration
from scanner.recognition.line_image import MAX_LINE_WIDTH, WIDTH_MULTIPLE, bucket_width
from scanner.recognition.line_reader import _MIN_PROBABILITY_WITHOUT_RETRY, _RETRY_SCALES, LineReader, _rescaled_views


class Scripted(LineReader):
    """A reader whose network says at every step of 4 columns what the first pixel there says."""

    def __init__(self, calibration: Calibration = UNCALIBRATED) -> None:
        self._calibration = calibration

    def logits(self, images: np.ndarray) -> np.ndarray:
        said = images[:, 0, ::4]
        out = np.zeros((*said.shape, ctc.CLASS_COUNT), np.float32)
        np.put_along_axis(out, (said[..., None].astype(int) + ctc.BLANK_CLASS) % ctc.CLASS_COUNT, 12.0, axis=2)
        return out


def line(text: str, width: int = 56) -> np.ndarray:
    """A line whose steps 1, 3, 5 ... say the characters of ``text``, the others blank."""
    image = np.zeros((32, width), np.uint8)
    for place, label in enumerate(ctc.encode(text)):
        image[0, 4 * (2 * place + 1)] = label + 1
    return image


def test_reads_lines_of_different_widths_in_order() -> None:
    lines = [line("123"), line("4,50", 120), line(""), line("99")]
    readings = Scripted().read_numbers(lines, Charset.DECIMAL)
    assert [reading.text for reading in readings] == ["123", "4,50", "", "99"]
    assert all(reading.probability > 0.99 for reading in readings)


def test_digits_leave_separators_out() -> None:
    (reading,) = Scripted().read_numbers([line("-4,50")], Charset.DIGITS)
    assert reading.text == "450"


def test_each_character_has_its_place() -> None:
    (reading,) = Scripted().read_numbers([line("70")], Charset.DIGITS)
    assert [(c.text, c.left, c.right) for c in reading.characters] == [("7", 4, 8), ("0", 12, 16)]


def test_probabilities_are_those_of_the_calibration() -> None:
    doubting = Calibration((0.0, 1.0), (0.0, 0.5))
    (sure,), (unsure,) = (
        reader.read_numbers([line("12")], Charset.DIGITS) for reader in (Scripted(), Scripted(doubting))
    )
    assert sure.text == unsure.text == "12"
    assert unsure.probability == pytest.approx(sure.probability / 2)


def test_a_line_of_several_numbers_is_parted_where_one_ends() -> None:
    between, alone, nothing = Scripted().read_text_lines([line("12 3,4"), line("56"), line("")], Charset.DECIMAL)
    assert [part.text for part in between] == ["12", "3,4"]
    # Steps of four columns: the break is said at the sixth.
    assert [(part.left, part.right) for part in between] == [(0, 20), (20, 56)]
    assert [(c.text, c.left) for c in between[1].characters] == [("3", 28), (",", 36), ("4", 44)]
    assert [(part.text, part.left, part.right) for part in (*alone, *nothing)] == [("56", 0, 56), ("", 0, 56)]


def test_a_break_at_either_end_leaves_a_part_without_a_number() -> None:
    (parts,) = Scripted().read_text_lines([line(" 7 ")], Charset.DIGITS)
    assert [part.text for part in parts] == ["", "7", ""]


def test_one_number_is_not_parted() -> None:
    (reading,) = Scripted().read_numbers([line("1 2")], Charset.DIGITS)
    assert reading.text == "12"


class Counting(Scripted):
    """Counts the lines its network sees; a softer voice is less sure."""

    def __init__(self, loudness: float) -> None:
        super().__init__()
        self.seen = 0
        self._loudness = loudness

    def logits(self, images: np.ndarray) -> np.ndarray:
        self.seen += len(images)
        return super().logits(images) * self._loudness


def test_only_doubtful_lines_are_looked_at_again() -> None:
    sure, unsure = Counting(1.0), Counting(0.3)
    assert sure.read_numbers([line("12"), line("3")], Charset.DIGITS)[0].probability > _MIN_PROBABILITY_WITHOUT_RETRY
    assert sure.seen == 2
    assert unsure.read_numbers([line("12"), line("3")], Charset.DIGITS)[0].probability < _MIN_PROBABILITY_WITHOUT_RETRY
    assert unsure.seen == 2 * (1 + len(_RETRY_SCALES))


@pytest.mark.parametrize("width", [16, 64, MAX_LINE_WIDTH])
def test_looks_are_of_one_width_that_the_network_takes(width: int) -> None:
    looks = list(_rescaled_views(np.full((32, width), 255, np.uint8)))
    assert {look.shape for look in looks} == {looks[0].shape}
    assert looks[0].shape[1] % WIDTH_MULTIPLE == 0
    assert bucket_width(looks[0].shape[1]) >= width
    # Lower writing leaves paper above and below.
    assert looks[0][0].max() < 255
    assert looks[0][16].max() == 255


def test_nothing_to_read() -> None:
    assert Scripted().read_numbers([], Charset.DIGITS) == ()


def test_more_lines_than_a_batch() -> None:
    lines = [line(str(n)) for n in range(40)]
    assert [r.text for r in Scripted().read_numbers(lines, Charset.DIGITS)] == [str(n) for n in range(40)]


@pytest.mark.parametrize("charset", list(Charset))
def test_charsets_have_the_names_of_the_command_line(charset: Charset) -> None:
    assert Charset(charset.value) is charset
