"""Every measure of each list: what it says of one case, by the name it is reported under."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from assortment.core.arrays import Items, Vectors
from assortment.evaluate import calibration, distances, intents, metrics, surprise, variety
from assortment.evaluate.cases import Case
from assortment.evaluate.goods import Goods
from assortment.evaluate.lists import Values, members, ragged

_PAIRS = 4_000_000
"""Cosines of pairs that are held at a time."""


def accuracy(cases: Sequence[Case], lists: Items, items: int) -> dict[str, Values]:
    """How near the top of its list is what each person then took."""
    hits = metrics.hits(lists, [case.targets for case in cases])
    taken = np.array([len(case.targets) for case in cases])
    values = {
        "Recall": metrics.recall(hits, taken),
        "NDCG": metrics.ndcg(hits, taken),
        "MRR": metrics.mrr(hits, taken),
        "MAP": metrics.average_precision(hits, taken),
        "hit rate": metrics.hit_rate(hits, taken),
        "precision": metrics.precision(hits, taken),
        "F1": metrics.f1(hits, taken),
        "AUC": metrics.auc(hits, taken, (lists >= 0).sum(1), items),
    }
    new = np.array([case.new for case in cases])
    if new.any():
        values |= {f"{name} new": np.where(new, values[name], np.nan) for name in ("Recall", "NDCG")}
    return values


def beyond(cases: Sequence[Case], lists: Items, goods: Goods) -> dict[str, Values]:
    """How varied, how new and how fitting each list is, as far as the goods are known well enough to say."""
    lengths = (lists >= 0).sum(1)
    values = {
        "short": (lengths < lists.shape[1]).astype(np.float64),
        "novelty": surprise.novelty(lists, goods.people, goods.everyone),
        "EPC": surprise.discovery(lists, goods.people, goods.everyone),
    }
    return values | _of_words(cases, lists, goods) | _of_labels(cases, lists, goods) | _of_purchases(lists, goods)


def _of_words(cases: Sequence[Case], lists: Items, goods: Goods) -> dict[str, Values]:
    if goods.vectors is None:
        return {}
    redundancy = distances.redundancy(members(lists, len(goods)), goods.vectors)
    twins, eild = _of_pairs(lists, goods.vectors)
    unexpected = surprise.unexpected(lists, _past(cases, len(goods)), goods.vectors)
    return {
        "redundancy": redundancy,
        "ILD": 1 - redundancy,
        "EILD": eild,
        "twins": twins,
        "unexpectedness": surprise.on_the_list(unexpected),
        "serendipity": surprise.serendipity(unexpected, metrics.hits(lists, [case.targets for case in cases])),
    }


def _of_pairs(lists: Items, vectors: Vectors) -> tuple[Values, Values]:
    """Twins and EILD, some lists at a time."""
    step = max(_PAIRS // lists.shape[1] ** 2, 1)
    found = []
    for start in range(0, len(lists), step):
        similar = distances.cosines(lists[start : start + step], vectors)
        found.append((variety.twins(similar), variety.eild(similar)))
    twins, eild = zip(*found, strict=True)
    return np.concatenate(twins), np.concatenate(eild)


def _of_labels(cases: Sequence[Case], lists: Items, goods: Goods) -> dict[str, Values]:
    if goods.labels is None:
        return {}
    held, past, targets = members(lists, len(goods)), _past(cases, len(goods)), [case.targets for case in cases]
    hits = metrics.hits(lists, targets)
    mixed, wanted = calibration.mix(held, goods.labels), calibration.mix(past, goods.labels)
    most = lists.shape[1] * int(np.diff(goods.labels.indptr).max(initial=0))
    values = {
        "aspects": variety.aspects(mixed),
        "entropy": variety.entropy(mixed, (lists >= 0).sum(1)),
        "S-recall": variety.subtopic_recall(mixed, wanted, np.full(len(lists), most)),
        "α-nDCG": intents.alpha_ndcg(lists, hits, targets, goods.labels),
        "ERR-IA": intents.err_ia(lists, hits, targets, goods.labels),
        "miscalibration": calibration.miscalibration(wanted, mixed),
        "JS": calibration.jensen_shannon(wanted, mixed),
        "Hellinger": calibration.hellinger(wanted, mixed),
    }
    return values if goods.shelves is None else values | {"redundancy labels": distances.redundancy(held, goods.shelves)}


def _of_purchases(lists: Items, goods: Goods) -> dict[str, Values]:
    if goods.bought is None:
        return {}
    return {"redundancy bought": distances.redundancy(members(lists, len(goods)), goods.bought)}


def _past(cases: Sequence[Case], items: int) -> sparse.csr_matrix:
    """What each person is remembered to have liked."""
    return ragged([case.request.profile.recent for case in cases], items)
