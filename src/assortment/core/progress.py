"""How far a long job is, told to whoever is watching."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

Watcher: TypeAlias = Callable[[str, int, int], None]
"""Called with the part's name, the steps done and the steps in all."""


def _nobody(part: str, done: int, total: int) -> None:
    """Nobody is watching."""


_watcher: ContextVar[Watcher] = ContextVar("watcher", default=_nobody)


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Within this block, `tell` calls `watcher`."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell(part: str, done: int, total: int) -> None:
    """Say that `done` of `total` steps of a part are done."""
    _watcher.get()(part, done, total)
