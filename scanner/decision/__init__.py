"""Decide which numbers are reported: locate them, fuse their readings, and mark them for review."""
