"""The re-rankers that learn nothing of consequences, for many people at once: what a learned policy has to beat."""

import numpy as np
from numpy.typing import NDArray

from assortment.rl.greedy import OUT, Offer, pick
from assortment.rl.memory import Floats

STATIC = ("mmr", "msd", "dpp")
"""The methods, each with one setting, diversity: 0 relevance only … 1 variety only."""

JITTER = 1e-3
"""Added to the diagonal of the cosines, so that twins cost much but never everything."""


def static(method: str, offer: Offer, diversity: Floats, k: int) -> NDArray[np.int64]:
    """The rows [p, k] that a method of `STATIC` chooses; diversity [p], 0 … 1, a number for each person."""
    return {"mmr": _mmr, "msd": _msd, "dpp": _dpp}[method](offer, diversity.astype(np.float32), k)


def _mmr(offer: Offer, diversity: Floats, k: int) -> NDArray[np.int64]:
    """Carbonell and Goldstein (SIGIR 1998), cosines below 0 counting as 0."""
    score = offer.relevance * (1 - diversity)[:, None]
    return pick(offer, score, diversity, np.zeros_like(diversity), -1, k)


def _msd(offer: Offer, diversity: Floats, k: int) -> NDArray[np.int64]:
    """Max-sum dispersion by the angle (Gollapudi and Sharma, WWW 2009)."""
    people, left = np.arange(len(diversity)), offer.there.copy()
    score = offer.relevance * (1 - diversity)[:, None]
    rows = np.full((len(diversity), k), -1, np.int64)
    for place in range(min(k, score.shape[1])):
        best = _take(rows, place, score, left, people)
        far = np.arccos(np.clip(offer.likeness(best), -1, 1)) / np.pi
        score = score + diversity[:, None] * far
    return rows


def _dpp(offer: Offer, diversity: Floats, k: int) -> NDArray[np.int64]:
    """The greedy most probable set of a determinantal point process (Chen, Zhang and Zhou, NeurIPS 2018)."""
    people, left = np.arange(len(diversity)), offer.there.copy()
    relevance = offer.relevance * (1 - diversity)[:, None]
    volume = np.full(relevance.shape, 1 + JITTER, np.float32)
    basis = np.zeros((*relevance.shape, k), np.float32)
    rows = np.full((len(diversity), k), -1, np.int64)
    for place in range(min(k, relevance.shape[1])):
        score = relevance + diversity[:, None] * np.log(np.maximum(volume, 1e-10))
        best = _take(rows, place, score, left, people)
        cosine = offer.likeness(best)
        cosine[people, best] = 1 + JITTER
        own = basis[people, best, :place]
        row = (cosine - np.einsum("pnj,pj->pn", basis[:, :, :place], own)) / np.sqrt(volume[people, best])[:, None]
        basis[:, :, place] = row
        volume = np.maximum(volume - row**2, 1e-10)
    return rows


def _take(
    rows: NDArray[np.int64], place: int, score: Floats, left: NDArray[np.bool_], people: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Take the best of those left of everybody; where none is, the place stays empty."""
    best = np.argmax(np.where(left, score, OUT), 1)
    rows[:, place] = np.where(left[people, best], best, -1)
    left[people, best] = False
    return best
