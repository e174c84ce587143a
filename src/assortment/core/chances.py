"""What a pipeline might have shown, and how likely: what its slates can be judged by without showing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items
from assortment.core.errors import BadSetting
from assortment.core.pipeline import Pipeline
from assortment.core.request import Request
from assortment.core.slate import Slate


@dataclass(frozen=True, eq=False)
class Chances:
    """items [m], among which a slate is drawn; chance [k, m]: of each at each place, given what was shown above it."""

    items: Items
    chance: NDArray[np.float64]

    def of(self, shown: Items) -> NDArray[np.float64]:
        """The chance of each item at its place [k]: 0 for what would not have been among them."""
        return (self.chance * (shown[:, None] == self.items[None, :])).sum(1)


@runtime_checkable
class Drawing(Protocol):
    """A stage that draws the slate, and knows the chance of what it did not draw. Stages after it keep items and order."""

    def chances(self, requests: Sequence[Request], slates: Sequence[Slate], shown: Sequence[Items], /) -> list[Chances]: ...


def chances(pipeline: Pipeline, requests: Sequence[Request], shown: Sequence[Items]) -> list[Chances]:
    """What a pipeline would put at each place of slates that were shown. One that draws nothing is sure of its own slate.

    Raises `BadSetting` where two stages draw.
    """
    drawing = [row for row, stage in enumerate(pipeline.stages) if isinstance(stage, Drawing)]
    if len(drawing) > 1:
        raise BadSetting("two stages draw; the chance of a slate is known where only one does")
    if not drawing:
        return [_sure(slate, items) for slate, items in zip(pipeline(requests), shown, strict=True)]
    stage = pipeline.stages[drawing[0]]
    assert isinstance(stage, Drawing)
    return stage.chances(requests, Pipeline(pipeline.stages[: drawing[0]], pipeline.catalog)(requests), shown)


def _sure(slate: Slate, shown: Items) -> Chances:
    """At each place the first of the slate that is not shown above."""
    chance = np.zeros((len(shown), len(slate)))
    left = np.ones(len(slate), bool)
    for place, item in enumerate(shown.tolist()):
        if left.any():
            chance[place, int(np.argmax(left))] = 1
        left[slate.items == item] = False
    return Chances(slate.items, chance)
