"""The column of vectors."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.save import load, save
from assortment.language.cache import CachedEncoder
from assortment.language.hashing import HashEncoder
from assortment.language.vectors import EncoderError
from assortment.language.whiten import Whitening
from assortment.understand.embed import Embed, Embedded
from tests import world

RNG = np.random.default_rng(0)


def _catalog(*titles: str | None) -> Catalog:
    return Catalog(Ids([str(number) for number in range(len(titles))]), {"title": strings(titles)})


def _dataset(catalog: Catalog) -> Dataset:
    return Dataset(catalog, world.dataset().events.before(0))


def test_goods_of_one_taste_are_near_and_others_far():
    catalog = world.catalog()
    vectors = Embed(dims=8).fit(_dataset(catalog), RNG)(catalog).column("vector")
    cosines = vectors @ vectors.T
    tea = cosines[:6, :6][np.triu_indices(6, 1)]
    assert vectors.shape == (12, 8)
    assert tea.mean() > 0.1
    assert cosines[:6, 6:].mean() < -0.1


def test_a_new_product_gets_its_vector_without_another_fit():
    embedded = Embed("hash:64", dims=16).fit(_dataset(world.catalog()), RNG)
    both = embedded(_catalog("tea cup", "model train, steam", None))
    assert both.column("vector").shape == (2 + 1, 16)
    assert both.column("vector")[1] @ embedded(_catalog("steam train")).column("vector")[0] > 0.3
    assert not both.column("vector")[2].any()


def test_what_is_saved_comes_back_and_refuses_another_model(tmp_path):
    embedded = Embed("hash:64", dims=4).fit(_dataset(world.catalog()), RNG)
    save(embedded, tmp_path / "saved")
    loaded = load(tmp_path / "saved", [Embedded, CachedEncoder, HashEncoder, Whitening])
    assert np.array_equal(loaded(world.catalog()).column("vector"), embedded(world.catalog()).column("vector"))


def test_a_model_that_has_changed_since_the_fit_is_refused():
    embedded = Embed(dims=4).fit(_dataset(world.catalog()), RNG)
    encoder = type(embedded.encoder.encoder)("pkg:minilm", "ffff")
    with pytest.raises(EncoderError, match="it was ffff"):
        Embedded(CachedEncoder(encoder), embedded.whitening)(_catalog("something that was never encoded"))


@pytest.mark.parametrize(
    "titles", [(), ("tea",), ("tea", "tea", "tea"), (None, ""), ("🎁", "红茶", "x" * 10_000, "te\u200ba", "tea\ud800")]
)
def test_odd_catalogs_get_rows_of_length_1_or_0(titles):
    for spec in ("hash:32", "pkg:minilm"):
        catalog = _catalog(*titles)
        vectors = Embed(spec, dims=8).fit(_dataset(catalog), RNG)(catalog).column("vector")
        lengths = np.linalg.norm(vectors, axis=1)
        assert vectors.shape == (len(titles), 8)
        assert ((np.abs(lengths - 1) < 1e-4) | (lengths == 0)).all()


def test_an_encoder_of_fewer_dimensions_gives_those():
    catalog = world.catalog()
    assert Embed("hash:16", dims=256).fit(_dataset(catalog), RNG)(catalog).column("vector").shape == (12, 16)


def test_settings_outside_their_range_are_refused():
    with pytest.raises(BadSetting, match="dims is 0"):
        Embed(dims=0)
