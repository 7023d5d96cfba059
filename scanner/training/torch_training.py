"""Training of PyTorch networks on a processor: optimizer, moving average, checkpoints, and export as ONNX.

On a processor that computes in bfloat16 (AVX-512 BF16), that trains three times as fast as TensorFlow; on one that
does not, it would be seven times slower than single precision, which is then used.  A thread per core gains little with
networks this small: one thread trains, while other processes make batches (:mod:`scanner.training.batch_prefetching`).
"""

from __future__ import annotations

import copy
import io
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from scanner.atomic_write import write_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

_AVERAGE_WARM_UP_STEPS = 10
"""The moving average follows the weights faster at first: at step ``n`` its momentum is at most ``(1 + n)`` divided by
``n`` plus this."""
_ONNX_OPSET = 17
"""Version of the ONNX operators, which OpenCV from 4.10 on reads."""


@dataclass(frozen=True, slots=True)
class TrainingSchedule:
    """How a network is trained."""

    steps: int
    """Batches in the whole training run."""
    peak_learning_rate: float
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    warm_up_share: float
    """Share of the steps in which the learning rate rises, 0-1."""
    weight_decay: float
    """Of AdamW; biases and the parameters of batch normalization have none."""
    average_momentum: float
    """Momentum of the moving average of the weights, which is what is exported."""
    max_gradient_norm: float
    """Norm to which the gradient of all weights together is clipped, so that one unusual batch does not undo many."""

    def learning_rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        warm_up = max(round(self.warm_up_share * self.steps), 1)
        if step < warm_up:
            return self.peak_learning_rate * (step + 1) / warm_up
        progress = (step - warm_up) / max(self.steps - warm_up, 1)
        return self.peak_learning_rate * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


class NetworkTraining:
    """A network in training, with its optimizer, the moving average of its weights, and the steps done."""

    def __init__(self, network: nn.Module, schedule: TrainingSchedule) -> None:
        """Prepare to train ``network`` from the first step."""
        # This layout of the activations is half as fast again.
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # needs no data type
        self.averaged_network: nn.Module = copy.deepcopy(self.network).eval().requires_grad_(False)
        """The network with the moving average of the weights, to measure and to export."""
        self.schedule = schedule
        self.steps_done = 0
        self.seconds_done = 0.0
        """Wall-clock time that the training loop says it has taken, seconds; kept with the state."""
        decaying = [weight for weight in network.parameters() if weight.ndim > 1]
        others = [weight for weight in network.parameters() if weight.ndim <= 1]
        groups: list[dict[str, Any]] = [{"params": decaying}, {"params": others, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(
            groups,
            lr=schedule.peak_learning_rate,
            weight_decay=schedule.weight_decay,
            fused=True,
        )

    def train_step(self, inputs: torch.Tensor, loss: Callable[[torch.Tensor], torch.Tensor]) -> float:
        """Train on one batch.

        Args:
            inputs: of the network.
            loss: from the outputs of the network, float32, to a scalar.

        Returns:
            The loss.

        Raises:
            FloatingPointError: if the loss is not finite.
        """
        for group in self._optimizer.param_groups:
            group["lr"] = self.schedule.learning_rate(self.steps_done)
        self.network.train()
        with _fastest_precision():
            outputs = self.network(inputs)
        value = loss(outputs.float())
        if not torch.isfinite(value):
            raise FloatingPointError(f"the loss of batch {self.steps_done} is {value.item()}")
        self._optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]  # torch gives it no types
        nn.utils.clip_grad_norm_(self.network.parameters(), self.schedule.max_gradient_norm)
        self._optimizer.step()
        self.steps_done += 1
        self._update_average()
        return value.item()

    @torch.no_grad()
    def _update_average(self) -> None:
        warm_up_momentum = (1 + self.steps_done) / (_AVERAGE_WARM_UP_STEPS + self.steps_done)
        momentum = min(self.schedule.average_momentum, warm_up_momentum)
        averages, values = self.averaged_network.state_dict(), self.network.state_dict()
        fractional = [name for name, average in averages.items() if average.is_floating_point()]
        torch._foreach_lerp_(
            [averages[name] for name in fractional], [values[name] for name in fractional], 1 - momentum
        )
        for name in averages.keys() - set(fractional):
            averages[name].copy_(values[name])

    def save(self, path: Path) -> None:
        """Save all that is needed to resume; whole or not at all.

        Raises:
            OutputError: if the file cannot be written.
        """
        state = {
            "steps_done": self.steps_done,
            "seconds_done": self.seconds_done,
            "network": self.network.state_dict(),
            "averaged_network": self.averaged_network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_bytes(path, buffer.getvalue())

    def resume(self, path: Path) -> None:
        """Take up the state that :meth:`save` saved, if there is such a file.

        Raises:
            RuntimeError: if it is that of another network.
        """
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.network.load_state_dict(state["network"])
            self.averaged_network.load_state_dict(state["averaged_network"])
            self._optimizer.load_state_dict(state["optimizer"])
            self.steps_done = int(state["steps_done"])
            self.seconds_done = float(state.get("seconds_done", 0.0))


def _fastest_precision() -> torch.autocast:
    """A context in which networks compute in bfloat16 if this processor does."""
    has_bfloat16 = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16)


@torch.no_grad()
def run_network(network: nn.Module, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Outputs of a network in evaluation mode, at the precision of training: enough to monitor it with."""
    with _fastest_precision():
        outputs = network(torch.from_numpy(inputs).contiguous(memory_format=torch.channels_last))
    return np.asarray(outputs.float().numpy(), np.float32)


def export_onnx(
    network: nn.Module, input_shape: Sequence[int], variable_axes: Mapping[int, str], input_name: str
) -> bytes:
    """Export a network of one input and one output as the bytes of an ONNX file that OpenCV can read.

    Args:
        network: in evaluation mode, float32; batch normalization is folded into the convolutions before it.
        input_shape: shape of an input that the network is traced with.
        variable_axes: axes of the input whose length may vary, each with a name.
        input_name: name of the input.
    """
    buffer = io.BytesIO()
    example = torch.zeros(tuple(input_shape))
    with warnings.catch_warnings():
        # The new exporter needs two more packages, and writes graphs that OpenCV 4 cannot read.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            copy.deepcopy(network).to(memory_format=torch.contiguous_format),  # type: ignore[call-overload]  # likewise
            (example,),
            buffer,  # type: ignore[arg-type]  # a file in memory is taken too
            dynamo=False,
            input_names=[input_name],
            output_names=["logits"],
            dynamic_axes={input_name: dict(variable_axes)},
            opset_version=_ONNX_OPSET,
        )
    return buffer.getvalue()


def count_parameters(network: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(weight.numel() for weight in network.parameters())
