"""What the ink on a page is: ink classes, ruled lines, tables, comb fields, and the cell each component stands in.

Constants are choices unless their docstrings say what they were measured on.
"""
