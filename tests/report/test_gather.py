"""Facts out of a real shop's folder."""

from pathlib import Path

import numpy as np
import pytest

from assortment.config import Settings
from assortment.core.blend import Blend
from assortment.core.errors import BadInput
from assortment.core.pipeline import Plan
from assortment.diversify.stage import Diversify
from assortment.explain.why import Why
from assortment.report import gather, write_report
from assortment.report.facts import some_people
from assortment.retrieve.neighbours import ItemNeighbours
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.shop import Shop
from assortment.understand.embed import Embed
from tests import world
from tests.report.facts import read


def shop(folder: Path, diversity: float | None) -> Shop:
    """The known shop, fitted; without a stage that diversifies where diversity is None."""
    stages = (Blend((ItemNeighbours(shrink=0), Semantic(encoder="hash:64"), Popular())),)
    varied = () if diversity is None else (Diversify(diversity=diversity),)
    made = Shop(folder)
    made.open(Settings(name="Tea & trains", currency="£", plan=Plan((*stages, *varied, Why()), (Embed(encoder="hash:64"),))))
    with made.store() as store:
        store.put_catalog(world.catalog())
        store.append(world.purchases())
    made.fit()
    return Shop(folder)


def test_a_fitted_shop_has_a_report_and_nothing_is_recorded_as_shown(tmp_path: Path):
    opened = shop(tmp_path / "tea", 0.5)
    found = gather(opened, people=["tea1", "nobody"], k=4)
    assert [len(customer.relevant.cards) for customer in found.customers] == [4, 4]
    assert all(customer.varied for customer in found.customers)
    assert found.dataset.catalog is opened.pipeline.catalog
    assert len(found.dataset.events) == 60
    with opened.store() as store:
        assert store.shown(user="tea1") == []
    write_report(tmp_path / "report.html", found)
    root = read((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert root.all("h1")[0].words() == "Tea & trains"
    assert "nobody new here" in root.named("customers").words()


@pytest.mark.parametrize("diversity", [None, 0.0])
def test_where_the_shop_asks_for_no_variety_there_is_one_slate(tmp_path: Path, diversity: float | None):
    found = gather(shop(tmp_path, diversity), k=3)
    assert len(found.customers) == 3
    assert [customer.varied for customer in found.customers] == [None] * 3
    assert found.diversity == diversity


def test_what_is_not_fitted_has_no_facts(tmp_path: Path):
    with pytest.raises(BadInput, match="not a shop"):
        gather(Shop(tmp_path))


def test_people_are_drawn_by_lot_and_the_same_for_the_same_seed():
    dataset = world.dataset()
    drawn = some_people(dataset, np.random.default_rng(1))
    assert drawn == some_people(dataset, np.random.default_rng(1))
    assert len(set(drawn)) == 3
    assert set(drawn) <= set(world.PEOPLE)
