"""A loss of variety beside ranking again: the same model learnt with and without the cap on labels, on one shared split.

    python bench/diverse_loss.py SPLIT OUT.json [--stage valid|test] [--most 6] [--shares 0.2 0.05] [--seeds 1 2]

SPLIT is as in bench/quality.py. Every row is `sequential` alone: plain; plain and then at most `most` goods of a label
(`diversify`), in all lists and in such a share of them that as many lists are above the cap as with the loss; learnt with the
loss; and both. A list is above the cap where more than `most` of its ten goods share a label of the column `category`.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from quality import dataset

from assortment.core.catalog import labels
from assortment.core.dataset import Dataset
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.request import Request
from assortment.diversify.methods import Mmr
from assortment.diversify.stage import Diversify
from assortment.evaluate import spread
from assortment.guard.policy import Policy
from assortment.learn.diverse import Cap
from assortment.retrieve.sequential import Sequential
from assortment.understand.embed import Embed

K = 10
BATCH = 256


class Judge:
    """The answers of a split, and what ten goods are."""

    def __init__(self, split: Path, stage: str, shop: Dataset, most: int) -> None:
        answers = pl.read_parquet(split / f"{stage}.parquet")
        profiles = shop.profiles()
        self.answer = {str(user): item for user, item in answers.select("user", "item").iter_rows() if str(user) in profiles}
        self.requests = [Request(user=user, time=shop.now, profile=profiles[user], k=K) for user in self.answer]
        self.groups = labels(shop.catalog.column("category")).member.toarray()
        self.vectors = shop.catalog.column("vector")
        self.most = most

    def lists(self, pipeline: Pipeline) -> np.ndarray:
        """[people, 10] item numbers, best first."""
        starts = range(0, len(self.requests), BATCH)
        slates = [slate for start in starts for slate in pipeline(self.requests[start : start + BATCH])]
        return np.stack([slate.items[:K] for slate in slates])

    def ndcg(self, lists: np.ndarray) -> np.ndarray:
        """[people]."""
        hit = lists == np.array(list(self.answer.values()))[:, None]
        return (hit / np.log2(np.arange(K) + 2)).sum(1)

    def above(self, lists: np.ndarray) -> np.ndarray:
        """[people] by how many goods the fullest label of a list is above the cap."""
        return np.maximum(self.groups[lists].sum(1).max(1) - self.most, 0)

    def measures(self, lists: np.ndarray) -> dict[str, float]:
        vectors = self.vectors[lists]
        cosines = (np.square(vectors.sum(1)).sum(1) - np.square(vectors).sum((1, 2))) / (K * (K - 1))
        exposure = np.bincount(lists.ravel(), minlength=len(self.groups)).astype(np.float64)[None]
        return {
            "NDCG@10": round(float(self.ndcg(lists).mean()), 5),
            "lists above the cap": round(float((self.above(lists) > 0).mean()), 4),
            "goods above it": round(float(self.above(lists).mean()), 4),
            "redundancy": round(float(cosines.mean()), 4),
            "labels": round(float((self.groups[lists].sum(1) > 0).sum(1).mean()), 3),
            "coverage@10": round(float(spread.coverage(exposure)[0]), 4),
            "gini@10": round(float(spread.gini(exposure)[0]), 4),
        }


def mixed(capped: np.ndarray, plain: np.ndarray, share: float, judge: Judge) -> np.ndarray:
    """Ranking again no more lists than must be for `share` of all to stay above the cap; which, is drawn."""
    over = np.flatnonzero(judge.above(plain) > 0)
    kept = np.random.default_rng(0).permutation(over)[: round(share * len(plain))]
    lists = capped.copy()
    lists[kept] = plain[kept]
    return lists


def paired(one: np.ndarray, other: np.ndarray) -> list[float]:
    """The mean difference by person and its 95 % interval."""
    difference = one - other
    reach = 1.96 * difference.std() / len(difference) ** 0.5
    return [round(float(value), 5) for value in (difference.mean(), difference.mean() - reach, difference.mean() + reach)]


def compared(shop: Dataset, judge: Judge, shares: list[float], step: float, seed: int, model: Sequential) -> dict[str, object]:
    """One seed: the measures of every way, and the differences at equal shares of lists above the cap."""
    policy, cap = Policy(), Diversify(Mmr(), at_most={"category": judge.most})

    def fitted(recipe: Sequential) -> tuple[Pipeline, Pipeline, float]:
        started = time.process_time()
        plain = Plan((recipe, policy)).fit(shop, np.random.default_rng(seed))
        seconds = time.process_time() - started
        return plain, Pipeline((*plain.stages, cap.fit(shop, np.random.default_rng(seed))), plain.catalog), seconds

    plain, again, seconds = fitted(model)
    lists, capped = judge.lists(plain), judge.lists(again)
    ways: dict[str, object] = {
        "plain": judge.measures(lists) | {"fit_cpu_s": round(seconds)},
        "ranked again": judge.measures(capped),
    }
    for share in shares:
        learnt, both, seconds = fitted(replace(model, diverse=Cap("category", judge.most, share, step=step)))
        varied, varied_capped = judge.lists(learnt), judge.lists(both)
        reached = float((judge.above(varied) > 0).mean())
        beside = mixed(capped, lists, reached, judge)
        ways[f"loss {share}"] = judge.measures(varied) | {"fit_cpu_s": round(seconds)}
        ways[f"loss {share}, ranked again"] = judge.measures(varied_capped)
        ways[f"ranked again to the share of loss {share}"] = judge.measures(beside)
        ways[f"NDCG@10 of loss {share} less plain"] = paired(judge.ndcg(varied), judge.ndcg(lists))
        ways[f"NDCG@10 of loss {share} less ranked again, at one share"] = paired(judge.ndcg(varied), judge.ndcg(beside))
        ways[f"NDCG@10 of loss {share}, ranked again, less ranked again"] = paired(
            judge.ndcg(varied_capped), judge.ndcg(capped)
        )
    return ways


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--stage", choices=["valid", "test"], default="test")
    parser.add_argument("--most", type=int, default=6)
    parser.add_argument("--shares", type=float, nargs="+", default=[0.2, 0.05])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--step", type=float, default=Cap.step, help="how fast the price of a list above the cap follows")
    parser.add_argument("--passages", type=int, default=5)
    asked = parser.parse_args()
    shop = Plan((), (Embed(),)).understood(dataset(asked.split, asked.stage), np.random.default_rng(1))
    judge = Judge(asked.split, asked.stage, shop, asked.most)
    model = Sequential(dims=32, negatives=256, passages=asked.passages)
    ways = {f"seed {seed}": compared(shop, judge, asked.shares, asked.step, seed, model) for seed in asked.seeds}
    told = {
        "split": asked.split.name,
        "stage": asked.stage,
        "most": asked.most,
        "step": asked.step,
        "people": len(judge.requests),
        **ways,
    }
    asked.out.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
