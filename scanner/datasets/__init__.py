"""Labelled samples, and material for synthetic numbers and pages, shared by training and evaluation.

Constants are choices unless their docstrings say what they were measured on.
"""
