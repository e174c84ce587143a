"""The quality runner: fits a recipe on a shared split and writes the lists that the referee reads.

python bench/quality.py SPLIT OUT.npy --recipe linear|sequential|default|with-sequential [--stage valid|test] [--diversity 0]

SPLIT is a folder with train, valid, test and items.parquet and stats.json. stage valid: fitted on train, judged by each
person's item before the last; test: fitted on train and valid, judged by the last. OUT is an int32 array [users, 100] of item
numbers, best first, -1 where a list is short. People are asked for with their history as the profile; nothing that they had is
shown.
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
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Events, kind_number
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.progress import watched_by
from assortment.core.request import Request, Wish
from assortment.core.stage import Learner, Recipe, Stage
from assortment.guard.policy import Policy
from assortment.parts import default_plan
from assortment.rank.trees import Ranked, Trees
from assortment.retrieve.linear import Linear
from assortment.retrieve.sequential import Sequential
from assortment.understand.embed import Embed

K = 100
BATCH = 256
WEIGHT = 0.8
"""Of `sequential` in the blend."""


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
    return Catalog(ids, {"title": strings(items["title"]), "category": strings(items["categories"])})


def plan(recipe: str) -> Plan:
    """linear and sequential: one retriever alone; default: the plan of a shop that has not said otherwise, whose ranker learns
    from each person's last item, as the times of a split only say what came after what."""
    alone = {"linear": Linear(), "sequential": Sequential()}
    if recipe in alone:
        return Plan((alone[recipe], Policy()), (Embed(),))
    usual = default_plan()
    stages = tuple(_by_order(stage) for stage in usual.stages)
    if recipe == "with-sequential":
        stages = tuple(_with_sequential(stage) if isinstance(stage, Blend) else stage for stage in stages)
    return Plan(stages, usual.understand)


def _with_sequential(blend: Blend) -> Blend:
    return Blend((*blend.recipes, Sequential()), (*blend.weights, WEIGHT))


def _by_order(stage: Recipe[Stage] | Learner) -> Recipe[Stage] | Learner:
    return replace(stage, split="last") if isinstance(stage, Trees) else stage


def lists(pipeline: Pipeline, shop: Dataset, diversity: float) -> np.ndarray:
    """[users, 100] item numbers, best first."""
    profiles = shop.profiles()
    wish = Wish(diversity=diversity)
    top = np.full((len(shop.events.people), K), -1, np.int32)
    for start in range(0, len(top), BATCH):
        names = shop.events.people.names[start : start + BATCH]
        requests = [
            Request(user=name, time=shop.now, profile=profiles[name], k=K, wish=wish) for name in names if name in profiles
        ]
        for request, slate in zip(requests, pipeline(requests), strict=True):
            top[int(request.user), : len(slate)] = slate.items[:K]
    return top


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--recipe", choices=["linear", "sequential", "default", "with-sequential"], default="default")
    parser.add_argument("--stage", choices=["valid", "test"], default="test")
    parser.add_argument("--diversity", type=float, default=0.0, help="0 relevance only … 1 variety only (default 0)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    shop = dataset(asked.split, asked.stage)
    started = time.process_time()
    with watched_by(_say):
        pipeline = plan(asked.recipe).fit(shop, np.random.default_rng(asked.seed))
    fitted = time.process_time()
    np.save(asked.out, lists(pipeline, shop, asked.diversity))
    for stage in pipeline.stages:
        if isinstance(stage, Ranked):
            print(stage.verdict, file=sys.stderr)
    print(f"fit {fitted - started:.0f} s, lists {time.process_time() - fitted:.0f} s of CPU", file=sys.stderr)


def _say(part: str, done: int, total: int) -> None:
    if done == total:
        print(part, file=sys.stderr)


if __name__ == "__main__":
    main()
