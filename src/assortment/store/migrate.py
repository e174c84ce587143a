"""Bringing the tables of a store up to `tables.REVISION`, with Alembic. Revisions are steps forward only."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from assortment.core.errors import StoreError
from assortment.store import tables

REVISIONS = "assortment_revision"
"""The table of Alembic: under its usual name it might be somebody else's."""

CAME = {
    "0001": ("assortment", "item", "field", "event", "slate", "shown"),
    "0002": ("mute",),
    "0003": ("change",),
    "0004": ("person",),
    "0005": (),
    "0006": ("access_key", "access_session", "access_link", "access_audit"),
}
"""The tables that came with each revision."""

BESIDE = {
    "access_key": {"number", "name", "role", "rate", "hash", "made", "until"},
    "access_session": {"hash", "name", "role", "key", "until"},
    "access_link": {"hash", "role", "until"},
    "access_audit": {"number", "time", "who", "role", "act", "about"},
}
"""The columns of the tables that programs made beside the revisions, before 0006 took them in as they were."""


def revision(connection: Connection) -> str | None:
    """The revision of the tables there are, None where there are none of ours.

    Stores made before there were revisions say a number in the table `assortment`.
    """
    if inspect(connection).has_table(REVISIONS):
        return connection.scalar(text(f"SELECT version_num FROM {REVISIONS}"))
    if not inspect(connection).has_table(tables.about.name):
        return None
    return f"{connection.scalar(text('SELECT version FROM assortment')):04d}"


def upgrade(connection: Connection) -> None:
    """Make the tables, or bring them up, in the transaction of the connection: all the steps, or none.

    Raises `StoreError` where the store is of a newer revision than ours, or where other tables are in the way.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time by itself
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('assortment'))")
    found = revision(connection)
    if found == tables.REVISION:
        return
    refuse_newer(connection.engine, found)
    coming = [name for step, names in CAME.items() if found is None or step > found for name in names]
    ours = made_beside(connection) if found is not None else set[str]()
    _not_taken(connection, set(coming) - ours)
    _run(connection, found)


def refuse_newer(engine: Engine, found: str | None) -> None:
    """Raise `StoreError` for a revision that this program does not know."""
    if found is not None and found not in CAME:
        where = engine.url.render_as_string(hide_password=True)
        differs = f"store {where} is of revision {found}, this program knows revision {tables.REVISION}"
        raise StoreError(f"{differs}; update assortment, or name another store")


def made_beside(connection: Connection) -> set[str]:
    """The tables of `BESIDE` that a program made: what has a name of theirs and other columns is somebody else's."""
    there = inspect(connection)
    columns = {name: {one["name"] for one in there.get_columns(name)} for name in BESIDE if there.has_table(name)}
    return {name for name, found in columns.items() if found == BESIDE[name]}


def _not_taken(connection: Connection, coming: Iterable[str]) -> None:
    if taken := sorted(set(inspect(connection).get_table_names()) & set(coming)):
        where = connection.engine.url.render_as_string(hide_password=True)
        way_out = "name a database of its own, or in PostgreSQL a schema of its own with ?options=-csearch_path%3Dshop"
        raise StoreError(f"store {where} holds a table '{taken[0]}' that is not ours; {way_out}")


def _run(connection: Connection, found: str | None) -> None:
    """Have Alembic take the steps; it is read in only where there are any."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "version_table": REVISIONS})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    if found is not None and not inspect(connection).has_table(REVISIONS):
        command.stamp(config, found)
    command.upgrade(config, tables.REVISION)
