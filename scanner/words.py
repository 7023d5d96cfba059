"""Which components are letters of words: told by their company, since by shape an O is a 0 and an l is a 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.components import cut_glyph
from scanner.frame import frames
from scanner.runs import chains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.classify import Classifier
    from scanner.components import Components
    from scanner.types import Ink

_WORD_GAP = 0.3
"""Letters of a word stand at most this many heights apart."""
_LETTERS = 4
"""Fewer characters are no word to tell by their company."""
_NO_DIGITS = 0.4
"""Mean probability of "no digit" from which on the whole is text. Half the letters look like digits; of a number's
own digits hardly one does not, unless two touch: then one piece in four may."""
_WIDEST = 1.3
"""Only components at most this many times as wide as high are asked: wider ones are several characters."""
_SMALL = 0.4
"""A component lower than this part of its word's tallest is a point, an accent or a dash, and not asked."""


def letters(members: NDArray[np.int64], ink: Ink, components: Components, classifier: Classifier) -> NDArray[np.int64]:
    """Components that belong to words.

    Args:
        members: components to look at, by their left edge.
        ink: of the straightened page, without rules.
        components: of ``ink.mask``.
        classifier: asked about each component by itself.

    Returns:
        Those of ``members`` that are letters, or points and accents among letters.
    """
    words = [members[chain] for chain in chains(components.boxes[members], _WORD_GAP)]
    suspects = [(word, asked) for word in words if len(asked := _full_size(word, components)) >= _LETTERS]
    everyone = np.unique(np.concatenate([members[:0], *(asked for _, asked in suspects)]))
    strangeness = _strangeness(everyone, ink, components, classifier)
    found = [word for word, asked in suspects if np.mean(strangeness[asked]) >= _NO_DIGITS]
    return np.unique(np.concatenate([members[:0], *found]))


def _strangeness(
    asked: NDArray[np.int64], ink: Ink, components: Components, classifier: Classifier
) -> NDArray[np.float64]:
    """Probability of "no digit" for the components asked about, 0 for the others; shape (number of components,)."""
    glyphs = [cut_glyph(ink, components, components.box(member)).strength for member in asked]
    strangeness = np.zeros(len(components))
    strangeness[asked] = [reading.scores[10] for reading in classifier.read(frames(glyphs))]
    return strangeness


def _full_size(word: NDArray[np.int64], components: Components) -> NDArray[np.int64]:
    widths, heights = components.boxes[word, 2], components.boxes[word, 3]
    fitting: NDArray[np.int64] = word[(heights >= _SMALL * heights.max()) & (widths <= _WIDEST * heights)]
    return fitting
