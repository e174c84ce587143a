"""The tables of a store, the same in SQLite and PostgreSQL.

Ids are compared byte by byte in both (collation "C" in PostgreSQL), so that order and search do not depend on the server's
locale. A person stands in the column `person`, since `user` means something else to PostgreSQL.
"""

from collections.abc import Mapping

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

SCHEMA = 2
"""The version of these tables. A store of an older one gets what it lacks (`ADDED`), one of a newer is refused."""

_NAME: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
_ARRIVAL: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

version = Table("assortment", metadata, Column("version", Integer, nullable=False))

item = Table(
    "item",
    metadata,
    Column("arrival", _ARRIVAL, primary_key=True),
    Column("item", _NAME, nullable=False, unique=True),
    Column("known", JSON, nullable=False),
)

field = Table(
    "field",
    metadata,
    Column("arrival", _ARRIVAL, primary_key=True),
    Column("field", _NAME, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("arrival", _ARRIVAL, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("person", _NAME, nullable=False),
    Column("item", _NAME, nullable=False),
    Column("kind", Text, nullable=False),
    Column("value", Double),
    Column("slate", _NAME),
)
event_person = Index("event_person", event.c.person)

slate = Table(
    "slate",
    metadata,
    Column("arrival", _ARRIVAL, primary_key=True),
    Column("slate", _NAME, nullable=False, unique=True),
    Column("time", BigInteger, nullable=False),
    Column("person", _NAME, nullable=False),
    Column("arm", Text, nullable=False),
    Index("slate_person", "person"),
)

shown = Table(
    "shown",
    metadata,
    Column("slate", _NAME, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("item", _NAME, nullable=False),
    Column("propensity", Double, nullable=False),
    sqlite_with_rowid=False,
)

mute = Table(
    "mute",
    metadata,
    Column("arrival", _ARRIVAL, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("person", _NAME, nullable=False),
    Column("field", _NAME, nullable=False),
    Column("value", _NAME, nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("goods", JSON, nullable=False),
    Index("mute_person", "person"),
)

ADDED: Mapping[int, tuple[Table, ...]] = {2: (mute,)}
"""The tables that came with each version after the first."""
