"""More diversity never gives a slate less variety, whatever the method, where the shop asks for steady slates."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import no_events
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.diversify.methods import Coverage, Dpp, Facility, Hybrid, Methods, Mmr, Msd, Pm2, Ssd, Trade, Xquad
from assortment.diversify.stage import STEPS, Diversified, Diversify

N, K, KINDS = 30, 6, 5
GRID = np.linspace(0, 1, 11)
ALL = [method() for method in Methods.__args__]
BY_WORDS = (Mmr, Msd, Trade, Dpp, Ssd)
WISHES = {
    "nothing": {},
    "a cap": {"at_most": {"brand": 2}},
    "all that has to be mended": {"at_least": {"brand": 4, "price": 3}, "apart": {"brand": 2}, "floor": 0.1},
    "what cannot be": {"at_least": {"brand": 9}, "apart": {"category": 3}},
}


def shop(seed: int) -> tuple[Dataset, Slate]:
    """Thirty goods of five kinds, alike within a kind; the relevant ones are mostly of one."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(KINDS, size=N)
    vectors = np.eye(KINDS + 8)[kind] + 0.4 * rng.normal(size=(N, KINDS + 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    columns = {
        "vector": vectors,
        "category": strings([f"kind {one}" for one in kind]),
        "brand": strings([f"brand {one}" for one in rng.integers(6, size=N)]),
        "price": rng.random(N).astype(np.float32),
    }
    catalog = Catalog(Ids(tuple(f"g{row}" for row in range(N))), columns)
    scores = (0.6 * rng.random(N) + 0.4 * (kind == kind[0])).astype(np.float32)
    order = np.argsort(-scores).astype(np.int32)
    return Dataset(catalog, no_events()), Slate(order, scores[order])


def asked(stage: Diversified, ranked: Slate, diversity: float, wish=(), k: int = K) -> Slate:
    (slate,) = stage([Request(k=k, wish=Wish(float(diversity), **dict(wish)))], [ranked])
    return slate


def variety(stage: Diversified, ranked: Slate, slate: Slate) -> float:
    """What the method is after: for those that go by words, what the slate itself says of its redundancy."""
    assert slate.terms is not None
    if isinstance(stage.select, BY_WORDS):
        return 1 - slate.terms.achieved["redundancy"]
    relevance = (ranked.scores - ranked.scores.min()) / np.ptp(ranked.scores)
    pool = stage._pool(ranked.items, relevance, Request(k=K), Wish(1.0))
    rows = [ranked.items.tolist().index(item) for item in slate.items]
    return stage.select.variety(pool, np.array(rows))


def over_the_grid(seed: int, method, wish, steady: bool = True) -> list[float]:
    data, ranked = shop(seed)
    stage = Diversify(select=method, steady=steady).fit(data, np.random.default_rng(0))
    return [variety(stage, ranked, asked(stage, ranked, diversity, wish)) for diversity in GRID]


@pytest.mark.parametrize(("wish", "seeds"), list(zip(WISHES, (6, 6, 2, 1), strict=True)))
@pytest.mark.parametrize("method", ALL, ids=lambda method: type(method).__name__)
def test_more_diversity_never_gives_a_slate_less(method, wish, seeds):
    for seed in range(seeds):
        found = over_the_grid(seed, method, WISHES[wish])
        assert np.diff(found).min() > -1e-6, (seed, found)
        assert wish == "what cannot be" or found[-1] > found[0]


@pytest.mark.parametrize("method", [Msd(), Facility(), Pm2(), Mmr()], ids=lambda method: type(method).__name__)
def test_without_it_a_slate_may_get_less(method):
    """Were a method steady of itself, there would be nothing to ask for."""
    assert min(np.diff(over_the_grid(seed, method, {}, steady=False)).min() for seed in range(20)) < -1e-4


def test_mending_may_undo_what_trades_promise_and_a_steady_shop_keeps_it():
    wish = WISHES["all that has to be mended"]
    assert min(np.diff(over_the_grid(seed, Trade(), wish, steady=False)).min() for seed in range(20)) < -1e-4
    assert all(np.diff(over_the_grid(seed, Trade(), wish)).min() > -1e-6 for seed in range(4))


@pytest.mark.parametrize(
    "method", [Mmr(), Hybrid(), Dpp(), Ssd(), Coverage(), Xquad()], ids=lambda method: type(method).__name__
)
def test_it_is_a_slate_of_the_method_at_no_more_than_was_asked_and_no_diversity_is_the_order_of_relevance(method):
    data, ranked = shop(1)
    stage, itself = (Diversify(select=method, steady=steady).fit(data, np.random.default_rng(0)) for steady in (True, False))
    own = {step: asked(itself, ranked, step).items.tolist() for step in STEPS}
    for diversity in GRID:
        slate = asked(stage, ranked, diversity).items.tolist()
        assert slate in [rows for step, rows in own.items() if step <= diversity]
    assert asked(stage, ranked, 0).items.tolist() == ranked.items[:K].tolist()


def test_the_contract_holds_as_it_does_without():
    data, ranked = shop(2)
    stage = Diversify(select=Dpp(), steady=True).fit(data, np.random.default_rng(0))
    slate = asked(stage, ranked, 0.6, {"at_most": {"brand": 1}, "at_least": {"category": 3}})
    assert slate.terms is not None
    assert (slate.terms.achieved["at_most brand"], slate.terms.gave_way) == (1, ())
    assert slate.terms.achieved["at_least category"] >= 3
    assert slate.terms.diversity == 0.6
