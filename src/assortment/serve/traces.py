"""A request, stage by stage: what came, what went, what moved, and how long it took."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assortment.core.arrays import Rows
from assortment.core.pipeline import Pipeline
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.evaluate.lost import Remover
from assortment.serve.answers import first, notes_of
from assortment.serve.shelf import Item, Shelf, Value

ROWS = 200
"""How many goods of a stage a trace lists."""


@dataclass(frozen=True)
class Step:
    """One row of what a stage made: its place now and before the stage (None: it came here), score, and what was noted."""

    place: int
    was: int | None
    item: Item
    score: float
    notes: Mapping[str, Value]


@dataclass(frozen=True)
class Trace:
    """What one stage made of a request. milliseconds: wall clock; count: goods after it; came, went: how many entered and left;
    moved: how many of those that stayed stand elsewhere among them; items: the first `ROWS` after it; gone: the first `ROWS` of
    those that left, in their old order; rules: by which rule each of these went, None where the stage does not say."""

    stage: str
    milliseconds: float
    count: int
    came: int
    went: int
    moved: int
    items: tuple[Step, ...]
    gone: tuple[Item, ...]
    rules: tuple[str | None, ...]


def traced(pipeline: Pipeline, request: Request, shelf: Shelf) -> tuple[Trace, ...]:
    """What each stage of a pipeline makes of a request."""
    traces, slate = [], Slate()
    for stage in pipeline.stages:
        start = time.perf_counter()
        after = stage([request], [slate])[0]
        took = 1000 * (time.perf_counter() - start)
        rules = stage.removed(request, slate) if isinstance(stage, Remover) else {}
        traces.append(_step(type(stage).__name__, took, slate, after, shelf, rules))
        slate = after
    return tuple(traces)


def _step(stage: str, milliseconds: float, before: Slate, after: Slate, shelf: Shelf, rules: Mapping[str, Rows]) -> Trace:
    old, new = before.items.tolist(), after.items.tolist()
    was = {number: place for place, number in enumerate(old, 1)}
    stays = set(new)
    gone = [number for number in old if number not in stays]
    rule = {old[row]: name for name, rows in rules.items() for row in rows.tolist()}
    kept = [number for number in old if number in stays]
    listed = first(after, ROWS)
    rows = zip(shelf.items(listed.items), listed.scores.tolist(), notes_of(listed), new, strict=False)
    return Trace(
        stage=stage,
        milliseconds=milliseconds,
        count=len(new),
        came=len(new) - len(kept),
        went=len(gone),
        moved=sum(one != other for one, other in zip(kept, (number for number in new if number in was), strict=True)),
        items=tuple(
            Step(place, was.get(number), item, score, notes) for place, (item, score, notes, number) in enumerate(rows, 1)
        ),
        gone=shelf.items(np.array(gone[:ROWS], np.int32)),
        rules=tuple(rule.get(number) for number in gone[:ROWS]),
    )
