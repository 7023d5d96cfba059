from __future__ import annotations

import numpy as np

from scanner.decision.row_evidence import EVIDENCE_NAMES
from scanner.training.row_samples import gather_synthetic_rows, is_drawn


def test_every_row_of_a_drawn_page_has_its_evidence_and_is_right_or_wrong() -> None:
    samples = list(gather_synthetic_rows(None, None, 2, 1))
    assert len(samples) == 2
    assert all(is_drawn(each.kind) for each in samples)
    for each in samples:
        assert each.evidence.shape == (len(each.right), len(EVIDENCE_NAMES))
        assert np.isfinite(each.evidence).all()
        assert (each.present >= each.right).all()
    assert sum(int(each.right.sum()) for each in samples) > 0
