"""What was read of people, kept in Redis beside the store. It holds nothing that the store does not, and may lose all of it."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assortment.core.errors import StoreError

if TYPE_CHECKING:
    from redis import Redis

KEPT = 86_400
"""Seconds after which Redis lets go of what was not written again."""

SHUNNED = 5.0
"""Seconds for which a Redis that did not answer is not asked again."""

log = logging.getLogger("assortment.store")


@contextmanager
def _must(done: str) -> Iterator[None]:
    """Have Redis do what must be done there, too; raises `StoreError` where it cannot now. done: what has been done by then."""
    from redis import RedisError

    try:
        yield
    except RedisError as error:
        way_out = f"it will be gone from there within {KEPT // 3600} hours; try again to have it gone now"
        raise StoreError(f"{done}, but Redis cannot be reached ({error}); {way_out}") from error


@dataclass
class Cache:
    """Texts by person. Where Redis cannot be reached there is none, which is logged, and everything goes on from the store.

    shop: the name of the store, since several may share a Redis.
    """

    client: "Redis"
    shop: str = ""
    _shunned: float = field(default=float("-inf"))

    @classmethod
    def at(cls, url: str) -> "Cache":
        """The cache at `redis://host:6379/0`, `rediss://…` or `unix://path`. Raises `StoreError` for another URL."""
        try:
            from redis import Redis
        except ModuleNotFoundError as error:
            raise StoreError("no client for Redis; pip install 'assortment[server]'") from error
        try:
            return cls(Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5))
        except ValueError as error:
            raise StoreError(f"'{url}' is not the URL of a Redis; write redis://host:6379/0") from error

    def close(self) -> None:
        self.client.close()

    def read(self, user: str) -> bytes | None:
        """What is kept of a person, None where nothing is or nothing can be read."""
        found = self._asked(lambda: self.client.get(self._key(user)))
        return found if isinstance(found, bytes) else None

    def write(self, user: str, text: str) -> None:
        self._asked(lambda: self.client.set(self._key(user), text, ex=KEPT))

    def drop(self, user: str) -> None:
        """Remove what is kept of a person; raises `StoreError` where that cannot be done now, since it must be."""
        with _must("the store has forgotten"):
            self.client.delete(self._key(user))

    def empty(self) -> None:
        """Remove what is kept of everybody of this shop; raises `StoreError` as `drop` does."""
        with _must("the store has new names"):
            for key in self.client.scan_iter(self._key("*"), count=1000):
                self.client.delete(key)

    def _key(self, user: str) -> str:
        return f"assortment:{self.shop}:{user}"

    def _asked(self, ask: Callable[[], object]) -> object:
        from redis import RedisError

        if time.monotonic() - self._shunned < SHUNNED:
            return None
        try:
            return ask()
        except RedisError as error:
            log.warning("Redis does not answer, and is left alone for %g seconds: %s", SHUNNED, error)
            self._shunned = time.monotonic()
            return None
