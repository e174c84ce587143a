"""What a contextual policy looks at: a person's visits so far and what there is to show, in a few numbers."""

import numpy as np

from assortment.rl.belief import constants
from assortment.rl.greedy import Offer
from assortment.rl.memory import Floats, Memory

FEATURES = (
    "taken, quick", "taken, steady", "alike", "visits",
    "liking", "tires", "repeats", "unsure of liking", "unsure of tires", "unsure of repeats",
    "kinds taken", "most taken", "spread of taken", "spread of rates", "highest rate",
    "relevance", "fall of relevance", "kinds at hand", "tired at hand",
)  # fmt: skip
"""The names of the columns, in order."""

TOP = 20
"""How many of the candidates, the most relevant, say what is at hand."""

MOST = 10.0
"""No column goes further from 0."""


def features(memory: Memory, offer: Offer) -> Floats:
    """[p, 19]: `FEATURES`, of each person now."""
    quick, steady, alike, visits = memory.traits.T
    means, unsure = constants(memory.belief)
    columns = [quick, steady, alike, np.log1p(visits) / 4, *means.T, *unsure.T, *_history(memory), *_at_hand(memory, offer)]
    return np.clip(np.nan_to_num(np.stack(columns, 1)), -MOST, MOST).astype(np.float32)


def _history(memory: Memory) -> list[Floats]:
    taken = [np.log1p(memory.lately.sum(1)) / 3, memory.lately.max(1) / 4, _entropy(memory.lately)]
    rates = memory.rates()
    return [*taken, rates.std(1), rates.max(1)]


def _at_hand(memory: Memory, offer: Offer) -> list[Floats]:
    relevance, kind = offer.relevance[:, :TOP], offer.kind[:, :TOP]
    ordered = np.sort(kind, 1)
    different = (1 + (np.diff(ordered, axis=1) != 0).sum(1)) / kind.shape[1]
    tired = np.take_along_axis(memory.lately, kind, 1).mean(1)
    return [relevance.mean(1), relevance[:, 0] - relevance[:, -1], different, tired / 2]


def _entropy(counts: Floats) -> Floats:
    """0 all of one kind … about 1 of many alike, in units of log 20."""
    total = counts.sum(1, keepdims=True)
    share = counts / np.maximum(total, 1e-9)
    return -(share * np.log(np.maximum(share, 1e-9))).sum(1) / np.log(20)
