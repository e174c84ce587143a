"""Whole slates: each function gives the value of every slate, the sum of what its places earned.

reward [n, k]: what each place earned, 0 beyond the end of a slate; chosen [n, k]: the chance of the item at its place, given
those above it, under the policy that chose, 1 beyond the end; judged [n, k]: the same under the policy that is judged.
"""

import numpy as np

from assortment.evaluate.ope.single import Values


def prefixes(chosen: Values, judged: Values) -> Values:
    """ρ_{1:l} [n, k]: how much likelier the policy makes the first l items than the one that chose them."""
    return np.cumprod(judged / chosen, axis=1, dtype=np.float64)


def standard(reward: Values, chosen: Values, judged: Values) -> Values:
    """SIPS: the whole slate's weight for all places. Unbiased whatever people do, and of huge variance."""
    return prefixes(chosen, judged)[:, -1] * reward.sum(1)


def independent(reward: Values, at_place: Values, judged_at_place: Values) -> Values:
    """IIPS (Li et al., KDD 2018): each place by the chance of its item there, whatever stands elsewhere; right where people
    look at each place for itself. Both chances are of the item at the place over all slates, not given those above."""
    return (judged_at_place / at_place * reward).sum(1)


def cascade(reward: Values, chosen: Values, judged: Values) -> Values:
    """RIPS (McInerney et al., KDD 2020): each place by the weight of those down to it; right where people read from the top."""
    return (prefixes(chosen, judged) * reward).sum(1)


def cascade_dr(reward: Values, chosen: Values, judged: Values, expected: Values, policy: Values) -> Values:
    """Cascade-DR (Kiyohara et al., WSDM 2022): Σ_l ρ_{1:l} (r_l - Q̂_l) + ρ_{1:l-1} E_π Q̂_l.

    expected [n, k]: Q̂_l of the item shown; policy [n, k]: its mean over what the policy would put there, given those above.
    Q̂ may be of the place alone or of it and all below. Right where either the propensities or the model are, people reading
    from the top.

    With Q̂ = 0 it is RIPS:

    >>> half, nought = np.full((1, 2), 0.5), np.zeros((1, 2))
    >>> cascade_dr(np.array([[1.0, 1]]), half, np.array([[1.0, 0.5]]), nought, nought)
    array([4.])
    """
    weight = prefixes(chosen, judged)
    above = np.concatenate([np.ones((len(weight), 1)), weight[:, :-1]], axis=1)
    return (weight * (reward - expected) + above * policy).sum(1)


def snips_cascade(reward: Values, chosen: Values, judged: Values) -> Values:
    """RIPS, each place normalised by the mean of its weights."""
    weight = prefixes(chosen, judged)
    mean = weight.mean(0)
    return (np.divide(weight, mean, out=np.zeros_like(weight), where=mean > 0) * reward).sum(1)
