"""Training, apart from scanning: the only package that imports TensorFlow.

Constants are choices unless their docstrings say what they were measured on.
"""
