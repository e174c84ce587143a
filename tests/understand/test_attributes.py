"""Category, colour, material and price band of goods."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadSetting
from assortment.core.save import load, save
from assortment.language.cache import CachedEncoder
from assortment.language.onnx import OnnxEncoder
from assortment.understand.attributes import Attributed, Attributes, Categorised
from assortment.understand.lexicon import Lexicon
from assortment.understand.words import Things, Words
from tests import world

KINDS = ("category", "colour", "material", "price_band")


def _catalog(titles, **columns) -> Catalog:
    read = {name: values if isinstance(values, np.ndarray) else strings(values) for name, values in columns.items()}
    return Catalog(Ids([str(number) for number in range(len(titles))]), {"title": strings(titles), **read})


def _derived(catalog: Catalog, certain: float = 0.5) -> Catalog:
    dataset = Dataset(catalog, world.dataset().events.before(0))
    return Attributes(certain=certain).fit(dataset, np.random.default_rng(0))(catalog)


def test_a_title_belongs_where_the_nearest_things_are():
    titles = [
        "Regency teapot, pink",
        "BLUE POLKADOT PASSPORT COVER",
        "Wireless earbuds",
        "Sleeping bag for two",
        "Basmati rice, 500 g",
    ]
    categories = _derived(_catalog(titles), certain=0).column("derived_category")
    assert list(categories) == ["Tableware", "Travel", "Sound and television", "Camping and picnic", "Groceries"]


def test_where_it_is_not_certain_it_names_none():
    catalog = _catalog(["Scented candle", "Le grand chic"])
    assert list(_derived(catalog).column("derived_category")) == ["Candles and home fragrance", None]
    assert None not in _derived(catalog, certain=0).column("derived_category")
    sure = _derived(catalog).column("derived_category_confidence")
    assert sure[0] > 0.9
    assert np.isnan(sure[1])
    guessed = _derived(catalog)
    assert guessed.column("unsure_category")[0] is None
    assert guessed.column("unsure_category")[1] == _derived(catalog, certain=0).column("derived_category")[1]
    assert 0 < guessed.column("unsure_category_confidence")[1] < 0.5


def test_what_the_shop_gave_stays_and_is_what_is_known():
    catalog = _derived(_catalog(["red teapot", "blue teapot"], colour=["brick", "sea"], category=["China", "China"]))
    assert list(catalog.known("colour")) == ["brick", "sea"]
    assert list(catalog.known("category")) == ["China", "China"]
    assert list(catalog.known("material")) == [None, None]
    assert "derived_colour" not in catalog
    assert "derived_category" not in catalog


def test_only_what_the_shop_left_open_is_derived():
    catalog = _derived(_catalog(["red teapot", "blue teapot"], colour=["brick", None], category=["", "China"]))
    assert list(catalog.column("derived_colour")) == [None, "blue"]
    assert list(catalog.column("colour")) == ["brick", None]
    assert list(catalog.column("derived_category")) == ["Tableware", None]


def test_confidence_stands_exactly_where_something_was_found():
    catalog = _derived(
        _catalog(["red glass bowl", "??", "", None, "🎁", "红茶"], price=np.array([1.0, 2, 3, np.nan, np.inf, 4]))
    )
    for kind in KINDS:
        found, sure = catalog.column(f"derived_{kind}"), catalog.column(f"derived_{kind}_confidence")
        assert [value is None for value in found] == np.isnan(sure).tolist()
        assert ((sure > 0) & (sure <= 1) | np.isnan(sure)).all()


def _two_categories() -> Catalog:
    """Cheap pens, 1 … 30, and dear desks, 1001 … 1030, as the shop itself sorted them."""
    prices = np.concatenate([np.arange(1.0, 31), np.arange(1001.0, 1031)])
    return _catalog([f"thing {n}" for n in range(60)], category=["Pens"] * 30 + ["Desks"] * 30, price=prices)


def test_a_dear_pen_is_premium_among_pens():
    """Over the whole shop every pen would be budget or mid, every desk mid or premium."""
    bands = _derived(_two_categories()).column("derived_price_band")
    for start in (0, 30):
        assert bands[[start, start + 9, start + 10, start + 19, start + 20, start + 29]].tolist() == [
            "budget",
            "budget",
            "mid",
            "mid",
            "premium",
            "premium",
        ]


def test_a_category_of_few_prices_is_compared_with_the_shop():
    catalog = _two_categories()
    few = catalog.with_column("category", strings(["Pens"] * 30 + ["Desks"] * 29 + ["Lamps"]))
    bands = _derived(few).column("derived_price_band")
    assert bands[59] == "premium"
    assert _derived(few).column("derived_price_band_confidence")[59] == 1


def test_goods_of_one_price_are_all_mid():
    bands = _derived(_catalog(["pen"] * 40, price=np.full(40, 2.5))).column("derived_price_band")
    assert set(bands) == {"mid"}


def test_without_prices_there_is_no_band():
    assert "derived_price_band" not in _derived(_catalog(["pen"]))
    assert list(_derived(_catalog(["pen", "cup"], price=np.full(2, np.nan))).column("derived_price_band")) == [None, None]
    assert list(_derived(_catalog(["pen", "cup"], price=np.array([np.nan, 2]))).column("derived_price_band")) == [None, "mid"]


@pytest.mark.parametrize("titles", [[], ["teapot"], ["teapot"] * 5, [None, ""], ["x" * 10_000, "tea\u200bpot", "tea\ud800"]])
def test_odd_catalogs_get_their_columns(titles):
    catalog = _derived(_catalog(titles, price=np.ones(len(titles))))
    for kind in KINDS:
        assert len(catalog.column(f"derived_{kind}")) == len(catalog.column(f"derived_{kind}_confidence")) == len(titles)


def test_a_shop_without_titles_gets_nothing_but_bands():
    catalog = _derived(Catalog(Ids(["a", "b"]), {"price": np.array([1.0, 2])}))
    assert [set(catalog.column(f"derived_{kind}")) for kind in KINDS[:3]] == [{None}] * 3
    assert list(catalog.column("derived_price_band")) == ["budget", "premium"]


def test_deriving_twice_changes_nothing():
    dataset = Dataset(_catalog(["red teapot", "tin bucket"], price=np.array([1.0, 5])), world.dataset().events.before(0))
    derived = Attributes().fit(dataset, np.random.default_rng(0))
    once = derived(dataset.catalog)
    twice = derived(once)
    assert list(once.columns) == list(twice.columns)
    assert all(list(once.column(name)) == list(twice.column(name)) for name in ("derived_category", "derived_price_band"))


def test_what_is_saved_comes_back(tmp_path):
    dataset = Dataset(_catalog(["red teapot", "tin bucket"], price=np.array([1.0, 5])), world.dataset().events.before(0))
    derived = Attributes().fit(dataset, np.random.default_rng(0))
    save(derived, tmp_path / "saved")
    loaded = load(tmp_path / "saved", [Attributed, Categorised, Lexicon, Words, Things, CachedEncoder, OnnxEncoder])
    for kind in KINDS:
        assert list(loaded(dataset.catalog).column(f"derived_{kind}")) == list(
            derived(dataset.catalog).column(f"derived_{kind}")
        )


def test_settings_outside_their_range_are_refused():
    with pytest.raises(BadSetting, match=r"certain is 1.5; it goes from 0 to 1"):
        Attributes(certain=1.5)
