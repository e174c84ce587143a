"""Which k of n candidates by what they are of (categories, brands, tastes): pure functions of arrays, each with its paper.

All take relevance [n] in [0, 1], the aspects of the n candidates with the share of each that the person wants, k, and
diversity (0 relevance only … 1 variety only), and give the rows of the chosen, in the order they were chosen. A longer slate
begins as the shorter one. `room` says which candidates the caps still allow; a slate is shorter than k only when nothing more
is allowed. Gains less than `TIE` apart are equal and go to the more relevant item, then to the earlier row. A candidate
without labels is worth its relevance alone; where no aspect is wanted, the slate goes by relevance. Greedy, O(n m k) for m
labels an item. Raises what `checked` does.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import TIE, Rows, Scores
from assortment.core.errors import BadInput, BadSetting, within
from assortment.diversify.caps import Room
from assortment.diversify.pool import Aspects

PRIOR = np.float32(0.1)
"""What the wish itself counts for in a calibrated slate, in items: in a slate of ten it is Steck's alpha of 0.01."""


def xquad(relevance: Scores, aspects: Aspects, k: int, diversity: float, *, room: Room | None = None) -> Rows:
    """Explicit query aspect diversification (Santos, Macdonald and Ounis, WWW 2010; for people, Vargas, Castells and Vallet,
    SIGIR 2011).

    Takes argmax (1 - diversity) r_i + diversity Σ_c p(c|u) p(i|c,u) Π_{j picked} (1 - p(j|c,u)), again and again, where p(c|u)
    is `wanted` and p(i|c,u) = r_i × the share of c in i. What it adds to is the probabilistic coverage of El-Arini, Veda,
    Shahaf and Guestrin (KDD 2009), Σ_c p(c|u) (1 - Π (1 - p(i|c,u))), which is monotone and submodular: at least 1 - 1/e of
    the best. A wholly relevant pick satisfies its aspect once and for all; `coverage` lets it be wanted again.

    >>> twins = Aspects(np.array([[0], [0], [1]], np.int32), np.array([0.5, 0.5], np.float32))
    >>> xquad(np.array([1, 0.9, 0.5], np.float32), twins, k=2, diversity=0.8)
    array([0, 2])
    """
    checked(relevance, len(aspects.codes), k, diversity)
    order, ranked, codes, share = _by_relevance(relevance, aspects)
    hit = ranked[:, None] * share
    unmet = np.append(aspects.wanted, np.float32(0))

    def gain(_: NDArray[np.bool_]) -> Scores:
        return _blend(ranked, (hit * unmet[codes]).sum(1), diversity)

    def took(place: int) -> None:
        unmet[codes[place]] *= 1 - hit[place]

    return greedy(order, k, room, gain, took)


def pm2(relevance: Scores, aspects: Aspects, k: int, diversity: float, *, room: Room | None = None) -> Rows:
    """Proportionality (PM-2; Dang and Croft, SIGIR 2012): places go to aspects as seats to parties, after Sainte-Laguë.

    An aspect that has s_c of the places has the quotient q_c = p(c|u) / (2 s_c + 1); the neediest, c*, is the one with the
    highest among those that an open candidate serves, and quotients are taken relative to it. With p(i|c) = r_i × the share of
    c in i, the paper's score is pm_i = diversity p(i|c*) + (1 - diversity) Σ_{c ≠ c*} (q_c / q_c*) p(i|c). At 0 this is not
    yet the order of relevance, so it is weighed against it: takes argmax (1 - diversity) r_i + diversity pm_i; at 1 every place
    goes to the best of the neediest aspect; of aspects in equal need, that of the more relevant item. A pick takes s_c in the
    shares of its labels. No set function stands behind it.

    >>> wanted = Aspects(np.array([[0], [0], [0], [1]], np.int32), np.array([0.7, 0.3], np.float32))
    >>> pm2(np.array([1, 0.9, 0.8, 0.1], np.float32), wanted, k=3, diversity=1)
    array([0, 3, 1])
    """
    checked(relevance, len(aspects.codes), k, diversity)
    order, ranked, codes, share = _by_relevance(relevance, aspects)
    serves = ranked[:, None] * share
    wanted = np.append(aspects.wanted, np.float32(0))
    seats = np.zeros_like(wanted)

    def gain(open: NDArray[np.bool_]) -> Scores:
        quotient = (wanted / (2 * seats + 1))[codes]
        able = np.where((serves > 0) & open[:, None], quotient, np.float32(0))
        most = able.max(initial=0)
        if not most:
            return _blend(ranked, np.zeros_like(ranked), diversity)
        neediest = codes.flat[(able >= most * (1 - TIE)).argmax()]
        weight = np.where(codes == neediest, np.float32(diversity), (1 - np.float32(diversity)) / most * quotient)
        return _blend(ranked, (serves * weight).sum(1), diversity)

    def took(place: int) -> None:
        seats[codes[place]] += share[place]

    return greedy(order, k, room, gain, took)


def calibrated(relevance: Scores, aspects: Aspects, k: int, diversity: float, *, room: Room | None = None) -> Rows:
    """Calibration (Steck, RecSys 2018): the slate's mix of aspects comes near to `wanted`.

    Maximises (1 - diversity) Σ r_i - diversity KL(wanted ‖ q), where q = (0.1 wanted + Σ shares) / (0.1 + picks) is the slate's
    mix, smoothed. All places weigh the same, which the paper leaves open, and its alpha is a fixed 0.1 of an item (`PRIOR`):
    so what grows, Σ_c wanted_c log(0.1 wanted_c + Σ shares of c), is monotone and submodular and does not hang on k. Greedy
    reaches at least 1 - 1/e of the best, counted from the empty slate, and every prefix is calibrated for its own length. A
    person without a history needs a prior in `wanted`. Calibration is not variety: a narrow taste gets a narrow slate.

    >>> wanted = Aspects(np.array([[0], [0], [0], [1]], np.int32), np.array([0.7, 0.3], np.float32))
    >>> calibrated(np.array([1, 0.9, 0.8, 0.1], np.float32), wanted, k=3, diversity=0.9)
    array([0, 3, 1])
    """
    checked(relevance, len(aspects.codes), k, diversity)
    order, ranked, codes, share = _by_relevance(relevance, aspects)
    return _saturating(order, ranked, codes, share, aspects.wanted, PRIOR * aspects.wanted, k, diversity, room)


def coverage(relevance: Scores, aspects: Aspects, k: int, diversity: float, *, room: Room | None = None) -> Rows:
    """Saturated coverage of the wanted aspects, a concave function of a sum for each (Lin and Bilmes, ACL 2011).

    Maximises (1 - diversity) Σ r_i + diversity Σ_c w_c log2(1 + Σ r_i × the share of c in i), w_c = wanted_c over the largest,
    so that the first wholly relevant item of the most wanted aspect is worth 1 in both terms. Each further one of an aspect
    is worth less, never nothing. The paper takes the root; its slope at 0 is infinite, so that the least relevant item of a
    new aspect would look like a find. Monotone and submodular: at least 1 - 1/e of the best.

    >>> three = Aspects(np.array([[0], [0], [1]], np.int32), np.array([0.5, 0.5], np.float32))
    >>> coverage(np.array([1, 0.9, 0.8], np.float32), three, k=2, diversity=0.5)
    array([0, 2])
    """
    checked(relevance, len(aspects.codes), k, diversity)
    order, ranked, codes, share = _by_relevance(relevance, aspects)
    weight = aspects.wanted / (np.log(2) * max(float(aspects.wanted.max(initial=0)), 1e-12))
    full = np.ones_like(aspects.wanted)
    return _saturating(order, ranked, codes, ranked[:, None] * share, weight.astype(np.float32), full, k, diversity, room)


def checked(relevance: Scores, others: int, k: int, diversity: float) -> None:
    """Raise `BadSetting` for a diversity outside 0 … 1 and a k below 1, and `BadInput` for relevance that is not a number or of
    another number of candidates."""
    within("diversity", diversity, 0, 1)
    if k < min(1, len(relevance)):
        raise BadSetting(f"k is {k}; a slate has 1 item or more")
    if others != len(relevance):
        raise BadInput(f"{others} candidates for the relevance of {len(relevance)}")
    if not np.isfinite(relevance).all():
        raise BadInput("relevance is not a number for every candidate")


def greedy(
    order: Rows,
    k: int,
    room: Room | None,
    gain: Callable[[NDArray[np.bool_]], Scores],
    took: Callable[[int], None],
) -> Rows:
    """Take the open candidate with the highest gain, k times. order [n]: the candidates' rows, the most relevant first.

    `gain` is told which places of the order are open and gives a gain for each place; `took` is told the place that was taken.
    Of gains less than `TIE` apart the first in the order is taken.
    """
    room = room if room is not None else Room.of(len(order), {}, {})
    chosen: list[int] = []
    while len(chosen) < k and room.open.any():
        open = room.open[order]
        gains = np.where(open, gain(open), -np.inf)
        place = int((gains >= gains.max() - TIE).argmax())
        chosen.append(int(order[place]))
        room.take(chosen[-1])
        took(place)
    return np.array(chosen, np.int64)


def _by_relevance(relevance: Scores, aspects: Aspects) -> tuple[Rows, Scores, Rows, Scores]:
    """The rows, the most relevant first, and in that order their relevance [n], labels [n, m] and shares [n, m]."""
    order = np.argsort(-relevance, kind="stable")
    return order, relevance[order], aspects.codes[order].astype(np.int64), aspects.share[order]


def _blend(relevance: Scores, variety: Scores, diversity: float) -> Scores:
    return np.add(np.float32(1 - diversity) * relevance, np.float32(diversity) * variety)


def _saturating(
    order: Rows,
    ranked: Scores,
    codes: Rows,
    step: Scores,
    weight: Scores,
    start: Scores,
    k: int,
    diversity: float,
    room: Room | None,
) -> Rows:
    """Greedy for (1 - diversity) Σ r_i + diversity Σ_c weight_c log(start_c + Σ step of c); what is unwanted adds 0."""
    weighs = np.append(weight, np.float32(0))[codes]
    held = np.append(np.where(weight > 0, start, 1), 1).astype(np.float32)

    def gain(_: NDArray[np.bool_]) -> Scores:
        return _blend(ranked, (weighs * np.log1p(step / held[codes])).sum(1), diversity)

    def took(place: int) -> None:
        held[codes[place]] += step[place]

    return greedy(order, k, room, gain, took)
