"""What a slate has of what a method is after, against its definition written out good by good and label by label."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.profile import NOBODY
from assortment.diversify import variety
from assortment.diversify.methods import Hybrid
from assortment.diversify.pool import Pool
from assortment.diversify.taste import Aspects


class Told:
    """A taste that is known beforehand."""

    def __init__(self, wanted: Aspects) -> None:
        self.wanted = wanted

    def aspects(self, *_) -> Aspects:
        return self.wanted


def pool_of(relevance, labels, wanted, vectors=None) -> Pool:
    most = max([1, *(len(row) for row in labels)])
    codes = np.array([[*row, *[-1] * (most - len(row))] for row in labels], np.int32).reshape(len(labels), most)
    aspects = Aspects(codes, np.array(wanted, np.float32))
    held = np.eye(len(labels), dtype=np.float32) if vectors is None else np.array(vectors, np.float32)
    items = np.arange(len(labels), dtype=np.int32)
    return Pool(np.array(relevance, np.float32), items, held, NOBODY, Told(aspects))  # type: ignore[arg-type]


@st.composite
def slates(draw):
    """A pool of goods with labels and vectors, and some of its rows."""
    n, labels = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    some = st.lists(st.integers(0, labels - 1), max_size=3, unique=True)
    votes = np.array(draw(st.lists(st.integers(0, 5), min_size=labels, max_size=labels)), float)
    relevance = np.array(draw(st.lists(st.integers(0, 100), min_size=n, max_size=n))) / 100
    kinds = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0], [0, 0]], np.float32)
    vectors = kinds[draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))]
    wanted = votes / max(1, votes.sum())
    pool = pool_of(relevance, draw(st.lists(some, min_size=n, max_size=n)), wanted, vectors)
    return pool, np.array(draw(st.lists(st.integers(0, n - 1), min_size=1, unique=True)))


def share(pool: Pool, row: int, label: int) -> float:
    labels = [code for code in pool.aspects.codes[row].tolist() if code >= 0]
    return labels.count(label) / max(len(labels), 1)


def held(pool: Pool, rows, label: int) -> float:
    return sum(share(pool, row, label) for row in rows)


def apart(pool, rows) -> float:
    worded = [pool.vectors[row].astype(float) for row in rows if pool.vectors[row].any()]
    pairs = [1 - one @ other for place, one in enumerate(worded) for other in worded[:place]]
    return float(np.mean(pairs)) if pairs else 0.0


def stands_for(pool, rows) -> float:
    wide = pool.vectors.astype(float)
    return float(np.mean([max((1 + one @ wide[row]) / 2 for row in rows) for one in wide]))


def served(pool, rows) -> float:
    return sum(w * (1 - 0.5 ** held(pool, rows, label)) for label, w in enumerate(pool.aspects.wanted.tolist()))


def satisfied(pool, rows) -> float:
    total = 0.0
    for label, wanted in enumerate(pool.aspects.wanted.tolist()):
        missed = np.prod([1 - float(pool.relevance[row]) * share(pool, row, label) for row in rows])
        total += wanted * (1 - missed)
    return float(total)


def covered(pool, rows) -> float:
    wanted = pool.aspects.wanted.tolist()
    relevant = [sum(float(pool.relevance[row]) * share(pool, row, label) for row in rows) for label in range(len(wanted))]
    return sum(w / max(max(wanted), 1e-12) * np.log2(1 + mass) for w, mass in zip(wanted, relevant, strict=True))


def in_proportion(pool, rows) -> float:
    mix = [held(pool, rows, label) / len(rows) for label in range(len(pool.aspects.wanted))]
    return 1 - sum(abs(a - b) for a, b in zip(mix, pool.aspects.wanted.tolist(), strict=True)) / 2


def calibrated(pool, rows) -> float:
    total = 0.0
    for label, wanted in enumerate(pool.aspects.wanted.tolist()):
        if wanted:
            total -= wanted * np.log(wanted / ((0.1 * wanted + held(pool, rows, label)) / (0.1 + len(rows))))
    return total


NAIVE = [apart, stands_for, served, satisfied, covered, in_proportion, calibrated]


@pytest.mark.parametrize("naive", NAIVE)
@given(data=slates())
def test_it_is_what_its_definition_says(naive, data):
    assert getattr(variety, naive.__name__)(*data) == pytest.approx(naive(*data), abs=1e-5)


def test_a_slate_of_one_good_has_no_pairs_and_goods_without_words_none_either():
    pool = pool_of([1, 1, 1], [[0]] * 3, [1], [[1, 0], [0, 0], [0, 1]])
    assert variety.apart(pool, np.array([0])) == 0
    assert variety.apart(pool, np.array([0, 1])) == 0
    assert variety.apart(pool, np.array([0, 1, 2])) == pytest.approx(1)


def test_half_of_an_aspect_is_half_wanted_once_it_is_served_and_a_twin_adds_less():
    pool = pool_of([1, 1, 1], [[0], [0], [1]], [0.5, 0.5])
    assert variety.served(pool, np.array([0])) == pytest.approx(0.25)
    assert variety.served(pool, np.array([0, 1])) == pytest.approx(0.375)
    assert variety.served(pool, np.array([0, 2])) == pytest.approx(0.5)


def test_the_hybrid_weighs_what_is_served_beside_the_distance():
    pool = pool_of([1, 1], [[0], [0]], [1], [[1, 0], [0, 1]])
    rows = np.array([0, 1])
    assert Hybrid(0.25).variety(pool, rows) == pytest.approx(0.25 * 0.75 + 0.75 * 1)
