"""Geometry of a page: perspective, skew and orientation, and the map back to the original."""
