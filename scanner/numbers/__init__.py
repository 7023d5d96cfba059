"""Find what may be numbers, as text lines and comb digits, and cut out the crops that are read.

Constants are choices unless their docstrings say what they were measured on.
"""
