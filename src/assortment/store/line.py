"""The way to the database, which may be gone for a while."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Transaction
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from assortment.store.trouble import Unsure, was_lost

PATIENCE = 3.0
"""Seconds after it was lost for which a database is waited for; after that it is said to be gone at once, until it is there."""

PAUSE = 0.1


@dataclass
class Line:
    """Connections to a database. One that was there before and is being started again is waited for, for no longer than
    `PATIENCE` from when it was missed; whatever asks meanwhile has done nothing yet."""

    engine: Engine
    reached: bool = False
    missed: float | None = None

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        connection = self._connect()
        try:
            yield connection
        finally:
            connection.close()

    def _connect(self) -> Connection:
        while True:
            try:
                connection = self.engine.connect()
            except OperationalError as error:
                if not (self.reached and was_lost(error) and self._in_time()):
                    raise
                time.sleep(PAUSE)
            else:
                self.reached, self.missed = True, None
                return connection

    def _in_time(self) -> bool:
        now = time.monotonic()
        self.missed = now if self.missed is None else self.missed
        return now - self.missed < PATIENCE


@contextmanager
def ended(engine: Engine, transaction: Transaction) -> Iterator[None]:
    """Commit after the block, or roll back where it raises; raises `Unsure` where the connection is lost while it commits."""
    try:
        yield
    except BaseException:
        if transaction.is_active:
            transaction.rollback()
        raise
    try:
        transaction.commit()
    except SQLAlchemyError as error:
        if not was_lost(error):
            raise
        where = engine.url.render_as_string(hide_password=True)
        way_out = "it is not known whether it was done; send it again, events with ids, which are taken once"
        raise Unsure(f"store {where}: the connection was lost at the last moment; {way_out}") from error
