"""What a contextual policy looks at: a person's visits so far and what there is to show, in a few numbers."""

import numpy as np

from assortment.rl.greedy import Offer
from assortment.rl.memory import Floats, Memory

FEATURES = (
    "taken, quick", "taken, steady", "alike", "visits",
    "fresh rate", "tired rate", "again rate", "tired beside fresh", "again beside fresh", "sure of tired", "sure of again",
    "kinds taken", "most taken", "spread of taken", "kinds seen", "most seen", "spread of seen", "just taken",
    "spread of rates", "relevance", "fall of relevance", "kinds at hand", "tired at hand",
)  # fmt: skip
"""The names of the columns, in order."""

TOP = 20
"""How many of the candidates, the most relevant, say what is at hand."""

MOST = 10.0
"""No column goes further from 0."""

DOUBT = 3.0
"""Showings that the usual rate weighs beside what was seen of a person."""


def features(memory: Memory, offer: Offer) -> Floats:
    """[p, 23]: `FEATURES`, of each person now."""
    quick, steady, alike, visits, *counts = memory.traits.T
    rates = [_rate(took, shown, steady) for took, shown in zip(counts[::2], counts[1::2], strict=True)]
    fresh, tired, again = rates
    own = [quick, steady, alike, np.log1p(visits) / 4, fresh, tired, again, tired - fresh, again - fresh]
    own += [np.log1p(counts[3]) / 4, np.log1p(counts[5]) / 4]
    columns = [*own, *_history(memory), *_at_hand(memory, offer)]
    return np.clip(np.nan_to_num(np.stack(columns, 1)), -MOST, MOST).astype(np.float32)


def _rate(took: Floats, shown: Floats, usual: Floats) -> Floats:
    """The share taken of what was shown, drawn to the usual where little was shown."""
    return (took + DOUBT * usual) / (shown + DOUBT)


def _history(memory: Memory) -> list[Floats]:
    taken = [np.log1p(memory.slow.sum(1)) / 3, memory.slow.max(1) / 4, _entropy(memory.slow)]
    seen = [np.log1p(memory.seen.sum(1)) / 4, memory.seen.max(1) / 16, _entropy(memory.seen)]
    return [*taken, *seen, memory.fast.max(1) / 2, memory.rates().std(1) * 4]


def _at_hand(memory: Memory, offer: Offer) -> list[Floats]:
    relevance, kind = offer.relevance[:, :TOP], offer.kind[:, :TOP]
    ordered = np.sort(kind, 1)
    different = (1 + (np.diff(ordered, axis=1) != 0).sum(1)) / kind.shape[1]
    tired = np.take_along_axis(memory.slow, kind, 1).mean(1)
    return [relevance.mean(1), relevance[:, 0] - relevance[:, -1], different, tired / 2]


def _entropy(counts: Floats) -> Floats:
    """0 all of one kind … about 1 of many alike, in units of log 20."""
    total = counts.sum(1, keepdims=True)
    share = counts / np.maximum(total, 1e-9)
    return -(share * np.log(np.maximum(share, 1e-9))).sum(1) / np.log(20)
