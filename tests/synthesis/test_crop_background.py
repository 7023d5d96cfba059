import numpy as np

from scanner.synthesis.crop_background import add_cell_margins


def test_margins_leave_some_of_the_smallest_ink() -> None:
    for seed in range(40):
        for shape in ((1, 1), (2, 9), (9, 2)):
            cell = add_cell_margins(np.full(shape, 255, np.uint8), 40.0, np.random.default_rng(seed))
            assert cell.max() == 255
