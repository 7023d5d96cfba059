import numpy as np
import pytest

from scanner.synthesis import number_crops
from scanner.synthesis.ingredients import DigitPool, NumberMaterial, draw_security_patterns


@pytest.fixture(scope="module")
def material() -> NumberMaterial:
    rng = np.random.default_rng(0)
    digit = np.full((20, 12), 255, np.uint8)
    digit[4:16, 4:8] = 0
    word = np.zeros((40, 90), np.uint8)
    word[10:30, ::9] = 255
    return NumberMaterial(
        pools=(DigitPool(((digit,),) * 10, 1.0),),
        non_digit_crops=(digit,),
        security_patterns=draw_security_patterns(rng)[:2],
        sign_crops=((",", (word[:20, :10],)),),
        word_crops=(word,),
        unit_crops=(word[:, :30],),
        printed_words=(word,),
        printed_suffixes=(word[:, :30],),
    )


@pytest.fixture(scope="module")
def bare(material: NumberMaterial) -> NumberMaterial:
    """Digits and nothing else."""
    return NumberMaterial(material.pools, (), (), ())


def test_the_same_seed_gives_the_same_crop(material: NumberMaterial) -> None:
    first, again, other = (number_crops.draw_number_crop(material, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(first[0], again[0])
    assert first[1] == again[1]
    assert first[0].shape != other[0].shape or not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("name", ["material", "bare"])
def test_crops_are_gray_and_their_texts_can_be_read(name: str, request: pytest.FixtureRequest) -> None:
    rng = np.random.default_rng(1)
    for _ in range(150):
        gray, text = number_crops.draw_number_crop(request.getfixturevalue(name), rng)
        assert gray.dtype == np.uint8
        assert gray.ndim == 2
        assert min(gray.shape) >= 1
        assert set(text) <= set("0123456789,.-")


def test_numbers_have_a_box_within_the_crop_for_the_most_part(bare: NumberMaterial) -> None:
    rng = np.random.default_rng(2)
    for _ in range(80):
        picture = number_crops.draw_number_picture(bare, rng)
        assert (picture.number_box is None) == (picture.text == "")
        if picture.number_box is None:
            continue
        height, width = picture.pixels.shape
        x, y = picture.number_box.center
        assert 0 <= x < width
        assert 0 <= y < height
        assert picture.number_box.height < 1.6 * height


def test_the_box_is_darker_than_what_is_around_it(bare: NumberMaterial) -> None:
    """With every digit a block of ink, the columns of the number are dark, those beside it are paper or neighbours."""
    rng = np.random.default_rng(3)
    compared = []
    for _ in range(120):
        picture = number_crops.draw_number_picture(bare, rng)
        box = picture.number_box
        if box is None or box.x < 10 or box.right > picture.pixels.shape[1] - 10:
            continue
        inside = picture.pixels[max(box.y, 0) : box.bottom, box.x : box.right].astype(float).mean()
        beside = np.hstack([picture.pixels[:, : box.x - 4], picture.pixels[:, box.right + 4 :]]).astype(float).mean()
        compared.append(inside < beside)
    assert len(compared) > 10
    assert np.mean(compared) > 0.85
