"""What is learnt from a log: who took what after what."""

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.errors import BadInput
from assortment.core.events import Event
from assortment.finetune.lessons import Lessons, lessons
from tests import world


def shop(events: list[tuple[str, str, int]], columns: dict | None = None) -> Dataset:
    goods = Catalog(Ids("abcdefgh"), {"title": strings("abcdefgh"), **(columns or {})})
    log = [Event(user, item, "purchase", time) for user, item, time in events]
    return Dataset(goods, world.log(sorted(log, key=lambda event: event.time), goods))


def told(found: Lessons) -> set[tuple[str, tuple[tuple[str, float], ...]]]:
    """Each lesson as what came next, and what was before with its weight."""
    rows = (found.history[row] for row in range(len(found)))
    before = [tuple(sorted(("abcdefgh"[i], round(float(w), 3)) for i, w in zip(r.indices, r.data, strict=True))) for r in rows]
    return {("abcdefgh"[item], history) for item, history in zip(found.target, before, strict=True)}


def test_a_basket_foretells_the_next_and_not_itself():
    """a and b are taken at once, then c, then d: b is no lesson of a, and age is counted in moments, not in goods."""
    found = lessons(shop([("u", "a", 1), ("u", "b", 1), ("u", "c", 2), ("u", "d", 3)]), 0.5)
    assert told(found) == {("c", (("a", 1.0), ("b", 1.0))), ("d", (("a", 0.5), ("b", 0.5), ("c", 1.0)))}


def test_what_is_taken_again_is_not_foretold_by_itself():
    found = lessons(shop([("u", "a", 1), ("u", "b", 2), ("u", "a", 3), ("v", "c", 1), ("v", "c", 2)]), 0.5)
    assert told(found) == {("b", (("a", 1.0),)), ("a", (("b", 1.0),))}


def test_only_the_last_five_goods_foretell():
    found = lessons(shop([("u", item, time) for time, item in enumerate("abcdefg")]), 1.0)
    assert ("g", tuple((item, 1.0) for item in "bcdef")) in told(found)


def test_what_else_a_person_has_is_known_and_never_wrong():
    found = lessons(shop([("u", "a", 1), ("u", "b", 2), ("v", "c", 1), ("v", "d", 2), ("u", "e", 3)]), 0.5)
    rows = found.theirs[found.person].toarray()
    assert all(rows[row][found.target[row]] == 1 for row in range(len(found)))
    assert {tuple(np.flatnonzero(row)) for row in rows} == {(0, 1, 4), (2, 3)}


def test_queries_and_reviews_are_lessons_of_their_own():
    columns = {
        "queries": strings(["first letter|alpha", None, "third", *[None] * 5]),
        "reviews": strings([None, "🎁|nice b", *[None] * 6]),
    }
    found = lessons(shop([], columns), 0.5)
    pairs = set(zip(found.written, found.about.tolist(), strict=True))
    assert pairs == {("first letter", 0), ("alpha", 0), ("third", 2), ("nice b", 1)}


@pytest.mark.parametrize("events", [[], [("u", "a", 1)], [("u", "a", 1), ("u", "b", 1)], [("u", "a", 1), ("u", "a", 5)]])
def test_a_log_that_teaches_nothing_says_so(events):
    with pytest.raises(BadInput, match="nobody took one thing after another"):
        lessons(shop(events), 0.5)
