from pathlib import Path

import numpy as np

from scanner.training.line_sets import LabelledLines, map_lines, write_lines


def test_lines_written_are_mapped_as_they_were(tmp_path: Path) -> None:
    images = tuple(np.full((32, width), value, np.uint8) for width, value in ((8, 1), (24, 2), (16, 3)))
    lines = LabelledLines("some", images, ("1", "", "2,5 3"), separators_omitted=True, source_ids=np.array([4, 4, 9]))
    write_lines(tmp_path / "shard", lines)
    found = map_lines(tmp_path / "shard", "some")
    assert found.texts.tolist() == ["1", "", "2,5 3"]
    assert found.widths.tolist() == [8, 24, 16]
    assert found.source_ids.tolist() == [4, 4, 9]
    assert found.separators_omitted
    assert all(np.array_equal(found.image(index), image) for index, image in enumerate(images))


def test_a_set_without_lines_is_kept_too(tmp_path: Path) -> None:
    write_lines(tmp_path, LabelledLines("none", (), (), separators_omitted=False, source_ids=np.arange(0)))
    assert map_lines(tmp_path, "none").widths.size == 0
