"""What the default pipeline keeps of NDCG@10, and leaves of redundancy and Gini, varied and with prices on exposure.

    python bench/pipeline_variety.py SPLIT OUT.json [--people 22363]

Settings are chosen on validation: of max-sum dispersion the diversity with the least redundancy at 1 % loss of NDCG@10, without
prices and with prices of each strength; by the mean, and so that one is 95 % sure of it (one-sided, by person). Then the plan
is fitted anew and the test is looked at once, with 95 % intervals of the change by person against relevance only.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits
from variety import Asked, Point, asked, interval, ours, relevant

from assortment.core.request import Request
from assortment.diversify.methods import Msd
from assortment.guard.exposure import Priced

STRENGTHS = (0.0, 0.3, 0.5, 0.7, 1.0)
KEEP = 0.99
SURE = 1.645
GRID = np.round(np.arange(0.02, 0.56, 0.02), 2).tolist()


def with_prices(found: Asked, strength: float) -> Asked:
    """The same people with their candidates at prices of at most this strength."""
    priced = found.priced
    if not strength or not isinstance(priced, Priced):
        return found
    dear = replace(priced, prices=priced.prices * (strength / priced.strength), strength=strength)
    requests = [Request(profile=profile) for profile in found.profiles]
    return replace(found, slates=dear(requests, found.slates))


def chosen(found: Asked) -> list[dict[str, Any]]:
    """By strength of prices, the diversity with the least redundancy that keeps `KEEP` of NDCG@10: by the mean, and surely."""
    base = relevant(found).ndcg
    settings = []
    for strength in STRENGTHS:
        lists = ours(with_prices(found, strength), Msd())
        points = []
        for diversity in (0.0, *GRID):
            point = Point.of(found, lists(diversity))
            kept = point.ndcg - KEEP * base
            doubt = float(kept.std() / np.sqrt(len(kept)))
            points.append({"strength": strength, "diversity": diversity, **point.means, "kept": kept.mean(), "doubt": doubt})
            if kept.mean() + SURE * doubt < 0:
                break
        for by, margin in (("mean", 0), ("sure", SURE)):
            keeps = [point for point in points if point["kept"] >= margin * point["doubt"]]
            if keeps:
                settings.append({"by": by, **min(keeps, key=lambda point: point["redundancy"])})
    return settings


def tested(found: Asked, settings: list[dict[str, Any]], rng: np.random.Generator) -> list[dict[str, Any]]:
    base = relevant(found)
    rows: list[dict[str, Any]] = [{"strength": 0.0, "diversity": 0.0, **base.means}]
    for setting in settings:
        point = Point.of(found, ours(with_prices(found, setting["strength"]), Msd())(setting["diversity"]))
        low, high = interval(point.ndcg - base.ndcg, rng)
        change = point.means["NDCG@10"] - base.means["NDCG@10"]
        rows.append(
            {
                **{n: setting[n] for n in ("by", "strength", "diversity")},
                **point.means,
                "change": change,
                "low": low,
                "high": high,
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--people", type=int, default=22_363)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with threadpool_limits(1):
        before = asked(given.split, "valid", given.people, given.seed)
        base, settings = relevant(before).means, chosen(before)
        _say("validation", {"strength": 0.0, "diversity": 0.0, **base}, settings)
        rows = tested(asked(given.split, "test", given.people, given.seed), settings, np.random.default_rng(given.seed))
        _say("test", rows[0], rows[1:])
    told = {"split": given.split.name, "people": len(before.slates), "validation": [base, *settings], "test": rows}
    given.out.write_text(json.dumps(told, indent=1) + "\n")


def _say(part: str, base: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    print(f"{part}: relevance only NDCG@10 {base['NDCG@10']:.4f}, redundancy {base['redundancy']:.4f}, Gini {base['Gini']:.3f}")
    for row in rows:
        more = {name: row[name] / base[name] - 1 for name in ("NDCG@10", "redundancy", "redundancy bought")}
        sure = f"[{row['low']:+.4f}, {row['high']:+.4f}]" if "low" in row else ""
        print(
            f"  {row['by']:4}, prices {row['strength']:.1f}, diversity {row['diversity']:.3f}: "
            f"NDCG@10 {more['NDCG@10']:+.1%} {sure} "
            f"redundancy {more['redundancy']:+.1%} bought {more['redundancy bought']:+.1%} "
            f"Gini {row['Gini'] - base['Gini']:+.3f} coverage {row['coverage']:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
