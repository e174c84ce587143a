"""The log row by row, and what a shop says of people: for those who page through them, or take something back."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from assortment.core.events import Event
from assortment.store import marks, tables
from assortment.store.append import IDS
from assortment.store.cells import Cell
from assortment.store.checks import checked_id
from assortment.store.sql import Store

_EVENT = [tables.event.c[name] for name in ("person", "item", "kind", "time", "value", "slate", "id")]


def events_after(store: Store, arrival: int, most: int, **like: str) -> list[tuple[int, Event]]:
    """At most so many events that came after the one with this number, in the order in which they came, each with its number.

    like: what they share, by column: `person`, `item` or `kind`.
    """
    c = tables.event.c
    query = select(c.arrival, *_EVENT).where(c.arrival > arrival, *(c[name] == value for name, value in like.items()))
    with store.reading() as connection:
        rows = connection.execute(query.order_by(c.arrival).limit(most)).all()
    return [(number, Event(*event)) for number, *event in rows]


def retract(store: Store, user: str, item: str) -> int:
    """Remove all that a person did with an item; the number of events."""
    c = tables.event.c
    with store.writing() as connection:
        marks.people_changed(connection, [user])
        return connection.execute(delete(tables.event).where(c.person == user, c.item == item)).rowcount


def give_way(store: Store, ids: Sequence[str]) -> None:
    """Remove events that their senders named, for others of the same ids to come."""
    c = tables.event.c
    with store.writing() as connection:
        for start in range(0, len(ids), IDS):
            gone = delete(tables.event).where(c.id.in_(ids[start : start + IDS])).returning(c.person)
            marks.people_changed(connection, set(connection.scalars(gone)))


def counts(store: Store, kinds: Sequence[str]) -> dict[str, int]:
    """How many events of these kinds each item has, the most first; reads the whole log."""
    c, number = tables.event.c, func.count()
    query = select(c.item, number).where(c.kind.in_(kinds)).group_by(c.item).order_by(number.desc(), c.item)
    with store.reading() as connection:
        return dict(connection.execute(query).all())


def known(store: Store, items: Sequence[str]) -> dict[str, dict[str, Cell]]:
    """What the shop says of these goods, by column; those that there are not are left out."""
    c, found = tables.item.c, dict[str, dict[str, Cell]]()
    with store.reading() as connection:
        for start in range(0, len(items), IDS):
            some = items[start : start + IDS]
            found.update(connection.execute(select(c.item, c.known).where(c.item.in_(some))).all())
    return found


def say(store: Store, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Record what the shop says of people, in place of what it said before."""
    rows = [{"person": checked_id("a user", name), "known": dict(said)} for name, said in known.items()]
    if not rows:
        return
    with store.writing() as connection:
        into = (postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert)(tables.person)
        connection.execute(into.on_conflict_do_update(index_elements=["person"], set_={"known": into.excluded.known}), rows)


def said(store: Store, user: str) -> dict[str, Any] | None:
    """What the shop said of a person, None where nothing."""
    c = tables.person.c
    with store.reading() as connection:
        return connection.scalar(select(c.known).where(c.person == user))


def said_after(store: Store, user: str, most: int) -> dict[str, dict[str, Any]]:
    """At most so many people whose id comes after this one, in the order of ids, and what the shop said of them."""
    c = tables.person.c
    with store.reading() as connection:
        return dict(connection.execute(select(c.person, c.known).where(c.person > user).order_by(c.person).limit(most)).all())
