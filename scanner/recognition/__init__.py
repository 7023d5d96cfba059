"""Read ink: the digit classifiers, the lattice of cuts, the line readers and their calibration.

Constants are choices unless their docstrings say what they were measured on.
"""
