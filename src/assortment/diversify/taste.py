"""What a person likes and how varied they like it, read from the labels of the goods they took."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Scores
from assortment.core.profile import Profile
from assortment.portrait.propensity import personal_diversity, propensity, usual

HALF_LIFE = 10.0
"""After how many later takes one counts half for what a person likes."""

PRIOR = 5.0
"""How many takes the candidates weigh as much as, in what a person likes: who took nothing wants what is relevant now."""


@dataclass(frozen=True, eq=False)
class Aspects:
    """What n candidates are of, and what the person wants.

    codes [n, m] int32: the labels of each candidate as numbers, -1 where it has no more; wanted [labels] float32: the share of
    each label in what the person likes, at least 0, sum 1. An item spreads 1 evenly over its labels.
    """

    codes: NDArray[np.int32]
    wanted: Scores

    @property
    def share(self) -> Scores:
        """[n, m] the part of each candidate that each of its labels is: rows sum to 1, or to 0 where it has none."""
        there = self.codes >= 0
        return (there / np.maximum(there.sum(1, keepdims=True), 1)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Taste:
    """codes [goods, m] int32: the labels of the goods, -1 where one has no more; labels: how many there are; usual: how varied
    the histories of this shop's people are, 0 … 1."""

    codes: NDArray[np.int32]
    labels: int
    usual: float

    @staticmethod
    def of(codes: NDArray[np.int32], people: Iterable[Profile]) -> "Taste":
        labels = int(codes.max(initial=-1)) + 1
        return Taste(codes, labels, usual((codes[profile.recent] for profile in people), labels))

    @staticmethod
    def over(codes: NDArray[np.int32], usual: float) -> "Taste":
        """The taste over other goods, with what is usual known."""
        return Taste(codes, int(codes.max(initial=-1)) + 1, usual)

    def aspects(self, profile: Profile, items: Items, relevance: Scores) -> Aspects:
        """The aspects of candidates: items [n] with relevance [n], 0 … 1, and what the person wants of each.

        That is the mix of what they took, the latest counting most, and of the candidates, the relevant counting most.
        """
        codes = self.codes[items]
        taken = self.codes[profile.recent]
        lately = np.exp2(np.arange(1 - len(taken), 1) / HALF_LIFE)
        mass = self._mass(codes, relevance)
        total = mass.sum()
        wanted = self._mass(taken, lately) + (PRIOR / total * mass if total > 0 else 0)
        return Aspects(codes, (wanted / max(wanted.sum(), 1e-12)).astype(np.float32))

    def _mass(self, codes: NDArray[np.int32], weight: NDArray[np.floating]) -> NDArray[np.float64]:
        """[labels] the weight of each label, an item spreading its own evenly over its labels."""
        there = codes >= 0
        each = there * (weight / np.maximum(there.sum(1), 1))[:, None]
        mass = np.bincount((codes + 1).ravel(), each.ravel(), self.labels + 1)
        return mass[1:].astype(np.float64, copy=False)

    def diversity(self, shop: float, profile: Profile, strength: float) -> float:
        """The shop's setting made this person's: `propensity.personal_diversity`."""
        wants = propensity(self.codes[profile.recent], self.codes[profile.refused], self.labels, shop=self.usual)
        return personal_diversity(shop, wants, self.usual, strength)
