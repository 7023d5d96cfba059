import numpy as np

from scanner.synthesis.crop_rules import RuleStyle, draw_rules


def test_dividers_of_a_comb_field_are_where_the_cells_end() -> None:
    """In most of the fields; some have no rules at all, or boxes apart."""
    at_dividers = 0
    for seed in range(60):
        darkness = np.zeros((60, 200), np.float32)
        draw_rules(darkness, 50.0, (20.0, 70.0, 120.0, 170.0), 40.0, np.random.default_rng(seed))
        assert darkness.min() >= 0.0
        assert darkness.max() <= 1.0
        columns = darkness[25:45].max(axis=0)
        at_dividers += bool(columns[68:73].any() and columns[118:123].any() and not columns[85:105].any())
    assert 30 < at_dividers < 60


def test_numbers_stand_without_rules_about_as_often_as_with_them() -> None:
    ruled = 0
    for seed in range(200):
        darkness = np.zeros((50, 120), np.float32)
        draw_rules(darkness, 40.0, (), 30.0, np.random.default_rng(seed))
        ruled += bool(darkness.any())
    assert 80 < ruled < 160


def test_rules_are_from_hairlines_to_bars_and_some_are_dashed() -> None:
    rng = np.random.default_rng(0)
    styles = [RuleStyle.random(40.0, rng) for _ in range(200)]
    assert min(style.thickness for style in styles) == 1
    assert max(style.thickness for style in styles) >= 4
    assert 20 < sum(style.dash > 0 for style in styles) < 90
