"""Decide which numbers are reported: locate them, fuse their readings, and mark them for review.

Constants are choices unless their docstrings say what they were measured on.
"""
