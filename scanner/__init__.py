"""digitscan: read the handwritten numbers on scanned pages into a table.

Importing this package loads neither OpenCV nor scikit-learn nor TensorFlow;
the modules that need them do.  ``scanner.pipeline.scan_page`` is the place to
start reading.
"""

__version__ = "0.1.0"
