"""How right a list is about goods that are new, and about kinds of goods that are new to the person."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.arrays import Items
from assortment.core.errors import BadInput
from assortment.core.measure import Measure
from assortment.core.progress import tell
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.evaluate import metrics
from assortment.evaluate.bootstrap import Means, interval, weights
from assortment.evaluate.cases import Case
from assortment.evaluate.goods import Goods
from assortment.evaluate.lists import Values

SEEN: Mapping[str, tuple[float, float]] = {
    "0": (0, 0),
    "1-2": (1, 2),
    "3-5": (3, 5),
    "6-20": (6, 20),
    "over 20": (21, float("inf")),
}
"""How many people had liked an item when the pipeline was fitted, from and to."""

CELLS = 2_000_000
"""Goods of slates that are held at a time."""


def by_seen(cases: Sequence[Case], lists: Items, goods: Goods) -> dict[str, Values]:
    """Recall of the targets that so many people had liked; NaN for cases without such."""
    found = {}
    for name, (low, high) in SEEN.items():
        within = (goods.people >= low) & (goods.people <= high)
        wanted = [case.targets[within[case.targets]] for case in cases]
        if any(len(items) for items in wanted):
            found[f"Recall seen {name}"] = _recall(lists, wanted)
    return found


def crossing(cases: Sequence[Case], lists: Items, goods: Goods) -> dict[str, Values]:
    """Recall and NDCG of the targets of which the person had nothing alike: no label of theirs is borne by anything in the
    history. NaN for cases without such, and for people without labelled history."""
    if goods.labels is None:
        return {}
    wanted = [case.targets[_foreign(case, goods.labels)] for case in cases]
    if not any(len(items) for items in wanted):
        return {}
    hits, taken = metrics.hits(lists, wanted), np.array([len(items) for items in wanted])
    return {"Recall crossing": metrics.recall(hits, taken), "NDCG crossing": metrics.ndcg(hits, taken)}


def _foreign(case: Case, labels: sparse.csr_matrix) -> NDArray[np.bool_]:
    """Which targets bear labels, none of which the history bears; none where the history bears no label at all."""
    had = np.unique(sparse.csr_matrix(labels[case.request.profile.recent]).indices)
    borne = sparse.csr_matrix(labels[case.targets])
    rows = np.repeat(np.arange(len(case.targets)), np.diff(borne.indptr))
    shared = np.bincount(rows, np.isin(borne.indices, had), len(case.targets))
    return (np.diff(borne.indptr) > 0) & (shared == 0) & (len(had) > 0)


def _recall(lists: Items, wanted: Sequence[Items]) -> Values:
    return metrics.recall(metrics.hits(lists, wanted), np.array([len(items) for items in wanted]))


def in_pool(
    stage: Stage, cases: Sequence[Case], pool: NDArray[np.bool_], rng: np.random.Generator, batch: int = 256
) -> tuple[Measure, ...]:
    """Recall and NDCG where only the goods of a pool [n] may be shown, over the people who took some of them.

    The stage is given the whole pool as a slate and puts it in order. Raises `BadInput` where nobody took anything of it.
    """
    asked = [case for case in cases if pool[case.targets].any()]
    if not asked:
        raise BadInput("nobody took anything of the pool; there is nothing to measure")
    items = np.flatnonzero(pool).astype(np.int32)
    given, at_once = Slate(items, np.zeros(len(items), np.float32)), max(1, min(batch, CELLS // len(items)))
    lists, k = shown(stage, asked, given, at_once), asked[0].request.k
    wanted = [case.targets[pool[case.targets]] for case in asked]
    hits, taken = metrics.hits(lists, wanted), np.array([len(items) for items in wanted])
    return over_people({"Recall": metrics.recall(hits, taken), "NDCG": metrics.ndcg(hits, taken)}, asked, k, rng)


def shown(stage: Stage, cases: Sequence[Case], given: Slate, batch: int = 256) -> Items:
    """[c, k] what a stage makes of a slate given to each case, -1 where its own is short."""
    lists = np.full((len(cases), cases[0].request.k), -1, np.int32)
    for start in range(0, len(cases), batch):
        tell("asking", start, len(cases))
        requests = [case.request for case in cases[start : start + batch]]
        for row, slate in enumerate(stage(requests, [given] * len(requests)), start):
            items = slate.items[: lists.shape[1]]
            lists[row, : len(items)] = items
    tell("asking", len(cases), len(cases))
    return lists


def over_people(values: Mapping[str, Values], cases: Sequence[Case], k: int, rng: np.random.Generator) -> tuple[Measure, ...]:
    """The mean of each measure over cases, with its interval over people; NaN where a case has none."""
    users = [case.request.user or f"\0{row}" for row, case in enumerate(cases)]
    person = np.unique(users, return_inverse=True)[1].astype(np.int32)
    means = Means.of(person, np.stack(list(values.values()), 1))
    people = int(person.max()) + 1
    points = means(np.ones((people, 1)))[0]
    draws = np.concatenate([means(drawn) for drawn in weights(people, rng)])
    return tuple(
        interval(f"{name}@{k}", float(points[place]), draws[:, place], int((~np.isnan(value)).sum()), centred=False)
        for place, (name, value) in enumerate(values.items())
    )
