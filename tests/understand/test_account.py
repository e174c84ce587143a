"""What is told of what is known."""

import json

import numpy as np
import pytest

from assortment.cli.understand import _with_files
from assortment.config import Settings, parse, write
from assortment.core.arrays import strings
from assortment.core.dataset import Dataset
from assortment.report.understanding import render_understanding, write_doubts
from assortment.understand.account import accounts, doubts
from assortment.understand.classify import Classify
from assortment.understand.derived import derived
from tests import world


def _known() -> Dataset:
    """Twelve goods: t0 and t1 are of a category by the shop, t2 to t4 were found, t5 and r0 are not certain."""
    goods = world.catalog()
    said = ["x", "x"] + [None] * 10
    found = ["y"] * 5 + [None] * 7
    sure = np.array([0.9, 0.9, 0.95, 0.55, 0.5] + [np.nan] * 7, np.float32)
    goods = derived(goods.with_column("category", strings(said)), "category", strings(found), sure, "learnt")
    guess = [None] * 5 + ["y", "z"] + [None] * 5
    unsure = np.array([np.nan] * 5 + [0.4, 0.2] + [np.nan] * 5, np.float32)
    goods = goods.with_column("unsure_category", strings(guess)).with_column("unsure_category_confidence", unsure)
    return world.dataset(goods=goods)


def test_every_good_is_counted_once():
    (category,) = accounts(_known().catalog)
    assert (category.goods, category.said, category.derived, category.unsure, category.unknown) == (12, 2, 3, 2, 5)
    assert category.sources == {"learnt": 3}
    assert category.histogram == (0, 0, 0, 0, 0, 2, 0, 0, 0, 1)
    assert category.common == (("y", 3),)
    assert {sample.item for sample in category.found} == {"t2", "t3", "t4"}


def test_what_the_shop_says_is_never_derived():
    catalog = _known().catalog
    assert list(catalog.column("derived_category")[:2]) == [None, None]
    assert np.isnan(catalog.column("derived_category_confidence")[:2]).all()
    assert list(catalog.column("derived_category_source")[:2]) == [None, None]


def test_what_most_people_like_is_decided_first():
    events = [e for e in world.purchases() if e.item != "t5"]
    dataset = world.dataset(events, _known().catalog)
    assert [(one.item, one.guess) for one in doubts(dataset)] == [("r0", "z"), ("t5", "y")]
    same = doubts(_known())
    assert [one.item for one in same] == ["t5", "r0"]
    assert same[0].people == same[1].people == 5


def test_the_list_is_one_object_to_a_line(tmp_path):
    write_doubts(tmp_path / "review.jsonl", doubts(_known()))
    lines = [json.loads(line) for line in (tmp_path / "review.jsonl").read_text().splitlines()]
    assert lines[0] == {
        "item": "t5",
        "title": "tea tin",
        "attribute": "category",
        "guess": "y",
        "confidence": pytest.approx(0.4),
        "people": 5,
    }


def test_the_page_tells_it_and_runs_no_title_as_code():
    catalog = _known().catalog
    catalog = catalog.with_column("title", strings(["<script>alert(1)</script>"] * 12))
    page = render_understanding("A shop", world.START, accounts(catalog), doubts(world.dataset(goods=catalog)))
    assert "<script>" not in page
    assert "Found for 3 goods, 25 % of all: 3 by learnt." in page
    assert render_understanding("A shop", world.START, (), ()).count("Nothing was derived") == 1


def test_files_that_are_named_are_kept_in_the_settings(tmp_path):
    settings = _with_files(Settings(), tmp_path / "tree.txt", None, tmp_path / "reviews.csv")
    kinds = [type(part).__name__ for part in settings.plan.understand]
    assert kinds.count("Classify") == 1
    assert kinds[-1] == "Opinions"
    assert next(part for part in settings.plan.understand if isinstance(part, Classify)).taxonomy == str(tmp_path / "tree.txt")
    import tomllib

    assert parse(tomllib.loads(write(settings))).plan == settings.plan
    assert _with_files(settings, None, None, None) == settings
