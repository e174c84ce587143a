"""Events into the log, each that its sender has named once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, text

from assortment.core.events import Event
from assortment.store import tables
from assortment.store.checks import EventRow
from assortment.store.marks import people_changed

IDS = 500
"""Ids that one statement asks for."""

_THERE = text("SELECT id FROM event WHERE id = :id")


@dataclass(frozen=True)
class Appended:
    """What an append did. new: the events that were not there; people: how often each of their people has changed, this
    append being the last change."""

    new: tuple[Event, ...] = ()
    people: Mapping[str, int] = field(default_factory=dict)


def append(connection: Connection, events: Sequence[Event], rows: Sequence[EventRow]) -> Appended:
    """Append the events that are not there yet, in this order. Whoever appends of the same people waits meanwhile."""
    people = people_changed(connection, {event.user for event in events})
    fresh = _fresh(connection, [event.id for event in events])
    new = tuple(event for event, is_new in zip(events, fresh, strict=True) if is_new)
    insert_events(connection, [row for row, is_new in zip(rows, fresh, strict=True) if is_new])
    return Appended(new, people)


def _fresh(connection: Connection, ids: Sequence[str | None]) -> list[bool]:
    """Of each id whether it stands neither in the log nor before in the list; what has no id always is."""
    seen = _seen(connection, [name for name in ids if name is not None])
    fresh = []
    for name in ids:
        fresh.append(name is None or name not in seen)
        seen.add(name)
    return fresh


def _seen(connection: Connection, named: Sequence[str]) -> set[str | None]:
    """Those of the ids that stand in the log."""
    if len(named) == 1:
        return set(connection.scalars(_THERE, {"id": named[0]}))
    seen = set[str | None]()
    for start in range(0, len(named), IDS):
        some = named[start : start + IDS]
        seen.update(connection.scalars(select(tables.event.c.id).where(tables.event.c.id.in_(some))))
    return seen


def insert_events(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Rows into the log."""
    insert_rows(connection, "event", ("time", "person", "item", "kind", "value", "slate", "id"), rows)


def insert_rows(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows into a table, by the fastest way that each database has."""
    if not rows:
        return
    named = f"{table} ({', '.join(columns)})"
    if connection.dialect.name == "postgresql":
        cursor: Any = connection.connection.cursor()
        with cursor.copy(f"COPY {named} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        connection.exec_driver_sql(f"INSERT INTO {named} VALUES ({', '.join('?' * len(columns))})", list(rows))
