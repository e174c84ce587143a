"""What reviews say of goods."""

import json

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import no_events
from assortment.core.save import load, save
from assortment.ingest.reviews import read_reviews
from assortment.parts import known_classes
from assortment.understand.opinions import Opinions, clauses, read_aspects

GOOD = ["love it, great quality", "wonderful, beautiful color", "perfect and soft, love it", "great price, lovely"]
BAD = ["terrible quality, broke", "awful color, hate it", "horrible and itchy, hate it", "awful price, terrible"]


def _file(folder, rows, name="reviews.jsonl"):
    file = folder / name
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return str(file)


def _rows():
    """`a` is loved, `b` hated, each twenty times; `c` once loved; a review of something the shop does not have."""
    rows = [{"item_id": "a", "text": GOOD[n % 4], "rating": 5} for n in range(20)]
    rows += [{"item_id": "b", "text": BAD[n % 4], "rating": 1} for n in range(20)]
    return [*rows, {"item_id": "c", "text": "love it", "rating": 3}, {"item_id": "gone", "text": "great", "rating": 5}]


def _known(file):
    catalog = Catalog(Ids(("a", "b", "c", "d")), {"title": strings(["w", "x", "y", "z"])})
    opined = Opinions(file, encoder="hash:256").fit(Dataset(catalog, no_events()), np.random.default_rng(0))
    return opined, opined(catalog)


def test_what_people_love_is_better_than_what_they_hate(tmp_path):
    _, known = _known(_file(tmp_path, _rows()))
    a, b, c, d = known.column("derived_sentiment")
    assert 0 <= b < 0.35 < c < a <= 1
    assert np.isnan(d)
    sure = known.column("derived_sentiment_confidence")
    assert sure[0] == pytest.approx(20 / 23)
    assert sure[2] == pytest.approx(1 / 4)
    assert list(known.column("derived_sentiment_source")) == ["reviews", "reviews", "reviews", None]


def test_one_review_moves_an_item_little(tmp_path):
    """The naive mean would put `c`, with one good review, where `a` is, with twenty."""
    _, known = _known(_file(tmp_path, _rows()))
    a, _, c, _ = known.column("derived_sentiment")
    assert c < a - 0.1


def test_aspects_are_those_of_the_clauses_that_speak_of_them(tmp_path):
    _, known = _known(_file(tmp_path, _rows()))
    quality, comfort = known.column("derived_sentiment_quality"), known.column("derived_sentiment_comfort")
    assert quality[0] > quality[1]
    assert comfort[0] > comfort[1]
    assert np.isnan(quality[2])
    assert "derived_sentiment_delivery" not in known


def test_the_words_of_aspects_english_and_chinese():
    aspects = read_aspects()
    assert aspects("the fabric is nice and it fits")[0] == "quality|fit"
    assert aspects("物流很快，质量也好")[0] == "delivery|quality"
    assert aspects("nothing to say")[0] is None


def test_clauses_are_few_and_never_empty():
    assert clauses("..!!") == []
    assert len(clauses("good. " * 500)) == 6


def test_without_reviews_there_is_no_column():
    catalog = Catalog(Ids(("a",)), {"title": strings(["x"])})
    assert Opinions(encoder="hash:64").fit(Dataset(catalog, no_events()), np.random.default_rng(0))(catalog) is catalog


def test_what_is_saved_comes_back(tmp_path):
    opined, known = _known(_file(tmp_path, _rows()))
    save(opined, tmp_path / "saved")
    again = load(tmp_path / "saved", known_classes())(Catalog(known.ids, {}))
    np.testing.assert_array_equal(again.column("derived_sentiment"), known.column("derived_sentiment"))


def test_reviews_that_say_nothing_of_good_and_bad_teach_nothing(tmp_path):
    rows = [{"item_id": "a", "text": "fine", "rating": 5}] * 40
    with pytest.raises(BadInput, match=r"40 say that they are good and 0 that they are bad; 16 of each are needed"):
        _known(_file(tmp_path, rows))


def test_a_recommendation_counts_before_a_rating_and_the_middle_says_neither(tmp_path):
    rows = [
        {"Clothing ID": 1, "Title": "Ok", "Review Text": "it is", "Rating": 5, "Recommended IND": 0},
        {"Clothing ID": 1, "Title": None, "Review Text": "so so", "Rating": 3, "Recommended IND": None},
        {"Clothing ID": None, "Title": "lost", "Review Text": "no item", "Rating": 5, "Recommended IND": 1},
        {"Clothing ID": 2, "Title": "empty", "Review Text": "  ", "Rating": 5, "Recommended IND": 1},
    ]
    reviews = read_reviews(_file(tmp_path, rows))
    assert reviews.texts == ("Ok. it is", "so so")
    assert reviews.items == ("1", "1")
    assert reviews.liked[0] == 0
    assert np.isnan(reviews.liked[1])
    assert reviews.without == 2


def test_amazon_reviews_are_read(tmp_path):
    rows = [{"asin": "B1", "reviewText": "lovely", "summary": "Great", "overall": 5.0, "unixReviewTime": 1, "reviewerID": "u"}]
    reviews = read_reviews(_file(tmp_path, rows))
    assert (reviews.items, reviews.texts, reviews.liked.tolist()) == (("B1",), ("Great. lovely",), [1.0])


def test_a_file_that_holds_no_reviews_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no column for the text"):
        read_reviews(_file(tmp_path, [{"item_id": "a", "rating": 5}]))
    with pytest.raises(BadInput, match="holds 'maybe'; it should hold 1 for good and 0 for bad"):
        read_reviews(_file(tmp_path, [{"item_id": "a", "text": "x", "recommended": "maybe"}]))
