"""What a piece of ink says: digit classifiers, the cut lattice, line readers and their calibration."""
