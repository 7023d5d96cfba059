"""Handwriting and pages made by the project itself, for samples, tests and training."""
