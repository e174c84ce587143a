"""Whether what was learnt of some kinds of goods carries over to a kind that is new to the shop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.measure import Measure
from assortment.core.profile import fold
from assortment.core.slate import Slate
from assortment.core.stage import Recipe, Stage
from assortment.evaluate import metrics
from assortment.evaluate.cases import Case, Split
from assortment.evaluate.newness import in_pool, over_people, shown

SHOTS = 3
"""Events of each good that are left in the log where a few are."""


@dataclass(frozen=True)
class Transfer:
    """One kind of goods left out of the log, and how well its goods are still found by people who had others.

    goods: of that kind; people: who took some of them later. zero: nobody touched any of them yet; few: the first `SHOTS`
    events of each are known. Recall and NDCG are over the whole catalog, `Recall within` and `NDCG within` where only this
    kind may be shown.
    """

    kind: str
    goods: int
    people: int
    zero: tuple[Measure, ...]
    few: tuple[Measure, ...]


def transfer(plan: Recipe[Stage], split: Split, catalog: Catalog, kinds: int, rng: np.random.Generator) -> tuple[Transfer, ...]:
    """Leave out each of the `kinds` kinds of goods that most people took later, one at a time, fit on what remains, and ask
    those people. Fits the plan twice for each.

    catalog: with the column that says of what kind goods are (`Catalog.kinds`); nothing is asked where there is none.
    """
    if not catalog.kinds:
        return ()
    borne = labels(catalog.column(catalog.kinds))
    taken = [np.unique(sparse.csr_matrix(borne.member[case.targets]).indices) for case in split.cases]
    wanted = np.bincount(np.concatenate([np.empty(0, np.int32), *taken]), minlength=len(borne.names))
    by_kind, found = borne.member.tocsc(), []
    for kind in np.argsort(-wanted, kind="stable")[:kinds].tolist():
        left_out = np.zeros(len(catalog), dtype=bool)
        left_out[by_kind.indices[by_kind.indptr[kind] : by_kind.indptr[kind + 1]]] = True
        zero, few = (_asked(plan, split, left_out, shots, rng) for shots in (0, SHOTS))
        if zero and few:
            found.append(Transfer(borne.names[kind], int(left_out.sum()), zero[0].n, zero, few))
    return tuple(found)


def _asked(
    plan: Recipe[Stage], split: Split, left_out: NDArray[np.bool_], shots: int, rng: np.random.Generator
) -> tuple[Measure, ...]:
    """What is found of the goods left out; nothing where nobody who took some had anything else."""
    past = thinned(split.past, left_out, shots)
    cases = _cases(split.cases, past, left_out)
    if not cases:
        return ()
    stage, k = plan.fit(past, rng), cases[0].request.k
    whole = shown(stage, cases, Slate())
    hits, taken = metrics.hits(whole, [case.targets for case in cases]), np.array([len(case.targets) for case in cases])
    over_all = over_people({"Recall": metrics.recall(hits, taken), "NDCG": metrics.ndcg(hits, taken)}, cases, k, rng)
    within = [replace(one, name=one.name.replace("@", " within@")) for one in in_pool(stage, cases, left_out, rng)]
    return (*over_all, *within)


def thinned(past: Dataset, goods: NDArray[np.bool_], shots: int) -> Dataset:
    """A log in which only the first `shots` events of each of the goods [n] are left."""
    item = past.events.item
    order = np.argsort(item, kind="stable")
    first = np.searchsorted(item[order], item[order])
    number = np.empty(len(item), np.int64)
    number[order] = np.arange(len(item)) - first
    return replace(past, events=past.events.take(np.flatnonzero(~goods[item] | (number < shots))))


def _cases(cases: Sequence[Case], past: Dataset, goods: NDArray[np.bool_]) -> list[Case]:
    """Those who took some of the goods, of which alone they are asked, with what is left of their history."""
    profiles = fold(past.events)
    return [
        Case(replace(case.request, profile=profiles[case.request.user]), case.targets[goods[case.targets]])
        for case in cases
        if goods[case.targets].any() and case.request.user in profiles
    ]
