"""What goes wrong with databases, and what the store says of it."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import make_url, text

from assortment.core.arrays import Ids
from assortment.core.errors import StoreError
from assortment.core.events import Event, Shown
from assortment.core.mutes import Muting
from assortment.store import tables
from assortment.store.engine import open_engine
from assortment.store.migrate import REVISIONS
from assortment.store.sql import open_store

EVENT = Event("ann", "tea", "purchase", 1)
SLATE = Shown("s1", 1, "ann", "a", ("tea",), (1.0,))


def test_a_file_that_is_no_database_is_named_so(tmp_path: Path):
    file = tmp_path / "shop.db"
    file.write_text("id,title\n" * 200)
    with pytest.raises(StoreError, match="not a database; name another"):
        open_store(f"sqlite:///{file}")
    assert file.read_text().startswith("id,title"), "it is left as it was"


def test_a_damaged_file_is_named_so(tmp_path: Path):
    file = tmp_path / "shop.db"
    with open_store(f"sqlite:///{file}") as store:
        store.append([EVENT] * 500)
    file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 40_000)
    with pytest.raises(StoreError, match="damaged"), open_store(f"sqlite:///{file}") as store:
        store.history("ann")


def test_a_folder_that_is_not_there_is_named_so(tmp_path: Path):
    with pytest.raises(StoreError, match="its folder must exist"):
        open_store(f"sqlite:///{tmp_path}/nowhere/shop.db")


def test_a_locked_store_says_so_and_is_whole_afterwards(tmp_path: Path):
    with open_store(f"sqlite:///{tmp_path}/shop.db?timeout=0.05") as store:
        other = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"another program is writing.*timeout=30"):
            store.append([EVENT])
        assert store.history("ann") == [], "reading goes on meanwhile"
        other.execute("ROLLBACK")
        other.close()
        assert store.append([EVENT]) == 1


def test_a_store_that_can_only_be_read_is_read_and_refuses_to_be_written(tmp_path: Path):
    file = tmp_path / "shop.db"
    with open_store(f"sqlite:///{file}") as store:
        store.append([EVENT])
    with open_store(f"sqlite:///file:{file}?mode=ro&uri=true") as store:
        assert store.history("ann") == [EVENT]
        with pytest.raises(StoreError, match="only be read; give write permission"):
            store.append([EVENT])


def test_what_is_forgotten_is_not_in_the_files_either(tmp_path: Path):
    with open_store(f"sqlite:///{tmp_path}/shop.db") as store:
        for number in range(400):
            store.append(
                [Event("vanishing-zoe", f"thing {number}", "view", number), Event(f"person {number}", "tea", "view", 1)]
            )
            store.show(Shown(f"slate {number}", 1, "vanishing-zoe", "a", ("tea",), (1.0,)))
        kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"vanishing-zoe" in kept
        store.forget("vanishing-zoe")
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"person 399" in left
        assert b"vanishing-zoe" not in left


def test_a_store_of_a_newer_revision_is_refused(url):
    with open_store(url) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE assortment_revision SET version_num = '0099'"))
    with pytest.raises(StoreError, match="of revision 0099, this program knows revision 0006; update assortment"):
        open_store(url)


def of_version_1(url: str) -> None:
    """A store as the first version made it, with an event and a slate."""
    with open_store(url) as store:
        store.append([EVENT])
        store.show(SLATE)
        with store.engine.begin() as connection:
            for statement in (
                "DROP TABLE mute",
                "DROP TABLE change",
                "DROP TABLE person",
                "DROP TABLE access_key",
                "DROP TABLE access_session",
                "DROP TABLE access_link",
                "DROP TABLE access_audit",
                "DROP TABLE assortment_revision",
                "DROP INDEX event_id",
                "ALTER TABLE event DROP COLUMN id",
                "ALTER TABLE slate DROP COLUMN took",
                "ALTER TABLE assortment DROP COLUMN name",
                "UPDATE assortment SET version = 1",
            ):
                connection.execute(text(statement))


def test_a_store_of_an_older_version_gets_what_it_lacks_and_keeps_what_it_has(url):
    of_version_1(url)
    with open_store(url) as store:
        assert store.history("ann") == [EVENT]
        store.show(replace(SLATE, slate="s2", time=2, took=3.5))
        assert store.shown() == [SLATE, replace(SLATE, slate="s2", time=2, took=3.5)]
        store.mute(Muting("ann", "brand", "Leaf", True, 1))
        assert [store.append([EVENT._replace(id="once")]) for _ in range(2)] == [1, 0]
        assert len(store.name) == 16
    with open_store(url) as store:
        assert len(store.mutings("ann")) == 1


def test_the_tables_that_the_revisions_make_are_those_that_we_speak_of(url):
    with open_store(url) as store, store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": REVISIONS, "compare_type": False})
        assert compare_metadata(context, tables.metadata) == []


def test_a_table_of_somebody_else_is_in_the_way_of_what_an_older_store_lacks(url):
    of_version_1(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mute (button TEXT)"))
    engine.dispose()
    with pytest.raises(StoreError, match="holds a table 'mute' that is not ours"):
        open_store(url)


def test_somebody_elses_tables_are_left_alone(url):
    with open_store(url) as store:
        with store.engine.begin() as connection:
            connection.execute(text("DROP TABLE assortment"))
            connection.execute(text("DROP TABLE assortment_revision"))
        with pytest.raises(StoreError, match="holds a table 'access_audit' that is not ours"):
            open_store(url)


def test_opening_again_finds_what_was_there(url):
    with open_store(url) as store:
        store.append([EVENT])
    with open_store(url) as store:
        assert store.history("ann") == [EVENT]
        assert len(store.events(Ids(("tea",)))) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("shop.db", "write sqlite:///shop.db"),
        ("mysql://host/shop", "no store for 'mysql'"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("postgresql+nothing://host/shop", "no driver for 'postgresql.nothing'"),
        ("postgresql+pg8000://host/shop", r"pip install 'assortment\[server\]'"),
    ],
)
def test_a_url_that_names_no_store_says_what_to_write(url, says):
    with pytest.raises(StoreError, match=says):
        open_store(url)


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path):
    pytest.importorskip("psycopg", reason="no PostgreSQL driver: install psycopg[binary]")
    with pytest.raises(StoreError, match="cannot be reached; see that the server runs") as raised:
        open_store(f"postgresql+psycopg://ann:secret@/shop?host={tmp_path}")
    assert "secret" not in str(raised.value)


def test_a_database_that_is_not_there_is_named_so(postgresql_server):
    url = make_url(postgresql_server).set(database="no_such_shop").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match=r"does not exist"):
        open_store(url)


def test_a_postgresql_that_refuses_says_no_more_than_it_must(postgresql_url):
    with open_store(postgresql_url) as store:
        with store.engine.begin() as connection:
            connection.execute(text("ALTER TABLE event ADD CHECK (person <> 'ann')"))
        with pytest.raises(StoreError, match="violates check constraint") as raised:
            store.append([EVENT])
        assert "purchase" not in str(raised.value)
