"""Pseudonyms: what people are called at rest where the shop keeps no names."""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from assortment.store import marks, tables
from assortment.store.sql import Store

VEILED = re.compile(r"anon-[0-9a-f]{32}")
"""What a pseudonym looks like; one that is veiled again stays as it is."""


@dataclass(frozen=True)
class Veil:
    """Pseudonyms by a secret key: the same person has always the same, and without the key nobody can tell whose it is.

    HMAC-SHA-256 (RFC 2104), its first 128 bits.

    >>> veil = Veil(b"a secret of the shop")
    >>> veil("ann")
    'anon-7dd1c4e36843e6ac43dbaccacc2e9227'
    >>> veil(veil("ann")) == veil("ann") != Veil(b"another")("ann")
    True
    """

    key: bytes

    def __call__(self, person: str) -> str:
        if not person or VEILED.fullmatch(person):
            return person
        return "anon-" + hmac.new(self.key, person.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def veil_store(store: Store, veil: Callable[[str], str]) -> int:
    """Call all people in a store by their pseudonyms, in one transaction; how many had none yet.

    SQLite overwrites their names in its file; PostgreSQL when it vacuums. What Redis keeps of this store is dropped, even where
    nobody had a name any more: it may be of one that an earlier call could not reach.
    """
    columns = (tables.event.c.person, tables.slate.c.person, tables.mute.c.person, tables.person.c.person)
    with store.writing() as connection:
        people = {name for column in columns for name in connection.scalars(select(column).distinct()) if veil(name) != name}
        for name in people:
            for column in columns:
                connection.execute(update(column.table).where(column == name).values(person=veil(name)))
            connection.execute(delete(tables.change).where(tables.change.c.about == marks.of(name)))
        marks.changed(connection, marks.LOG)
    if store.engine.dialect.name == "sqlite":
        store._write_back()
    if store.cache is not None:
        store.cache.empty()
    return len(people)
