"""What a whole log comes to, counted by the database rather than row by row here."""

from sqlalchemy import func, select

from assortment.core.events import REFUSING
from assortment.store import tables
from assortment.store.sql import Store


def liked_by(store: Store) -> dict[str, int]:
    """How many people did something with each item that does not refuse it."""
    c = tables.event.c
    query = select(c.item, func.count(c.person.distinct())).where(c.kind.not_in(sorted(REFUSING))).group_by(c.item)
    with store.reading() as connection:
        return dict(connection.execute(query).all())


def how_many_shown(store: Store, since: int) -> tuple[int, int]:
    """How many slates with anything on them were shown from `since` (milliseconds) on, and to how many people, all whom we do
    not know being one."""
    s, p = tables.slate.c, tables.shown.c
    something = select(p.slate).where(p.slate == s.slate).exists()
    query = select(func.count(), func.count(s.person.distinct())).select_from(tables.slate).where(s.time >= since, something)
    with store.reading() as connection:
        slates, people = connection.execute(query).one()
    return slates, people


def answers(store: Store, since: int, every: int = 1) -> list[tuple[str, str]]:
    """Slates shown from `since` (milliseconds) on, and each kind of event by which they were answered since then, once; of
    goods that are there. every: as in `Store.shown`."""
    e, s, i = tables.event.c, tables.slate.c, tables.item.c
    both = tables.event.join(tables.slate, e.slate == s.slate).join(tables.item, e.item == i.item)
    query = select(e.slate, e.kind).distinct().select_from(both)
    query = query.where(e.time >= since, s.time >= since, s.arrival % every == 0).order_by(e.slate, e.kind)
    with store.reading() as connection:
        return [(slate, kind) for slate, kind in connection.execute(query)]
