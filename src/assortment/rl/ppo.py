"""Proximal policy optimisation (Schulman et al., 2017) on many simulated people at once, by Stable-Baselines3.

Of the 37 details (Huang et al., ICLR blog 2022) these apply, and where it says so a test fails without them: a vectorised
environment of whole arrays; orthogonal weights, the last layer of the policy small, so that it begins as the constants
(tested); Adam's epsilon 1e-5; a rate that falls to 0; generalised advantages; minibatches; advantages normalised in each;
clipped ratios; gradients no longer than 0.5; no entropy bonus for a Gaussian of a few dimensions; separate networks for actor
and critic; a spread that does not hang on the state; features that are normal, here by numbers that are frozen and saved
(tested); rewards scaled; an end by the horizon is no end of the person, so that the value of what would have come counts
(tested); a stop where the policy has moved far (KL 0.02).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assortment.core.errors import BadSetting
from assortment.rl.memory import Floats

MISSING = "'learn-policy' trains by Stable-Baselines3 and torch, which are not installed: pip install 'assortment[rl]'"


@dataclass(frozen=True)
class Training:
    """people at once; visits of each between two updates; updates; gamma: what a good taken one visit later is worth, 0 only
    now counts … 1 all alike; spread: log of the standard deviation of what is tried at first; hidden: units of each layer."""

    people: int = 384
    visits: int = 32
    updates: int = 90
    gamma: float = 0.98
    rate: float = 3e-4
    epochs: int = 6
    minibatches: int = 8
    spread: float = -1.5
    hidden: int = 64


class Batch(Protocol):
    """Many episodes at once, each begun anew where it ends. seen [p, f]; acts [p, a]; cut: an end for want of time alone."""

    people: int
    observed: int
    acted: int

    def begin(self, seed: int) -> Floats: ...

    def act(self, acts: Floats, /) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_], Floats]:
        """What is seen next, rewards, which episodes ended, which were only cut, and what was seen at the end of those."""
        ...


@dataclass(frozen=True, eq=False)
class Network:
    """layers: weights and biases of the policy's mean in turn; curve: mean reward a visit at each update."""

    layers: tuple[Floats, ...]
    curve: tuple[float, ...]


def train(
    batch: Batch, training: Training, seed: int, *, folder: Path | None = None, enough: Callable[[], bool] = lambda: False
) -> Network:
    """Learn a Gaussian policy for a batch of episodes, its mean a network of tanh layers.

    folder: where TensorBoard's curves go and where a training that was stopped left off; enough: asked after each update.
    Raises `BadSetting` where the libraries are missing.
    """
    try:
        from assortment.rl import baselines
    except ImportError as error:
        raise BadSetting(MISSING) from error
    return baselines.train(batch, training, seed, folder, enough)
