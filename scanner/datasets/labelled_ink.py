"""Labels of ink on pages whose truth is not complete, beside those of ``scanner.synthesis.page_content.PixelClass``."""

UNKNOWN_INK = 255
"""Pixel class of ink that may be anything, a number too: nothing is learnt from it."""
OTHER_INK = 254
"""Pixel class of ink that is of no number, but of an unknown class."""
