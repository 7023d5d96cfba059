"""Where pages come from: files found, checked against limits, and decoded into page images.

Constants are choices unless their docstrings say what they were measured on.
"""
