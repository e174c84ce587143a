"""The policies: relevance and a method, constants that weigh what was seen, and a small network that says them for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assortment.rl.features import features
from assortment.rl.greedy import WEIGHTS, Offer, arrange
from assortment.rl.memory import Floats, Memory
from assortment.rl.static import static


class SlatePolicy(Protocol):
    """Slates for p people: the rows [p, k] of their candidates, best first, -1 where none is left."""

    def __call__(self, offer: Offer, memory: Memory, k: int, /) -> NDArray[np.int64]: ...


@dataclass(frozen=True)
class Static:
    """A method of `static.STATIC`, which minds nothing but the slate; diversity: 0 relevance only … 1 variety only."""

    method: str = "mmr"
    diversity: float = 0.0

    def __call__(self, offer: Offer, memory: Memory, k: int) -> NDArray[np.int64]:
        return static(self.method, offer, np.full(len(memory), self.diversity, np.float32), k)

    def __str__(self) -> str:
        return f"{self.method} at diversity {self.diversity:.2f}" if self.diversity else "relevance only"


@dataclass(frozen=True)
class Constant:
    """The same weights for everybody, in the order of `greedy.WEIGHTS`."""

    weights: Sequence[float]

    def of(self, offer: Offer, memory: Memory) -> Floats:
        """The weights of each person [p, 4]."""
        return np.tile(np.array(self.weights, np.float32), (len(memory), 1))

    def __call__(self, offer: Offer, memory: Memory, k: int) -> NDArray[np.int64]:
        return arrange(offer, memory, self.of(offer, memory), k)

    def __str__(self) -> str:
        return ", ".join(f"{name} {weight:.3f}" for name, weight in zip(WEIGHTS, self.weights, strict=True))


@dataclass(frozen=True, eq=False)
class Contextual:
    """Weights by a person's visits so far: constants + reach * clip(network(features), -1, 1), two layers of tanh.

    constants [4]; reach [4]: how far from them the weights may go, so that any output is a sane slate; middle, spread [f]: of
    the features, as they were when it was learned, and frozen; layers: weights and biases in turn.
    """

    constants: Floats
    reach: Floats
    middle: Floats
    spread: Floats
    layers: tuple[Floats, ...]

    def of(self, offer: Offer, memory: Memory) -> Floats:
        """The weights of each person [p, 4]."""
        return self.constants + self.reach * np.clip(self.network(normal(features(memory, offer), self)), -1, 1)

    def network(self, seen: Floats) -> Floats:
        """What the layers make of features [p, f] that are normal."""
        for place in range(0, len(self.layers) - 2, 2):
            seen = np.tanh(seen @ self.layers[place].T + self.layers[place + 1])
        return seen @ self.layers[-2].T + self.layers[-1]

    def __call__(self, offer: Offer, memory: Memory, k: int) -> NDArray[np.int64]:
        return arrange(offer, memory, self.of(offer, memory), k)

    def __str__(self) -> str:
        return "weights for each person"


Learned = Constant | Contextual


def normal(seen: Floats, policy: Contextual) -> Floats:
    """Features less their middle, over their spread, within ±5."""
    return np.clip((seen - policy.middle) / policy.spread, -5, 5).astype(np.float32)
