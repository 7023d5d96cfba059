"""Pixel operations: from a page image to its ink, stroke width, character height and connected components."""
