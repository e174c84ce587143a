"""What the default pipeline keeps of NDCG@10, and leaves of redundancy and Gini: varied, with prices on exposure, and by
pyversity's MSD, the best of its methods, from the same candidates. Ours is told how alike goods are by their words and, once
more, by the shop's clusters; `alike` is by what a system was told, `redundancy` by words.

    python bench/pipeline_variety.py SPLIT OUT.json [--people 22363]

Settings are chosen on validation: of every system the diversity with the least redundancy that keeps 99 % and 95 % of NDCG@10
by the mean, and the one that keeps 99 % so that one is 95 % sure of it (one-sided, by person). Then the plan is fitted anew and
the test is looked at once, with 95 % intervals of the change by person against relevance only. pyversity gets relevance, log
odds, or chances to the power that ours weighs them by.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from dispersion import SCALES, Sheet, of_ours, of_theirs, same
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from variety import POOL, Asked, Point, asked, interval, relevant

from assortment.core.arrays import Items, Rows
from assortment.core.request import Request
from assortment.diversify.worth import POWER
from assortment.evaluate.distances import redundancy
from assortment.evaluate.lists import members
from assortment.guard.exposure import Priced

STRENGTHS = (0.5, 0.7, 1.0)
BY = {"99 %": (0.99, 0.0), "95 %": (0.95, 0.0), "99 %, surely": (0.99, 1.645)}
"""How a setting is chosen: the share of NDCG@10 to keep, and by how many standard errors."""
ENOUGH = 0.93
ODDS = np.geomspace(0.04, 5, 36)
"""Diversity over what it leaves to relevance."""


def with_prices(found: Asked, strength: float) -> Asked:
    """The same people with their candidates at prices of at most this strength."""
    priced = found.priced
    if not isinstance(priced, Priced):
        return found
    dear = replace(priced, prices=priced.prices * (strength / priced.strength), strength=strength)
    return replace(found, slates=dear([Request(profile=profile) for profile in found.profiles], found.slates))


def systems(found: Asked) -> Iterator[tuple[str, Sheet, Callable[[float], Rows], NDArray[np.float64]]]:
    """Every system: its name, its candidates, its picks at a diversity, and the diversities to try."""
    sheet = Sheet.of(found)
    yield "ours", sheet, of_ours(sheet), ODDS / (1 + ODDS)
    usual = float(found.slates[0].notes["usual"][0])
    for scale in SCALES:
        times = {"relevance": 0.2, "log odds": 1.0, "chances": 0.2 * usual**POWER}[scale]
        yield f"pyversity, {scale}", sheet, of_theirs(sheet, scale), ODDS * times / (1 + ODDS * times)
    del sheet
    by_cluster = Sheet.of(replace(found, diversified=replace(found.diversified, like="cluster")))
    yield "ours, by clusters", by_cluster, of_ours(by_cluster), ODDS / (1 + ODDS)
    del by_cluster
    for strength in STRENGTHS:
        dear = Sheet.of(with_prices(found, strength))
        yield f"ours, prices {strength:g}", dear, of_ours(dear), ODDS / (1 + ODDS)


def swept(found: Asked) -> list[dict[str, Any]]:
    """Every system at every setting, from little diversity on, as long as it keeps `ENOUGH`."""
    base = relevant(found).ndcg
    points: list[dict[str, Any]] = []
    for name, sheet, picks, diversities in systems(found):
        for diversity in diversities.tolist():
            chosen = picks(diversity)
            ndcg = sheet.ndcg(chosen)
            errors = {by: float((ndcg - keep * base).std() / np.sqrt(len(base))) for by, (keep, _) in BY.items()}
            points.append({"system": name, "diversity": diversity, "alike": sheet.redundancy(chosen)})
            points[-1] |= {"NDCG@10": float(ndcg.mean()), "redundancy": by_words(found, sheet.lists(chosen)), "errors": errors}
            if ndcg.mean() < ENOUGH * base.mean():
                break
        print(name, flush=True)
    return points


def by_words(found: Asked, lists: Items) -> float:
    vectors = found.diversified.vectors()
    return float(redundancy(members(lists, len(vectors)), vectors).mean())


def chosen(points: list[dict[str, Any]], base: float) -> list[dict[str, Any]]:
    """Of every system and way to choose, the least redundancy that keeps enough."""
    settings = []
    for by, (keep, times) in BY.items():
        for name in dict.fromkeys(point["system"] for point in points):
            keeps = [p for p in points if p["system"] == name and p["NDCG@10"] - keep * base >= times * p["errors"][by]]
            if keeps:
                settings.append({"by": by, **min(keeps, key=lambda point: point["alike"])})
    return settings


def told(found: Asked, settings: list[dict[str, Any]], rng: np.random.Generator) -> list[dict[str, Any]]:
    """What the settings do, relevance only first."""
    base = relevant(found)
    rows: list[dict[str, Any]] = [{"system": "relevance only", "by": "", "diversity": 0.0, **base.means}]
    for name, sheet, picks, _ in systems(found):
        for setting in (setting for setting in settings if setting["system"] == name):
            point = Point.of(found, sheet.lists(picks(setting["diversity"])))
            low, high = interval(point.ndcg - base.ndcg, rng)
            change = {"change": point.means["NDCG@10"] - base.means["NDCG@10"], "low": low, "high": high}
            change["less alike"] = 1 - sheet.redundancy(picks(setting["diversity"])) / sheet.redundancy(picks(0.0))
            rows.append({**{n: setting[n] for n in ("system", "by", "diversity")}, **point.means, **change})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--people", type=int, default=22_363)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    with threadpool_limits(1):
        before = asked(given.split, "valid", given.people, given.seed)
        points = swept(before)
        settings = chosen(points, relevant(before).means["NDCG@10"])
        parts = {"validation": told(before, settings, rng)}
        agreed = same(Sheet.of(before))
        parts["test"] = told(asked(given.split, "test", given.people, given.seed), settings, rng)
    _say(parts)
    about = {"split": given.split.name, "people": len(before.slates), "pool": POOL, "same": agreed}
    given.out.write_text(json.dumps({**about, **parts, "points": [parts["validation"][0], *points]}, indent=1) + "\n")


def _say(parts: dict[str, list[dict[str, Any]]]) -> None:
    for part, (base, *rows) in parts.items():
        start = f"{part}: relevance only NDCG@10 {base['NDCG@10']:.4f}"
        print(f"\n{start}, redundancy {base['redundancy']:.4f}, Gini {base['Gini']:.3f}")
        for row in rows:
            more = {name: row[name] / base[name] - 1 for name in ("NDCG@10", "redundancy", "redundancy bought")}
            ends = [row[end] / base["NDCG@10"] for end in ("low", "high")]
            print(
                f"  {row['by']:13} {row['system']:22} {row['diversity']:.4f}: NDCG@10 {more['NDCG@10']:+.2%} "
                f"[{ends[0]:+.1%}, {ends[1]:+.1%}] alike {-row['less alike']:+.1%} redundancy {more['redundancy']:+.1%} bought "
                f"{more['redundancy bought']:+.1%} Gini {row['Gini'] - base['Gini']:+.3f} coverage {row['coverage']:.3f}"
            )


if __name__ == "__main__":
    main()
