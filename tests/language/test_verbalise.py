"""Goods as text."""

import numpy as np

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.language.verbalise import verbalise


def _said(**columns) -> list[str]:
    n = len(next(iter(columns.values())))
    return verbalise(Catalog(Ids([str(number) for number in range(n)]), {name: strings(v) for name, v in columns.items()}))


def test_the_order_is_title_brand_category_description():
    assert _said(description=["For two."], category=["Home > Tea|Gifts"], brand=["Leaf"], title=["Tea pot"]) == [
        "Tea pot | Leaf | Tea, Gifts | For two."
    ]


def test_what_is_missing_leaves_no_mark():
    assert _said(title=["Tea pot", None, ""], brand=[None, "Leaf", "  "]) == ["Tea pot", "Leaf", ""]


def test_a_description_is_cut_and_white_space_is_one_blank():
    (text,) = _said(title=["Tea \n\t pot"], description=["x" * 10_000])
    assert text == "Tea pot | " + "x" * 200


def test_columns_that_are_no_text_are_not_read():
    catalog = Catalog(Ids(["a"]), {"title": strings(["Tea"]), "brand": np.array([np.nan]), "price": np.array([3.0])})
    assert verbalise(catalog) == ["Tea"]


def test_an_empty_catalog_says_nothing():
    assert verbalise(Catalog(Ids([]))) == []
