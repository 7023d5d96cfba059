"""Compare results with the ground truth, and measure the figures that this project reports.

Constants are choices unless their docstrings say what they were measured on.
"""
