import numpy as np
import pytest

from scanner.options import Charset
from scanner.recognition import ctc
from scanner.recognition.confidence_calibration import UNCALIBRATED, Calibration
from scanner.recognition.line_image import COLUMNS_PER_STEP, MAX_LINE_WIDTH, WIDTH_MULTIPLE, bucket_width
from scanner.recognition.line_reader import _MIN_PROBABILITY_WITHOUT_RETRY, _RETRY_SCALES, LineReader, _rescaled_views


class ScriptedReader(LineReader):
    """A reader whose network reads at every step the class that the first pixel of the step encodes."""

    def __init__(self, calibration: Calibration = UNCALIBRATED) -> None:
        self._calibration = calibration

    def logits(self, images: np.ndarray) -> np.ndarray:
        codes = images[:, 0, ::COLUMNS_PER_STEP]
        logits = np.zeros((*codes.shape, ctc.CLASS_COUNT), np.float32)
        np.put_along_axis(logits, (codes[..., None].astype(int) + ctc.BLANK_CLASS) % ctc.CLASS_COUNT, 12.0, axis=2)
        return logits


def line(text: str, width: int = 56) -> np.ndarray:
    """A line whose steps 1, 3, 5 ... encode the characters of ``text``; the others are blank."""
    image = np.zeros((32, width), np.uint8)
    for position, label in enumerate(ctc.encode(text)):
        image[0, COLUMNS_PER_STEP * (2 * position + 1)] = label + 1
    return image


def test_lines_of_different_widths_are_read_in_order() -> None:
    lines = [line("123"), line("4,50", 120), line(""), line("99")]
    readings = ScriptedReader().read_numbers(lines, Charset.DECIMAL)
    assert [reading.text for reading in readings] == ["123", "4,50", "", "99"]
    assert all(reading.probability > 0.99 for reading in readings)


def test_the_charset_of_digits_leaves_separators_out() -> None:
    (reading,) = ScriptedReader().read_numbers([line("-4,50")], Charset.DIGITS)
    assert reading.text == "450"


def test_each_character_has_its_columns() -> None:
    (reading,) = ScriptedReader().read_numbers([line("70")], Charset.DIGITS)
    assert [(c.text, c.left, c.right) for c in reading.characters] == [("7", 4, 8), ("0", 12, 16)]


def test_probabilities_are_calibrated() -> None:
    halving = Calibration((0.0, 1.0), (0.0, 0.5))
    (raw,), (calibrated,) = (
        reader.read_numbers([line("12")], Charset.DIGITS) for reader in (ScriptedReader(), ScriptedReader(halving))
    )
    assert raw.text == calibrated.text == "12"
    assert calibrated.probability == pytest.approx(raw.probability / 2)


def test_a_line_of_several_numbers_is_split_at_the_breaks() -> None:
    several, alone, none = ScriptedReader().read_text_lines([line("12 3,4"), line("56"), line("")], Charset.DECIMAL)
    assert [part.text for part in several] == ["12", "3,4"]
    # The break is read at the sixth step of four columns.
    assert [(part.left, part.right) for part in several] == [(0, 20), (20, 56)]
    assert [(c.text, c.left) for c in several[1].characters] == [("3", 28), (",", 36), ("4", 44)]
    assert [(part.text, part.left, part.right) for part in (*alone, *none)] == [("56", 0, 56), ("", 0, 56)]


def test_a_break_at_either_end_leaves_a_part_without_a_number() -> None:
    (parts,) = ScriptedReader().read_text_lines([line(" 7 ")], Charset.DIGITS)
    assert [part.text for part in parts] == ["", "7", ""]


def test_a_line_of_one_number_is_not_split() -> None:
    (reading,) = ScriptedReader().read_numbers([line("1 2")], Charset.DIGITS)
    assert reading.text == "12"


class CountingReader(ScriptedReader):
    """Counts the lines that its network reads; with smaller logits it is less sure."""

    def __init__(self, logit_factor: float) -> None:
        super().__init__()
        self.read_count = 0
        self._logit_factor = logit_factor

    def logits(self, images: np.ndarray) -> np.ndarray:
        self.read_count += len(images)
        return super().logits(images) * self._logit_factor


def test_only_doubtful_lines_are_read_again() -> None:
    sure, unsure = CountingReader(1.0), CountingReader(0.3)
    assert sure.read_numbers([line("12"), line("3")], Charset.DIGITS)[0].probability > _MIN_PROBABILITY_WITHOUT_RETRY
    assert sure.read_count == 2
    assert unsure.read_numbers([line("12"), line("3")], Charset.DIGITS)[0].probability < _MIN_PROBABILITY_WITHOUT_RETRY
    assert unsure.read_count == 2 * (1 + len(_RETRY_SCALES))


def test_texts_that_others_read_are_ranked_with_those_of_the_network() -> None:
    # Its script cannot be read at other sizes, so that no text is probable in all views.
    first, second = ScriptedReader().rank_texts([line("12"), line("3,4")], Charset.DECIMAL, [("71", "12"), ()])
    assert {"12", "71"} <= set(dict(first))
    assert dict(first)["12"] > 0.3 > dict(first)["71"]
    assert dict(second)["3,4"] > 0.3
    for ranked in (first, second):
        probabilities = [probability for _, probability in ranked]
        assert probabilities == sorted(probabilities, reverse=True)
        assert len({text for text, _ in ranked}) == len(ranked)
        assert 0 <= probabilities[-1] <= probabilities[0] <= 1


def test_every_line_is_ranked_over_all_views() -> None:
    reader = CountingReader(1.0)
    reader.rank_texts([line("12"), line("3"), line("")], Charset.DIGITS, [()] * 3)
    assert reader.read_count == 3 * (1 + len(_RETRY_SCALES))
    assert reader.rank_texts([], Charset.DIGITS, []) == ()


@pytest.mark.parametrize("width", [16, 64, MAX_LINE_WIDTH])
def test_views_have_one_width_that_the_network_takes(width: int) -> None:
    views = list(_rescaled_views(np.full((32, width), 255, np.uint8)))
    assert {view.shape for view in views} == {views[0].shape}
    assert views[0].shape[1] % WIDTH_MULTIPLE == 0
    assert bucket_width(views[0].shape[1]) >= width
    # Lower writing leaves paper above and below.
    assert views[0][0].max() < 255
    assert views[0][16].max() == 255


def test_without_lines_there_are_no_readings() -> None:
    assert ScriptedReader().read_numbers([], Charset.DIGITS) == ()


def test_more_lines_than_one_forward_pass_takes_are_read() -> None:
    lines = [line(str(n)) for n in range(40)]
    assert [r.text for r in ScriptedReader().read_numbers(lines, Charset.DIGITS)] == [str(n) for n in range(40)]


@pytest.mark.parametrize("charset", list(Charset))
def test_charsets_have_the_names_used_on_the_command_line(charset: Charset) -> None:
    assert Charset(charset.value) is charset
