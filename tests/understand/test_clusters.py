"""Groups of goods and their names."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.save import load, save
from assortment.language.cache import CachedEncoder
from assortment.language.hashing import HashEncoder
from assortment.understand.clusters import Clustered, Clusters, _confidence, _names
from tests import world


def _catalog(titles) -> Catalog:
    return Catalog(Ids([str(number) for number in range(len(titles))]), {"title": strings(titles)})


def _fitted(catalog: Catalog, count: int | None = None, seed: int = 0, encoder: str = "hash:64") -> Clustered:
    dataset = Dataset(catalog, world.dataset().events.before(0))
    return Clusters(encoder, count).fit(dataset, np.random.default_rng(seed))


def _clustered(titles, count: int | None = None, seed: int = 0, encoder: str = "hash:64") -> Catalog:
    return _fitted(_catalog(titles), count, seed, encoder)(_catalog(titles))


BAGS = [f"set of vintage style {colour} lunch bag" for colour in ("red", "blue", "green")]
MUGS = [f"set of vintage style {colour} mug" for colour in ("red", "blue", "green")]


def test_a_name_is_made_of_what_tells_a_cluster_from_the_rest():
    """The commonest words, "vintage style", and the colours stand in both, and name neither."""
    clusters = list(_clustered(BAGS + MUGS, 2).column("cluster"))
    assert clusters[0].startswith("Lunch bag")
    assert clusters[3].startswith("Mug")
    assert clusters == [clusters[0]] * 3 + [clusters[3]] * 3


def test_meaning_is_what_brings_goods_together():
    titles = ["diamond earrings", "pearl necklace", "gold bracelet", "saucepan", "frying pan with lid", "soup ladle"]
    clusters = list(_clustered(titles, 2, encoder="pkg:minilm").column("cluster"))
    assert clusters == [clusters[0]] * 3 + [clusters[3]] * 3
    assert clusters[0] != clusters[3]


def test_no_two_names_are_alike_even_when_the_titles_are():
    names = _names(strings(["tea pot"] * 4 + [None]), np.arange(5, dtype=np.int32), 5)
    assert len(set(names)) == 5
    assert all(name.lower().startswith("tea pot") for name in names[:4])


def test_a_name_does_not_say_a_word_twice():
    titles = ["candle", "candles", "candle holder", "candles of wax"]
    (name,) = set(_clustered(titles, 1).column("cluster"))
    assert name.lower().count("candle") == 1


def test_confidence_is_1_at_the_centre_and_0_on_the_border():
    distances = np.array([[0, 1, 3], [1, 2, 1], [2, 0.5, 9]], np.float32)
    assert _confidence(distances) == pytest.approx([1, 0, 0.75])
    assert _confidence(distances[:, :1]) == pytest.approx([1, 1, 1])


def test_a_title_at_the_centre_of_its_cluster_is_certain():
    catalog = _clustered(["tea pot", "tea pot", "steam train"], 2)
    assert catalog.column("cluster_confidence") == pytest.approx([1, 1, 1], abs=1e-3)


def test_there_are_as_many_clusters_as_items_in_each():
    titles = [f"{one} {other}" for one in ("tea", "coffee", "sugar", "milk", "cream") for other in range(20)]
    assert len(set(_clustered(titles).column("cluster"))) == 10
    assert len(set(_clustered(titles, 3).column("cluster"))) == 3


def test_an_item_without_words_is_in_no_cluster():
    catalog = _clustered(["tea", None, "train", "🎁"])
    assert [name is None for name in catalog.column("cluster")] == [False, True, False, True]
    assert np.isnan(catalog.column("cluster_confidence")).tolist() == [False, True, False, True]


@given(st.lists(st.sampled_from(["", "tea", "steam train", "lunch bag"]), max_size=9), st.integers(1, 6))
@settings(max_examples=30)
def test_everything_that_has_words_has_a_cluster(titles, count):
    catalog = _clustered(titles, count)
    for title, name, sure in zip(titles, catalog.column("cluster"), catalog.column("cluster_confidence"), strict=True):
        assert (name is None) == (title == "") == bool(np.isnan(sure))
        assert name is None or 0 <= sure <= 1
    assert len(set(catalog.column("cluster")) - {None}) == min(count, len(set(titles) - {""}))


def test_the_same_seed_gives_the_same_clusters():
    titles = [f"{one} {other}" for one in ["tea", "coffee", "sugar", "milk"] for other in ["cup", "pot", "tin", "box", "jar"]]
    one, two = (_clustered(titles, seed=5).column("cluster") for _ in range(2))
    assert one.tolist() == two.tolist()


@pytest.mark.parametrize("titles", [["红茶", "绿茶", "咖啡"], ["1", "2", "3"], ["x" * 10_000, "y" * 10_000, "z"]])
def test_titles_without_readable_words_still_get_names(titles):
    names = _clustered(titles, 3).column("cluster")
    assert len(set(names)) == 3
    assert all(names)


def test_a_new_product_joins_a_cluster_without_another_fit():
    fitted = _fitted(_catalog(BAGS + MUGS), 2)
    assert fitted(_catalog(["vintage yellow lunch bag"])).column("cluster")[0].startswith("Lunch bag")


@pytest.mark.parametrize("titles", [[], [None, ""], ["tea"], ["tea"] * 5])
def test_odd_catalogs_get_their_columns(titles):
    catalog = _clustered(titles)
    assert len(catalog.column("cluster")) == len(catalog.column("cluster_confidence")) == len(titles)
    assert len(set(catalog.column("cluster"))) <= 1


def test_what_is_saved_comes_back(tmp_path):
    catalog = _catalog(BAGS + MUGS)
    clustered = _fitted(catalog, 2)
    save(clustered, tmp_path / "saved")
    loaded = load(tmp_path / "saved", [Clustered, CachedEncoder, HashEncoder])
    assert loaded(catalog).column("cluster").tolist() == clustered(catalog).column("cluster").tolist()


def test_settings_outside_their_range_are_refused():
    with pytest.raises(BadSetting, match="count is 0; it goes from 1 to 1000"):
        Clusters(count=0)
