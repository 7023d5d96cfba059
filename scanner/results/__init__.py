"""Results as files and pictures: CSV tables, JSON, annotated pages and the summary.

Constants are choices unless their docstrings say what they were measured on.
"""
