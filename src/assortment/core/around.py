"""Who is told when a stage begins and ends."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TypeAlias

Around: TypeAlias = Callable[[str, int], AbstractContextManager[object]]
"""Called with the name of a stage and the number of requests; entered before the stage and left after it."""

_around: ContextVar[Around | None] = ContextVar("around", default=None)


@contextmanager
def each_stage(around: Around) -> Iterator[None]:
    """Within this block, `around` stands around every stage of every pipeline."""
    token = _around.set(around)
    try:
        yield
    finally:
        _around.reset(token)


def stage_around(stage: object, requests: int) -> AbstractContextManager[object]:
    """What stands around a stage, nothing where nobody asked for it."""
    around = _around.get()
    return nullcontext() if around is None else around(type(stage).__name__, requests)
