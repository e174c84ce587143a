"""Goods put into categories: by words, by what is labelled, and into none."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput, BadSetting
from assortment.core.events import no_events
from assortment.core.save import load, save
from assortment.parts import known_classes
from assortment.understand.attributes import Attributes
from assortment.understand.classify import Classify

TREE = "Kitchen > Mugs\nKitchen > Pans\nToys > Trains\nToys > Dolls\nGarden\n"


def _catalog(titles, **columns) -> Catalog:
    read = {name: strings(values) for name, values in columns.items()}
    return Catalog(Ids([str(number) for number in range(len(titles))]), {"title": strings(titles), **read})


def _fitted(catalog, **settings):
    settings = {"encoder": "hash:256", **settings}
    return Classify(**settings).fit(Dataset(catalog, no_events()), np.random.default_rng(0))


@pytest.fixture
def tree(tmp_path):
    file = tmp_path / "tree.txt"
    file.write_text(TREE)
    return str(file)


def test_the_words_of_a_path_are_enough(tree):
    catalog = _catalog(["Red mug for the kitchen", "Steam trains, toys", "Frying pans", "Garden gnome"])
    known = _fitted(catalog, taxonomy=tree, certain=0.3)(catalog)
    assert list(known.column("derived_category")) == ["Kitchen > Mugs", "Toys > Trains", "Kitchen > Pans", "Garden"]
    assert set(known.column("derived_category_source")) == {"words"}


def test_it_goes_down_as_far_as_is_certain_and_says_nothing_where_nothing_is(tree):
    catalog = _catalog(["Kitchen", "Zephyr", "Red mug for the kitchen, mugs"])
    known = _fitted(catalog, taxonomy=tree, certain=0.6)(catalog)
    assert list(known.column("derived_category")) == ["Kitchen", None, "Kitchen > Mugs"]
    assert known.column("unsure_category")[1] in ("Kitchen", "Toys", "Garden")
    assert np.isnan(known.column("derived_category_confidence")).tolist() == [False, True, False]
    assert np.isnan(known.column("unsure_category_confidence")).tolist() == [True, False, True]


def test_what_is_labelled_overrides_what_the_words_say(tree):
    """A shop that keeps its mugs among the toys: by their words they would be of the kitchen."""
    titles = [f"mug number {n}" for n in range(12)] + [f"frying pan number {n}" for n in range(12)] + ["mug number 99"]
    said = ["Toys > Dolls"] * 12 + ["Kitchen > Pans"] * 12 + [None]
    catalog = _catalog(titles, category=said)
    assert (
        _fitted(_catalog(titles), taxonomy=tree, certain=0)(_catalog(titles)).column("derived_category")[-1] == "Kitchen > Mugs"
    )
    known = _fitted(catalog, taxonomy=tree)(catalog)
    assert known.column("derived_category")[-1] == "Toys > Dolls"
    assert known.column("derived_category_source")[-1] == "learnt"
    assert list(known.column("derived_category")[:24]) == [None] * 24
    assert known.column("category") is catalog.column("category")


def test_two_of_a_label_and_its_words_are_better_than_either_alone():
    titles = ["steel pan", "iron pan", "blue doll", "rag doll", "doll, red", "copper pan"]
    catalog = _catalog(titles, category=["pots", "pots", "doll", "doll", None, None])
    known = _fitted(catalog, certain=0.0)(catalog)
    assert list(known.column("derived_category")[4:]) == ["doll", "pots"]


def test_a_label_on_one_good_alone_is_given_to_no_other():
    catalog = _catalog(
        ["red mug", "blue mug", "toy train", "toy tram", "odd thing", "odd thing two"], category=["m", "m", "t", "t", "x", None]
    )
    assert _fitted(catalog, certain=0)(catalog).column("derived_category")[5] in ("m", "t")


def test_paths_are_written_as_the_shop_writes_them():
    catalog = _catalog(
        ["red mug", "blue mug", "toy train", "toy tram", "green mug"], category=["A>M", "A>M", "A>T", "A>T", None]
    )
    assert _fitted(catalog, certain=0)(catalog).column("derived_category")[4] == "A>M"


def test_a_keyword_said_two_hundred_times_is_no_surer_than_once(tree):
    once, stuffed = _catalog(["mugs"]), _catalog(["mugs " * 200])
    fitted = _fitted(_catalog(["mugs", "pans", "gnome"]), taxonomy=tree)
    one, many = (fitted(catalog).column("derived_category_confidence")[0] for catalog in (once, stuffed))
    assert many == one
    among = fitted(_catalog(["garden trowel", "garden trowel " + "mugs " * 200, "garden trowel mugs"]))
    assert among.column("derived_category")[1] == among.column("derived_category")[2]


@pytest.mark.parametrize(
    "title",
    [
        "",
        None,
        " ",
        "🎁",
        "x" * 10_000,
        "mugs\u200b\u202e\ufeff",
        "<b>mugs</b><script>pans()</script>",
        "кружка 马克杯 mug",
        "\ud800 mugs",
    ],
)
def test_odd_titles_lose_nothing(tree, title):
    catalog = _catalog([title, "red mug"])
    known = _fitted(catalog, taxonomy=tree)(catalog)
    assert len(known) == 2
    clean = _catalog(["mugs", "red mug"])
    if title and "mugs" in title:
        sure = _fitted(clean, taxonomy=tree)(clean).column("derived_category_confidence")[0]
        assert known.column("derived_category_confidence")[0] == pytest.approx(sure, abs=1e-6)


def test_a_shop_that_said_it_of_all_or_has_neither_labels_nor_a_tree_stays_as_it_is(tree):
    for catalog in (_catalog(["a", "b"], category=["x", "y"]), _catalog([]), _catalog(["a", "b"])):
        taxonomy = tree if "category" in catalog else None
        assert _fitted(catalog, taxonomy=taxonomy)(catalog) is catalog


def test_attributes_leave_what_was_classified(tree):
    catalog = _catalog(["red mug", "toy trains"])
    known = _fitted(catalog, taxonomy=tree, certain=0.2)(catalog)
    after = Attributes(encoder="hash:256").fit(Dataset(known, no_events()), np.random.default_rng(0))(known)
    assert after.column("derived_category") is known.column("derived_category")
    assert list(after.column("derived_colour")) == ["red", None]
    assert list(after.column("derived_colour_source")) == ["words", None]


def test_what_is_saved_comes_back(tree, tmp_path):
    titles = ["red mug", "blue mug", "toy train", "toy tram", "a mug"]
    for said in ([None] * 5, ["Kitchen > Mugs", "Kitchen > Mugs", "Toys > Trains", "Toys > Trains", None]):
        catalog = _catalog(titles, category=said)
        fitted = _fitted(catalog, taxonomy=tree)
        save(fitted, tmp_path / f"saved{said[0]}")
        again = load(tmp_path / f"saved{said[0]}", known_classes())(catalog)
        assert list(again.column("derived_category")) == list(fitted(catalog).column("derived_category"))


def test_settings_that_mean_nothing_are_refused(tmp_path):
    with pytest.raises(BadSetting, match="certain is 2"):
        Classify(certain=2)
    with pytest.raises(BadSetting, match="column is 'title'"):
        Classify(column="title")
    (tmp_path / "cycle.csv").write_text("id,parent,name\n1,2,A\n2,1,B\n")
    with pytest.raises(BadInput, match="cycle"):
        _fitted(_catalog(["a"]), taxonomy=str(tmp_path / "cycle.csv"))
