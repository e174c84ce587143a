"""The features of a small shop, by hand."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.events import Event
from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.rank.features import features
from tests import world

DAY = world.DAY


def shop():
    columns = {
        "category": strings(["tea|gift", "tea", "train", None]),
        "price": np.array([np.e - 1, np.e**3 - 1, np.nan, np.e**2 - 1]),
    }
    goods = Catalog(Ids(list("abcd")), columns)
    events = [("u", "a", 0), ("u", "b", 1), ("v", "a", 2), ("v", "a", 4)]
    return world.dataset([Event(user, item, "purchase", world.START + day * DAY) for user, item, day in events], goods)


def row(item: int, request: Request) -> dict[str, float]:
    known = features(shop(), ["score:one"])
    slate = Slate(np.array([3, item], np.int32), np.array([2, 1], np.float32), {"score:one": np.array([0.5, 0.25], np.float32)})
    other = Slate(np.array([1], np.int32), np.array([9], np.float32), {"score:one": np.array([7], np.float32)})
    table = known.table([Request(), request], [other, slate], 5)
    return dict(zip(known.names, table[2].tolist(), strict=True))


def test_every_feature_is_of_its_own_slate_and_person():
    had = NOBODY.after(0, "purchase", 1).after(1, "purchase", 2)
    told = row(0, Request("u", profile=had))
    rarity = np.log1p([4 / 1, 4 / 2])  # of gift, borne by one of four, and of tea, by two
    of_all = (rarity[0] * (0.8 / 1.8) + rarity[1] * 1) / rarity.sum()
    expected = {
        "score:one": 0.25,
        "place": 1,
        "score": 1,
        "history": np.log(3),
        "bought": np.log(3),
        "idle": 0,
        "dearer": 1 - 2,
        "had": 1,
        "category of the last": rarity[1] / rarity.sum(),
        "category of all": of_all,
    }
    assert told == pytest.approx(expected, abs=1e-5)


def test_what_is_not_known_is_not_a_number_rather_than_zero():
    told = row(2, Request("u", profile=NOBODY.after(3, "purchase", 1)))
    assert np.isnan([told["dearer"], told["idle"]]).all()
    assert (told["had"], told["category of all"]) == (0, 0)
    assert np.isnan(row(3, Request("u", profile=NOBODY.after(0, "purchase", 1)))["category of all"])
    assert np.isnan(row(0, Request("u", profile=NOBODY))["dearer"])


def kinds_of(columns: dict[str, list[str | None]], item: int) -> bool:
    """Whether an item counts as a kind that somebody has nothing of who has the first good alone."""
    goods = Catalog(Ids(list("abcd")), {name: strings(labels) for name, labels in columns.items()})
    known = features(world.dataset([Event("u", "a", "purchase", world.START)], goods), ())
    slate = Slate(np.array([item], np.int32), np.zeros(1, np.float32))
    return bool(known.foreign(known.table([Request("u", profile=NOBODY.after(0, "purchase", 1))], [slate], 5))[0])


def test_kinds_are_the_category_or_else_the_cluster_and_goods_of_no_kind_are_of_no_new_one():
    category = {"category": ["tea|gift", "gift", "toy", None], "brand": ["x", "y", "x", "x"]}
    assert [kinds_of(category, item) for item in range(4)] == [False, False, True, False]
    clusters: dict[str, list[str | None]] = {"cluster": ["1", "2", "1", "2"]}
    assert [kinds_of(clusters, item) for item in range(4)] == [False, True, False, True]
    assert [kinds_of({**category, **clusters}, item) for item in range(4)] == [False, False, True, False]
    assert not kinds_of({"brand": ["x", "y", "z", "w"]}, 1)
