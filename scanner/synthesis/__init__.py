"""Synthetic handwriting, number crops and pages, for samples, tests and training.

Constants are choices unless their docstrings say what they were measured on.
"""
