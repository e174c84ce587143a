"""Shops and people that break naive code: each has a clear outcome, from the store to the slate."""

import os
import shutil
import sqlite3
import time
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from assortment.config import Settings
from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.errors import AssortmentError, BadInput, StoreError
from assortment.core.events import Event
from assortment.parts import default_plan
from assortment.releases import LEFT
from assortment.shop import Shop
from assortment.workshop import Workshop
from tests import world

SETTINGS = Settings(name="A hard shop", plan=default_plan(encoder="hash:64"))


def made(folder: Path, goods: Catalog, events: list[Event]) -> Shop:
    """A shop with these goods and events, fitted."""
    shop = Shop(folder / "shop")
    shop.open(SETTINGS)
    with shop.store() as store:
        store.put_catalog(goods)
        store.append(events)
    shop.fit()
    return Shop(folder / "shop")


def slate(shop: Shop, user: str = "", **asked) -> list[str]:
    with shop.store() as store:
        return [card.item.item for card in shop.service(store).recommend(user, **asked).cards]


def goods(titles: list[str | None], **columns) -> Catalog:
    return Catalog(Ids([f"i{n}" for n in range(len(titles))]), {"title": strings(titles), **columns})


def test_a_shop_without_goods_cannot_be_fitted_and_says_so(tmp_path):
    shop = Shop(tmp_path / "shop")
    shop.open(SETTINGS)
    with pytest.raises(BadInput, match="has no goods"):
        shop.fit()


def test_a_shop_with_one_item_shows_it_to_everybody_who_lacks_it(tmp_path):
    shop = made(tmp_path, goods(["the only thing"]), [Event("ann", "i0", "purchase", world.START)])
    assert slate(shop, "bob") == ["i0"]
    assert slate(shop, "ann") == []
    assert slate(shop, words="thing") == ["i0"]


def test_a_shop_without_events_shows_its_goods_all_the_same(tmp_path):
    shop = made(tmp_path, world.catalog(), [])
    assert len(slate(shop, "anybody", k=5)) == 5
    assert slate(shop, words="tea pot", k=1) == ["t2"]
    with pytest.raises(BadInput, match="no events; there is nothing to judge by"):
        Workshop(shop).judge()


def test_who_has_bought_everything_is_shown_nothing_and_that_is_no_error(tmp_path):
    everything = [Event("all", item, "purchase", world.START + n) for n, item in enumerate(world.catalog().ids.names)]
    shop = made(tmp_path, world.catalog(), [*world.purchases(), *everything])
    assert slate(shop, "all") == []
    assert len(slate(shop, "tea0", k=3)) == 3


def test_more_asked_than_the_shop_has_gives_all_that_may_be_shown(tmp_path):
    shop = made(tmp_path, world.catalog(), world.purchases())
    assert len(slate(shop, "tea0", k=500)) == 7, "twelve goods less the five she has"


def test_prices_that_are_not_known_are_not_invented(tmp_path):
    shop = made(tmp_path, goods(["a cup", "a pot"], price=np.array([np.nan, 3.0])), [])
    with shop.store() as store:
        assert shop.service(store).item("i0").price is None
        assert shop.service(store).item("i1").price == 3.0


def test_titles_in_any_script_are_kept_and_found(tmp_path):
    shop = made(tmp_path, goods(["红色 茶杯 🍵", "Чайник", "🎁🎁🎁", None, "<b>cup</b>"]), [])
    with shop.store() as store:
        assert shop.service(store).item("i0").title == "红色 茶杯 🍵"
        assert shop.service(store).item("i3").title == "i3", "what has no title goes by its id"
    assert slate(shop, words="茶杯", k=1) == ["i0"]
    assert len(slate(shop, "x", k=5)) == 5


def test_an_unknown_item_is_answered_with_the_near_miss(tmp_path):
    shop = made(tmp_path, world.catalog(), world.purchases())
    with shop.store() as store, pytest.raises(AssortmentError, match="no item 't99'"):
        shop.service(store).recommend("tea0", about=["t99"])


def test_all_goods_alike_still_fill_a_varied_slate(tmp_path):
    shop = made(tmp_path, goods(["red cup"] * 8), [Event("a", "i0", "purchase", world.START)])
    from assortment.core.request import Wish

    assert sorted(slate(shop, "a", k=7, wish=Wish(1.0))) == [f"i{n}" for n in range(1, 8)]


def test_a_database_that_somebody_else_has_locked_is_an_error_with_the_way_out(tmp_path):
    shop = made(tmp_path, world.catalog(), world.purchases())
    other = sqlite3.connect(shop.folder / "shop.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    quick = Settings(**{**SETTINGS.__dict__, "store": "sqlite:///shop.db?timeout=0.1"})
    shop.open(quick)
    with Shop(shop.folder).store() as store, pytest.raises(StoreError, match="lock"):
        store.append([Event("a", "t0", "view", world.START)])
    other.close()


def test_a_shop_fitted_twice_serves_the_second_fit(tmp_path):
    shop = made(tmp_path, world.catalog(), world.purchases())
    first = shop.fitted.version
    with shop.store() as store:
        store.append([Event("new", "r0", "purchase", world.START + 9 * world.DAY)])
    assert Shop(shop.folder).fit().version != first
    assert Shop(shop.folder).fitted.events == 61
    assert [kept.events for kept in Shop(shop.folder).kept()] == [61, 60]


def test_a_fit_that_cannot_be_written_says_so_and_the_last_one_stays(tmp_path, monkeypatch):
    shop = made(tmp_path, world.catalog(), world.purchases())
    monkeypatch.setattr("assortment.releases.uuid4", lambda: UUID(int=0))
    (shop.folder / "model" / f"coming-{shop.fitted.version}-000000").write_text("somebody else's")
    with pytest.raises(BadInput, match=r"coming-.* cannot be written .* the last fit stays"):
        Shop(shop.folder).fit()
    assert len(slate(Shop(shop.folder), "tea0", k=3)) == 3


def test_a_fit_that_was_killed_half_way_leaves_the_last_one_serving(tmp_path):
    shop = made(tmp_path, world.catalog(), world.purchases())
    killed, beside = (shop.folder / "model" / f"coming-{name}" for name in ("killed", "beside"))
    for folder in (killed, beside):
        shutil.copytree(next(shop.folder.glob("model/*/pipeline")), folder / "pipeline")
    os.utime(killed, times=(time.time() - LEFT - 1,) * 2)
    assert len(slate(Shop(shop.folder), "tea0", k=3)) == 3
    Shop(shop.folder).fit()
    assert not killed.exists()
    assert (beside / "pipeline").exists()


@pytest.mark.parametrize("rest", ["", "{", '{"version": "1"}', "[]"])
def test_a_damaged_account_of_a_fit_is_told_with_the_way_out(tmp_path, rest):
    shop = made(tmp_path, world.catalog(), world.purchases())
    next(shop.folder.glob("model/*/fitted.json")).write_text(rest)
    with pytest.raises(BadInput, match=r"fitted.json is damaged .* fit again"):
        _ = Shop(shop.folder).fitted


def test_a_column_of_the_shop_that_would_be_overwritten_is_refused_by_name(tmp_path):
    shop = Shop(tmp_path / "shop")
    shop.open(SETTINGS)
    with shop.store() as store:
        store.put_catalog(world.catalog().with_column("vector", strings(["north"] * 12)))
    with pytest.raises(BadInput, match="column 'vector', which Embed would overwrite; rename it"):
        shop.fit()
