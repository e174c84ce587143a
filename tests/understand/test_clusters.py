"""Groups of goods and their names."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting, UnknownName
from assortment.core.save import load, save
from assortment.language.vectors import unit
from assortment.understand.clusters import Clustered, Clusters
from tests import world


def _catalog(vectors, titles=None) -> Catalog:
    n = len(vectors)
    titles = titles or [f"thing {number}" for number in range(n)]
    return Catalog(Ids([str(i) for i in range(n)]), {"title": strings(titles), "vector": np.array(vectors, np.float32)})


def _clustered(catalog: Catalog, count: int | None = None, seed: int = 0) -> Catalog:
    dataset = Dataset(catalog, world.dataset().events.before(0))
    return Clusters(count).fit(dataset, np.random.default_rng(seed))(catalog)


BAGS = ["set of red lunch bag", "set of blue lunch bag", "set of green lunch bag"]
MUGS = ["set of red mug", "set of blue mug", "set of green mug"]
CORNERS = [[1, 0]] * 3 + [[0, 1]] * 3


def test_a_name_is_made_of_what_tells_a_cluster_from_the_rest():
    """The commonest words of both, "set of", and the colours, which both have, name neither."""
    clusters = list(_clustered(_catalog(CORNERS, BAGS + MUGS), 2).column("cluster"))
    assert clusters[0].startswith("Lunch bag")
    assert clusters[3].startswith("Mug")
    assert clusters == [clusters[0]] * 3 + [clusters[3]] * 3


def test_no_two_names_are_alike_even_when_all_titles_are():
    names = _clustered(_catalog(np.eye(4), ["tea pot"] * 4), 4).column("cluster")
    assert len(set(names)) == 4


def test_a_name_does_not_say_a_word_twice():
    titles = ["candle", "candles", "candle holder", "candles of wax"]
    (name,) = set(_clustered(_catalog([[1, 0]] * 4, titles), 1).column("cluster"))
    assert name.lower().count("candle") == 1


def test_confidence_is_1_at_the_centre_and_0_on_the_border():
    clustered = Clustered(np.array([[1, 0], [0, 1]], np.float32), ("East", "North"))
    catalog = clustered(_catalog([[1, 0], [0.5**0.5, 0.5**0.5], [0.96, 0.28]]))
    assert list(catalog.column("cluster")[[0, 2]]) == ["East", "East"]
    near, far = np.hypot(0.04, 0.28), np.hypot(0.96, 0.72)
    assert catalog.column("cluster_confidence") == pytest.approx([1, 0, (far - near) / far], abs=1e-3)


def test_there_are_as_many_clusters_as_items_in_each():
    vectors = unit(np.random.default_rng(1).normal(size=(100, 8)))
    assert len(set(_clustered(_catalog(vectors)).column("cluster"))) == 10
    assert len(set(_clustered(_catalog(vectors), 3).column("cluster"))) == 3


def test_an_item_without_a_vector_is_in_no_cluster():
    catalog = _clustered(_catalog([[1, 0], [0, 0], [0, 1]]))
    assert [name is None for name in catalog.column("cluster")] == [False, True, False]
    assert np.isnan(catalog.column("cluster_confidence")).tolist() == [False, True, False]


@given(st.lists(st.sampled_from([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-0.6, 0.8)]), max_size=9), st.integers(1, 6))
def test_everything_that_has_a_vector_has_a_cluster(rows, count):
    catalog = _clustered(_catalog(np.array(rows).reshape(-1, 2)), count)
    confidence = catalog.column("cluster_confidence")
    for row, name, sure in zip(rows, catalog.column("cluster"), confidence, strict=True):
        assert (name is None) == (row == (0.0, 0.0)) == bool(np.isnan(sure))
        assert name is None or 0 <= sure <= 1
    assert len(set(catalog.column("cluster")) - {None}) == min(count, len(set(rows) - {(0.0, 0.0)}))


def test_the_same_seed_gives_the_same_clusters():
    vectors = unit(np.random.default_rng(1).normal(size=(60, 8)))
    one, two = (_clustered(_catalog(vectors), seed=5).column("cluster") for _ in range(2))
    assert one.tolist() == two.tolist()


@pytest.mark.parametrize("titles", [[None, "", None], ["🎁", "红茶", "绿茶"], ["1", "2", "3"], ["x" * 10_000] * 3])
def test_titles_without_readable_words_still_get_names(titles):
    names = _clustered(_catalog(np.eye(3), titles), 3).column("cluster")
    assert len(set(names)) == 3
    assert all(names)


def test_what_is_saved_comes_back(tmp_path):
    catalog = _catalog(CORNERS, BAGS + MUGS)
    dataset = Dataset(catalog, world.dataset().events.before(0))
    clustered = Clusters(2).fit(dataset, np.random.default_rng(0))
    save(clustered, tmp_path / "saved")
    loaded = load(tmp_path / "saved", [Clustered])
    assert loaded(catalog).column("cluster").tolist() == clustered(catalog).column("cluster").tolist()


def test_settings_and_columns_that_are_not_there_are_named():
    with pytest.raises(BadSetting, match="count is 0; it goes from 1 to 1000"):
        Clusters(0)
    with pytest.raises(UnknownName, match="no column 'vector'"):
        _clustered(world.catalog())
