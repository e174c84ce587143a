"""What goes together."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.events import Event, no_events
from assortment.core.save import load, save
from assortment.understand.together import FLOOR, Lesson, Projected, Together, baskets, gain, popular_sets, volumes
from tests import world

THEMES = 12
"""Of each theme there is a tea and a pot; a vector says with equal weight which of the two it is, and its theme."""


def _things(themes: int) -> np.ndarray:
    kind = np.repeat(np.eye(2), themes, axis=0)
    theme = np.tile(np.eye(THEMES)[:themes], (2, 1))
    return (np.concatenate([kind, theme], axis=1) / np.sqrt(2)).astype(np.float32)


def _catalog(vectors: np.ndarray) -> Catalog:
    return Catalog(Ids([str(row) for row in range(len(vectors))]), {"vector": vectors})


def _shop() -> Dataset:
    """People buy the tea and the pot of one theme, never two teas or two pots."""
    goods = _catalog(_things(THEMES))
    bought = [
        Event(f"p{number}", str(thing), "purchase", number * world.DAY)
        for number in range(240)
        for thing in (number % THEMES, number % THEMES + THEMES)
    ]
    return Dataset(goods, world.log(bought, goods))


def test_substitutes_are_told_from_complements_that_are_as_alike_in_words():
    """Plain vectors say that both a pot of the same theme and another tea are alike by 0.5."""
    shop = _shop()
    plain = shop.catalog.column("vector")
    assert plain[0] @ plain[1] == pytest.approx(plain[0] @ plain[THEMES]) == pytest.approx(0.5)
    rows = Together(dims=14, rounds=200).fit(shop, np.random.default_rng(0))(shop.catalog).column("together")
    cosines = np.abs(rows @ rows.T)
    complements = cosines[np.arange(THEMES), np.arange(THEMES) + THEMES]
    substitutes = cosines[:THEMES, :THEMES][np.triu_indices(THEMES, 1)]
    assert complements.max() < 0.1
    assert substitutes.min() > 0.9


def test_volumes_are_those_of_the_determinant_written_out():
    """Two unit rows of cosine c: ((1 + floor)^2 - c^2) / (1 + floor)^2; twins keep the floor."""
    sets = np.array([[[3, 0], [0, 2]], [[1, 0], [0.6, 0.8]], [[1, 1], [2, 2]]])
    cosines = np.array([0, 0.6, 1])
    expected = np.log(1 - (cosines / (1 + FLOOR)) ** 2)
    assert volumes(sets, np.eye(2))[0] == pytest.approx(expected)


def test_gain_is_the_likelihood_of_a_basket_given_its_size():
    """Against the sum over all sets of two, on a shop of four goods, equally popular."""
    vectors = np.random.default_rng(1).normal(size=(4, 3))
    pairs = np.array(list(itertools.combinations(range(4), 2)))
    taken = np.array([[0, 2], [1, 3], [0, 2]])
    found, _ = gain(np.eye(3), Lesson(vectors[taken], vectors[pairs]))
    rows = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    kernel = rows @ rows.T + FLOOR * np.eye(4)
    likely = np.array([np.linalg.det(kernel[np.ix_(pair, pair)]) for pair in pairs])
    of_taken = [likely[list(map(tuple, pairs)).index(tuple(pair))] / likely.sum() for pair in taken]
    assert found == pytest.approx(np.log(of_taken).mean() - np.log(1 / len(pairs)))


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(2, 4))
def test_the_gradient_is_the_slope(seed, dims, k):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(6, dims))
    lesson = Lesson(rng.normal(size=(3, k, 6)), rng.normal(size=(7, k, 6)))
    direction = rng.normal(size=weights.shape)
    step = 1e-5
    slope = (gain(weights + step * direction, lesson)[0] - gain(weights - step * direction, lesson)[0]) / (2 * step)
    assert (gain(weights, lesson)[1] * direction).sum() == pytest.approx(slope, rel=1e-3, abs=1e-4)


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 4))
def test_a_set_never_has_more_volume_than_goods_that_have_nothing_in_common(seed, k, dims):
    sets = np.random.default_rng(seed).normal(size=(5, k, dims)).astype(np.float32)
    found = volumes(sets, np.eye(dims, dtype=np.float32))[0]
    assert (found <= 1e-5).all()
    assert (found >= k * np.log(FLOOR / (1 + FLOOR)) - 1e-3).all()


@given(st.integers(1, 6), st.integers(0, 10**6))
def test_popular_sets_have_different_goods_of_a_share_above_0(k, seed):
    share = np.array([0.9, 0.02, 0, 0.02, 0.02, 0.02, 0.02, 0])
    sets = popular_sets(share, 20, k, np.random.default_rng(seed))
    assert sets.shape == (20, k)
    assert all(len(set(row)) == k for row in sets.tolist())
    assert not np.isin(sets, [2, 7]).any()


def test_single_goods_are_drawn_by_their_share():
    share = np.array([0.5, 0.3, 0.2])
    drawn = popular_sets(share, 20_000, 1, np.random.default_rng(0))
    assert np.bincount(drawn.ravel()) / 20_000 == pytest.approx(share, abs=0.015)


GOODS = Catalog(Ids(list("abcdef")))


def _baskets(*events: tuple[str, str, float]) -> list[str]:
    """Events as (user, item, day); a basket as its ids."""
    bought = [Event(user, item, "purchase", int(world.START + day * world.DAY)) for user, item, day in events]
    found = baskets(world.log(sorted(bought, key=lambda event: event.time), GOODS))
    return sorted("".join(GOODS.ids.names[item] for item in basket) for basket in found)


def test_a_basket_is_a_day_of_one_person():
    """START lies 12:26 h into a day. The same thing twice makes no basket, and neither does a thing alone."""
    assert _baskets(("u", "a", 0), ("u", "b", 0.4), ("u", "c", 0.6), ("u", "d", 0.7), ("v", "a", 0.7)) == ["ab", "cd"]
    assert _baskets(("u", "b", 0), ("u", "b", 0.1), ("u", "e", 9), ("u", "c", 9), ("u", "d", 20)) == ["ce"]


def test_who_never_took_two_things_in_a_day_has_one_basket_of_all():
    assert _baskets(("u", "a", 0), ("u", "b", 3), ("u", "b", 8), ("v", "c", 0), ("v", "d", 0), ("v", "e", 9)) == ["ab", "cd"]


def test_what_was_refused_is_in_no_basket():
    kinds = {"a": "purchase", "b": "return", "c": "view"}
    events = [Event("u", item, kind, 5) for item, kind in kinds.items()]
    assert [basket.tolist() for basket in baskets(world.log(events, GOODS))] == [[0, 2]]
    assert baskets(no_events()) == []


def test_without_baskets_or_rounds_it_is_the_vectors_cut_to_their_first_directions():
    vectors = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    catalog = _catalog(vectors)
    column = Together(dims=3).fit(Dataset(catalog, no_events()), np.random.default_rng(0))(catalog).column("together")
    cut = vectors[:, :3] / np.linalg.norm(vectors[:, :3], axis=1, keepdims=True)
    assert column == pytest.approx(cut, abs=1e-6)
    still = Together(dims=4, rounds=0).fit(_shop(), np.random.default_rng(0))
    assert np.array_equal(still.weights, np.eye(14, 4))


def test_new_goods_get_unit_rows_and_goods_without_words_none():
    fitted = Together(dims=99, rounds=5).fit(_shop(), np.random.default_rng(0))
    column = fitted(_catalog(np.concatenate([_things(3)[::-1], np.zeros((1, 14), np.float32)]))).column("together")
    assert column.shape == (7, 14)
    assert column.dtype == np.float32
    assert np.linalg.norm(column, axis=1) == pytest.approx([1] * 6 + [0], abs=1e-5)
    assert fitted(_catalog(np.empty((0, 14), np.float32))).column("together").shape == (0, 14)


def test_goods_without_words_teach_nothing():
    """A zero row in every basket would be a good that has nothing in common with any other."""
    shop = _shop()
    blank = shop.catalog.column("vector") * (np.arange(2 * THEMES) < THEMES)[:, None]
    fitted = Together(dims=14).fit(shop.with_catalog(_catalog(blank)), np.random.default_rng(0))
    assert np.array_equal(fitted.weights, np.eye(14))


def test_the_same_seed_learns_the_same():
    one, other = (Together(dims=4, rounds=10).fit(_shop(), np.random.default_rng(3)).weights for _ in range(2))
    assert np.array_equal(one, other)


def test_the_future_is_not_read():
    shop = _shop()
    later = Dataset(shop.catalog, shop.events).before(100 * world.DAY)
    alone = Dataset(shop.catalog, shop.events.take(slice(0, 200)))
    one, other = (Together(dims=4, rounds=5).fit(data, np.random.default_rng(0)).weights for data in (later, alone))
    assert np.array_equal(one, other)


def test_vectors_are_needed_and_must_be_those_learnt_from():
    with pytest.raises(BadSetting, match="put 'embed' before 'together'"):
        Together().fit(Dataset(GOODS, no_events()), np.random.default_rng(0))
    with pytest.raises(BadSetting, match="vectors of 3 dimensions, where 14 were learnt from"):
        Projected(np.eye(14, dtype=np.float32))(_catalog(np.zeros((2, 3), np.float32)))


def test_what_is_saved_comes_back(tmp_path):
    shop = _shop()
    fitted = Together(dims=4, rounds=5).fit(shop, np.random.default_rng(0))
    save(fitted, tmp_path / "saved")
    loaded = load(tmp_path / "saved", [Projected])
    assert np.array_equal(loaded(shop.catalog).column("together"), fitted(shop.catalog).column("together"))


def test_settings_outside_their_range_are_refused():
    with pytest.raises(BadSetting, match="dims is 0"):
        Together(dims=0)
    with pytest.raises(BadSetting, match="rounds is -1"):
        Together(rounds=-1)
