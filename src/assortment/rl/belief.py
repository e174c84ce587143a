"""What is believed of each person, from what they took of what they were shown: how readily they take things, how soon a kind
tires them, and how much they mind more of the same.

A person's constants are one of 72 hypotheses, each as likely at first as the ranges of `people.PRIOR` say, but that some people
take much less, for a log may hold purchases alone. Each slate multiplies these odds by how well a hypothesis foretold it
(Bayes' rule): a good at place j of a slate, from 0, is taken with the chance
`LOOKED`^j · sigmoid(odds + liking - tires · tired - repeats · above), odds what the ranker and the person's taste for its kind
say, tired the goods of its kind taken lately, above those of its kind above it. It is the model of people who look at one
place after the other; others are what this makes of them.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.floating]

LIKING = np.array([-4.5, -2.75, -1.25, -0.75, -0.25, 0.25], np.float32)
TIRES = np.array([0, 0.8, 1.6, 2.4], np.float32)
REPEATS = np.array([0, 0.3, 0.6], np.float32)
HYPOTHESES = np.array(list(product(LIKING, TIRES, REPEATS)), np.float32)
LIKELY = ((0.02, 0.04, 0.235, 0.235, 0.235, 0.235), (0.25, 0.25, 0.25, 0.25), (0.3, 0.35, 0.35))
SHARES = np.log([a * b * c for a, b, c in product(*LIKELY)]).astype(np.float32)

LOOKED = 0.86
"""The share of the people who look at a place who look at the next, in the middle of its range."""

LEAST = 1e-3
"""No chance is thought to be nearer to 0 or 1."""


@dataclass(frozen=True, eq=False)
class Look:
    """A slate as p people saw it. odds [p, k]: log odds of each good beside the best candidate, the person's taste for its
    kind counted; tired [p, k]: goods of its kind taken lately; above [p, k]: those of its kind above it; there [p, k]: which
    places are filled."""

    odds: Floats
    tired: Floats
    above: Floats
    there: NDArray[np.bool_]

    def foretold(self) -> Floats:
        """The chance [p, k, 72] of each good by each hypothesis."""
        likes = np.exp(-LIKING)[:, None, None]
        tires = np.exp(self.tired[:, :, None] * TIRES)[:, :, None, :, None]
        repeats = np.exp(self.above[:, :, None] * REPEATS)[:, :, None, None, :]
        against = np.exp(-self.odds)[:, :, None, None, None] * likes * tires * repeats
        looked = np.float32(LOOKED) ** np.arange(self.odds.shape[1], dtype=np.float32)
        chance = looked[:, None] / (1 + against.reshape(*self.odds.shape, len(HYPOTHESES)))
        return np.clip(chance, LEAST, 1 - LEAST)

    def expected(self, constants: Floats) -> Floats:
        """The chance [p, k] of each good by the constants of each person [p, 3]; 0 at an empty place."""
        liking, tires, repeats = constants.T[:, :, None]
        looked = LOOKED ** np.arange(self.odds.shape[1])
        return looked * expit(self.odds + liking - tires * self.tired - repeats * self.above) * self.there


def first(people: int) -> Floats:
    """What is believed of people of whom nothing is known [p, 72], as logarithms of odds."""
    return np.tile(SHARES, (people, 1))


def after(belief: Floats, look: Look, went: NDArray[np.bool_]) -> Floats:
    """What is believed [p, 72] once they have taken this [p, k] of a slate."""
    chance = look.foretold()
    seen = np.where(went[:, :, None], chance, 1 - chance)
    seen[~look.there] = 1
    told = belief + np.log(seen.prod(1))
    return (told - told.max(1, keepdims=True)).astype(np.float32)


def constants(belief: Floats) -> tuple[Floats, Floats]:
    """The means and the standard deviations [p, 3] of what is believed: liking, tires and repeats.

    >>> [f"{mean:.2f}" for mean in constants(first(1))[0][0]]
    ['-0.67', '1.20', '0.32']
    """
    odds = np.exp(belief - belief.max(1, keepdims=True))
    share = odds / odds.sum(1, keepdims=True)
    means = share @ HYPOTHESES
    return means, np.sqrt(np.maximum(share @ HYPOTHESES**2 - means**2, 0))
