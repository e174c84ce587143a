import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog, labels
from assortment.core.errors import BadInput, BadSetting, UnknownName
from assortment.core.events import KINDS, Event, Events, kind_number, no_events
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from tests import world


def test_a_column_of_another_length_is_refused():
    with pytest.raises(BadInput, match="column 'title' has 1 rows for 2 items"):
        Catalog(Ids(("a", "b")), {"title": strings(["x"])})


def test_a_misspelt_column_is_answered_with_the_near_miss():
    with pytest.raises(UnknownName, match="no column 'brnd'; did you mean 'brand'"):
        world.catalog().column("brnd")


def test_the_shops_own_column_goes_before_the_derived_one():
    derived = (
        world.catalog().with_column("derived_brand", strings(["?"] * 12)).with_column("derived_colour", strings(["red"] * 12))
    )
    assert derived.known("brand")[0] == "leaf"
    assert derived.known("colour")[0] == "red"


def test_labels_of_one_item_are_counted_once_and_missing_ones_not_at_all():
    read = labels(np.array(["a|b|a", None, "b", np.nan, ""], dtype=object))
    assert read.names == ("a", "b")
    assert read.member.toarray().tolist() == [[1, 1], [0, 0], [0, 1], [0, 0], [0, 0]]
    assert read.first().tolist() == [0, -1, 1, -1, -1]


def test_events_out_of_order_are_refused():
    events = world.dataset().events
    with pytest.raises(BadInput, match="out of time order"):
        events.take(np.array([3, 0]))


def test_before_leaves_out_the_moment_itself_and_since_starts_with_it():
    log = world.log([Event("u", "t0", "view", 5), Event("u", "t1", "view", 6)], world.catalog())
    assert log.before(6).item.tolist() == [0]
    assert log.since(6).item.tolist() == [1]


def test_liked_leaves_out_what_says_no():
    log = world.log([Event("u", "t0", "hide", 1), Event("u", "t1", "return", 2), Event("u", "t2", "view", 3)], world.catalog())
    assert log.liked().item.tolist() == [2]


def test_an_unknown_kind_of_event_is_answered_with_the_near_miss():
    with pytest.raises(UnknownName, match="did you mean 'purchase'"):
        kind_number("purchased")


def test_an_empty_log_is_a_log():
    assert len(no_events().before(3)) == 0
    assert isinstance(no_events(), Events)


def test_matrix_counts_a_person_and_a_thing_once_and_refusals_never():
    events = [
        Event("u", "t0", "view", 1),
        Event("u", "t0", "purchase", 2),
        Event("u", "t1", "hide", 3),
    ]
    assert world.dataset(events).matrix().toarray()[0, :3].tolist() == [1, 0, 0]


@pytest.mark.parametrize("diversity", [-0.1, 1.1, float("nan")])
def test_a_wish_outside_its_range_is_refused(diversity):
    with pytest.raises(BadSetting, match="goes from 0 to 1"):
        Wish(diversity)


def test_a_cap_of_nothing_is_refused():
    with pytest.raises(BadSetting, match="at_most brand=0"):
        Wish(at_most={"brand": 0})


@pytest.mark.parametrize("wish", [{"at_least": {"brand": 1.5}}, {"apart": {"brand": 2.5}}])
def test_half_a_value_or_a_place_is_refused(wish):
    with pytest.raises(BadSetting, match=r"brand=\d.5; it must be a whole number"):
        Wish(**wish)


def test_a_slate_of_nothing_is_refused():
    with pytest.raises(BadSetting, match="k is 0"):
        Request(k=0)


def test_new_scores_bring_the_notes_along():
    slate = Slate(np.array([4, 9], np.int32), np.array([2, 1], np.float32), {"from": strings(["a", "b"])})
    turned = slate.scored(np.array([0, 5]))
    assert turned.items.tolist() == [9, 4]
    assert turned.notes["from"].tolist() == ["b", "a"]


def test_a_note_of_another_length_is_refused():
    with pytest.raises(BadInput, match="'why' has 1 rows for 0 items"):
        Slate().noted("why", strings(["x"]))


def test_kinds_keep_their_numbers():
    """Stored models and profiles hold positions; a new kind goes to the end."""
    assert KINDS == ("view", "click", "favourite", "cart", "purchase", "rating", "share", "comment", "hide", "return")


def test_notes_follow_their_goods_through_every_turn_and_the_later_of_one_name_is_read():
    slate = Slate(np.array([7, 8, 9], np.int32), np.zeros(3, np.float32), {"stars": np.array([3, 5, 4])})
    turned = slate.take(np.array([2, 0, 1])).noted("said", strings(["c", "a", "b"])).take(slice(2))
    assert turned.take(np.array([1, 0])).notes["stars"].tolist() == [3, 4]
    assert turned.take(np.array([1, 0])).notes["said"].tolist() == ["a", "c"]
    again = turned.noted("stars", np.array([0, 1]))
    assert list(again.notes) == ["stars", "said"]
    assert again.take(np.array([1])).notes["stars"].tolist() == [1]
    assert turned.notes["stars"].tolist() == [4, 3]
