"""Form files made from a page: what may be fields on it, drawn for a person to check, and a blank of filled pages.

Constants are choices unless their docstrings say what they were measured on.
"""
