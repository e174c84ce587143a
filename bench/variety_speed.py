"""What choosing a varied slate costs beside pyversity: CPU per request, called from Python, on one thread.

    python bench/variety_speed.py [--split SPLIT] [--json FILE]

Drawn data: n unit rows of 384 numbers in n / 12 clusters, relevance from Beta(2, 5), best first; diversity 0.5. Both solve the
same problem: DPP gets relevance on the other's scale and no jitter; SSD its bias column and z-scores. `dpp, own scale` is our
DPP for relevance between 0 and 1, `msd, angular` our dispersion of angles and `trade` our trades, beside their dispersion:
other problems, without a bar. With a split: the 200 best by the linear retriever for 1000 people, k = 20, vectors of titles;
ours reads the catalogue's vectors in place, theirs is given them gathered, which is not counted. Ours and theirs are called in
turn; medians. `same` is the share of places where the two choose the same item.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyversity import Strategy, diversify
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Items, Rows, Scores, Vectors
from assortment.diversify.select import dpp, mmr, msd, ssd, trade

D = 384
DIVERSITY = 0.5
SIZES = (100, 500, 1000, 5000)
SHOWN = (10, 50)
AT_A_HUNDRED = {10: 6, 5: 4, 0: 0}
"""The bar at n = 100 for each of those above."""


@dataclass(frozen=True)
class Cell:
    """ours_us, theirs_us: CPU of one request in microseconds; bar: the ratio asked for, 0 where none is."""

    method: str
    n: int
    k: int
    ours_us: float
    theirs_us: float
    ratio: float
    bar: int
    same: float


def drawn(n: int, rng: np.random.Generator) -> tuple[Scores, Vectors]:
    """Relevance [n], best first, and unit rows [n, 384] around n / 12 centres, at a mean cosine of 0.86 to theirs."""
    centres = unit(rng.normal(size=(max(1, n // 12), D)))
    vectors = unit(centres[rng.integers(0, len(centres), n)] + 0.6 * unit(rng.normal(size=(n, D))))
    return np.sort(rng.beta(2, 5, n))[::-1].astype(np.float32), vectors.astype(np.float32)


def unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def z_scores(relevance: Scores) -> Scores:
    return ((relevance - relevance.mean()) / relevance.std()).astype(np.float32)


def biased(vectors: Vectors) -> Vectors:
    """With pyversity's column of ones, at length 1."""
    return np.hstack([vectors, np.ones((len(vectors), 1), np.float32)]) / np.float32(np.sqrt(2))


Choose = Callable[[], Rows]


def methods(relevance: Scores, vectors: Vectors, k: int) -> Iterator[tuple[str, Choose, Strategy, int]]:
    """The name of each method, ours, theirs, and the bar at n of 500 and more."""
    z, wide = z_scores(relevance), biased(vectors)
    yield "mmr", lambda: mmr(relevance, vectors, k, DIVERSITY), Strategy.MMR, 5
    yield "msd", lambda: msd(relevance, vectors, k, DIVERSITY, distance="cosine"), Strategy.MSD, 5
    yield "dpp", lambda: dpp(z, vectors, k, DIVERSITY, jitter=0), Strategy.DPP, 10
    yield "dpp, own scale", lambda: dpp(relevance, vectors, k, DIVERSITY), Strategy.DPP, 0
    yield "ssd", lambda: ssd(z / np.float32(np.sqrt(2)), wide, k, DIVERSITY), Strategy.SSD, 5
    yield "trade", lambda: trade(relevance, vectors, k, DIVERSITY), Strategy.MSD, 0
    yield "msd, angular", lambda: msd(relevance, vectors, k, DIVERSITY), Strategy.MSD, 0


def cpu(call: Callable[[], object], times: int) -> float:
    started = time.process_time_ns()
    for _ in range(times):
        call()
    return (time.process_time_ns() - started) / times / 1000


def beside(ours: Choose, theirs: Choose, repeats: int) -> tuple[float, float]:
    """Median CPU of each, called in turn."""
    ours(), theirs()
    pairs = [(cpu(ours, 5), cpu(theirs, 1)) for _ in range(repeats)]
    one, other = np.median(pairs, axis=0).tolist()
    return one, other


def cell(name: str, ours: Choose, theirs: Choose, size: tuple[int, int], bar: int) -> Cell:
    n, k = size
    one, other = beside(ours, theirs, 15 if n > 1000 else 60)
    same = float((np.asarray(ours()) == np.asarray(theirs())).mean())
    return Cell(name, n, k, round(one, 1), round(other, 1), round(other / one, 1), bar, round(same, 3))


def on_drawn(rng: np.random.Generator) -> Iterator[Cell]:
    for n in SIZES:
        relevance, vectors = drawn(n, rng)
        for k in SHOWN:
            for name, ours, strategy, bar in methods(relevance, vectors, k):
                theirs = pyversity(relevance, vectors, k, strategy)
                lower = AT_A_HUNDRED[bar] if n == 100 else bar
                yield cell(name, ours, theirs, (n, k), lower)


def pyversity(relevance: Scores, vectors: Vectors, k: int, strategy: Strategy) -> Choose:
    return lambda: diversify(vectors, relevance, k, strategy=strategy, diversity=DIVERSITY).indices


def candidates(split: Path, people: int, rng: np.random.Generator) -> tuple[Vectors, list[tuple[Items, Scores]]]:
    """The vectors of all titles, and for some people the 200 best by the linear retriever with relevance from 0 to 1."""
    from quality import dataset

    from assortment.core.pipeline import Plan
    from assortment.core.request import Request
    from assortment.guard.policy import Policy
    from assortment.language.cache import cached
    from assortment.language.encode import open_encoder
    from assortment.retrieve.linear import Linear

    shop = dataset(split, "test")
    vectors = cached(open_encoder("pkg:minilm")).encode([title or "" for title in shop.catalog.column("title")])
    pipeline = Plan((Linear(depth=400), Policy())).fit(shop, rng)
    profiles = shop.profiles()
    names = rng.permutation(sorted(profiles))[:people]
    slates = pipeline([Request(user=name, time=shop.now, profile=profiles[name], k=200) for name in names])
    full = [slate for slate in slates if len(slate) >= 200]
    return vectors, [(slate.items[:200], zero_to_one(slate.scores[:200])) for slate in full]


def zero_to_one(scores: Scores) -> Scores:
    return ((scores - scores.min()) / max(float(np.ptp(scores)), 1e-9)).astype(np.float32)


def on_requests(split: Path, rng: np.random.Generator) -> Iterator[Cell]:
    vectors, asked = candidates(split, 1000, rng)
    gathered = [np.ascontiguousarray(vectors[items]) for items, _ in asked]
    k = 20

    def every_mmr() -> Rows:
        return np.concatenate([mmr(relevance, vectors, k, DIVERSITY, items=items) for items, relevance in asked])

    on_its_scale = [(items, z_scores(relevance)) for items, relevance in asked]

    def every_dpp() -> Rows:
        return np.concatenate([dpp(z, vectors, k, DIVERSITY, jitter=0, items=items) for items, z in on_its_scale])

    def every(strategy: Strategy) -> Choose:
        pairs = list(zip(asked, gathered, strict=True))
        return lambda: np.concatenate([pyversity(relevance, mine, k, strategy)() for (_, relevance), mine in pairs])

    for name, ours, theirs, bar in (
        ("mmr, requests", every_mmr, every(Strategy.MMR), 6),
        ("dpp, requests", every_dpp, every(Strategy.DPP), 10),
    ):
        pairs = [(cpu(ours, 1), cpu(theirs, 1)) for _ in range(9)]
        one, other = (np.median(pairs, axis=0) / len(asked)).tolist()
        same = float((ours() == theirs()).mean())
        yield Cell(name, 200, k, round(one, 1), round(other, 1), round(other / one, 1), bar, round(same, 3))


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


def line(done: Cell) -> str:
    under = "  UNDER THE BAR" if done.ratio < done.bar else ""
    return f"{done.method:16}{done.n:6}{done.k:4}{done.ours_us:10.1f}{done.theirs_us:10.1f}{done.ratio:8.1f}{under}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    cells: list[Cell] = []
    with threadpool_limits(1):
        rng = np.random.default_rng(0)
        for done in chain(on_drawn(rng), on_requests(asked.split, rng) if asked.split else ()):
            cells.append(done)
            under = "  UNDER THE BAR" if done.ratio < done.bar else ""
            print(
                f"{done.method:16}{done.n:6}{done.k:4}{done.ours_us:10.1f}{done.theirs_us:10.1f}{done.ratio:8.1f}{under}",
                flush=True,
            )
    if asked.json:
        versions = {name: version(name) for name in ("numpy", "pyversity")} | {"python": platform.python_version()}
        told = {"processor": processor(), "threads": 1, "load": os.getloadavg()[0], "versions": versions}
        asked.json.write_text(json.dumps({**told, "cells": [asdict(one) for one in cells]}, indent=1) + "\n")


if __name__ == "__main__":
    main()
