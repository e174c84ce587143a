"""Sizes, models and brands in titles."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import no_events
from assortment.understand.attributes import Attributes
from assortment.understand.extract import models, sizes
from assortment.understand.lexicon import fit_lexicon
from assortment.understand.titles import readable, unstuffed


@pytest.mark.parametrize(
    ("title", "size"),
    [
        ("Body lotion 500ML", "500 ml"),
        ("Shampoo, 8.4 Fluid Ounce", "8.4 fl oz"),
        (".64 oz (18 g) powder", "0.64 oz|18 g"),
        ("BLUE CHECK BAG W HANDLE 34X20CM", "34 x 20 cm"),
        ("Frame 10 x 15 x 2 cm", "10 x 15 x 2 cm"),
        ("Tile 30cm x 30cm", "30 x 30 cm"),
        ("面霜50克 送10毫升", "50 g|10 ml"),
        ("1.5米床上用品", "1.5 m"),
        ("运动鞋 42码", "EU 42"),
        ("连衣裙 均码", "one size"),
        ("T-shirt, size M", "M"),
        ("Hoodie XXL", "XXL"),
        ("UK 8 trainers", "UK 8"),
        ("A4 notebook", "A4"),
        ("LARGE CAKE STAND", "large"),
        ("大号收纳箱", "large"),
        ("iPhone 6 128GB", "128 gb"),
        ("4G LTE phone", None),
        ("3 IN 1 charger", None),
        ("SET OF 6 MUGS", None),
        ("Men's M&M dispenser", None),
        ("Marks & Spencer L'Oreal", None),
        ("", None),
    ],
)
def test_a_size_is_read_where_a_title_says_one(title, size):
    found = sizes(title)
    assert (found.value if found else None) == size


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("Sony WH-1000XM4 headphones", "WH-1000XM4"),
        ("Canon EOS R100 camera", "R100"),
        ("罗技G502鼠标", "G502"),
        ("Sun cream SPF50", None),
        ("bag 34X20CM", None),
        ("LED12 lamp", None),
        ("Vintage 1950s radio", None),
        ("MP3 player", None),
    ],
)
def test_a_model_is_a_code_that_is_no_size(title, model):
    found = models(title)
    assert (found.value if found else None) == model


def test_a_brand_is_trusted_as_often_as_it_is_right():
    """`apple` names the maker in three titles of four, `orange` in none of two: it is a colour there."""
    titles = ["Apple phone", "apple cable", "Apple watch", "apple slicer", "orange mug", "orange pan", "Orange SIM"]
    brands = strings(["Apple", "Apple", "Apple", "Kitchenware", "Kitchenware", "Kitchenware", "Orange"])
    lexicon = fit_lexicon(titles, brands, 0.5)
    assert lexicon("New apple phone")[0] == "Apple"
    assert lexicon("New apple phone")[1] == pytest.approx(4 / 6)
    assert lexicon("orange lamp")[0] is None
    assert lexicon("pineapple")[0] is None


def test_brands_are_found_for_goods_of_which_the_shop_says_none():
    titles = ["CHANDO 自然堂 面霜", "自然堂洗面奶", "自然堂 新品", "Mystery"]
    brands = strings(["自然堂", "自然堂", None, None])
    catalog = Catalog(Ids(tuple("abcd")), {"title": strings(titles), "brand": brands})
    known = Attributes(encoder="hash:64").fit(Dataset(catalog, no_events()), np.random.default_rng(0))(catalog)
    assert list(known.column("derived_brand")) == [None, None, "自然堂", None]
    assert list(known.column("derived_brand_source")) == [None, None, "brands", None]


def test_labelled_titles_teach_brand_and_product(tmp_path):
    lines = []
    for brand in ("索尼", "小米", "华为", "罗技"):
        for thing in ("耳机", "手机", "鼠标"):
            tags = ["O", "B-HPPX", "I-HPPX", "B-HCCX", "I-HCCX"]
            lines += [f"{symbol} {tag}" for symbol, tag in zip(f"新{brand}{thing}", tags, strict=True)] + [""]
    (tmp_path / "titles.txt").write_text("\n".join(lines))
    catalog = Catalog(Ids(("a", "b")), {"title": strings(["新索尼鼠标", "新小米 手机"])})
    recipe = Attributes(encoder="hash:64", tagged=str(tmp_path / "titles.txt"))
    known = recipe.fit(Dataset(catalog, no_events()), np.random.default_rng(0))(catalog)
    assert list(known.column("derived_brand")) == ["索尼", "小米"]
    assert list(known.column("derived_product")) == ["鼠标", "手机"]
    assert set(known.column("derived_brand_source")) == {"tagger"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("<b>Red</b>\u200b mug<br/>", "Red mug"),
        ("a < b and c > d", "a < b and c > d"),
        ("\u202egum der\u202c", "gum der"),
        ("ＭＵＧ　５００ｍｌ", "MUG 500ml"),
        ("&lt;b&gt;mug&lt;/b&gt;", "mug"),
        ("<script>alert(1)</script>mug", "mug"),
        (None, ""),
        (float("nan"), ""),
        ("\ud800mug", "mug"),
    ],
)
def test_a_text_is_read_as_a_person_sees_it(raw, said):
    assert readable(raw) == said


def test_long_texts_are_cut_and_repeated_words_said_once():
    assert len(readable("x" * 10_000)) == 600
    assert unstuffed("mug " * 200) == "mug"
    assert unstuffed("Mug, mug; MUG! mug-s") == "Mug, mug-s"
    assert unstuffed("10 x 10 x 2 cm mug") == "10 x 10 x 2 cm mug"
    assert unstuffed("手机壳" * 100) == "手机壳"
