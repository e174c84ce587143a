"""The quality runner: fits a recipe on a shared split and writes the lists that the referee reads.

    python bench/quality.py SPLIT OUT.npy --recipe linear|default [--stage valid|test] [--diversity 0]

SPLIT is a folder with train, valid, test and items.parquet and stats.json. stage valid: fitted on train, the lists are judged by each
person's item before the last; test: fitted on train and valid, judged by the last. OUT is an int32 array [users, 100] of item
numbers, best first, -1 where a list is short. People are asked for with their history as the profile; nothing they had is shown.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Events, kind_number
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.request import Request, Wish

K = 100
BATCH = 256


def dataset(split: Path, stage: str) -> Dataset:
    """The shop of a split as it is before the items that the stage judges by."""
    names = ["train"] if stage == "valid" else ["train", "valid"]
    log = pl.concat([pl.read_parquet(split / f"{name}.parquet") for name in names]).sort("t", maintain_order=True)
    people = Ids(tuple(str(user) for user in range(json.loads((split / "stats.json").read_text())["users"])))
    m = len(log)
    events = Events(
        people,
        log["t"].to_numpy().astype(np.int64),
        log["user"].to_numpy().astype(np.int32),
        log["item"].to_numpy().astype(np.int32),
        np.full(m, kind_number("purchase"), np.int8),
        np.full(m, np.nan, np.float32),
        np.full(m, None, object),
    )
    return Dataset(catalog(split), events)


def catalog(split: Path) -> Catalog:
    items = pl.read_parquet(split / "items.parquet").sort("item")
    ids = Ids(tuple(str(item) for item in items["item"]))
    return Catalog(ids, {"title": strings(items["title"]), "label": strings(items["categories"])})


def plan(recipe: str) -> Plan:
    raise NotImplementedError


def lists(pipeline: Pipeline, shop: Dataset, diversity: float) -> np.ndarray:
    """[users, 100] item numbers, best first."""
    profiles = shop.profiles()
    wish = Wish(diversity=diversity)
    top = np.full((len(shop.events.people), K), -1, np.int32)
    for start in range(0, len(top), BATCH):
        names = shop.events.people.names[start : start + BATCH]
        requests = [Request(user=name, time=shop.now, profile=profiles[name], k=K, wish=wish) for name in names if name in profiles]
        for request, slate in zip(requests, pipeline(requests), strict=True):
            top[int(request.user), : len(slate)] = slate.items[:K]
    return top
