"""Pixel operations: from a page image to its ink, stroke width, character height and connected components.

Constants are choices unless their docstrings say what they were measured on.
"""
