"""Read ink: the digit classifiers, the lattice of cuts, the line readers and their calibration."""
