"""Batches of many files: scheduling, worker processes, saved progress, result files and watched folders.

Constants are choices unless their docstrings say what they were measured on.
"""
