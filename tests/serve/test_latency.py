"""How long a slate took, by a clock that moves when told."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assortment.core.pipeline import Pipeline
from assortment.core.request import Request, Wish
from assortment.core.save import load
from assortment.core.slate import Slate
from assortment.experiment.assign import assigned
from assortment.experiment.book import Book
from assortment.experiment.definition import Arm, Experiment
from assortment.parts import known_classes
from assortment.retrieve.popular import Popular
from assortment.serve.desk import Bounds, Desk
from assortment.serve.service import Ask, Service
from assortment.store.sql import Store
from tests import world
from tests.serve import goods

VARIED = Experiment("more", (Arm("as-is", wish=Wish(0)), Arm("varied", wish=Wish(1))))


class Watch:
    """A stage, and a clock that goes on by a second while it works, and by two where all shall be varied."""

    now = 0.0

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        self.now += max(1 + (request.wish.diversity or 0) for request in requests)
        return list(slates)


@pytest.mark.parametrize("only_where_different", [False, True])
def test_the_time_of_a_slate_is_that_of_its_own_arm(
    pipeline: Pipeline, store: Store, tmp_path: Path, only_where_different: bool
):
    watch, book = Watch(), Book(tmp_path / "experiments", lambda folder: load(folder, known_classes()))
    timed = replace(pipeline, stages=(watch, *pipeline.stages))
    service = Service(timed, store, version="v1", book=book, ticks=lambda: watch.now)
    begun = book.start(replace(VARIED, only_where_different=only_where_different), 1)
    for person in world.PEOPLE:
        arm = assigned(begun, person)
        assert arm is not None
        answer = service.recommend(person, k=13)
        assert answer.took == 1000 * (1 + (arm.wish.diversity or 0))
        assert store.shown(answer.slate)[0].took == answer.took


def test_every_way_to_be_shown_a_slate_is_timed(pipeline: Pipeline, store: Store):
    watch = Watch()
    service = Service(replace(pipeline, stages=(watch, *pipeline.stages)), store, ticks=lambda: watch.now)
    service.recommend("tea1")
    service.similar("t1")
    service.search("tea")
    service.among("category", goods.dataset().catalog.column("category")[0], wish=Wish(0))
    assert [one.took for one in store.shown()] == [1000] * 4
    assert [one.took for one in service.tried([service.request("tea1")])] == [None], "nobody is shown it"


def test_what_is_popular_in_place_of_a_slow_slate_counts_with_the_wait_for_it(pipeline: Pipeline, store: Store):
    let = threading.Event()

    def waits(requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        assert let.wait(20)
        return list(slates)

    popular = Popular().fit(goods.dataset(), np.random.default_rng(0))
    service = Service(replace(pipeline, stages=(waits, *pipeline.stages)), store, popular=popular, ticks=lambda: 0.0)
    answer = asyncio.run(Desk(service, Bounds(patience=0.05)).recommend(Ask("tea1")))
    let.set()
    assert answer.instead
    assert [one.took for one in store.shown(answer.slate)] == [50]
