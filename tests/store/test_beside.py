"""The tables of access come by the revisions, and those that older programs made beside them stay as they were."""

import pytest
from sqlalchemy import inspect, text

from assortment.core.errors import StoreError
from assortment.store.access import open_access
from assortment.store.engine import open_engine
from assortment.store.migrate import BESIDE
from assortment.store.sql import Store, open_store

MADE = (
    "CREATE TABLE access_key (number {number}, name TEXT NOT NULL, role TEXT NOT NULL, rate DOUBLE PRECISION, "
    "hash TEXT NOT NULL UNIQUE, made BIGINT NOT NULL, until BIGINT)",
    "CREATE TABLE access_session (hash TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, key BIGINT, "
    "until BIGINT NOT NULL)",
    "CREATE TABLE access_link (hash TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL, until BIGINT NOT NULL)",
    "CREATE TABLE access_audit (number {number}, time BIGINT NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL, "
    "act TEXT NOT NULL, about TEXT NOT NULL)",
)
"""As `create_all` made them."""


def of_revision_5(url: str, *made: str) -> None:
    """A store as it was before 0006, with some of the tables of access."""
    with open_store(url) as store, store.engine.begin() as connection:
        for name in BESIDE:
            connection.execute(text(f"DROP TABLE {name}"))
        number = "BIGSERIAL PRIMARY KEY" if connection.dialect.name == "postgresql" else "INTEGER NOT NULL PRIMARY KEY"
        for statement in made:
            connection.execute(text(statement.format(number=number)))
        connection.execute(text("UPDATE assortment_revision SET version_num = '0005'"))


def revision(store: Store) -> str | None:
    with store.engine.connect() as connection:
        return connection.scalar(text("SELECT version_num FROM assortment_revision"))


def test_keys_sessions_links_and_the_audit_log_of_before_stay(url: str):
    of_revision_5(url, *MADE)
    with Store(open_engine(url)) as old:
        access = open_access(old)
        secret = access.add("shop", "read", 5.0, 1)
        session, link = access.begin("ann", "operator", 99), access.link("privacy", 99)
        access.note(2, "ann", "operator", "did", "something")
        before = access.listed(), access.entries()
        assert revision(old) == "0005"
    with open_store(url) as store:
        access = open_access(store)
        assert revision(store) == "0006"
        assert (access.listed(), access.entries()) == before
        assert len(before[1]) == 2
        assert list(access.by_hash().values()) == list(access.listed())
        assert access.session(session, 3)
        assert access.use(link, 3) == "privacy"
        assert access.rotate("shop", 10, 4) != secret
        assert [key.number for key in access.listed()] == [1, 2]


@pytest.mark.parametrize("made", [(), MADE[:1], MADE[3:]], ids=["none", "one", "another"])
def test_those_that_are_not_there_are_made(url: str, made: tuple[str, ...]):
    of_revision_5(url, *made)
    with open_store(url) as store:
        assert set(BESIDE) <= set(inspect(store.engine).get_table_names())
        access = open_access(store)
        access.add("shop", "read", None, 1)
        assert access.use(access.link("privacy", 9), 2) == "privacy"
        assert access.session(access.begin("ann", "operator", 9), 2)
        assert [entry.act for entry in access.entries()] == ["made a key"]


def test_a_table_of_that_name_that_is_somebody_elses_is_left_alone(url: str):
    of_revision_5(url, "CREATE TABLE access_key (door TEXT)")
    with pytest.raises(StoreError, match="holds a table 'access_key' that is not ours"):
        open_store(url)
    with Store(open_engine(url)) as old:
        assert revision(old) == "0005"
        assert [column["name"] for column in inspect(old.engine).get_columns("access_key")] == ["door"]
