"""What the default pipeline costs: CPU to fit and to answer, and the most memory it held, from a small shop to the whole split.

    python bench/speed.py SPLIT [--sizes 1000 3000 6000 12101] [--json FILE]

A shop of n items is n items of the split drawn at random and the events with them. Each size is measured in a process of its
own, on one thread, with the vectors of the catalogue in the cache. CPU is that of the whole process; a request asks for 10
items with diversity 0.3 for a person with a history.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from quality import BATCH, dataset, plan
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Events
from assortment.core.pipeline import Pipeline
from assortment.core.request import Request, Wish

PEOPLE = 4096


@dataclass(frozen=True)
class Cost:
    """single_ms, batch_ms: median CPU per request, alone and in batches of 256; fit_s: CPU; peak_gb: of the whole process."""

    items: int
    people: int
    events: int
    fit_s: float
    peak_gb: float
    single_ms: float
    batch_ms: float


def smaller(shop: Dataset, n: int, rng: np.random.Generator) -> Dataset:
    """n of the shop's items, drawn at random, and the events with them."""
    chosen = np.sort(rng.choice(len(shop.catalog), min(n, len(shop.catalog)), replace=False))
    number = np.full(len(shop.catalog), -1, np.int32)
    number[chosen] = np.arange(len(chosen))
    log = shop.events.take(np.flatnonzero(number[shop.events.item] >= 0))
    people, user = np.unique(log.user, return_inverse=True)
    names = Ids(tuple(log.people.names[person] for person in people))
    events = Events(names, log.time, user.astype(np.int32), number[log.item], log.kind, log.value, log.slate)
    ids = Ids(tuple(shop.catalog.ids.names[item] for item in chosen))
    return Dataset(Catalog(ids, {name: column[chosen] for name, column in shop.catalog.columns.items()}), events)


def cost(split: Path, n: int, seed: int) -> Cost:
    """Fit and ask, on one thread."""
    with threadpool_limits(1):
        rng = np.random.default_rng(seed)
        shop = smaller(dataset(split, "test"), n, rng)
        recipe = plan("default")
        recipe.understood(shop, rng)
        started = time.process_time()
        pipeline = recipe.fit(shop, rng)
        fit = time.process_time() - started
        profiles = shop.profiles()
        names = rng.permutation(sorted(profiles))[:PEOPLE]
        asked = [Request(user=n, time=shop.now, profile=profiles[n], k=10, wish=Wish(diversity=0.3)) for n in names]
        batches = [asked[start : start + BATCH] for start in range(0, len(asked), BATCH)]
        alone = [[request] for request in asked[:512]]
        pipeline(asked[:BATCH])
        batched, single = _median(pipeline, batches), _median(pipeline, alone)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return Cost(len(shop.catalog), len(profiles), len(shop.events), fit, peak, single, batched)


def _median(pipeline: Pipeline, batches: Sequence[Sequence[Request]]) -> float:
    """Milliseconds of CPU per request."""
    spent = []
    for batch in batches:
        started = time.process_time()
        pipeline(batch)
        spent.append((time.process_time() - started) / len(batch) * 1000)
    return float(np.median(spent))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 3000, 6000, 12101])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures here")
    asked = parser.parse_args()
    costs = []
    print("  items  people  events   fit s  peak GB  single ms  batch ms", file=sys.stderr)
    for n in asked.sizes:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as own:
            costs.append(own.submit(cost, asked.split, n, asked.seed).result())
        c = costs[-1]
        print(
            f"{c.items:7} {c.people:7} {c.events:7} {c.fit_s:7.1f} {c.peak_gb:8.2f} {c.single_ms:10.2f} {c.batch_ms:9.2f}",
            file=sys.stderr,
        )
    if asked.json:
        asked.json.write_text(json.dumps([asdict(c) for c in costs], indent=1) + "\n")


if __name__ == "__main__":
    main()
