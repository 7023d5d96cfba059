"""Which numbers are reported: readings located, fused, judged and marked for review."""
