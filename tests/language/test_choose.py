"""What titles are written in, and which encoder reads them."""

import csv
import gzip

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.ingest import bundled_shop
from assortment.language import me5
from assortment.language.choose import reading, written_in
from assortment.language.encode import encoder_for
from assortment.parts import default_plan, read_as
from assortment.understand.embed import Embed
from tests import world

GERMAN = ["Wanduhr mit Pendel", "Kissen für Kinder", "Tischlampe", "Vase aus Glas", "Becher weiß", "Kanne"]


def _catalog(*titles: str | None) -> Catalog:
    return Catalog(Ids([f"i{row}" for row in range(len(titles))]), {"title": strings(titles)})


@pytest.mark.parametrize(
    ("titles", "language"),
    [
        ([], "English"),
        (["4711", "???"], "English"),
        (["Tasse", "Kanne"], "English"),
        (GERMAN, "mostly German"),
        (["Robe noire pour femme", "Lampe de chevet", "Vase"], "mostly French"),
        (["Чайник", "Кружка Luminarc"], "mostly in Cyrillic letters"),
        (["お弁当袋 赤", "ティーポット"], "mostly Japanese"),
        (["도시락 가방"], "mostly Korean"),
        (["CHANDO/自然堂 雪域霜50g", "SK-II 神仙水", "欧莱雅 L'OREAL PARIS"], "mostly Chinese"),
        (["Wall clock"] * 8 + ["红色午餐袋"], "partly Chinese"),
        (["Wall clock"] * 19 + ["红色午餐袋"], "English"),
        (["Bag for life", "Tea for two", "Lampe de chevet"], "English"),
    ],
)
def test_what_titles_are_written_in(titles, language):
    assert written_in(titles) == language


def test_a_few_titles_in_another_language_of_many_are_not_enough():
    assert written_in([*GERMAN[:1], *["Lamp"] * 20]) == "English"


def test_the_bundled_shop_is_english():
    assert reading(bundled_shop().catalog).encoder == "pkg:minilm"


def test_a_catalog_from_taobao_is_chinese(shared_data):
    with gzip.open(shared_data / "chinese_taobao_beauty_catalog" / "taobao_beauty_double11.csv.gz", "rt") as file:
        titles = sorted({row["title"] for row in csv.DictReader(file)})
    assert written_in(titles) == "mostly Chinese"


def test_an_english_shop_stays_with_minilm_and_says_so():
    assert encoder_for("auto", world.catalog()).spec == "pkg:minilm"
    said = read_as(default_plan(), _catalog("Wall clock"))
    assert said == "The titles are English: read by pkg:minilm."


def test_a_shop_that_names_its_encoder_is_told_nothing():
    assert read_as(default_plan("hash:16"), _catalog("红色午餐袋")) == ""


def test_where_the_model_is_not_installed_the_fit_says_how_to_get_it_and_what_has_no_vector(monkeypatch):
    monkeypatch.setattr(me5, "find_spec", lambda name: None)
    catalog = _catalog("红色午餐袋", "挂钟", "Wall clock")
    rng = np.random.default_rng(1)
    understood = Embed(dims=2).fit(Dataset(catalog, world.dataset().events.take(np.empty(0, np.int64))), rng)(catalog)
    said = read_as(default_plan(), understood)
    assert "titles are mostly Chinese: read by pkg:minilm, which is for English" in said
    assert "pip install 'assortment[models]'" in said
    assert said.endswith("2 of 3 goods got no vector.")
