"""A service that is open takes up what was put in place."""

import logging
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.pipeline import Plan
from assortment.follow import Follower, following
from assortment.retrieve.popular import Popular
from assortment.shop import Shop
from tests.test_releases import BAD, EARLY, GOOD, LATER, UNDERSTAND, shop, went_on


def test_a_service_that_is_open_takes_up_a_refit_and_a_rollback(tmp_path: Path):
    made = shop(tmp_path, EARLY)
    with made.store() as store:
        service = made.service(store)
        follower, first = Follower(made, service), made.releases.serving
        assert not follower.look()
        store.append(LATER)
        assert Shop(made.folder).refit().changed
        assert follower.look()
        assert not follower.look()
        assert service.version == made.releases.serving.fitted.version != first.fitted.version
        offline = made.releases.serving.pipeline([service.request("p3", k=5)])[0]
        answer = service.recommend("p3", k=5)
        assert [card.item.item for card in answer.cards] == [service.catalog.ids.names[item] for item in offline.items[:5]]
        assert store.shown(answer.slate)[0].arm == service.version
        Shop(made.folder).roll_back()
        assert follower.look()
        assert service.version == first.fitted.version


@pytest.mark.parametrize("damage", ["fitted.json", "pipeline"])
def test_a_damaged_release_is_passed_over_and_the_last_good_one_goes_on(tmp_path, caplog, damage: str):
    made = shop(tmp_path, EARLY)
    with made.store() as store:
        service = made.service(store)
        follower, before = Follower(made, service), service.version
        went_on(made, LATER).fit()
        folder = made.releases.serving.folder
        files = (
            [folder / damage] if damage.endswith("json") else [file for file in (folder / damage).rglob("*") if file.is_file()]
        )
        for file in files:
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        assert not follower.look()
        assert not follower.look()
        assert (service.version, len(service.recommend("p1").cards)) == (before, 10)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert f"{follower.serves} goes on serving" in caplog.text


def test_goods_that_came_since_its_fit_are_taken_in_with_a_release(tmp_path: Path):
    made = shop(tmp_path, EARLY)
    with made.store() as store:
        service = made.service(store)
        follower = Follower(made, service)
        went_on(made, LATER).fit()
        service.put(Catalog(Ids(["new"]), {"title": strings(["green tea 99"])}))
        assert follower.look()
        assert service.item("new").title == "green tea 99"
        assert len(service.catalog) == len(store.catalog())


def test_a_request_in_flight_keeps_its_release(tmp_path: Path):
    """The pipeline waits in its first stage until another release is in place; the slate is of the old one, arm and goods."""
    made = shop(tmp_path, EARLY)
    with made.store() as store:
        service = made.service(store)
        asked, go_on = threading.Event(), threading.Event()
        old, before = service.version, service.choose(service.request("p1", k=5))

        def waits(requests, slates):
            asked.set()
            assert go_on.wait(20)
            return slates

        slow = replace(service.pipeline, stages=(waits, *service.pipeline.stages))
        service.take_up(replace(made.release.released, pipeline=slow))
        answers = []
        thread = threading.Thread(target=lambda: answers.append(service.recommend("p1", k=5)))
        thread.start()
        assert asked.wait(20)
        went_on(made, LATER).fit(replace(BAD, plan=Plan((Popular(),), UNDERSTAND)))
        service.take_up(Shop(made.folder).release.released)
        new = service.recommend("p1", k=5)
        go_on.set()
        thread.join(20)
        (answer,) = answers
        assert (answer.arm, new.arm == old) == (old, False)
        assert answer.cards == before.cards != new.cards


def test_the_thread_takes_it_up_by_itself_and_ends(tmp_path: Path):
    made = shop(tmp_path, EARLY, GOOD)
    with made.store() as store:
        service = made.service(store)
        taken = threading.Event()
        up, before = service.take_up, threading.active_count()
        service.take_up = lambda release: (up(release), taken.set())
        with following(made, service, every=0.01):
            went_on(made, LATER).fit()
            assert taken.wait(20)
        assert threading.active_count() == before
        assert np.isfinite(service.recommend("p1").cards[0].score)
