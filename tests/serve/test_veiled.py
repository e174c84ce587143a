"""No name stays in Redis where people are given pseudonyms."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from assortment.core.errors import StoreError
from assortment.core.pipeline import Pipeline
from assortment.serve.service import Service
from assortment.store.sql import Store, open_store
from assortment.store.veil import Veil, veil_store
from tests.servers import redis_server

__all__ = ["redis_server"]
VEIL = Veil(b"secret")


@pytest.fixture
def redis(redis_server: str) -> Iterator[Redis]:
    with Redis.from_url(redis_server) as client:
        client.flushall()
        yield client


def test_profiles_by_name_are_dropped_and_those_of_another_shop_stay(
    pipeline: Pipeline, store: Store, redis: Redis, redis_server: str, tmp_path: Path
):
    with (
        open_store(str(store.engine.url), redis_server) as beside,
        open_store(f"sqlite:///{tmp_path}/other.db", redis_server) as other,
    ):
        for user in ("tea0", "tea1"):
            before = Service(pipeline, beside).request(user).profile
        assert other.cache is not None
        other.cache.write("tea0", "theirs")
        redis.set("somebody", "else's")
        assert len(redis.keys("*tea*")) == 3
        veil_store(beside, VEIL)
        assert other.cache.read("tea0") == b"theirs"
        assert len(redis.keys("*tea*")) == 1
        assert redis.get("somebody") == b"else's"
        after = Service(pipeline, beside, known_as=VEIL).request("tea1").profile
        assert after.recent.tolist() == before.recent.tolist()
        assert redis.keys(f"*{beside.name}*") == [f"assortment:{beside.name}:{VEIL('tea1')}".encode()]


def test_names_that_a_call_could_not_reach_are_dropped_by_the_next(
    store: Store, redis: Redis, redis_server: str, tmp_path: Path
):
    with open_store(str(store.engine.url), redis_server) as beside:
        assert beside.cache is not None
        beside.cache.write("tea0", "named")
    with (
        open_store(str(store.engine.url), f"unix://{tmp_path}/nowhere.sock") as gone,
        pytest.raises(StoreError, match="the store has new names, but Redis cannot be reached"),
    ):
        veil_store(gone, VEIL)
    assert redis.keys("*tea0*")
    with open_store(str(store.engine.url), redis_server) as beside:
        assert veil_store(beside, VEIL) == 0
    assert redis.keys("*tea0*") == []
