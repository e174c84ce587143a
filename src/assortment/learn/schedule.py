"""How long a run may take, and what it came to: no torch is needed to read these."""

import math
from dataclasses import dataclass

from assortment.core.errors import BadSetting, within

PRECISIONS = ("auto", "fp32", "bf16")


@dataclass(frozen=True)
class Schedule:
    """How long a run may take, and how fast it learns.

    minutes: of wall time, measuring included, above 0 … infinity; steps: at most so many, 1 …; every: so many steps the model
    is measured and the run saved, 1 …; patience: the run ends when so many measures in a row were no better than the best,
    1 …; rate: of AdamW at its highest, above 0; warm: the share of the budget in which the rate rises from 0, 0 … 1; cool: the
    part of the rate that is gone at the end, 0 constant … 1 down to nothing, evenly; decay: of weights that are matrices, 0 …;
    clip: the largest norm of a gradient, above 0 … infinity; seed: of everything drawn; threads: of the processor, 1 ….
    """

    minutes: float = 20.0
    steps: int = 1_000_000
    every: int = 100
    patience: int = 5
    rate: float = 1e-3
    warm: float = 0.05
    cool: float = 1.0
    decay: float = 0.01
    clip: float = 1.0
    seed: int = 1
    threads: int = 1

    def __post_init__(self) -> None:
        for name in ("minutes", "rate", "clip"):
            if not getattr(self, name) > 0:
                raise BadSetting(f"{name} is {getattr(self, name)}; it must be above 0")
        for name in ("steps", "every", "patience", "threads"):
            within(name, getattr(self, name), 1, math.inf)
        for name in ("warm", "cool"):
            within(name, getattr(self, name), 0, 1)
        within("decay", self.decay, 0, math.inf)

    def share(self, step: float, seconds: float) -> float:
        """How much of the budget is spent: 0 nothing … 1 all."""
        return min(1.0, max(step / self.steps, seconds / (60 * self.minutes)))

    def rate_at(self, share: float) -> float:
        """The learning rate when so much of the budget is spent."""
        return self.rate * min(1.0, share / self.warm if self.warm else 1.0) * (1 - self.cool * share)


@dataclass(frozen=True)
class Point:
    """One look at the model: after so many steps and seconds, the mean loss since the last look (None at the first), and the
    measure that decides."""

    step: int
    seconds: float
    loss: float | None
    value: float


@dataclass(frozen=True)
class Trained:
    """What a run came to: every look at the model in order, the first of them before any step; stopped: why it ended. The model
    has the weights of the best look, which is the first where nothing was better."""

    points: tuple[Point, ...]
    stopped: str

    @property
    def start(self) -> Point:
        return self.points[0]

    @property
    def best(self) -> Point:
        return best(self.points)


def best(points: tuple[Point, ...]) -> Point:
    """The first of the looks with the highest value."""
    return max(points, key=lambda point: point.value)
