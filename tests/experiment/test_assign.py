"""Who sees which arm, and the book of experiments."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.pipeline import Pipeline
from assortment.core.request import Wish
from assortment.experiment.assign import assigned, bucket, exposed, room, tagged
from assortment.experiment.book import Book
from assortment.experiment.definition import BUCKETS, Arm, Experiment, parse
from assortment.experiment.measures import MEASURES
from tests import world

VARIED = (Arm("as-is"), Arm("varied", wish=Wish(0.8)))
PEOPLE = [f"person {n}" for n in range(20_000)]


def more(**others) -> Experiment:
    return Experiment("more", VARIED, **others)


def no_pipeline(folder: Path) -> Pipeline:
    return Pipeline((), world.catalog())


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "experiments", no_pipeline)


def test_people_are_spread_evenly_and_independently_of_other_salts():
    first, second = (np.array([bucket(salt, user) for user in PEOPLE]) for salt in ("one", "two"))
    counts = np.bincount(first // 1000 * 10 + second // 1000, minlength=100)
    assert stats.chisquare(counts).pvalue > 0.001


def test_an_arm_is_for_good_and_as_large_as_its_share():
    three = Experiment("three", (Arm("a", 2), Arm("b", 1, Wish(0.5)), Arm("c", 1, Wish(0.9))))
    arms = [assigned(three, user) for user in PEOPLE]
    assert arms == [assigned(three, user) for user in PEOPLE]
    shares = [sum(arm is not None and arm.name == name for arm in arms) / len(PEOPLE) for name in "abc"]
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.012)
    assert assigned(three, "") is None


def test_experiments_of_one_layer_never_share_a_person_and_those_of_two_are_independent():
    one, other = replace(more(share=0.4), first=0), replace(more(share=0.6), name="other", first=4000)
    beside = replace(more(share=0.5), name="beside", layer="pages")
    took = np.array([[assigned(each, user) is not None for each in (one, other, beside)] for user in PEOPLE])
    assert not (took[:, 0] & took[:, 1]).any()
    assert (took[:, 0] | took[:, 1]).all()
    assert took[took[:, 0], 2].mean() == pytest.approx(0.5, abs=0.02)


def test_the_next_experiment_mixes_the_people_anew():
    first, again = replace(more(), began=1), replace(more(), began=2)
    same = np.mean([assigned(first, user) == assigned(again, user) for user in PEOPLE])
    assert same == pytest.approx(0.5, abs=0.015)


@given(st.lists(st.integers(1, 4000), max_size=6), st.integers(1, 4000))
def test_room_is_found_where_there_is_some_and_never_shared(widths, width):
    running: list[Experiment] = []
    for number, wide in enumerate(widths):
        one = more(share=wide / BUCKETS)
        try:
            running.append(replace(one, name=f"e{number}", first=room("slates", wide, running)))
        except BadSetting:
            assert sum(each.width for each in running) + wide > BUCKETS
    taken = sorted((each.first, each.first + each.width) for each in running)
    assert all(end <= start for (_, end), (start, _) in pairwise(taken))
    assert all(end <= BUCKETS for _, end in taken)


def test_what_is_recorded_is_read_back():
    tag = tagged("v1", [("more", "varied"), ("price", "as-is")])
    assert (exposed(tag, "more"), exposed(tag, "price"), exposed(tag, "other")) == ("varied", "as-is", None)
    assert tagged("v1", []) == "v1"
    assert exposed("more=varied", "more") is None, "the first word is the version, whatever it looks like"


# The book


def test_what_has_begun_is_there_for_others_and_ends_once(book: Book, tmp_path: Path):
    begun = book.start(more(share=0.3, guardrails={"revenue": 0.02}), 1000)
    other = Book(tmp_path / "experiments", no_pipeline)
    assert [one.experiment for one in other.running()] == [begun]
    assert parse(json.loads(json.dumps(begun.told)), MEASURES) == begun
    assert other.stop("more", 2000).ended == 2000
    assert book.running() == ()
    assert book.named("more").ended == 2000
    with pytest.raises(BadSetting, match="has ended already"):
        book.stop("more", 3000)
    with pytest.raises(BadSetting, match="exists already"):
        book.start(more(), 4000)
    with pytest.raises(UnknownName, match="did you mean 'more'"):
        book.stop("mroe", 1)


def test_a_layer_that_is_full_takes_no_more(book: Book):
    book.start(more(share=0.7), 1)
    with pytest.raises(BadSetting, match="no room for 40% of its people: 'more' run there"):
        book.start(replace(more(share=0.4), name="late"), 2)
    assert book.start(replace(more(share=0.3), name="small"), 3).first == 7000
    assert book.start(replace(more(), name="else", layer="pages"), 4).first == 0


def test_of_many_that_begin_at_once_none_share_a_person(book: Book):
    def begin(number: int) -> Experiment:
        return book.start(replace(more(share=0.1), name=f"e{number}"), number)

    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(begin, range(10)))
    assert sorted(one.first for one in begun) == list(range(0, BUCKETS, 1000))


def test_what_was_cut_short_is_not_there_and_the_damaged_is_told(book: Book):
    book.start(more(), 1)
    cut = book.folder / ".coming-cut"
    cut.mkdir()
    (cut / "experiment.json").write_text("{")
    assert [one.name for one in book.all()] == ["more"]
    (book.folder / "more" / "experiment.json").write_text("{")
    with pytest.raises(BadInput, match="is damaged"):
        book.all()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"name": "x", "arm": [{"name": "a"}]}, "compares two or more"),
        ({"name": "x", "arm": [{"name": "a"}, {"name": "b"}]}, "are all the same"),
        ({"name": "x", "arm": [{"name": "a"}, {"name": "a", "diversity": 1}]}, "two arms of one name"),
        ({"name": "X y", "arm": [{"name": "a"}, {"name": "b", "diversity": 1}]}, "is called 'X y'"),
        ({"name": "x", "arm": [{"name": "a"}, {"name": "b", "divrsity": 1}]}, "did you mean 'diversity'"),
        ({"name": "x", "arm": [{"name": "a"}, {"name": "b", "diversity": 2}]}, "goes from 0 to 1"),
        ({"name": "x", "arm": [{"name": "a"}, {"name": "b", "settings": "s", "release": "r"}]}, "only one of them"),
        (
            {"name": "x", "primary": "convrsion", "arm": [{"name": "a"}, {"name": "b", "diversity": 1}]},
            "did you mean 'conversion'",
        ),
        ({"name": "x", "people": "many", "arm": [{"name": "a"}, {"name": "b", "diversity": 1}]}, "a whole number"),
        ({"name": "x", "alpha": 0, "arm": [{"name": "a"}, {"name": "b", "diversity": 1}]}, "alpha"),
        ({"name": "x", "arm": "a"}, "tables"),
    ],
)
def test_a_slip_is_answered_with_the_way_out(document, said):
    with pytest.raises((BadSetting, UnknownName), match=said):
        parse(document, MEASURES)
