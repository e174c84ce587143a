"""The variety runner: what each method of ours and of pyversity keeps of NDCG@10 and leaves of redundancy, from the same goods.

    python bench/variety.py SPLIT OUT.json [--stage valid] [--people 5000] [--workers 2]
    python bench/variety.py SPLIT OUT.json --stage test --chosen VALID.json

The default plan is fitted on the split without its diversification, and asked once; the 100 best of each person are the
candidates of every method, with the same relevance and the same vectors (the column `vector`). pyversity gets the relevance,
the scores (log odds), and the chances to the power that ours weighs them by, and shows its slates in its own order; ours show
them by relevance, as the stage does. A method is tried at no further settings once it keeps less than 93 % of NDCG@10.

stage valid: every method at every setting, judged by each person's item before the last. stage test: only relevance, and of
each method the setting that had the least redundancy on validation among those that kept 99 % and 95 % of NDCG@10, judged by
the last item, with 95 % intervals of the change by person. redundancy: mean cosine of the pairs by words, by labels, and by
who bought what, which no method sees.

The method of the default plan is then held against every method of pyversity at every setting that keeps 95 % or more: NDCG@10
of ours at the same redundancy, read off the straight lines between its settings, less theirs, with an interval by person.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyversity import Strategy, diversify
from quality import BATCH, dataset, plan
from scipy.special import expit
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Items, Rows, Scores
from assortment.core.dataset import Dataset
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.profile import Profile
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.diversify.caps import Room
from assortment.diversify.methods import Calibrated, Coverage, Dpp, Facility, Hybrid, Mmr, Msd, Pm2, Ssd, Trade, Xquad
from assortment.diversify.pool import Method, Pool
from assortment.diversify.stage import Diversified, Diversify, by_page
from assortment.diversify.worth import POWER, relevance_of, weighed
from assortment.evaluate.distances import redundancy
from assortment.evaluate.goods import Goods
from assortment.evaluate.lists import members
from assortment.evaluate.metrics import hits, ndcg
from assortment.evaluate.spread import coverage, gini
from assortment.explain.why import Why
from assortment.guard.exposure import Exposure

K = 10
POOL = 100
KEPT = (0.99, 0.95)
ENOUGH = 0.93
OURS: Mapping[str, Method] = {
    "mmr": Mmr(),
    "trade": Trade(),
    "msd": Msd(),
    "msd, swaps": Msd(swaps=True),
    "msd, angular, swaps": Msd(angular=True, swaps=True),
    "hybrid .2": Hybrid(0.2),
    "hybrid .5": Hybrid(0.5),
    "dpp": Dpp(),
    "dpp, jitter .1": Dpp(0.1),
    "ssd": Ssd(),
    "facility": Facility(),
    "coverage": Coverage(),
    "xquad": Xquad(),
    "pm2": Pm2(),
    "calibrated": Calibrated(),
}
DEFAULT = "ours trade"
"""What the default plan has."""
GRID = (*np.round(1 / (1 + np.exp(-np.linspace(-7, 5, 49))), 5).tolist(), 1.0)
"""Settings of diversity, evenly spaced in log odds: most of what happens to a method happens near one of its ends."""
THEIRS = {name.lower(): strategy for name, strategy in Strategy.__members__.items()}


@dataclass(frozen=True, eq=False)
class Asked:
    """What people would be shown. goods: of the catalog; diversified: the stage, for vectors and tastes; people: profiles;
    slates: the candidates, best first; targets [b]: what each took; priced: the stage of
    exposure, with prices learnt."""

    goods: Goods
    diversified: Diversified
    profiles: list[Profile]
    slates: list[Slate]
    targets: Items
    priced: Stage


def asked(split: Path, stage: str, people: int, seed: int) -> Asked:
    """Candidates of at most `people` persons, drawn with a seed."""
    shop = dataset(split, stage)
    usual = plan("default")
    stages = tuple(part for part in usual.stages if not isinstance(part, Diversify | Why))
    priced = Plan((*stages, Exposure()), usual.understand).fit(shop, np.random.default_rng(seed))
    pipeline = Pipeline(priced.stages[:-1], priced.catalog)
    taken = answers(split, stage, len(shop.events.people))
    profiles = shop.profiles()
    names = [name for name in shop.events.people.names if name in profiles and taken[int(name)] >= 0]
    if len(names) > people:
        names = np.random.default_rng(seed).permutation(names)[:people].tolist()
    slates = list(candidates(pipeline, shop, names, profiles))
    fitted = Diversify(diversity=0.1).fit(Dataset(pipeline.catalog, shop.events), np.random.default_rng(seed))
    chosen = [profiles[name] for name in names]
    targets = taken[[int(name) for name in names]]
    return Asked(Goods.of(pipeline.catalog, shop), fitted, chosen, slates, targets, priced.stages[-1])


def answers(split: Path, stage: str, people: int) -> Items:
    """[people] the item that each is judged by, -1 where there is none."""
    import polars as pl

    log = pl.read_parquet(split / f"{stage}.parquet")
    taken = np.full(people, -1, np.int32)
    taken[log["user"].to_numpy()] = log["item"].to_numpy()
    return taken


def candidates(pipeline: Pipeline, shop: Dataset, names: list[str], profiles: Mapping[str, Profile]) -> Iterator[Slate]:
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        for slate in pipeline([Request(user=name, time=shop.now, profile=profiles[name], k=K) for name in batch]):
            head = slate.take(np.arange(min(POOL, len(slate))))
            yield Slate(head.items, head.scores, {name: head.notes[name] for name in ("chance", "usual") if name in head.notes})


def ours(asked: Asked, method: Method) -> Callable[[float], Items]:
    """The lists [b, 10] of one of our methods at a setting of diversity."""
    pools = [
        Pool(relevance_of(slate), slate.items, asked.diversified.vectors(), profile, asked.diversified.taste)
        for slate, profile in zip(asked.slates, asked.profiles, strict=True)
    ]

    def lists(diversity: float) -> Items:
        asks = [weighed(diversity, slate) for slate in asked.slates]
        rows = (
            by_page(method(pool, K, ask, Room.of(len(pool.items), {}, {})), K) for pool, ask in zip(pools, asks, strict=True)
        )
        return shown(asked, rows)

    return lists


SCALES: Mapping[str, Callable[[Slate], Scores]] = {
    "relevance": relevance_of,
    "scores": lambda slate: slate.scores,
    "chances": lambda slate: expit(slate.scores) ** np.float32(POWER),
}


def theirs(asked: Asked, strategy: Strategy, scale: Callable[[Slate], Scores]) -> Callable[[float], Items]:
    """The lists of pyversity from what the scale makes of a slate."""
    vectors = asked.diversified.vectors()

    def lists(diversity: float) -> Items:
        def rows(slate: Slate) -> Rows:
            given = {"embeddings": vectors[slate.items], "scores": scale(slate)}
            return diversify(**given, k=K, strategy=strategy, diversity=diversity).indices

        return shown(asked, map(rows, asked.slates))

    return lists


def shown(asked: Asked, rows: Iterator[Rows] | map) -> Items:
    lists = np.full((len(asked.slates), K), -1, np.int32)
    for row, slate, chosen in zip(lists, asked.slates, rows, strict=True):
        row[: len(chosen)] = slate.items[chosen]
    return lists


@dataclass(frozen=True, eq=False)
class Point:
    """What the lists of a system are at a setting: of each person NDCG@10 [b], of all the means by name."""

    system: str
    diversity: float
    ndcg: NDArray[np.float64]
    means: Mapping[str, float]

    @property
    def told(self) -> dict[str, Any]:
        return {"system": self.system, "diversity": self.diversity, **self.means}

    @staticmethod
    def of(asked: Asked, lists: Items, system: str = "relevance only", diversity: float = 0.0) -> "Point":
        goods = asked.goods
        held = members(lists, len(goods))
        accuracy = ndcg(hits(lists, list(asked.targets[:, None])), np.ones(len(lists), np.int64))
        features = {"redundancy": goods.vectors, "redundancy labels": goods.shelves, "redundancy bought": goods.bought}
        alikes = {name: redundancy(held, feature) for name, feature in features.items() if feature is not None}
        exposure = np.bincount(lists[lists >= 0], minlength=len(goods)).astype(np.float64)
        means = {
            "NDCG@10": float(accuracy.mean()),
            **{name: float(np.nanmean(alike)) for name, alike in alikes.items()},
            "coverage": float(coverage(exposure)),
            "Gini": float(gini(exposure)),
        }
        return Point(system, diversity, accuracy, means)


def systems(asked: Asked) -> dict[str, Callable[[float], Items]]:
    """Every method by name."""
    all_of_them = {f"ours {name}": ours(asked, method) for name, method in OURS.items()}
    for name, strategy in THEIRS.items():
        for of, scale in SCALES.items():
            all_of_them[f"pyversity {name}, {of}"] = theirs(asked, strategy, scale)
    return all_of_them


def swept(asked: Asked, workers: int) -> list[Point]:
    """Relevance only, then every method at every setting, from little diversity on, as long as it keeps `ENOUGH`."""
    base = relevant(asked)
    enough = ENOUGH * base.ndcg.mean()
    with get_context("fork").Pool(workers, _share, (systems(asked), asked, enough)) as pool:
        return [base, *chain.from_iterable(pool.imap(_swept, systems(asked), chunksize=1))]


_shared: dict[str, Any] = {}


def _share(systems: Mapping[str, Callable[[float], Items]], asked: Asked, enough: float) -> None:
    _shared.update(systems=systems, asked=asked, enough=enough)


def _swept(name: str) -> list[Point]:
    started, points = time.process_time(), []
    for diversity in GRID:
        points.append(Point.of(_shared["asked"], _shared["systems"][name](diversity), name, diversity))
        if points[-1].ndcg.mean() < _shared["enough"]:
            break
    print(f"{name}: {time.process_time() - started:.0f} s", file=sys.stderr, flush=True)
    return points


def relevant(asked: Asked) -> Point:
    return Point.of(asked, shown(asked, (np.arange(min(K, len(slate))) for slate in asked.slates)))


def chosen(points: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """By share of NDCG kept and by system, the setting with the least redundancy that keeps it."""
    base = points[0]["NDCG@10"]
    found: dict[str, dict[str, float]] = {}
    for share in KEPT:
        keeps = [point for point in points[1:] if point["NDCG@10"] >= share * base]
        best: dict[str, dict[str, Any]] = {}
        for point in keeps:
            if point["system"] not in best or point["redundancy"] < best[point["system"]]["redundancy"]:
                best[point["system"]] = point
        found[f"{share:g}"] = {name: point["diversity"] for name, point in best.items()}
    return found


def held_against(points: list[Point]) -> dict[str, dict[str, float]]:
    """By method of pyversity, how much higher NDCG@10 of `DEFAULT` is at the same redundancy, read off the straight lines
    between its settings: the mean over their settings that keep 95 % or more, with its 95 % interval by person, and the least,
    as shares of that of relevance only; and the share of these settings where it is higher."""
    base = points[0]
    right = base.ndcg.mean()
    line = sorted((point for point in points if point.system in (DEFAULT, base.system)), key=_alike)
    at, reached = [_alike(point) for point in line], np.stack([point.ndcg for point in line])
    found: dict[str, dict[str, float]] = {}
    for other in dict.fromkeys(point.system for point in points if point.system.startswith("pyversity")):
        kept = [point for point in points if point.system == other and point.ndcg.mean() >= min(KEPT) * right]
        kept = [point for point in kept if at[0] <= _alike(point) < _alike(base)]
        if kept:
            weights = np.stack([np.interp([_alike(point) for point in kept], at, one) for one in np.eye(len(line))], 1)
            more = (weights @ reached - np.stack([point.ndcg for point in kept])) / right
            each, off = more.mean(1), 1.96 * more.mean(0).std() / np.sqrt(more.shape[1])
            ends = {"mean": each.mean(), "low": each.mean() - off, "high": each.mean() + off, "least": each.min()}
            found[other] = {**ends, "higher": float((each > 0).mean()), "settings": len(kept)}
    return found


def _alike(point: Point) -> float:
    return point.means["redundancy"]


def tested(asked: Asked, settings: Mapping[str, Mapping[str, float]], rng: np.random.Generator) -> list[dict[str, Any]]:
    """What was chosen, and how far it is from relevance only, with intervals by person."""
    base, every = relevant(asked), systems(asked)
    rows: list[dict[str, Any]] = [{"system": "relevance only", "kept": 1.0, "diversity": 0.0, **base.means}]
    for share, by_system in settings.items():
        for name, diversity in by_system.items():
            point = Point.of(asked, every[name](diversity))
            low, high = interval(point.ndcg - base.ndcg, rng)
            change = {"NDCG change": point.means["NDCG@10"] - base.means["NDCG@10"], "low": low, "high": high}
            rows.append({"system": name, "kept": float(share), "diversity": diversity, **point.means, **change})
    return rows


def interval(values: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean."""
    draws = [values[rng.integers(0, len(values), len(values))].mean() for _ in range(1000)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def table(rows: list[dict[str, Any]]) -> None:
    """The least redundancy at each share of NDCG, a line each, best first."""
    base = rows[0]
    print(f"relevance only: NDCG@10 {base['NDCG@10']:.4f}, redundancy {base['redundancy']:.4f}, Gini {base['Gini']:.3f}")
    for share in KEPT:
        print(f"\nsettings that keep {share:.0%} of NDCG@10 on validation")
        of_share = [row for row in rows[1:] if row["kept"] == share]
        for row in sorted(of_share, key=lambda row: row["redundancy"]):
            print(
                f"{row['system']:32} {row['diversity']:4.2f}  NDCG {row['NDCG@10'] / base['NDCG@10'] - 1:+6.1%}  redundancy "
                f"{row['redundancy'] / base['redundancy'] - 1:+6.1%}  labels {row['redundancy labels']:.3f}  bought "
                f"{row['redundancy bought']:.4f}  Gini {row['Gini']:.3f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--stage", choices=["valid", "test"], default="valid")
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--chosen", type=Path, help="what the validation wrote, for --stage test")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with threadpool_limits(1):
        found = asked(given.split, given.stage, given.people, given.seed)
        told: dict[str, Any] = {"split": given.split.name, "stage": given.stage, "people": len(found.slates), "pool": POOL}
        told |= {"python": platform.python_version(), "pyversity": version("pyversity")}
        if given.stage == "valid":
            measured = swept(found, given.workers)
            points = [point.told for point in measured]
            settings = chosen(points)
            rows = [{**points[0], "kept": 1.0}] + [
                {**next(p for p in points if p["system"] == name and p["diversity"] == diversity), "kept": float(share)}
                for share, by_system in settings.items()
                for name, diversity in by_system.items()
            ]
            told |= {"chosen": settings, "held against": DEFAULT, "against": held_against(measured), "points": points}
        else:
            before = json.loads(given.chosen.read_text())
            rows = tested(found, before["chosen"], np.random.default_rng(given.seed))
            told |= {"rows": rows}
    given.out.write_text(json.dumps(told, indent=1) + "\n")
    table(rows)
    if given.stage == "valid":
        told_apart(told["against"])


def told_apart(against: Mapping[str, Mapping[str, float]]) -> None:
    """How ours stands to each of theirs."""
    print(f"\n{DEFAULT} at the redundancy of each of their settings that keep 95 %: NDCG@10 more, of that of relevance only")
    for name, more in against.items():
        higher = f"higher at {more['higher']:.0%} of {more['settings']}"
        ends = f"[{more['low']:+.2%}, {more['high']:+.2%}]"
        print(f"{name:32} mean {more['mean']:+.2%} {ends}  least {more['least']:+.2%}  {higher}")


if __name__ == "__main__":
    main()
