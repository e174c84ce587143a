"""Simulated people beside real ones on a period that nothing was fitted on: what of a visit is of kinds taken on the visit
before, kinds of a person's first three visits, and days between visits.

    python bench/longrun_people.py uci:SHOP|journey:FOLDER OUT.json [OUT.svg]

The log's first three quarters say the constants, with intervals, and what each person may be shown: the goods of kinds by how
often they took them, the more popular first. Each simulated slate gives a good or so, so as many slates are put together to a
visit as the visits of the person that somebody starts from have kinds of goods, the median. Gaps between simulated visits are
drawn from those of the quarter before, for one as short.
"""

import json
import sys
from html import escape
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.stats import ks_2samp

from assortment.core.arrays import Ids
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import KINDS, Events
from assortment.longrun.build import ranges
from assortment.rl.crowd import Crowd
from assortment.rl.habits import Log, habits, read_visits
from assortment.rl.people import FAMILIES, Population
from assortment.rl.policy import Static
from assortment.rl.stage import kinds
from assortment.rl.visits import Visits
from assortment.shop import Shop

PEOPLE, CANDIDATES, VISITS, PLAYED, LONGEST = 800, 80, 3, 4, 40
NAMES = ("share of kinds again", "kinds in three visits", "days between visits")


def uci(folder: str) -> Dataset:
    shop = Shop(Path(folder))
    with shop.store() as store:
        return Dataset(shop.pipeline.catalog, store.events(shop.pipeline.catalog.ids))


def journey(folder: str) -> Dataset:
    """The Complete Journey, a grocer's: purchases of 2,469 households in a year, kinds by `product_category`."""
    import polars as pl

    goods = pl.read_parquet(Path(folder) / "products.parquet").drop_nulls("product_category").unique("product_id")
    files = sorted(Path(folder).glob("transactions_*.parquet"))
    rows = pl.concat([pl.read_parquet(f, columns=["household_id", "product_id", "transaction_timestamp"]) for f in files])
    goods = goods.join(rows.select("product_id").unique(), on="product_id").sort("product_id")
    rows = rows.join(goods.select("product_id"), on="product_id").sort("transaction_timestamp", "household_id", "product_id")
    people = Ids([str(person) for person in sorted(rows["household_id"].unique())])
    catalog = Catalog(Ids([str(item) for item in goods["product_id"]]), {"category": goods["product_category"].to_numpy()})
    count = len(rows)
    events = Events(
        people,
        rows["transaction_timestamp"].dt.timestamp("ms").to_numpy().astype(np.int64),
        people.numbers(str(person) for person in rows["household_id"]),
        catalog.numbers(str(item) for item in rows["product_id"]),
        np.full(count, KINDS.index("purchase"), np.int8),
        np.ones(count, np.float32),
        np.full(count, None, object),
    )
    return Dataset(catalog, events)


def crowd(
    past: Log, goods: np.ndarray, kind: np.ndarray, names: tuple[str, ...], rng: np.random.Generator
) -> tuple[Crowd, np.ndarray]:
    """What people may be shown: goods drawn by their popularity from kinds by how often each was taken; and how many kinds of
    goods their visits have, the median, at most `LONGEST`."""
    took = np.zeros((int(past.person.max()) + 1, len(names)), np.float32)
    np.add.at(took, (past.person[past.took[:, 0]], past.took[:, 1]), 1)
    usual = took.sum(0) / took.sum()
    someone = np.flatnonzero(past.visits_of() >= 2)
    someone = rng.choice(someone, min(PEOPLE, len(someone)), replace=False)
    share = np.log(0.9 * took[someone] / np.maximum(took[someone].sum(1, keepdims=True), 1) + 0.1 * usual + 1e-6)
    popular = np.log(goods + 1.0)
    within = popular - np.array([popular[kind == each].max(initial=0) for each in range(len(names) + 1)])[kind]
    odds = np.concatenate([share, np.full((len(someone), 1), -20)], 1)[:, kind] + 0.5 * within
    drawn = np.argsort(-odds - rng.gumbel(size=odds.shape), 1)[:, :CANDIDATES]
    best = np.take_along_axis(odds, drawn, 1)
    order = np.argsort(-best, 1)
    items, best = np.take_along_axis(drawn, order, 1).astype(np.int32), np.take_along_axis(best, order, 1)
    alike = (kind[items][:, :, None] == kind[items][:, None, :]).astype(np.float16)
    of_visit = np.bincount(past.took[:, 0], minlength=len(past.person))
    wide = np.array([np.median(of_visit[past.person == person]) for person in someone])
    start = Crowd(items, (best - best[:, :1]).astype(np.float32), kind[items].astype(np.int32), alike, names)
    return start, np.clip(wide, 1, LONGEST).astype(int)


def real(log: Log) -> dict[str, np.ndarray]:
    """The three distributions of the visits of a log."""
    sets: dict[int, list[set[int]]] = {}
    starts = np.searchsorted(log.took[:, 0], np.arange(len(log.person) + 1))
    for visit, person in enumerate(log.person.tolist()):
        sets.setdefault(person, []).append(set(log.took[starts[visit] : starts[visit + 1], 1].tolist()))
    same = log.person[1:] == log.person[:-1]
    return measured(list(sets.values())) | {NAMES[2]: np.diff(log.day)[same].astype(float)}


def measured(people: list[list[set[int]]]) -> dict[str, np.ndarray]:
    """Of each person's visits in order, the kinds taken on each."""
    again, kinds_taken = [], []
    for visits in people:
        full = [visit for visit in visits if visit]
        again += [len(now & before) / len(now) for before, now in pairwise(full)]
        if len(full) >= VISITS:
            kinds_taken.append(len(set.union(*full[:VISITS])))
    return {NAMES[0]: np.array(again), NAMES[1]: np.array(kinds_taken, float)}


def simulated(
    population: Population, start: Crowd, wide: np.ndarray, gaps: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """The same of simulated people; wide: how many slates of 8 make a visit of each real person that they may start from."""
    visits = Visits(start, population, PEOPLE, horizon=int(wide.max()) * PLAYED, seed=5)
    slates = wide[visits.whose]
    people: list[list[set[int]]] = [[set() for _ in range(PLAYED)] for _ in range(PEOPLE)]
    for slate in range(visits.horizon):
        rows = Static()(visits.offer, visits.memory, 8)
        shown = np.take_along_axis(visits.offer.kind, np.maximum(rows, 0), 1)
        for person, place in zip(*np.nonzero(visits.step(rows).went), strict=True):
            if (visit := slate // slates[person]) < PLAYED:
                people[person][visit].add(int(shown[person, place]))
    return measured(people) | {NAMES[2]: rng.choice(gaps, 4000)}


def drawn(result: dict[str, dict[str, list[float]]]) -> str:
    """Cumulative shares of each distribution, real in black, families in colour."""
    colours = ("#222222", "#0b6e4f", "#c8553d", "#3d5a98")
    parts = []
    for panel, name in enumerate(NAMES):
        left, curves = 40 + panel * 230, result[name]
        high = max(values[-1] for values in curves.values()) or 1
        parts.append(f'<text x="{left}" y="18">{escape(name)}</text><path d="M{left} 30v150h200" stroke="#999" fill="none"/>')
        parts.append(f'<text x="{left}" y="196">0</text><text x="{left + 200}" y="196" text-anchor="end">{high:g}</text>')
        for colour, values in zip(colours, curves.values(), strict=False):
            points = " ".join(f"{left + 200 * v / high:.1f},{180 - 1.5 * q:.1f}" for q, v in enumerate(values))
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
    keys = "".join(
        f'<tspan fill="{colour}" dx="14">{escape(name)}</tspan>'
        for colour, name in zip(colours, result[NAMES[0]], strict=False)
    )
    body = "".join(parts) + f'<text x="26" y="220">{keys}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 730 230" font-family="sans-serif" font-size="12">{body}</svg>\n'
    )


def main() -> None:
    what, _, folder = sys.argv[1].partition(":")
    dataset = {"uci": uci, "journey": journey}[what](folder)
    rng = np.random.default_rng(1)
    kind, names = kinds(dataset.catalog)
    time = dataset.events.time
    cut = int(time[0] + 0.75 * (time[-1] - time[0]))
    past, future = (
        read_visits(dataset.before(cut).events, kind, len(names)),
        read_visits(dataset.events.since(cut), kind, len(names)),
    )
    found = habits(dataset.before(cut), kind, len(names), rng)
    start, wide = crowd(past, np.bincount(dataset.before(cut).events.item, minlength=len(dataset.catalog)), kind, names, rng)
    before = dataset.before(cut).events.since(cut - (int(time[-1]) - cut))
    gaps = real(read_visits(before, kind, len(names)))[NAMES[2]]
    seen = {"held-out period": real(future)}
    seen |= {family: simulated(Population(family, ranges(found)), start, wide, gaps, rng) for family in FAMILIES}
    result = {
        name: {who: [round(float(x), 3) for x in np.percentile(each[name], np.arange(0, 101))] for who, each in seen.items()}
        for name in NAMES
    }
    apart = {
        name: {who: round(float(ks_2samp(seen["held-out period"][name], seen[who][name]).statistic), 3) for who in FAMILIES}
        for name in NAMES
    }
    told = {
        "data": what,
        "people": len(np.unique(future.person)),
        "kinds": len(names),
        "slates a visit": np.percentile(wide, [25, 50, 75]).tolist(),
        "found": [vars(one) for one in found],
        "largest distance of the cumulative shares": apart,
        "percentiles": result,
    }
    Path(sys.argv[2]).write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
    if len(sys.argv) > 3:
        Path(sys.argv[3]).write_text(drawn(result), encoding="utf-8")
    print(json.dumps({key: value for key, value in told.items() if key != "percentiles"}, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
