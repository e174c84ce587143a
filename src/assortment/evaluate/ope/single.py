"""One choice at a time: each function gives the value of every round, whose mean is the estimate.

reward [n]: what came; weight [n]: π_e / π_b, the chance of the choice under the policy that is judged over that under the one
that chose; expected [n]: q̂ of the choice made; policy [n]: Σ_a π_e(a) q̂(a), what the model expects of the policy.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def ips(reward: Values, weight: Values) -> Values:
    """Inverse propensity score, ρ r (Horvitz and Thompson, 1952): unbiased where π_b can choose all that π_e does.

    >>> ips(np.array([1.0, 0, 1]), np.array([2.0, 0, 0.5])).mean().round(4)
    np.float64(0.8333)
    """
    return weight * reward


def snips(reward: Values, weight: Values) -> Values:
    """Self-normalised, Σ ρ r / Σ ρ (Swaminathan and Joachims, NeurIPS 2015): a little bias for far less variance."""
    return weight * reward / weight.mean()


def direct(policy: Values) -> Values:
    """The model's word alone."""
    return policy


def dr(reward: Values, weight: Values, expected: Values, policy: Values) -> Values:
    """Doubly robust, Σ_a π_e q̂ + ρ (r - q̂) (Dudík, Langford and Li, ICML 2011): right if either the propensities or the model
    are."""
    return policy + weight * (reward - expected)


def switch_dr(reward: Values, weight: Values, expected: Values, policy: Values, most: float) -> Values:
    """As `dr` where ρ is at most `most`, and the model's word elsewhere (Wang, Agarwal and Dudík, ICML 2017).

    most: 0 the model alone … infinity DR.
    """
    return policy + np.where(weight <= most, weight, 0) * (reward - expected)
