"""What is read of several people at once."""

from assortment.core.arrays import Ids
from assortment.core.events import Event
from assortment.core.mutes import Muting
from assortment.store.sql import Store


def test_the_past_of_several_people_is_of_one_moment_and_of_nobody_else(store: Store):
    mute = Muting("ann", "brand", "Leaf", True, 5)
    store.append([Event("ann", "b", "view", 3), Event("bob", "a", "view", 2), Event("ann", "gone", "view", 1)])
    store.append([Event("cid", "a", "view", 1), Event("ann", "a", "cart", 1)])
    store.mute(mute)
    marks, events, mutings = store.past(["ann", "bob", "new"], Ids(("a", "b")))
    assert marks == store.marks(["ann", "bob", "new"])
    rows = zip(events.user.tolist(), events.item.tolist(), events.time.tolist(), strict=True)
    told = [(events.people.names[user], item, time) for user, item, time in rows]
    assert told == [("ann", 0, 1), ("bob", 0, 2), ("ann", 1, 3)], "by time, without what is not in the catalog"
    assert mutings == {"ann": [mute]}
    assert store.past([], Ids(("a",)))[0] == {}
