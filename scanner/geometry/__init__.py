"""Geometry of a page: perspective, skew and orientation, and the map back to the original.

Constants are choices unless their docstrings say what they were measured on.
"""
