from scanner.training.labelled_scans import sources_without


def test_cells_of_clinics_are_left_out_with_logbooks() -> None:
    assert sources_without(()) == ()
    assert sources_without(("tally", "logbooks")) == ("clinic", "logbooks", "tally")
