"""How often things have changed, by which every process on a store sees what the others did."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, delete, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from assortment.store import tables
from assortment.store.engine import listed

GOODS, LOG = "goods", "log"

FEW = 5
"""Up to so many changes are counted one by one, by a statement that is made only once."""

_ONCE_MORE = text(
    "INSERT INTO change (about, number) VALUES (:about, 1) "
    "ON CONFLICT (about) DO UPDATE SET number = change.number + 1 RETURNING about, number"
)


class Mark(NamedTuple):
    """How often each has changed: the catalog; the log as a whole, by bulk or by a person being forgotten; one person.

    What was read of a person is right as long as `log` and `person` stand where they stood; `goods` likewise of the catalog.
    """

    goods: int = 0
    log: int = 0
    person: int = 0


def of(person: str) -> str:
    """What the table calls a person."""
    return f"of:{person}"


def marks(connection: Connection, people: Collection[str]) -> dict[str, Mark]:
    """Where things stand for each of these; one reading of an index."""
    named = (GOODS, LOG, *map(of, people))
    statement = f"SELECT about, number FROM change WHERE about IN {listed(connection, len(named))}"
    found = dict(connection.exec_driver_sql(statement, named).all())
    return {person: Mark(found.get(GOODS, 0), found.get(LOG, 0), found.get(of(person), 0)) for person in people}


def changed(connection: Connection, *about: str) -> Mapping[str, int]:
    """Count a change of each of these, for which others that change the same wait until this transaction ends; the new counts.

    They are taken in order of their names, so that no two that wait for one another can be.
    """
    names = sorted(set(about))
    if len(names) <= FEW:
        return dict(row for name in names for row in connection.execute(_ONCE_MORE, {"about": name}).all())
    into = (postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert)(tables.change)
    c = tables.change.c
    once_more = into.on_conflict_do_update(index_elements=[c.about], set_={"number": c.number + 1}).returning(c.about, c.number)
    return dict(connection.execute(once_more, [{"about": name, "number": 1} for name in names]).all())


def forgotten(connection: Connection, person: str) -> None:
    """Remove the count of a person; the log as a whole has changed for it."""
    connection.execute(delete(tables.change).where(tables.change.c.about == of(person)))
    changed(connection, LOG)


def people_changed(connection: Connection, people: Collection[str]) -> dict[str, int]:
    """Count a change of each person; the new counts by person."""
    counts = changed(connection, *map(of, people))
    return {name.removeprefix("of:"): number for name, number in counts.items()}
