"""Goods that arrive while the shop is open."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.errors import BadInput, BadSetting
from assortment.core.events import Event
from assortment.core.pipeline import Plan
from assortment.core.slate import Slate
from assortment.guard.policy import Policy
from assortment.retrieve.complements import Complements
from assortment.retrieve.neighbours import ItemNeighbours
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.serve.service import Service
from assortment.serve.shelf import UnknownItem
from assortment.store.sql import open_store
from assortment.understand.embed import Embed
from tests import world

PLAN = Plan(
    (Blend((ItemNeighbours(), Semantic(encoder="hash:64"), Complements(support=3), Popular())), Policy()),
    (Embed(encoder="hash:64"),),
)


@pytest.fixture
def service(tmp_path):
    shop = world.dataset()
    with open_store(f"sqlite:///{tmp_path}/shop.db") as store:
        store.put_catalog(shop.catalog)
        store.append(world.purchases())
        yield Service(PLAN.fit(shop, np.random.default_rng(0)), store)


def oolong(**others) -> Catalog:
    columns = {"title": strings(["green tea leaves"]), "brand": strings(["leaf"]), "price": np.array([4.0])}
    return Catalog(Ids(["t9"]), {**columns, **others})


def test_a_good_that_arrives_is_shown_asked_about_and_bought_without_a_refit(service):
    with pytest.raises(UnknownItem):
        service.item("t9")
    assert service.put(oolong()) == 1
    assert "t9" in [card.item.item for card in service.search("green tea leaves").cards[:2]]
    assert "t9" in [card.item.item for card in service.recommend("tea1", k=13).cards]
    assert service.similar("t9").cards[0].item.item in ("t0", "t1")
    service.post([Event("tea1", "t9", "purchase", world.START + 20 * world.DAY)])
    assert "t9" in [item.item for item in service.user("tea1").owned]
    assert "t9" not in [card.item.item for card in service.recommend("tea1", k=13).cards]


def test_what_learns_from_people_is_silent_on_it_and_thinks_of_the_others_as_before(service):
    neighbours = service.pipeline.stages[0].parts[0]
    service.put(oolong())
    later = service.pipeline.stages[0].parts[0]
    request = service.request("tea2")
    (before,), (after,) = neighbours([request], [Slate()]), later([request], [Slate()])
    assert before.items.tolist() == after.items.tolist()
    np.testing.assert_array_equal(before.scores, after.scores)


def test_what_the_shop_now_says_of_a_good_is_what_people_see(service):
    changed = Catalog(Ids(["t0"]), {"title": strings(["jasmine tea"]), "brand": strings(["leaf"]), "price": np.array([9.0])})
    assert service.put(changed) == 0
    assert (service.item("t0").title, service.item("t0").price) == ("jasmine tea", 9.0)
    assert service.search("jasmine").cards[0].item.item == "t0"


def test_the_pipeline_that_was_fitted_stays_as_it_was_and_goods_are_never_lost(service):
    fitted = service.pipeline
    service.put(oolong())
    assert len(fitted.catalog) == 12
    assert len(service.catalog) == 13
    with pytest.raises(BadInput, match="item 't0' is not at its place, 0"):
        fitted.with_catalog(oolong())


def test_a_store_of_other_goods_is_refused_and_unchanged(service, tmp_path):
    with open_store(f"sqlite:///{tmp_path}/other.db") as other:
        other.put_catalog(oolong())
        with pytest.raises(BadInput, match="fit the shop again"):
            Service(service.pipeline, other).put(oolong(price=np.array([5.0])))
        assert other.catalog().column("price").tolist() == [4.0]


def test_what_goes_well_with_a_thing_is_what_is_bought_with_it_and_not_what_is_like_it(service):
    """In the shop known by heart each taste is bought together: t0 goes with tea and never with trains."""
    answer = service.goes_with("t0", k=12)
    assert {card.item.item[0] for card in answer.cards} == {"t"}
    assert "t0" not in [card.item.item for card in answer.cards]
    assert service.store.shown(answer.slate)
    alone = Plan((Popular(),)).fit(world.dataset(), np.random.default_rng(0))
    with pytest.raises(BadSetting, match="add 'complements'"):
        Service(alone, service.store).goes_with("t0")
