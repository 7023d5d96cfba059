"""See a page with the page network: where its numbers are, and what each stroke of its ink is.

The network sees the whole page at once, its characters scaled to one height.  It has two kinds of answers.  For each
pixel it says whether it lies in the core of a handwritten number, in the style of Liao et al., "Real-time scene text
detection with differentiable binarization", AAAI 2020, and how far above and below the number ends, as Yu et al.,
"UnitBox: an advanced object detection network", ACM MM 2016.  For each square of ink it says of which class it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.page_map import scaling_matrix
from scanner.layout.ink_classes import InkClass, InkClassMap
from scanner.weights import PAGE_NETWORK_WEIGHTS, invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.geometry.bent_map import AnyPageMap
    from scanner.image.measured_ink import MeasuredInk
    from scanner.types import Image

CHARACTER_HEIGHT_PIXELS = 11
"""Height of the page's taller characters in the network's input, pixels.  A choice: the strokes of a digit are then
little more than a pixel wide, and a letter page has three quarters of a megapixel."""
OUTPUT_STRIDE = 4
"""Pixels of the network's input per cell of its output, in either direction.  Given by the network."""
CORE_STRIDE = 2
"""Pixels of the network's input per pixel of the cores of numbers, in either direction.  Given by the network."""
INPUT_SIDE_MULTIPLE = 16
"""The sides of the network's input are multiples of this, pixels.  Given by the network."""
INPUT_CHANNELS = 7
"""Channels of the network's input: the strength of four pixels, darkness, and two of colour.  Given by the network."""
CLASS_CHANNELS = slice(0, len(InkClass))
"""Channels of the network's output with the logits of the ink classes."""
CORE_CHANNELS = slice(CLASS_CHANNELS.stop, CLASS_CHANNELS.stop + CORE_STRIDE**2)
"""Channels with the logits of the cores of numbers, in the 2 x 2 pixels of a cell, row by row."""
DIGIT_CHANNELS = slice(CORE_CHANNELS.stop, CORE_CHANNELS.stop + CORE_STRIDE**2)
"""Channels with the logits of the middles of handwritten digits, likewise."""
DISTANCE_CHANNELS = slice(DIGIT_CHANNELS.stop, DIGIT_CHANNELS.stop + 2)
"""Channels with the logarithms of the distances to the top and to the bottom of the number, in cells."""
OUTPUT_CHANNELS = DISTANCE_CHANNELS.stop
"""Channels of the network's output."""
_MAX_INPUT_PIXELS = 6_000_000
"""Maximum pixels of the network's input; characters of a larger page are scaled down further.  A choice."""
_MAX_SCALE = 1.6
"""Maximum scale of a page: smaller characters have no recognizable shape.  A choice."""
_MARGIN_PIXELS = 16
"""Margin around the ink in the network's input, pixels: more empty paper takes time and adds no information.  A
choice."""
_COLOUR_GAIN = 4.0
"""Gain of the colour of ink in the network's input: a blue pen at this resolution is 10 to 30 of 255 off the paper in
L*a*b*."""
NEUTRAL_COLOUR = 128
"""Value of the two channels of colour where ink and paper have the same hue."""
_PAPER_WINDOW_PIXELS = 11
"""Side of the window whose median colour is that of the paper, in pixels of a quarter of the network's input: nearly
four character heights."""


@dataclass(frozen=True, slots=True, eq=False)
class PageView:
    """A page as the network sees it; H and W are multiples of ``INPUT_SIDE_MULTIPLE``."""

    strength: Image
    """Shape (H, W): 0 = paper, 255 = full ink."""
    tone: Image
    """Shape (H / 2, W / 2, 3): darkness relative to the paper, 0 = paper; and how far the colour is off that of the
    paper, a* and b*, 128 = not at all."""


@dataclass(frozen=True, slots=True, eq=False)
class NumberCoreMap:
    """Where the network sees handwritten numbers."""

    probabilities: NDArray[np.float32]
    """Shape (2 * rows, 2 * columns): probability that a pixel lies in the core of a number."""
    digit_probabilities: NDArray[np.float32]
    """Shape (2 * rows, 2 * columns): probability that a pixel lies in the middle of a handwritten digit of a number."""
    distances: NDArray[np.float32]
    """Shape (rows, columns, 2): distance from the middle of each cell to the top and to the bottom of the number, in
    cells; meaningless outside of cores."""
    cells_per_page_pixel: tuple[float, float]
    """Cells per pixel of the rectified page, horizontally and vertically."""


@dataclass(frozen=True, slots=True, eq=False)
class PageMaps:
    """All that the network says about a page."""

    ink_classes: InkClassMap
    number_cores: NumberCoreMap


def input_scale(character_height: float, shape: tuple[int, int]) -> float:
    """Scale from a page of this shape (rows, columns) to the network's input, given its character height in pixels."""
    room = (_MAX_INPUT_PIXELS / max(shape[0] * shape[1], 1)) ** 0.5
    return float(min(CHARACTER_HEIGHT_PIXELS / max(character_height, 1.0), _MAX_SCALE, room))


def view_page(ink: MeasuredInk, flat: Image, image: Image, page_map: AnyPageMap, scale: float) -> PageView:
    """Scale a page to the network's input.

    Args:
        ink: ink of the rectified page, with its rules.
        flat: its darkness relative to the paper, shape (height, width).
        image: the original page, BGR.
        page_map: map from the original to the rectified page.
        scale: scale to the network's input, from :func:`input_scale`.
    """
    height, width = (max(round(side * scale / INPUT_SIDE_MULTIPLE), 1) * INPUT_SIDE_MULTIPLE for side in flat.shape)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    strength = np.asarray(cv2.resize(ink.strength, (width, height), interpolation=interpolation), np.uint8)
    darkness = np.asarray(cv2.resize(flat, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
    colour = _ink_colour(image, page_map, (width // 2, height // 2))
    return PageView(strength, np.dstack([darkness, colour]))


def _ink_colour(image: Image, page_map: AnyPageMap, size: tuple[int, int]) -> Image:
    """How far the colour of the rectified page is off that of its paper: shape (height, width, 2), ``size`` pixels."""
    width, height = size
    across, down = width / page_map.target_size[0], height / page_map.target_size[1]
    # Shrunk by averaging before it is warped, as a warp takes single pixels; of many pixels some are average enough.
    shrink = min(page_map.magnification * max(across, down), 1.0)
    step = max(int(0.5 / shrink), 1)
    sampled = np.ascontiguousarray(image[::step, ::step])
    sampled_size = (sampled.shape[1], sampled.shape[0])
    small_size = (max(round(sampled_size[0] * step * shrink), 1), max(round(sampled_size[1] * step * shrink), 1))
    small = cv2.resize(sampled, small_size, interpolation=cv2.INTER_AREA)
    if (small == small[..., :1]).all():
        # A page scanned in grey, as most are: of no hue is what the rest would find.
        return np.full((height, width, 2), NEUTRAL_COLOUR, np.uint8)
    to_small = scaling_matrix(small_size[0] / sampled_size[0], small_size[1] / sampled_size[1])
    to_small = to_small @ np.diag([1 / step, 1 / step, 1])
    rectified = page_map.for_copies(to_small, small_size, size).warp_extended(np.asarray(small, np.uint8))
    colour = np.ascontiguousarray(cv2.cvtColor(rectified, cv2.COLOR_BGR2Lab)[..., 1:])
    half = cv2.resize(colour, (max(width // 2, 1), max(height // 2, 1)), interpolation=cv2.INTER_AREA)
    paper = cv2.merge([cv2.medianBlur(channel, _PAPER_WINDOW_PIXELS) for channel in cv2.split(half)])
    paper = cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR)
    off_paper = cv2.addWeighted(colour, _COLOUR_GAIN, paper, -_COLOUR_GAIN, NEUTRAL_COLOUR)
    return np.asarray(off_paper, np.uint8).reshape(height, width, 2)


def input_tensor(view: PageView) -> NDArray[np.float32]:
    """Convert a view to the network's input.

    The pixels of each square of two by two become channels: OpenCV processes eight channels at a time, and with one of
    them seven eighths of the work of the first layer would be wasted.

    Args:
        view: of H x W pixels.

    Returns:
        Shape (1, INPUT_CHANNELS, H / 2, W / 2): strength and darkness 0-1, colour about -1 to 1.
    """
    rows, columns = (side // 2 for side in view.strength.shape)
    tensor = np.empty((1, INPUT_CHANNELS, rows, columns), np.float32)
    squares = view.strength.reshape(rows, 2, columns, 2).transpose(1, 3, 0, 2)
    np.multiply(squares, np.float32(1 / 255), out=tensor[0, :4].reshape(2, 2, rows, columns))
    np.multiply(view.tone[..., 0], np.float32(1 / 255), out=tensor[0, 4])
    np.subtract(view.tone[..., 1:].transpose(2, 0, 1), np.float32(NEUTRAL_COLOUR), out=tensor[0, 5:])
    tensor[0, 5:] *= np.float32(1 / 64)
    return tensor


def maps_of_output(output: NDArray[np.float32], cells_per_page_pixel: tuple[float, float]) -> PageMaps:
    """Convert the network's output to maps.

    Args:
        output: shape (OUTPUT_CHANNELS, rows, columns).
        cells_per_page_pixel: cells per pixel of the rectified page, horizontally and vertically.
    """
    class_logits = output[CLASS_CHANNELS]
    odds = np.exp(class_logits - class_logits.max(axis=0))
    probabilities = np.ascontiguousarray((odds / odds.sum(axis=0)).transpose(1, 2, 0), np.float32)
    distances = np.exp(np.clip(output[DISTANCE_CHANNELS].transpose(1, 2, 0), *LOG_DISTANCE_RANGE))
    return PageMaps(
        InkClassMap(probabilities, cells_per_page_pixel),
        NumberCoreMap(
            _pixel_probabilities(output[CORE_CHANNELS]),
            _pixel_probabilities(output[DIGIT_CHANNELS]),
            np.ascontiguousarray(distances, np.float32),
            cells_per_page_pixel,
        ),
    )


def _pixel_probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of the pixels of cells, shape (2 * rows, 2 * columns), from logits of shape (4, rows, columns)."""
    rows, columns = logits.shape[1:]
    pixels = logits.reshape(CORE_STRIDE, CORE_STRIDE, rows, columns).transpose(2, 0, 3, 1)
    return np.asarray(1 / (1 + np.exp(-pixels.reshape(CORE_STRIDE * rows, CORE_STRIDE * columns))), np.float32)


LOG_DISTANCE_RANGE = (-3.0, 4.0)
"""Range of the logarithms of distances, in cells: numbers are up to a hundred cells high."""


class PageNetwork:
    """Network that sees a page."""

    def __init__(self, weights: bytes) -> None:
        """Load the network from the bytes of its ONNX file."""
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))

    def output(self, view: PageView) -> NDArray[np.float32]:
        """Output for a view of H x W pixels, shape (OUTPUT_CHANNELS, H / OUTPUT_STRIDE, W / OUTPUT_STRIDE).

        Only the part of the page with ink is computed; beyond it, nothing is a number.
        """
        rows, columns = (side // OUTPUT_STRIDE for side in view.strength.shape)
        output = np.zeros((OUTPUT_CHANNELS, rows, columns), np.float32)
        output[CORE_CHANNELS] = output[DIGIT_CHANNELS] = _NO_NUMBER_LOGIT
        window = _ink_window(view.strength)
        halved = tuple(slice(side.start // 2, side.stop // 2) for side in window)
        self._net.setInput(input_tensor(PageView(view.strength[window], view.tone[halved])))
        cells = tuple(slice(side.start // OUTPUT_STRIDE, side.stop // OUTPUT_STRIDE) for side in window)
        output[:, *cells] = self._net.forward()[0]
        return output

    def see_page(
        self, ink: MeasuredInk, flat: Image, image: Image, page_map: AnyPageMap, magnification: float = 1.0
    ) -> PageMaps:
        """See a page; see :func:`view_page` for the other arguments.

        Args:
            ink: ink of the rectified page.
            flat: its darkness.
            image: the original page.
            page_map: map from the original to the rectified page.
            magnification: how much larger than usual the page is seen.
        """
        character_height = ink.character_height / magnification
        view = view_page(ink, flat, image, page_map, input_scale(character_height, ink.strength.shape))
        output = self.output(view)
        rows, columns = flat.shape
        return maps_of_output(output, (output.shape[2] / columns, output.shape[1] / rows))


_NO_NUMBER_LOGIT = -20.0
"""Logit of the core of a number where there is no ink."""


def _ink_window(strength: Image) -> tuple[slice, slice]:
    """Window around the ink with a margin; its sides are multiples of ``INPUT_SIDE_MULTIPLE``, and not 0."""
    x, y, width, height = cv2.boundingRect(strength)
    rows, columns = strength.shape
    return _align_to_multiple(y, height, rows), _align_to_multiple(x, width, columns)


def _align_to_multiple(begin: int, length: int, most: int) -> slice:
    first = max(begin - _MARGIN_PIXELS, 0) // INPUT_SIDE_MULTIPLE * INPUT_SIDE_MULTIPLE
    behind = min(-(-(begin + length + _MARGIN_PIXELS) // INPUT_SIDE_MULTIPLE) * INPUT_SIDE_MULTIPLE, most)
    return slice(first, max(behind, INPUT_SIDE_MULTIPLE))


def load_page_network(folder: Path | None = None) -> PageNetwork:
    """Load the page network.

    Args:
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged.
    """
    folder = folder or models_folder()
    weights, _ = load_weights(folder, PAGE_NETWORK_WEIGHTS)
    try:
        return PageNetwork(weights)
    except cv2.error as error:
        raise invalid_weights_error(folder / PAGE_NETWORK_WEIGHTS, error) from error
