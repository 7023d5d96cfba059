"""Registration: how a page lies on the reference page of its form, and whether it is that form at all.

Constants are choices unless their docstrings say what they were measured on.
"""
