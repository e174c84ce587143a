"""Many people's visits at once: a slate for each, what they take of it, and who comes again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from assortment.core.errors import within
from assortment.rl import shoppers
from assortment.rl.crowd import Crowd
from assortment.rl.greedy import Offer, nearest_above
from assortment.rl.memory import Floats, Memory
from assortment.rl.people import Constants, Population
from assortment.rl.shoppers import Latent, Shelf

OFFERED = 0.7
"""The chance that a candidate may be shown on a visit: for stock, for the season, and for what the retrievers bring."""

AWAY = 10
"""Visits for which a good that was taken is not offered again."""


@dataclass(frozen=True, eq=False)
class Visit:
    """What came of one slate for each of p people. went [p, k]: which goods were taken; reward [p]: how many; pleasure [p]: how
    much of what they promised they held; alike [p]: the mean likeness of goods to their nearest above; kinds [p]: different
    kinds shown; tired [p]: goods taken lately of the kinds shown, on average; left [p]: who will not come again."""

    went: NDArray[np.bool_]
    reward: Floats
    pleasure: Floats
    alike: Floats
    kinds: Floats
    tired: Floats
    left: NDArray[np.bool_]


class Visits:
    """p simulated people, each of whom starts as one of a crowd, and visits until they leave or `horizon` visits are over.

    The same seed gives the same people, the same offers and the same chances whatever is shown to them, so that two policies
    differ by what they do alone (common random numbers); so do the `copies` of the same people that stand one after the other
    among the p, and are only to be stepped together. Nothing but `memory` and `offer` may be known to a policy.
    """

    def __init__(
        self,
        crowd: Crowd,
        population: Population,
        people: int,
        *,
        k: int = 8,
        horizon: int = 60,
        seed: int = 0,
        copies: int = 1,
    ) -> None:
        within("people", people, 1, 1_000_000)
        within("k", k, 1, crowd.items.shape[1])
        within("horizon", horizon, 1, 10_000)
        self.crowd, self.population, self.k, self.horizon = crowd, population, k, horizon
        self.people, self.copies, self._relevance = people * copies, copies, crowd.relevance
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """New people, who have seen nothing yet."""
        self._rng = np.random.default_rng(seed)
        self.whose, self.one, self._own, self._bait = self._new(self.people)
        self.latent = Latent.fresh(self.one, len(self.crowd.kinds))
        self.memory = Memory.blank(self.people, len(self.crowd.kinds))
        self.visit = np.zeros(self.people, np.int64)
        self.here = np.ones(self.people, bool)
        self._away = np.zeros((self.people, self.crowd.items.shape[1]), np.int64)
        self._look()

    def _new(self, people: int) -> tuple[NDArray[np.int64], Constants, Floats, Floats]:
        rng, drawn = self._rng, people // self.copies
        whose = rng.integers(len(self.crowd), size=drawn)
        one = self.population.draw(drawn, rng)
        own = one.doubt[:, None] * self._misjudged(whose)
        bait = one.bait[:, None] * rng.choice(np.array([0, 1], np.float32), (drawn, len(self.crowd.kinds) + 1))
        again = np.tile(np.arange(drawn), self.copies)
        return whose[again], one.take(again), own[again], bait.astype(np.float32)[again]

    def _misjudged(self, whose: NDArray[np.int64]) -> Floats:
        """How far the ranker is from what people want [p, n], of variance 1: half of it by kinds, half good by good."""
        kinds = self._rng.standard_normal((len(whose), len(self.crowd.kinds) + 1), np.float32)
        goods = self._rng.standard_normal((len(whose), self.crowd.items.shape[1]), np.float32)
        return (np.take_along_axis(kinds, self.crowd.kind[whose], 1) + goods) / np.float32(np.sqrt(2))

    def _chance(self, *shape: int) -> Floats:
        """Numbers drawn evenly from 0 … 1 for everybody [p, …], the same for each copy."""
        drawn = self._rng.random((self.people // self.copies, *shape), np.float32)
        return np.tile(drawn, (self.copies, *(1 for _ in shape)))

    def _look(self) -> None:
        there = (self._chance(self._away.shape[1]) < OFFERED) & (self._away <= self.visit[:, None])
        crowd, whose = self.crowd, self.whose
        self.offer = Offer(self._relevance[whose], crowd.odds[whose], crowd.kind[whose], crowd.alike, whose, there)

    def shelf(self, rows: NDArray[np.int64]) -> Shelf:
        """The slate of everybody, rows [p, k] of their candidates, as they see it."""
        people, filled = np.arange(self.people)[:, None], np.maximum(rows, 0)
        believed = self.one.liking[:, None] + self.offer.odds[people, filled] + self._own[people, filled]
        kind = self.offer.kind[people, filled]
        promise = np.take_along_axis(self._bait, kind, 1)
        return Shelf(believed.astype(np.float32), kind, nearest_above(self.offer, rows), promise, rows >= 0)

    def step(self, rows: NDArray[np.int64]) -> Visit:
        """Show everybody a slate, rows [p, k], -1 for an empty place; those who have left take nothing."""
        family, shelf = self.population.family, self.shelf(rows)
        chance = self._chance(2, rows.shape[1])
        odds = shoppers.worth(family, shelf, self.one, self.latent)
        went = shoppers.taken(family, odds + shelf.promise, shelf.there & self.here[:, None], self.one, chance)
        held = np.where(went, expit(odds) / expit(odds + shelf.promise), 0)
        pleasure = held.sum(1).astype(np.float32)
        tired = np.take_along_axis(self.latent.tired, shelf.kind, 1).mean(1)
        shoppers.moved(family, shelf, went, pleasure, self.one, self.latent)
        left = self.here & shoppers.leaves(family, shelf, self.one, self.latent, self._chance())
        self._remember(rows, shelf, went)
        alike = shelf.alike.mean(1)
        reward = went.sum(1).astype(np.float32)
        shown = Visit(went, reward, pleasure, alike, _different(shelf.kind), tired, left)
        self.here &= ~left
        self.visit += 1
        self._look()
        return shown

    def _remember(self, rows: NDArray[np.int64], shelf: Shelf, went: NDArray[np.bool_]) -> None:
        kind = np.where(shelf.there, shelf.kind, -1)
        odds = np.take_along_axis(self.offer.odds, np.maximum(rows, 0), 1)
        self.memory = self.memory.after(kind, went, shelf.alike.mean(1), odds)
        person, place = np.nonzero(went)
        self._away[person, rows[person, place]] = self.visit[person] + 1 + AWAY

    def renew(self, rows: NDArray[np.int64]) -> None:
        """Let other people come in the place of some."""
        whose, one, own, bait = self._new(len(rows))
        self.whose[rows], self._own[rows], self._bait[rows] = whose, own, bait
        fresh = Latent.fresh(one, len(self.crowd.kinds))
        for name in vars(one):
            getattr(self.one, name)[rows] = getattr(one, name)
        for name in vars(fresh):
            getattr(self.latent, name)[rows] = getattr(fresh, name)
        self.memory = self.memory.without(rows)
        self.visit[rows], self.here[rows], self._away[rows] = 0, True, 0
        self._look()


def _different(kind: NDArray[np.int32]) -> Floats:
    """How many different kinds stand on each slate [p]."""
    ordered = np.sort(kind, 1)
    return (1 + (np.diff(ordered, axis=1) != 0).sum(1)).astype(np.float32)
