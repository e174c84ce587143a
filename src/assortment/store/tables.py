"""The tables of a store, the same in SQLite and PostgreSQL.

Ids are compared byte by byte in both (collation "C" in PostgreSQL), so that order and search do not depend on the server's
locale. A person stands in the column `person`, since `user` means something else to PostgreSQL.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

REVISION = "0006"
"""The revision of these tables. A store of an older one is brought up by `migrations`, one of a newer is refused."""

_NAME: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")
_ARRIVAL: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

about = Table(
    "assortment",
    metadata,
    Column("version", Integer, nullable=False),
    Column("name", Text),
)
"""One row. version: what programs that know no revisions go by; name: drawn as the store is made, for what is kept beside."""

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
    Column("id", _NAME),
)
event_person = Index("event_person", event.c.person)
_NAMED = event.c.id.is_not(None)
event_id = Index("event_id", event.c.id, unique=True, sqlite_where=_NAMED, postgresql_where=_NAMED)
"""An event that the sender has named is there once; the others take no room in it."""

slate = Table(
    "slate",
    metadata,
    Column("arrival", _ARRIVAL, primary_key=True),
    Column("slate", _NAME, nullable=False, unique=True),
    Column("time", BigInteger, nullable=False),
    Column("person", _NAME, nullable=False),
    Column("arm", Text, nullable=False),
    Column("took", Double),
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

person = Table(
    "person",
    metadata,
    Column("arrival", _ARRIVAL, primary_key=True),
    Column("person", _NAME, nullable=False, unique=True),
    Column("known", JSON, nullable=False),
)
"""What a shop says of people itself; it is given back, and no slate comes of it."""

change = Table(
    "change",
    metadata,
    Column("about", _NAME, primary_key=True),
    Column("number", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How often something has changed: `goods`, the catalog; `log`, what concerns everybody; `of:ann`, what is held of a person."""

key = Table(
    "access_key",
    metadata,
    Column("number", _ARRIVAL, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("rate", Double),
    Column("hash", Text, nullable=False, unique=True),
    Column("made", BigInteger, nullable=False),
    Column("until", BigInteger),
)

session = Table(
    "access_session",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("key", BigInteger),
    Column("until", BigInteger, nullable=False),
)

link = Table(
    "access_link",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)

audit = Table(
    "access_audit",
    metadata,
    Column("number", _ARRIVAL, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("about", Text, nullable=False),
)
