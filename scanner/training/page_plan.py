"""How the page network is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageNetworkPlan:
    """Hyperparameters of a training run; the defaults take about two hours on two cores."""

    synthetic_pages: int = 1_600
    first_share: float = 0.15
    """Share of the synthetic pages that training begins with; the others are made meanwhile, and join in one by one in
    the first half of the steps."""
    mosaics: int = 500
    """Tables pasted together of photographed numbers."""
    validation_pages: int = 24
    """Held-out synthetic pages to monitor training with."""
    test_pages: int = 60
    """Held-out synthetic pages for the scores on the card."""
    epochs: int = 22
    steps_per_epoch: int = 300
    """Batches in an epoch."""
    batch_size: int = 4
    patch_shape: tuple[int, int] = (384, 512)
    """Rows and columns of a patch: the receptive field of its middle cell, a fifth of a page."""
    shares: tuple[float, float, float, float] = (0.56, 0.17, 0.12, 0.15)
    """Shares of the patches from synthetic pages, mosaics, registers, and all other real pages."""
    peak_learning_rate: float = 1.5e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    resumed_rate_share: float = 0.5
    """Peak learning rate relative to the usual one where training begins with the weights of an earlier run, so that
    they are not forgotten.  A choice."""
    weight_decay: float = 1e-3
    warm_up_share: float = 0.03
    """Share of the steps in which the learning rate rises."""
    average_momentum: float = 0.998
    """Momentum of the moving average of the weights, which is what is exported."""
    processes: int = 2
    """Processes that make the pages that training begins with; half as many make the others, and batches."""

    @property
    def steps(self) -> int:
        """Batches in the whole training run."""
        return self.epochs * self.steps_per_epoch

    def pages_at(self, step: int) -> int:
        """Number of synthetic pages to train on at a step, counted from 0."""
        share = self.first_share + (1 - self.first_share) * 2 * step / self.steps
        return max(min(round(share * self.synthetic_pages), self.synthetic_pages), 1)
