"""Stress tests: batches killed at random, damaged files, fuzzing, thousands of pages, two checkouts compared.

Each test runs the program as a user does, in processes of its own.
"""
