import numpy as np

from scanner.synthesis.crop_background import add_cell_margins, paste_darker


def test_margins_leave_some_of_the_smallest_ink() -> None:
    for seed in range(40):
        for shape in ((1, 1), (2, 9), (9, 2)):
            cell, _ = add_cell_margins(np.full(shape, 255, np.uint8), 40.0, np.random.default_rng(seed))
            assert cell.max() == 255


def test_the_number_of_added_columns_and_rows_tells_where_the_ink_is() -> None:
    ink = np.zeros((30, 50), np.uint8)
    ink[12, 20] = 255
    for seed in range(40):
        cell, (left, top) = add_cell_margins(ink, 30.0, np.random.default_rng(seed))
        assert np.argwhere(cell).tolist() == [[12 + top, 20 + left]]


def test_what_is_pasted_over_the_edge_is_cut_off() -> None:
    darkness = np.full((3, 3), 0.2, np.float32)
    paste_darker(darkness, np.full((2, 2), 255, np.uint8), -1, 2, 0.5)
    paste_darker(darkness, np.full((2, 2), 255, np.uint8), 5, 0, 0.5)
    assert np.allclose(darkness, [[0.2, 0.2, 0.2], [0.2, 0.2, 0.2], [0.5, 0.2, 0.2]])
