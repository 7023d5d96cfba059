"""Synthetic handwriting, number crops and pages, for samples, tests and training."""
