"""The search for what is near: exact, and above a size approximate."""

import numpy as np
import pytest

from assortment.core.errors import BadInput
from assortment.core.save import load, save
from assortment.retrieve.index import Index, index

RNG = np.random.default_rng(0)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def crowd(n: int) -> np.ndarray:
    """Vectors that lie in twenty groups, as goods do."""
    centres = RNG.normal(size=(20, 16))
    return unit(centres[RNG.integers(20, size=n)] + 0.3 * RNG.normal(size=(n, 16)))


def depth(b: int, each: int) -> np.ndarray:
    return np.full(b, each, np.int64)


@pytest.mark.parametrize("exact_up_to", [0, 10_000])
def test_above_its_size_the_search_is_near_and_its_scores_are_exact(exact_up_to):
    goods, queries = crowd(3000), crowd(20)
    found = index(goods, "m", exact_up_to=exact_up_to)
    assert (len(found.cells) > 0) == (exact_up_to == 0)
    answers = found.ask(queries, depth(20, 10), "m")
    truth = queries @ goods.T
    best = np.argsort(-truth, axis=1)[:, :10]
    shared = [len(set(a.tolist()) & set(b.tolist())) for a, b in zip(answers.found(), best, strict=True)]
    assert sum(shared) >= (180 if exact_up_to == 0 else 200)
    rows, items = np.repeat(np.arange(20), 10), best.ravel().astype(np.int32)
    np.testing.assert_allclose(answers.of(rows, items), truth[rows, items], atol=1e-5)


@pytest.mark.parametrize("exact_up_to", [0, 10_000])
def test_a_query_from_another_encoder_is_refused_and_a_query_of_zeros_finds_nothing(exact_up_to):
    found = index(crowd(200), "minilm", exact_up_to=exact_up_to)
    nothing = np.zeros((1, 16), np.float32)
    with pytest.raises(BadInput, match=r"'minilm'.*'other'.*fit the shop again"):
        found.ask(nothing, depth(1, 5), "other")
    answers = found.ask(nothing, depth(1, 5), "minilm")
    assert len(answers.found()[0]) == 0
    assert answers.of(np.array([0]), np.array([7], np.int32)).tolist() == [0]


def test_a_saved_approximate_index_finds_the_same(tmp_path):
    goods, queries = crowd(500), crowd(5)
    before = index(goods, "m", exact_up_to=0)
    save(before, tmp_path / "saved")
    after = load(tmp_path / "saved", [Index])
    for one, other in zip(*(i.ask(queries, depth(5, 10), "m").found() for i in (before, after)), strict=True):
        assert one.tolist() == other.tolist()


def test_an_index_of_no_goods_finds_nothing():
    answers = index(np.zeros((0, 4), np.float32), "m").ask(np.ones((1, 4), np.float32), depth(1, 5), "m")
    assert [len(found) for found in answers.found()] == [0]


def test_goods_join_an_approximate_index_without_its_lists_being_made_anew():
    rng = np.random.default_rng(3)
    vectors = unit(rng.normal(size=(300, 8)).astype(np.float32))
    small = index(vectors[:299], "by hand", 100)
    bigger = small.with_vectors(vectors)
    assert bigger.ask(vectors[299:], np.array([1]), "by hand").found()[0].tolist() == [299]
    np.testing.assert_array_equal(bigger.lists.quantizer.reconstruct_n(0, 3), small.lists.quantizer.reconstruct_n(0, 3))
    changed = vectors.copy()
    changed[0] = -changed[0]
    assert small.with_vectors(changed).ask(changed[:1], np.array([1]), "by hand").found()[0].tolist() == [0]
