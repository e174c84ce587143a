"""Which k of n candidates: pure functions of arrays, each with its paper.

All take relevance [n] in [0, 1], vectors [goods, d] of unit rows, k, and diversity (0 relevance only … 1 variety only), and
give the rows of the chosen, 0 … n - 1, in the order they were chosen. Beside these:

room: what the caps still allow; it is left as it is after the last pick. None where all is allowed.
items [n]: the row of `vectors` that each candidate is; None where candidate i is row i, and goods = n.
given: candidates that were chosen before. They weigh on what is chosen next as picks do; they are not chosen again, and take no
room.

A slate is shorter than k only when nothing more is allowed. Equal gains go to the more relevant, then to the earlier. A zero
row of `vectors` is like nothing: its cosine with all else is 0. Raises `BadSetting` for a diversity outside 0 … 1 and a k below
1, and `BadInput` for arrays that do not fit one another, for relevance that is not finite, and for vectors that are not: a row
is read only where the choice depends on it.

The loops are in C (`kernel/`) and hold no lock of Python's. Where gains only fall as a slate grows, one is computed anew only
while its last value could still win; the picks are the same (accelerated greedy; Minoux, Optimization Techniques 1978).
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assortment.core.arrays import Items, Rows, Scores, Vectors
from assortment.core.errors import BadInput, BadSetting, within
from assortment.diversify import _greedy
from assortment.diversify.caps import Room
from assortment.diversify.pool import Aspects

JITTER = 1e-3

NO_ROWS = np.empty(0, np.int64)
NO_LABELS = np.empty((0, 0), np.int32)
NO_LIMITS = np.empty(0, np.int32)
NO_WISHES = np.empty(0, np.float32)


def by_relevance(relevance: Scores, k: int, room: Room | None = None) -> Rows:
    """The most relevant that the caps allow.

    >>> by_relevance(np.array([0.2, 0.9, 0.5], np.float32), 2)
    array([1, 2])
    """
    return mmr(relevance, np.empty((len(relevance), 0), np.float32), k, 0, room)


def mmr(
    relevance: Scores,
    vectors: Vectors,
    k: int,
    diversity: float,
    room: Room | None = None,
    *,
    items: Items | None = None,
    given: Rows | None = None,
) -> Rows:
    """Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): relevance less the likeness to the nearest pick.

    Takes argmax (1 - diversity) r_i - diversity max_{j picked} cos(x_i, x_j), again and again. Looks only at the nearest pick;
    `dpp` weighs the slate as a whole.

    >>> twins = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    >>> mmr(np.array([1, 0.9, 0.5], np.float32), twins, k=2, diversity=0.5)
    array([0, 2])
    """
    task = _task(relevance, vectors, k, diversity, room, items, given)
    return task.chosen[: _greedy.hybrid(*task, diversity, NO_LABELS, NO_WISHES, 0)]


def hybrid(
    relevance: Scores,
    vectors: Vectors,
    aspects: Aspects,
    k: int,
    diversity: float,
    personal: float,
    room: Room | None = None,
    *,
    items: Items | None = None,
    given: Rows | None = None,
) -> Rows:
    """What the person likes and is not yet served, less the likeness to the nearest pick: `mmr` beside a coverage of aspects.

    Takes argmax (1 - diversity) r_i + diversity (personal Σ_c wanted_c p(c|i) m_c - (1 - personal) max_j cos(x_i, x_j)),
    over the picks j, where p(c|i) spreads 1 over the labels of i, and m_c, at first 1, is halved by a pick that is wholly of c:
    each makes it m_c 2^-p(c|j). personal: 0 redundancy only, which is `mmr` … 1 aspects only. The discount of xQuAD (Santos,
    Macdonald and Ounis, WWW 2010) without relevance in it, beside the redundancy of Carbonell and Goldstein (SIGIR 1998).

    >>> shirts_and_a_mug = Aspects(np.array([[0], [0], [1]], np.int32), np.array([0.6, 0.4], np.float32))
    >>> across = np.eye(3, dtype=np.float32)
    >>> hybrid(np.array([0.9, 0.8, 0.7], np.float32), across, shirts_and_a_mug, k=3, diversity=0.9, personal=0.9)
    array([0, 2, 1])
    """
    within("personal", personal, 0, 1)
    task = _task(relevance, vectors, k, diversity, room, items, given)
    if len(aspects.codes) != len(relevance):
        raise BadInput(f"aspects of {len(aspects.codes)} candidates for the relevance of {len(relevance)}")
    codes = np.ascontiguousarray(aspects.codes, np.int32)
    wanted = np.ascontiguousarray(aspects.wanted, np.float32)
    return task.chosen[: _greedy.hybrid(*task, diversity, codes, wanted, personal)]


def dpp(
    relevance: Scores,
    vectors: Vectors,
    k: int,
    diversity: float,
    room: Room | None = None,
    *,
    jitter: float = JITTER,
    window: int | None = None,
    items: Items | None = None,
    given: Rows | None = None,
) -> Rows:
    """The greedy most probable set of a determinantal point process (Chen, Zhang and Zhou, NeurIPS 2018).

    Takes the item that adds most to (1 - diversity) sum r_i + diversity log det S, where S is the cosine matrix of the picks
    with `jitter` added to its diagonal, 0 … 1, so that twins cost much but never everything. window: how many of the last picks
    S holds, 1 or more; None for all (their section 4, which counts the next item into the window). Where nothing new is left in
    any candidate, the rest goes by relevance.

    >>> twins = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    >>> dpp(np.array([1, 0.9, 0.5], np.float32), twins, k=3, diversity=0.5)
    array([0, 2, 1])
    """
    within("jitter", jitter, 0, 1)
    task = _task(relevance, vectors, k, diversity, room, items, given)
    return task.chosen[: _greedy.volume(*task, diversity, jitter, False, _window(window, task))]


def ssd(
    relevance: Scores,
    vectors: Vectors,
    k: int,
    diversity: float,
    room: Room | None = None,
    *,
    window: int | None = None,
    items: Items | None = None,
    given: Rows | None = None,
) -> Rows:
    """Sliding spectrum decomposition (Huang, Wang, Zhang and Xu, KDD 2021), in the paper's steadier form.

    Takes argmax (1 - diversity) r_i + diversity |x_i less what lies in the span of the picks|, again and again: `dpp` with the
    length of what is new in place of twice its logarithm, so that a twin loses at most `diversity`. For a long feed: window, 1
    or more, is how many of the last picks count, each less what was in the window when it came; None for all.

    >>> twins = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    >>> ssd(np.array([1, 0.9, 0.5], np.float32), twins, k=3, diversity=0.5)
    array([0, 2, 1])
    """
    task = _task(relevance, vectors, k, diversity, room, items, given)
    return task.chosen[: _greedy.volume(*task, diversity, 0, True, _window(window, task))]


def msd(
    relevance: Scores,
    vectors: Vectors,
    k: int,
    diversity: float,
    room: Room | None = None,
    *,
    distance: Literal["angular", "cosine"] = "angular",
    swaps: bool = False,
    items: Items | None = None,
    given: Rows | None = None,
) -> Rows:
    """Max-sum dispersion: relevance and the distances between all pairs (Gollapudi and Sharma, WWW 2009).

    Takes argmax (1 - diversity) r_i + diversity Σ_{j picked} d(x_i, x_j), again and again, which is at least half of the most
    that 2 (1 - diversity) Σ r_i + diversity Σ_{pairs} d can be, as long as d is a metric (Borodin, Lee and Ye, PODS 2012).
    distance: `angular`, arccos(cos) / π, which is one, or `cosine`, 1 - cos, which is not. swaps: whether picks are then
    exchanged for others, one at a time and the best first, while that raises the sum, which keeps the half under caps on one
    label an item (their section 5). A slate so mended need not begin as a shorter one does.

    >>> across = np.array([[1, 0], [0.8, 0.6], [-1, 0], [0, -1]], np.float32)
    >>> msd(np.array([1, 0.9, 0.3, 0.4], np.float32), across, k=2, diversity=0.8)
    array([0, 2])
    """
    task = _task(relevance, vectors, k, diversity, room, items, given)
    return task.chosen[: _greedy.dispersion(*task, diversity, distance == "angular", swaps)]


def trade(
    relevance: Scores,
    vectors: Vectors,
    k: int,
    diversity: float,
    room: Room | None = None,
    *,
    items: Items | None = None,
    given: Rows | None = None,
) -> Rows:
    """The most relevant, one at a time traded for others that are further from the rest, the cheapest first.

    Of all ways to trade a pick i for a candidate j that raise the sum of the distances of all pairs, d = 1 - cos, takes the one
    that raises it most for each bit of relevance given up, r_i - r_j, as long as (1 - diversity) (r_i - r_j) < diversity times
    what is gained: the local search of `msd` (Borodin, Lee and Ye, PODS 2012), begun at the most relevant and led by the price.
    What is taken next does not depend on diversity, only where it ends does. So more diversity goes the same way and further:
    the sum of the distances of a slate never falls as diversity rises, which greedy choices cannot promise. The rows are in the
    order of relevance. All vectors are read.

    >>> across = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]], np.float32)
    >>> [trade(np.array([1, 0.9, 0.8, 0.2], np.float32), across, 2, diversity).tolist() for diversity in (0.1, 0.2, 0.5)]
    [[0, 1], [0, 2], [0, 3]]
    """
    task = _task(relevance, vectors, k, diversity, room, items, given)
    return task.chosen[: _greedy.trade(*task, diversity)]


class _Task(NamedTuple):
    """What the kernel takes, checked: see `_greedy.pyi`."""

    relevance: Scores
    vectors: Vectors
    items: Items | None
    codes: Items
    left: Items
    open: NDArray[np.bool_]
    given: Rows
    chosen: Rows
    d: int


def _window(window: int | None, task: _Task) -> int:
    most = len(task.given) + len(task.chosen)
    if window is not None and window < 1:
        raise BadSetting(f"window is {window}; it holds 1 pick or more")
    return most if window is None else min(window, most)


def _task(
    relevance: Scores,
    vectors: Vectors,
    k: int,
    diversity: float,
    room: Room | None,
    items: Items | None,
    given: Rows | None,
) -> _Task:
    within("diversity", diversity, 0, 1)
    n = len(relevance)
    if k < min(1, n):
        raise BadSetting(f"k is {k}; a slate has 1 item or more")
    if relevance.ndim != 1 or vectors.ndim != 2:
        raise BadInput(f"relevance has {relevance.ndim} dimensions and vectors {vectors.ndim}; they have 1 and 2")
    if len(vectors if items is None else items) != n:
        named = "rows of vectors" if items is None else "items"
        raise BadInput(f"{len(vectors if items is None else items)} {named} for the relevance of {n}")
    if room is not None and len(room.open) != n:
        raise BadInput(f"a room of {len(room.open)} for the relevance of {n}")
    return _Task(
        np.ascontiguousarray(relevance, np.float32),
        np.ascontiguousarray(vectors, np.float32),
        None if items is None else np.ascontiguousarray(items, np.int32),
        NO_LABELS if room is None else room.codes,
        NO_LIMITS if room is None else room.left,
        np.ones(n, np.bool_) if room is None else room.open,
        NO_ROWS if given is None else np.ascontiguousarray(given, np.int64),
        np.empty(min(k, n), np.int64),
        vectors.shape[1],
    )
