"""Results against ground truth, and the figures this project reports."""
