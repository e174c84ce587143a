"""Do the arms hold as many people as they should? If not, they are not alike, and nothing may be read from them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln

from assortment.core.errors import BadInput

ALARM = 0.0005
"""Below this probability the counts did not come about by the shares."""

WEIGHT = 100.0
"""How closely the prior of the sequential test lies around the shares, in people."""


@dataclass(frozen=True)
class Srm:
    """Sample ratio mismatch. people and expected by arm; p: of the chi-square test of one look; sequential: the p that holds
    for any number of looks; blocks: that the read-out is not to be believed."""

    people: Mapping[str, int]
    expected: Mapping[str, float]
    p: float
    sequential: float

    @property
    def blocks(self) -> bool:
        return min(self.p, self.sequential) < ALARM


def srm(people: Mapping[str, int], shares: Mapping[str, float]) -> Srm:
    """χ² = Σ (O - E)² / E, and the mixture of multinomials by Lindon and Malek (NeurIPS 2022).

    shares: the weight of each arm, above 0. Raises `BadInput` where the arms of both are not the same.

    >>> srm({"a": 5000, "b": 5400}, {"a": 1, "b": 1}).blocks
    True
    >>> srm({"a": 5000, "b": 5100}, {"a": 1, "b": 1}).blocks
    False
    """
    if set(people) != set(shares) or any(share <= 0 for share in shares.values()):
        raise BadInput(f"people are counted in {sorted(people)}, but shares above 0 are of {sorted(shares)}")
    seen = np.array([people[arm] for arm in shares], np.float64)
    theta = np.array(list(shares.values())) / sum(shares.values())
    expected = theta * seen.sum()
    p = float(stats.chi2.sf(((seen - expected) ** 2 / expected).sum(), len(seen) - 1)) if seen.sum() else 1.0
    return Srm(dict(people), dict(zip(shares, expected.tolist(), strict=True)), p, _sequential(seen, theta))


def _sequential(seen: np.ndarray, theta: np.ndarray) -> float:
    """1 over the Bayes factor of a Dirichlet around the shares against the shares themselves, at most 1."""
    prior = WEIGHT * theta
    mixture = gammaln(prior.sum()) - gammaln(prior.sum() + seen.sum()) + (gammaln(prior + seen) - gammaln(prior)).sum()
    return math.exp(min(0.0, -float(mixture - (seen * np.log(theta)).sum())))
