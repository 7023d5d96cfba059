from collections.abc import Sequence

import numpy as np
import pytest

from scanner.decision.grid_axis import Clusters, LinePieces, cluster_positions, merge_line_pieces, number_clusters

NOWHERE: list[float] = []


def cluster(positions: list[float], apart: Sequence[tuple[int, int]] = (), lines: list[float] = NOWHERE) -> list[int]:
    conflicts = np.zeros((len(positions), len(positions)), np.bool_)
    for first, second in apart:
        conflicts[first, second] = conflicts[second, first] = True
    owners: list[int] = cluster_positions(np.array(positions), conflicts, lines, 10.0, 25.0).owner.tolist()
    return owners


def test_near_positions_are_one_cluster_and_clusters_are_in_order() -> None:
    found = cluster_positions(np.array([33.0, 1.0, 30.0, 5.0]), np.zeros((4, 4), np.bool_), [], 10.0, 25.0)
    assert found.owner.tolist() == [1, 0, 1, 0]
    assert found.means == (3.0, 31.5)
    assert found.sizes == (2, 2)


def test_the_limit_parts_clusters() -> None:
    assert cluster([0.0, 9.9]) == [0, 0]
    assert cluster([0.0, 10.1]) == [0, 1]


def test_numbers_that_cannot_share_a_row_part_clusters() -> None:
    assert cluster([0.0, 1.0, 5.0, 6.0], apart=[(0, 2), (1, 3)]) == [0, 0, 1, 1]


def test_one_conflict_among_many_does_not_part_them() -> None:
    assert cluster([0.0] * 6 + [4.0] * 6, apart=[(0, 6)]) == [0] * 12


def test_a_line_parts_clusters_on_its_sides() -> None:
    assert cluster([0.0, 1.0, 6.0, 7.0], lines=[3.5]) == [0, 0, 1, 1]


def test_numbers_between_two_lines_a_row_apart_are_one_row() -> None:
    assert cluster([1.0, 19.0], lines=[0.0, 20.0]) == [0, 0]
    assert cluster([1.0, 19.0], lines=[0.0, 30.0]) == [0, 1]


def test_pieces_of_a_line_that_jogs_are_one_line() -> None:
    pieces = LinePieces(np.array([100.0, 103.0, 140.0]), np.array([(0.0, 50.0), (50.0, 100.0), (0.0, 100.0)]))
    assert merge_line_pieces(pieces, 100.0, 40.0) == pytest.approx([101.5, 140.0])


def test_short_lines_part_nothing() -> None:
    pieces = LinePieces(np.array([100.0, 100.0]), np.array([(0.0, 30.0), (10.0, 39.0)]))
    assert merge_line_pieces(pieces, 100.0, 40.0) == []


def test_without_pieces_there_are_no_lines() -> None:
    assert merge_line_pieces(LinePieces(np.zeros(0), np.zeros((0, 2))), 100.0, 40.0) == []


def clusters(*means: float, sizes: tuple[int, ...] | None = None) -> Clusters:
    sizes = sizes or (4,) * len(means)
    return Clusters(np.repeat(np.arange(len(means)), sizes), means, sizes)


def test_lines_count_the_rows_before_and_between() -> None:
    assert number_clusters(clusters(30.0, 50.0, 95.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0], 20.0) == [2, 3, 5]


def test_rows_without_a_line_between_them_follow_each_other() -> None:
    assert number_clusters(clusters(5.0, 25.0, 50.0), [0.0, 80.0], 40.0) == [1, 2, 3]


def test_a_lost_line_is_made_up_for_by_even_distances() -> None:
    # The line at 60 is lost, and the row between it and 80 is empty.
    assert number_clusters(clusters(10.0, 30.0, 50.0, 90.0), [0.0, 20.0, 40.0, 80.0, 100.0], 20.0) == [1, 2, 3, 5]


def test_a_false_line_moves_no_even_row() -> None:
    lines = [0.0, 20.0, 33.0, 40.0, 60.0, 80.0]
    assert number_clusters(clusters(10.0, 30.0, 50.0, 70.0), lines, 20.0) == [1, 2, 3, 4]


def test_columns_of_any_width_are_counted_by_lines() -> None:
    assert number_clusters(clusters(10.0, 110.0, 150.0), [0.0, 20.0, 100.0, 120.0, 200.0], None) == [1, 3, 4]


def test_a_stray_number_between_two_rows_moves_none() -> None:
    found = number_clusters(clusters(10.0, 22.0, 30.0, 50.0, 70.0, sizes=(8, 1, 8, 8, 8)), [], 20.0)
    assert [found[index] for index in (0, 2, 3, 4)] == [1, 2, 3, 4]


def test_a_row_of_few_numbers_counts_where_it_stands() -> None:
    assert number_clusters(clusters(10.0, 30.0, 50.0, 70.0, sizes=(8, 1, 8, 8)), [], 20.0) == [1, 2, 3, 4]
