"""How far a long job is, told to whoever is watching."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

Watcher: TypeAlias = Callable[[str, int, int], None]
"""Called with the part's name, the steps done and the steps in all."""

Listener: TypeAlias = Callable[[str, str], None]
"""Called with the part's name and a remark on how it goes, as in `loss 0.693, 4 min left`."""


def _nobody(part: str, done: int, total: int) -> None:
    """Nobody is watching."""


def _deaf(part: str, remark: str) -> None:
    """Nobody is listening."""


_watcher: ContextVar[Watcher] = ContextVar("watcher", default=_nobody)
_listener: ContextVar[Listener] = ContextVar("listener", default=_deaf)


@contextmanager
def watched_by(watcher: Watcher, listener: Listener = _deaf) -> Iterator[None]:
    """Within this block, `tell` calls `watcher` and, where there is a remark, `listener` before it."""
    watching, listening = _watcher.set(watcher), _listener.set(listener)
    try:
        yield
    finally:
        _watcher.reset(watching)
        _listener.reset(listening)


def tell(part: str, done: int, total: int, remark: str = "") -> None:
    """Say that `done` of `total` steps of a part are done, and how it goes."""
    if remark:
        _listener.get()(part, remark)
    _watcher.get()(part, done, total)
