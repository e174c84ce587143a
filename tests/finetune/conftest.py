"""Vectors are cached in a folder of the tests' own; the small model and one run over it are made once."""

import csv
from pathlib import Path

import pytest

from assortment.config import Settings
from assortment.core.blend import Blend
from assortment.core.pipeline import Plan
from assortment.encoders import Encoders
from assortment.finetune.recipe import Finetune
from assortment.finetune.result import Finetuned
from assortment.ingest import ingest
from assortment.retrieve.popular import Popular
from assortment.retrieve.semantic import Semantic
from assortment.shop import Shop
from assortment.understand.embed import Embed
from tests.finetune import small

STRONG, WEAK = "hash:64", "hash:8"
"""An encoder that nothing beats in the small shop, and one that a tuned model does."""


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    return small.folder(tmp_path_factory.mktemp("small") / "model")


@pytest.fixture(scope="session")
def recipe(model: Path) -> Finetune:
    return Finetune(base=f"hf:{model}", rank=4, minutes=1e9, steps=80, every=20, tokens=8, batch=16, dims=24, rate=3e-3)


def opened(folder: Path, encoder: str = WEAK) -> Shop:
    data = small.dataset()
    folder.mkdir(parents=True, exist_ok=True)
    goods, events = folder / "goods.csv", folder / "log.csv"
    with goods.open("w") as handle:
        csv.writer(handle).writerows([["id", "title"], *zip(data.catalog.ids.names, data.catalog.column("title"), strict=True)])
    with events.open("w") as handle:
        log = data.events
        names = (log.people.names[user] for user in log.user)
        items = (data.catalog.ids.names[item] for item in log.item)
        csv.writer(handle).writerows(
            [["user", "item", "timestamp", "event"], *zip(names, items, log.time, ["purchase"] * len(log), strict=True)]
        )
    shop = Shop(folder / "shop")
    stages = (Blend((Semantic(encoder=encoder), Popular())),)
    shop.open(Settings(plan=Plan(stages, (Embed(encoder=encoder, dims=24),))))
    shop.ingest(ingest(goods, events))
    return shop


@pytest.fixture(scope="session")
def done(recipe: Finetune, tmp_path_factory) -> tuple[Finetuned, Path]:
    """What a run in a shop with the weak encoder came to, and its folder."""
    shop = opened(tmp_path_factory.mktemp("done"))
    name, found = Encoders(shop).tune(recipe)
    return found, shop.folder / "encoders" / name
