"""What a run withstands, measured: kills at random moments, damaged files, ten thousand pages.

Each measurement runs the program as a user does, in processes of its own.
"""
