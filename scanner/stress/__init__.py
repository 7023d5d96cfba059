"""Stress tests: batches killed at random, damaged files, fuzzing, thousands of pages, two checkouts compared.

Each test runs the program as a user does, in processes of its own.

Constants are choices unless their docstrings say what they were measured on.
"""
