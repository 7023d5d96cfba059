"""Forms: a stack of pages with the same fields, which a form file names once.

Constants are choices unless their docstrings say what they were measured on.
"""
