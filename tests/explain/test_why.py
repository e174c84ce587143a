import numpy as np
import pytest

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.events import Event
from assortment.core.profile import NOBODY
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.explain import why
from assortment.explain.why import Why
from assortment.testing import check_batch
from tests import world

RNG = np.random.default_rng(0)


def slate(*items: int, before=None) -> Slate:
    made = Slate(np.array(items, np.int32), np.ones(len(items), np.float32))
    return made if before is None else made.noted("before", np.array(before))


def reasons(request: Request, *items: int, before=None, data=None, **settings) -> list[str]:
    stage = Why(**settings).fit(data or world.dataset(), RNG)
    return stage([request], [slate(*items, before=before)])[0].notes["why"].tolist()


BUYER_OF_GREEN_TEA = NOBODY.after(0, "purchase", 1)


def test_it_counts_those_who_took_both_and_not_those_who_took_either():
    """Five of the six tea people bought t0 and five bought t1; the four who lack neither bought both."""
    assert reasons(Request(profile=BUYER_OF_GREEN_TEA), 1) == ["4 of the 5 people who bought green tea bought this too."]


def test_of_all_that_you_have_the_one_most_taken_with_it_is_named():
    profile = NOBODY.after(0, "purchase", 1).after(6, "purchase", 2)
    assert "train signal" not in reasons(Request(profile=profile), 11)[0]
    assert reasons(Request(profile=profile), 11) == ["4 of the 5 people who bought steam train bought this too."]


def test_it_names_the_thing_whose_takers_took_this_most_often_and_not_the_bestseller():
    """Of the 30 who took the bestseller t0, 8 took t2; of the 10 who took t1, 7 did: the 7 say more."""
    events = [Event(f"a{n}", "t0", "purchase", 1) for n in range(30)] + [Event(f"b{n}", "t1", "purchase", 1) for n in range(10)]
    events += [Event(f"a{n}", "t2", "purchase", 2) for n in range(8)] + [Event(f"b{n}", "t2", "purchase", 2) for n in range(7)]
    profile = NOBODY.after(0, "purchase", 1).after(1, "purchase", 2)
    data = world.dataset(sorted(events, key=lambda event: event.time))
    assert reasons(Request(profile=profile), 2, data=data) == ["7 of the 10 people who bought black tea bought this too."]


def test_a_thing_is_no_reason_for_itself():
    looked_at = NOBODY.after(1, "view", 1).after(0, "view", 2)
    assert reasons(Request(profile=looked_at), 1) == ["4 of the 5 people who bought green tea bought this too."]
    assert reasons(Request(profile=NOBODY.after(1, "view", 1)), 1) == ["5 people bought it in the last 30 days."]


def test_where_nobody_took_both_likeness_in_words_speaks():
    vectors = np.zeros((12, 2), np.float32)
    vectors[[0, 6], 0] = 1
    data = world.dataset()
    data = data.with_catalog(data.catalog.with_column("vector", vectors))
    assert reasons(Request(profile=BUYER_OF_GREEN_TEA), 6, data=data) == ["It is like green tea."]


def test_where_nothing_of_yours_speaks_it_counts_who_took_it_lately():
    assert reasons(Request(), 3) == ["5 people bought it in the last 30 days."]


def test_where_nobody_ever_took_it_it_says_so_and_invents_nothing():
    data = world.dataset([event for event in world.purchases() if event.item != "t3"])
    assert reasons(Request(), 3, data=data) == ["New to the shop, or seldom asked for; it may be a discovery."]


def test_what_stands_there_for_varietys_sake_says_so():
    first, second = reasons(Request(k=2), 0, 6, before=[0, 5])
    assert first.startswith("5 people")
    assert second.startswith("To widen your choice: 5 people")


def test_a_search_is_answered_with_its_words():
    assert reasons(Request(words="tea pot"), 2) == ["It answers “tea pot”."]


def test_a_product_page_speaks_of_its_product_and_not_of_the_person():
    profile = NOBODY.after(6, "purchase", 1)
    assert "green tea" in reasons(Request(profile=profile, about=(0,)), 1)[0]


def test_a_basket_of_more_goods_than_can_be_weighed_is_answered_by_the_last_of_them():
    basket = (0,) * 30 + (6,) * 20
    assert reasons(Request(about=basket), 11) == ["4 of the 5 people who bought steam train bought this too."]
    assert "green tea" not in reasons(Request(about=basket), 1)[0]


def test_nobody_is_said_to_have_bought_what_they_may_only_have_seen():
    seen = [Event(f"v{n}", item, "view", world.START) for n in range(9) for item in ("t0", "t1")]
    data = world.dataset([*seen, *world.purchases()])
    assert reasons(Request(profile=BUYER_OF_GREEN_TEA), 1, data=data) == [
        "13 of the 14 people who chose green tea chose this too."
    ]
    late = [*world.purchases(), Event("v", "t0", "view", world.START + 90 * world.DAY)]
    assert "viewed" not in reasons(Request(profile=BUYER_OF_GREEN_TEA), 1, data=world.dataset(late))[0]


def test_a_thing_without_a_title_is_named_by_its_id():
    data = world.dataset()
    titles = data.catalog.column("title").copy()
    titles[0] = None
    data = data.with_catalog(data.catalog.with_column("title", titles))
    assert "who bought t0 bought" in reasons(Request(profile=BUYER_OF_GREEN_TEA), 1, data=data)[0]


@pytest.mark.parametrize("yours", [0, 31])
def test_the_first_and_the_last_of_all_that_it_can_weigh_speak(yours):
    goods = Catalog(Ids([f"g{number}" for number in range(33)]), {})
    events = [Event(f"p{n}", f"g{item}", "purchase", 1) for n in range(4) for item in (yours, 32)]
    about = Request(about=tuple(range(32)))
    said = reasons(about, 32, data=world.dataset(events, goods), recent=32)
    assert said == [f"4 of the 4 people who bought g{yours} bought this too."]


@pytest.mark.parametrize("number", [0, 33])
def test_more_of_the_past_than_it_can_weigh_is_refused(number):
    with pytest.raises(ValueError, match="recent is"):
        Why(recent=number)


@pytest.mark.parametrize("together", [1, 3, 1000])
def test_a_batch_is_what_its_requests_are_alone_in_however_many_parts_it_is_taken(together, monkeypatch):
    monkeypatch.setattr(why, "AT_ONCE", together * len(world.dataset().events.people))
    requests = [Request(profile=BUYER_OF_GREEN_TEA), Request(), Request(words="x"), Request(about=(3,))]
    check_batch(Why().fit(world.dataset(), RNG), requests, [slate(1, 2), slate(3), slate(4), Slate()])
