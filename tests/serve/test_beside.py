"""Profiles kept in Redis, beside the store: never an answer changes, whatever Redis holds or loses."""

import json
from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from redis import Redis

from assortment.core.errors import StoreError
from assortment.core.events import Event
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from tests.serve.test_processes import DEEDS, LATER, alike, happen
from tests.servers import redis_server

__all__ = ["redis_server"]


@pytest.fixture
def redis(redis_server: str) -> Iterator[Redis]:
    with Redis.from_url(redis_server) as client:
        client.flushall()
        yield client


@pytest.fixture
def beside(store: Store, redis: Redis, redis_server: str) -> Iterator[Store]:
    with open_store(str(store.engine.url), redis_server) as opened:
        yield opened


class Unread(Store):
    """A store whose histories may not be read."""

    def held(self, user: str):
        raise AssertionError(f"{user} was read from the log")


def test_a_server_that_starts_takes_profiles_from_redis(pipeline, beside: Store):
    before = Service(pipeline, beside).request("tea0").profile
    after = Service(pipeline, Unread(beside.engine, beside.cache)).request("tea0").profile
    for name in ("recent", "kinds", "times", "owned", "refused", "last", "muted"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name), err_msg=name)


def test_whatever_happens_the_answer_is_that_of_a_server_without(pipeline, store: Store, beside: Store, redis: Redis):
    random, servers = Random(5), [Service(pipeline, beside) for _ in range(2)]
    for turn in range(40):
        user = random.choice(["tea0", "new"])
        happen(random.choice(servers), random.choice(DEEDS), user, random)
        if turn % 5 == 0:
            redis.flushall()
        fresh = Service(pipeline, beside)
        alike(fresh, Service(pipeline, store), user)
        alike(random.choice(servers), fresh, user)


def test_what_is_kept_of_other_goods_or_of_another_moment_is_not_used(pipeline, store: Store, beside: Store, redis: Redis):
    Service(pipeline, beside).request("tea0")
    (key,) = redis.keys()
    kept = json.loads(redis.get(key))
    for name, other in (("goods", "others"), ("log", 9), ("person", 9), ("muted", [1])):
        redis.set(key, json.dumps({**kept, name: other, "owned": []}))
        alike(Service(pipeline, beside), Service(pipeline, store), "tea0")


def test_who_is_forgotten_is_not_in_redis_either(pipeline, beside: Store, redis: Redis):
    service = Service(pipeline, beside)
    service.request("tea0")
    assert b"tea0" in b" ".join(redis.keys())
    service.forget("tea0")
    assert redis.keys() == []


def test_without_an_answer_from_redis_the_log_answers_and_it_is_said(pipeline, store: Store, tmp_path, caplog):
    with open_store(str(store.engine.url), f"unix://{tmp_path}/nowhere.sock") as gone:
        service = Service(pipeline, gone)
        alike(service, Service(pipeline, store), "tea0")
        service.post([Event("tea0", "t0", "hide", LATER)])
        alike(service, Service(pipeline, store), "tea0")
        assert caplog.text.count("Redis does not answer") == 1, "it is left alone for a while"
        with pytest.raises(StoreError, match="the store has forgotten, but Redis cannot be reached"):
            service.forget("tea0")
        assert store.history("tea0") == []


def test_two_shops_in_one_redis_are_apart(pipeline, beside: Store, redis: Redis, redis_server: str, tmp_path):
    Service(pipeline, beside).request("tea0")
    with open_store(f"sqlite:///{tmp_path}/other.db", redis_server) as other:
        assert len(Service(pipeline, other).request("tea0").profile.recent) == 0


def test_what_is_no_redis_is_told(tmp_path):
    with pytest.raises(StoreError, match="is not the URL of a Redis"):
        open_store(f"sqlite:///{tmp_path}/shop.db", "http://host")
