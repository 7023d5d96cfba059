"""Compare results with the ground truth, and measure the figures that this project reports."""
