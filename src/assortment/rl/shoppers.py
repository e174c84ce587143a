"""Three families of simulated people, of different structure: what a slate is worth to them, what they take, when they leave.

tiring: each good taken of a kind makes that kind a little less wanted, and places are looked at one after the other (the
position-based model, or the cascade model of Craswell et al., WSDM 2008, for those who stop at what they take). bored: nothing
happens until three goods of a kind were taken in a short while, and then the kind is not wanted at all for some visits, as in
SARDINE (Deffayet et al., TORS 2024). choosing: of the whole slate one good or none, by a multinomial logit (McFadden, 1974),
in which what is like goods above counts less, and a temper that runs out, as in KuaiSim (Zhao et al., NeurIPS 2023).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from assortment.rl.memory import Floats, number_above
from assortment.rl.people import Constants

ENOUGH, BORED, CROWDED = 2.5, 4, 4
"""Goods of a kind taken lately that bore a person of it; for how many visits; and how many of a kind crowd a slate."""

MOOD = 1.5
"""Log odds of staying that each good taken lately adds."""


@dataclass(eq=False)
class Latent:
    """What moves inside p people and is not to be seen. tired [p, a + 1]: goods of each kind taken lately; grown [p, a + 1]:
    how much a kind has gained by being taken; bored [p, a + 1]: visits for which a kind is not wanted; mood [p]: pleasure
    lately; temper [p]: visits without anything that will still be put up with."""

    tired: Floats
    grown: Floats
    bored: Floats
    mood: Floats
    temper: Floats

    @staticmethod
    def fresh(constants: Constants, kinds: int) -> "Latent":
        """Of people who have not been here yet."""
        people = len(constants.liking)
        tired, grown, bored = (np.zeros((people, kinds + 1), np.float32) for _ in range(3))
        return Latent(tired, grown, bored, np.ones(people, np.float32), constants.patience.copy())


@dataclass(frozen=True, eq=False)
class Shelf:
    """A slate as somebody sees it. believed [p, k]: log odds of each good, as of a person who has had nothing; kind [p, k];
    alike [p, k]: to the nearest above; promise [p, k]: log odds by which each looks better than it is; there [p, k]."""

    believed: Floats
    kind: NDArray[np.int32]
    alike: Floats
    promise: Floats
    there: NDArray[np.bool_]


def worth(family: str, shelf: Shelf, one: Constants, latent: Latent) -> Floats:
    """The log odds [p, k] that a good is taken once it is looked at."""
    grown = shelf.believed + one.drifts[:, None] * _of(latent.grown, shelf.kind)
    none = latent.tired.shape[1] - 1
    own = np.where(shelf.kind == none, -2 - np.arange(shelf.kind.shape[1]), shelf.kind)
    if family == "tiring":
        above = number_above(own)
        return grown - one.tires[:, None] * _of(latent.tired, shelf.kind) - one.repeats[:, None] * above
    if family == "bored":
        of_kind = (own[:, :, None] == own[:, None, :]).sum(2)
        crowded = (of_kind >= CROWDED).any(1)
        bored = _of(latent.bored, shelf.kind) > 0
        return grown - 3 * np.minimum(one.tires, 1)[:, None] * bored - 2 * (one.repeats * crowded)[:, None]
    tired = np.log1p(_of(latent.tired, shelf.kind))
    return grown - 1.5 * one.tires[:, None] * tired - 2 * one.repeats[:, None] * shelf.alike


def taken(family: str, odds: Floats, there: NDArray[np.bool_], one: Constants, chance: Floats) -> NDArray[np.bool_]:
    """What of a slate is taken [p, k]; chance [p, 2, k]: numbers drawn evenly from 0 … 1."""
    return _one_or_none(odds, there, one, chance) if family == "choosing" else _one_after_another(odds, there, one, chance)


def _one_after_another(odds: Floats, there: NDArray[np.bool_], one: Constants, chance: Floats) -> NDArray[np.bool_]:
    looking = np.ones(len(odds), bool)
    went = np.zeros(odds.shape, bool)
    wanted = chance[:, 0] < expit(odds)
    for place in range(odds.shape[1]):
        went[:, place] = looking & wanted[:, place] & there[:, place]
        looking = looking & (chance[:, 1, place] < one.looks) & ~(one.cascade & went[:, place])
    return went


def _one_or_none(odds: Floats, there: NDArray[np.bool_], one: Constants, chance: Floats) -> NDArray[np.bool_]:
    seen = one.looks[:, None] ** np.arange(odds.shape[1])
    weight = np.where(there, seen * np.exp(odds), 0)
    ends = np.cumsum(weight, 1)
    at = chance[:, 0, :1] * (1 + ends[:, -1:])
    return there & (at < ends) & (at >= ends - weight)


def moved(family: str, shelf: Shelf, went: NDArray[np.bool_], pleasure: Floats, one: Constants, latent: Latent) -> None:
    """Let what was taken tire and please them; `latent` is changed."""
    got = _counted(shelf.kind, went, latent.tired.shape)
    latent.tired = latent.tired * one.recovers[:, None] + got
    latent.grown = 0.98 * latent.grown + got
    if family == "bored":
        bored_now = latent.tired >= ENOUGH
        latent.bored = np.where(bored_now, BORED, np.maximum(latent.bored - 1, 0)).astype(np.float32)
        latent.tired = np.where(bored_now, 0, latent.tired).astype(np.float32)
    latent.mood = 0.7 * latent.mood + 0.3 * pleasure
    latent.temper = np.minimum(latent.temper + np.where(went.any(1), 0.7 * pleasure, -1), one.patience)


def leaves(family: str, shelf: Shelf, one: Constants, latent: Latent, chance: Floats) -> NDArray[np.bool_]:
    """Who does not come again [p]; chance [p]: drawn evenly from 0 … 1."""
    if family == "tiring":
        return chance < expit(-(one.stays + MOOD * latent.mood))
    if family == "bored":
        dull = (_of(latent.bored, shelf.kind) > 0).mean(1)
        return chance < 0.02 + 0.25 * dull * expit(-one.stays + 1) + 0.1 * (latent.mood < 0.2)
    return latent.temper <= 0


def _of(counts: Floats, kind: NDArray[np.int32]) -> Floats:
    return np.take_along_axis(counts, kind, 1)


def _counted(kind: NDArray[np.int32], went: NDArray[np.bool_], shape: tuple[int, ...]) -> Floats:
    cell = (np.arange(shape[0])[:, None] * shape[1] + kind)[went]
    counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float32)
    counts[:, -1] = 0
    return counts
