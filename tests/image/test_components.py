import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from scanner.image.components import cut_glyph, find_sparse_components, label_components
from scanner.types import Box, Ink


def ink_of(mask: NDArray[np.uint8]) -> Ink:
    return Ink(mask.copy(), mask, 2.0)


def mask_with(*rectangles: tuple[int, int, int, int], shape: tuple[int, int] = (40, 60)) -> NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    for x, y, width, height in rectangles:
        mask[y : y + height, x : x + width] = 255
    return mask


def test_two_rectangles_are_two_components() -> None:
    components = label_components(mask_with((2, 3, 4, 5), (20, 10, 6, 2)))
    assert len(components) == 2
    assert {components.box(0), components.box(1)} == {Box(2, 3, 4, 5), Box(20, 10, 6, 2)}
    assert sorted(components.areas.tolist()) == [12, 20]
    assert components.labels[4, 3] == 1 + [components.box(0), components.box(1)].index(Box(2, 3, 4, 5))


def test_pixels_that_touch_at_a_corner_are_one_component() -> None:
    assert len(label_components(np.eye(5, dtype=np.uint8) * 255)) == 1


def test_an_empty_mask_has_no_components() -> None:
    components = label_components(np.zeros((5, 7), np.uint8))
    assert len(components) == 0
    assert components.boxes.shape == (0, 4)
    assert not components.labels.any()


def test_a_single_pixel_is_a_component() -> None:
    components = label_components(np.full((1, 1), 255, np.uint8))
    assert components.box(0) == Box(0, 0, 1, 1)


def test_more_components_than_a_short_integer_counts() -> None:
    mask = np.zeros((400, 400), np.uint8)
    mask[::2, ::2] = 255
    components = label_components(mask)
    assert len(components) == 40_000
    assert components.labels.max() == 40_000


@given(arrays(np.uint8, (9, 11), elements=st.sampled_from([0, 255])))
def test_areas_and_boxes_are_those_of_the_labels(mask: NDArray[np.uint8]) -> None:
    components = label_components(mask)
    assert np.array_equal(components.labels > 0, mask > 0)
    for index in range(len(components)):
        ys, xs = np.nonzero(components.labels == index + 1)
        assert components.areas[index] == len(ys)
        x, y, width, height = components.box(index)
        assert (x, y) == (int(xs.min()), int(ys.min()))
        assert (x + width - 1, y + height - 1) == (int(xs.max()), int(ys.max()))


def cut(mask: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    glyph = cut_glyph(ink_of(mask), label_components(mask), box)
    assert glyph.box == box
    assert glyph.strength.shape == (box.height, box.width)
    return glyph.strength


def test_the_glyph_is_the_ink_in_the_box() -> None:
    mask = mask_with((10, 5, 4, 20))
    assert np.array_equal(cut(mask, Box(8, 4, 10, 22)), mask[4:26, 8:18])


def test_a_neighbour_that_reaches_into_the_box_is_left_out() -> None:
    mask = mask_with((10, 5, 6, 20), (18, 0, 2, 40), (20, 10, 25, 10))
    glyph = cut(mask, Box(8, 4, 11, 22))
    assert np.count_nonzero(glyph) == 6 * 20
    assert not glyph[:, 10].any()


def test_a_detached_bar_stays_and_a_speck_is_removed() -> None:
    mask = mask_with((10, 8, 8, 16), (10, 4, 8, 3), (19, 22, 1, 1))
    glyph = cut(mask, Box(9, 3, 12, 22))
    assert np.count_nonzero(glyph[1:4]) == 24
    assert glyph[19, 10] == 0


def test_half_of_two_touching_digits_is_kept() -> None:
    mask = mask_with((10, 5, 30, 10))
    assert np.count_nonzero(cut(mask, Box(10, 5, 13, 10))) == 130


def test_the_soft_edge_is_kept_but_not_that_of_a_neighbour() -> None:
    mask = mask_with((10, 5, 4, 20), (20, 0, 4, 40))
    strength = mask.copy()
    strength[5:25, 14] = 90
    strength[:, 19] = 90
    strength[30, 12] = 90
    glyph = cut_glyph(Ink(strength, mask, 4.0), label_components(mask), Box(8, 4, 12, 30)).strength
    assert glyph[3, 6] == 90
    assert not glyph[:, 11].any()
    assert glyph[26, 4] == 0


def test_a_box_without_ink_gives_a_blank_glyph() -> None:
    assert not cut(mask_with((10, 5, 4, 20)), Box(30, 0, 10, 10)).any()


@given(arrays(np.uint8, (12, 15), elements=st.sampled_from([0, 255])), st.data())
def test_a_glyph_has_no_ink_that_the_mask_has_not(mask: NDArray[np.uint8], data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, 14)), data.draw(st.integers(0, 11))
    box = Box(x, y, data.draw(st.integers(1, 15 - x)), data.draw(st.integers(1, 12 - y)))
    glyph = cut(mask, box)
    assert (glyph <= mask[box.y : box.bottom, box.x : box.right]).all()


@given(arrays(np.uint8, (9, 11), elements=st.sampled_from([0, 0, 0, 255])))
@settings(deadline=None)
def test_sparse_components_have_the_same_pixels(mask: NDArray[np.uint8]) -> None:
    sparse, components = find_sparse_components(mask), label_components(mask)
    assert len(sparse) == len(components)
    labels = sparse.label_image(mask.shape)
    # The same except for their order.
    pairs = set(zip(labels.ravel().tolist(), components.labels.ravel().tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    for index in range(len(sparse)):
        own = components.labels[labels == index + 1][0] - 1
        assert sparse.boxes[index].tolist() == components.boxes[own].tolist()
        assert sparse.areas[index] == components.areas[own]


def test_components_on_the_last_row_and_column_are_found() -> None:
    sparse = find_sparse_components(mask_with((59, 10, 1, 30), (0, 39, 20, 1)))
    assert sorted(sparse.boxes.tolist()) == [[0, 39, 20, 1], [59, 10, 1, 30]]


def test_the_end_of_a_row_is_not_beside_the_beginning_of_the_next() -> None:
    mask = mask_with((3, 0, 2, 1), (0, 1, 2, 1), (0, 3, 5, 2), shape=(5, 5))
    sparse, components = find_sparse_components(mask), label_components(mask)
    boxes = [[3, 0, 2, 1], [0, 1, 2, 1], [0, 3, 5, 2]]
    assert sparse.boxes.tolist() == boxes
    assert sorted(components.boxes.tolist()) == sorted(boxes)
    assert sparse.label_image(mask.shape).tolist() == [[0, 0, 0, 1, 1], [2, 2, 0, 0, 0], [0] * 5, [3] * 5, [3] * 5]


def test_an_empty_mask_has_no_sparse_components() -> None:
    sparse = find_sparse_components(np.zeros((5, 7), np.uint8))
    assert len(sparse) == 0
    assert sparse.boxes.shape == (0, 4)


def test_sparse_components_of_a_window_are_in_page_coordinates() -> None:
    mask = mask_with((12, 23, 4, 5))
    window = slice(20, 40), slice(10, 60)
    whole, cut_out = find_sparse_components(mask), find_sparse_components(mask[window], window)
    assert cut_out.boxes.tolist() == whole.boxes.tolist() == [[12, 23, 4, 5]]
    assert np.array_equal(cut_out.rows, whole.rows)
    assert np.array_equal(cut_out.columns, whole.columns)


def test_sparse_components_are_concatenated_in_order() -> None:
    one, other = (
        find_sparse_components(mask_with((2, 3, 4, 5))),
        find_sparse_components(mask_with((20, 10, 6, 2), (30, 10, 1, 1))),
    )
    both = one.concatenate(other)
    assert both.boxes.tolist() == [[2, 3, 4, 5], [20, 10, 6, 2], [30, 10, 1, 1]]
    assert both.areas.tolist() == [20, 12, 1]
    image = mask_with()
    both.draw(np.array([False, False, True]), image)
    assert np.array_equal(image, mask_with((30, 10, 1, 1)))


def test_only_the_chosen_components_are_drawn() -> None:
    mask = mask_with((2, 3, 4, 5), (20, 10, 6, 2))
    sparse = find_sparse_components(mask)
    image = np.zeros_like(mask)
    sparse.draw(sparse.areas == 12, image)
    assert np.array_equal(image, mask_with((20, 10, 6, 2)))


def test_split_components_keep_their_pixels() -> None:
    components = label_components(mask_with((2, 3, 6, 5), (20, 10, 6, 2)))
    first = [components.box(0), components.box(1)].index(Box(2, 3, 6, 5))
    left = np.zeros((5, 6), bool)
    left[:, :2] = True
    split = components.split({first: [~left, left]})
    assert [split.box(first), split.box(1 - first), split.box(2)] == [
        Box(4, 3, 4, 5),
        Box(20, 10, 6, 2),
        Box(2, 3, 2, 5),
    ]
    assert split.areas[[first, 1 - first, 2]].tolist() == [20, 12, 10]
    assert (split.labels[3:8, 2:4] == 3).all()
    assert np.array_equal(split.labels > 0, components.labels > 0)
    assert len(components) == 2


def test_components_are_cut_out_with_the_paper_around_them_but_without_others() -> None:
    components = label_components(mask_with((10, 5, 4, 20), (15, 0, 2, 40)))
    box = Box(8, 4, 10, 10)
    index = [components.box(0), components.box(1)].index(Box(10, 5, 4, 20))
    inked, with_soft_edge = components.cut_out(np.array([index]), box)
    assert np.array_equal(inked, components.labels[4:14, 8:18] == index + 1)
    assert with_soft_edge[:, 1:7].all()
    assert not with_soft_edge[:, 7:].any()
