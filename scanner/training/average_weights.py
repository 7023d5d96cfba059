"""Average the weights of networks that were trained one from another.

Each training run ends somewhere else around the same optimum, and their mean generalizes better than the last (Izmailov
et al., "Averaging weights leads to wider optima and better generalization", UAI 2018).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from scanner.errors import DataError
from scanner.training.model_card import description_of_start, write_model
from scanner.training.optional_dependencies import require_training_extra
from scanner.weights import card_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_NOT_OF_AVERAGE = ("scores", "hours of training", "began with", "seed", "plan", "file", "version", "python", "sha256")
"""Entries of a card that do not hold for the mean."""


def average_weights(paths: Sequence[Path], models_folder: Path, report_line: Callable[[str], None]) -> None:
    """Write the mean of the weights of several files, under their name and with a card.

    Args:
        paths: ONNX files of networks with the same layers, each with its card beside it; the card of the last says
            what the mean has learned from.
        models_folder: where the mean is written.
        report_line: called with each line of progress.

    Raises:
        DataError: if a file or a card cannot be read, or their networks have other layers.
        NotInstalledError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    weights = mean_of_networks(paths)
    try:
        card = json.loads(card_path(paths[-1]).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{card_path(paths[-1])}: cannot read the card ({error})") from error
    kept = {name: value for name, value in card.items() if name not in _NOT_OF_AVERAGE}
    models_folder.mkdir(parents=True, exist_ok=True)
    target = models_folder / paths[-1].name
    write_model(target, weights, kept | {"mean of": [description_of_start(path) for path in paths]})
    report_line(f"{target}: the mean of {len(paths)} networks")


def mean_of_networks(paths: Sequence[Path]) -> bytes:
    """Bytes of the ONNX file of a network whose weights are the mean of those in several files.

    Raises:
        DataError: if a file cannot be read, or the networks have other layers.
        NotInstalledError: if the training extra is not installed.
    """
    with require_training_extra():
        import onnx
        from google.protobuf.message import DecodeError
        from onnx import numpy_helper
    networks = []
    for path in paths:
        try:
            networks.append(onnx.load_from_string(path.read_bytes()))
        except (OSError, DecodeError) as error:
            raise DataError(f"{path}: cannot read the weights ({error})") from error
    mean = networks[0]
    shapes = [[(each.name, tuple(each.dims)) for each in network.graph.initializer] for network in networks]
    for path, of_network in zip(paths, shapes, strict=True):
        if of_network != shapes[0] or not of_network:
            raise DataError(f"{path}: the network has other layers than {paths[0]}")
    for index, tensor in enumerate(mean.graph.initializer):
        arrays = [numpy_helper.to_array(network.graph.initializer[index]) for network in networks]
        # Numbers of rows and the like are the same in all.
        if arrays[0].dtype == np.float32:
            tensor.CopyFrom(numpy_helper.from_array(np.asarray(np.mean(arrays, axis=0), np.float32), tensor.name))
    return bytes(mean.SerializeToString())
