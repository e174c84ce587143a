"""Cold start: goods that nobody could have touched, kinds that a person has nothing of, and the whole, beside the peers.

    python bench/cold.py beauty|office OUT.json [--stage valid|test] [--draws 1]
        [--questions warm cold] [--systems NAME …]

Two questions for each draw. *warm*: fitted on the split as it is, everybody is asked (Recall, NDCG; by how many people had
liked the target; of kinds that are new to the person). *cold*: a tenth of the goods, drawn at random, is hidden: none of their
events is learnt from nor in a history; those whose target is among them are asked, against the full catalogue, and where only
the hidden goods may be shown. The draws are disjoint tenths. Office is split as Beauty is: each person's last item is the test,
the one before it validation. Goods that a person has are never shown.
"""

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import quality

from assortment.core.arrays import Ids, Items, strings
from assortment.core.blend import Blend
from assortment.core.catalog import Catalog, labels
from assortment.core.dataset import Dataset
from assortment.core.events import Events, kind_number
from assortment.core.measure import Measure
from assortment.core.pipeline import Pipeline, Plan
from assortment.core.request import Request, Wish
from assortment.core.slate import Slate
from assortment.core.stage import Learner, Recipe, Stage
from assortment.evaluate import each
from assortment.evaluate.cases import Case
from assortment.evaluate.goods import Goods
from assortment.evaluate.lists import Values
from assortment.evaluate.newness import by_seen, crossing, in_pool, over_people, shown
from assortment.guard.policy import Policy
from assortment.parts import BASELINES
from assortment.rank.trees import Trees
from assortment.retrieve.complements import Complements
from assortment.retrieve.crossing import Crossing
from assortment.retrieve.linear import Linear
from assortment.retrieve.semantic import Semantic

DATA = Path(os.environ.get("ASSORTMENT_DATA", "../shared/data"))
K = 10


@dataclass(frozen=True)
class Asked:
    """A shop as it was, and what each person took then: targets [people], -1 where nothing."""

    shop: Dataset
    targets: Items


def office(stage: str) -> Asked:
    folder = DATA / "amazon2014_office_5core"
    histories = json.loads(gzip.decompress((folder / "Office_Products.inter.json.gz").read_bytes()))
    known = json.loads(gzip.decompress((folder / "Office_Products.item.json.gz").read_bytes()))
    goods = 1 + max(max(items) for items in histories.values())
    rows = [known.get(str(item), {}) for item in range(goods)]
    columns = {name: strings(row.get(name) or None for row in rows) for name in ("title", "brand", "description")}
    last = {int(person): len(items) - (2 if stage == "valid" else 1) for person, items in histories.items()}
    targets = np.full(len(histories), -1, np.int32)
    for person, place in last.items():
        targets[person] = histories[str(person)][place]
    events = [
        (place, int(person), item)
        for person, items in histories.items()
        for place, item in enumerate(items[: last[int(person)]])
    ]
    time, user, item = np.array(sorted(events), np.int64).T
    log = Events(
        Ids(tuple(str(person) for person in range(len(histories)))),
        time,
        user.astype(np.int32),
        item.astype(np.int32),
        np.full(len(time), kind_number("purchase"), np.int8),
        np.full(len(time), np.nan, np.float32),
        np.full(len(time), None, object),
    )
    return Asked(Dataset(Catalog(Ids(tuple(str(number) for number in range(goods))), columns), log), targets)


def beauty(stage: str) -> Asked:
    split = DATA / "splits" / "beauty"
    shop = quality.dataset(split, stage)
    answer = pl.read_parquet(split / f"{stage}.parquet")
    targets = np.full(len(shop.events.people), -1, np.int32)
    targets[answer["user"].to_numpy()] = answer["item"].to_numpy()
    return Asked(shop, targets)


@dataclass(frozen=True)
class PopularInKind:
    """What is liked most of the kinds that a person has, the kinds weighing as often as they stand in the history.

    told: how many people like each item, where it is told that rather than counting them: an oracle for goods that it has not
    seen. Kinds are the column `category`, or else `cluster`.
    """

    told: tuple[int, ...] = ()

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "Favoured":
        counted = np.bincount(dataset.matrix().indices, minlength=len(dataset.catalog))
        people = np.array(self.told) if self.told else counted
        member = labels(dataset.catalog.column(dataset.catalog.kinds or "category")).member
        return Favoured(member.multiply(1 / np.maximum(np.diff(member.indptr), 1)[:, None]).tocsr(), np.log1p(people))


@dataclass(frozen=True, eq=False)
class Favoured:
    share: object
    liked: np.ndarray

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        answered = []
        for request, given in zip(requests, slates, strict=True):
            taste = np.asarray(self.share[request.profile.recent].sum(0)).ravel()  # type: ignore[index]
            scores = (np.asarray(self.share @ taste).ravel() * self.liked).astype(np.float32)  # type: ignore[operator]
            if len(given):
                answered.append(given.scored(scores[given.items]))
                continue
            best = np.argsort(-scores, kind="stable")[: 100 + len(request.profile.owned)].astype(np.int32)
            answered.append(Slate(best, scores[best]))
        return answered


@dataclass(frozen=True)
class Implicit:
    """A model of the library `implicit`, behind its own call for people."""

    name: str
    settings: tuple[tuple[str, object], ...]

    def fit(self, dataset: Dataset, rng: np.random.Generator) -> "ByImplicit":
        from implicit.als import AlternatingLeastSquares
        from implicit.bpr import BayesianPersonalizedRanking
        from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

        known = {
            "als": AlternatingLeastSquares,
            "bpr": BayesianPersonalizedRanking,
            "cosine": CosineRecommender,
            "tfidf": TFIDFRecommender,
            "bm25": BM25Recommender,
        }
        liked = dataset.matrix()
        model = known[self.name](**dict(self.settings), num_threads=1)
        model.fit(liked, show_progress=False)
        return ByImplicit(model, liked, {name: row for row, name in enumerate(dataset.events.people.names)})


@dataclass(frozen=True, eq=False)
class ByImplicit:
    model: object
    liked: object
    person: Mapping[str, int]

    def __call__(self, requests: Sequence[Request], slates: Sequence[Slate]) -> list[Slate]:
        rows = np.array([self.person[request.user] for request in requests])
        items, scores = self.model.recommend(rows, self.liked[rows], N=100, filter_already_liked_items=True)  # type: ignore[attr-defined,index]
        pairs = zip(items, scores, strict=True)
        return [Slate(i[s > -1e30].astype(np.int32), s[s > -1e30].astype(np.float32)) for i, s in pairs]


def grid() -> dict[str, Recipe[Stage]]:
    """What of `implicit` is tried on validation; the default pipeline was tried with fewer settings."""
    tried = [
        ("als", {"factors": f, "alpha": a, "regularization": r, "iterations": 15, "random_state": 1})
        for f in (64, 128, 256)
        for a, r in ((1.0, 0.01), (1.0, 1.0), (10.0, 1.0), (40.0, 10.0))
    ]
    tried += [(name, {"K": k}) for name in ("cosine", "tfidf", "bm25") for k in (20, 100, 300, 1000)]
    tried += [
        ("bpr", {"factors": f, "learning_rate": rate, "iterations": 200, "random_state": 1})
        for f in (64, 128)
        for rate in (0.01, 0.05)
    ]
    return {f"implicit {name} {settings}": Implicit(name, tuple(settings.items())) for name, settings in tried}


def systems(told: Items) -> dict[str, Recipe[Stage]]:
    usual = quality.plan("default")
    return {
        "popular in kind": PopularInKind(),
        "popular in kind, told the future": PopularInKind(tuple(told.tolist())),
        "EASE": BASELINES["EASE"],
        "semantic": Semantic(),
        "linear without heirs": Linear(heirs=0),
        "linear": Linear(),
        "crossing": Crossing(),
        "default": usual,
        "default with complements": _with(usual, Complements()),
        "default with complements and crossing": _with(usual, Complements(), Crossing()),
        "default, a tenth hidden from the ranker": replace(usual, stages=tuple(_met(stage) for stage in usual.stages)),
    }


def _with(plan: Plan, *parts: Recipe[Stage]) -> Plan:
    """A plan whose blend has further parts, which find and do not order."""
    stages = [
        Blend((*stage.recipes, *parts), (*stage.weights, *[0.0] * len(parts))) if isinstance(stage, Blend) else stage
        for stage in plan.stages
    ]
    return replace(plan, stages=tuple(stages))


def _met(stage: Recipe[Stage] | Learner) -> Recipe[Stage] | Learner:
    return replace(stage, unseen=0.1) if isinstance(stage, Trees) else stage


def cases(asked: Asked, only: Items | None = None) -> list[Case]:
    """Everybody with a history and a target (among `only`), asked for relevance alone."""
    profiles, wish = asked.shop.profiles(), Wish(diversity=0)
    names = asked.shop.events.people.names
    return [
        Case(Request(name, asked.shop.now, profiles[name], K, wish=wish), asked.targets[[row]])
        for row, name in enumerate(names)
        if name in profiles and asked.targets[row] >= 0 and (only is None or np.isin(asked.targets[row], only))
    ]


def hidden(asked: Asked, goods: Items) -> Asked:
    events = asked.shop.events
    return replace(asked, shop=replace(asked.shop, events=events.take(np.flatnonzero(~np.isin(events.item, goods)))))


def fitted(recipe: Recipe[Stage], shop: Dataset, seed: int = 1) -> Stage:
    rng = np.random.default_rng(seed)
    if isinstance(recipe, Plan):
        return recipe.fit(shop, rng)
    policy = Policy().fit(shop, rng)
    return Pipeline((recipe.fit(shop, rng), policy), shop.catalog)


def understood(shop: Dataset) -> Dataset:
    return Plan((), quality.plan("default").understand).understood(shop, np.random.default_rng(1))


def plain(measures: Sequence[Measure]) -> dict[str, list[float]]:
    """Mean, low, high and over how many, by name."""
    return {m.name: [round(m.mean, 4), round(m.low, 4), round(m.high, 4), m.n] for m in measures}


def warm(asked: Asked, recipes: Mapping[str, Recipe[Stage]]) -> dict[str, object]:
    """Everybody, on the split as it is."""
    shop, raw = understood(asked.shop), asked.shop
    everybody, goods, rng = cases(asked), Goods.of(shop.catalog, shop), np.random.default_rng(0)
    values: dict[str, Mapping[str, Values]] = {}
    told: dict[str, object] = {}
    for name, recipe in recipes.items():
        stage = fitted(recipe, raw if isinstance(recipe, Plan) else shop)
        for part in getattr(stage, "stages", ()):
            if hasattr(part, "verdict"):
                say(part.verdict)
        lists = shown(stage, everybody, Slate())
        accuracy = each.accuracy(everybody, lists, len(goods))
        values[name] = {
            **{measure: accuracy[measure] for measure in ("Recall", "NDCG")},
            **by_seen(everybody, lists, goods),
            **crossing(everybody, lists, goods),
        }
        told[name] = plain(over_people(values[name], everybody, K, rng))
        say(f"{name}: {told[name]}")
    beside = {
        f"default less {name}": plain(
            over_people({m: mine - values[name][m] for m, mine in values["default"].items()}, everybody, K, rng)
        )
        for name in values
        if "default" in values and name != "default"
    }
    return {"systems": told, "person by person": beside}


def tried(asked: Asked) -> dict[str, float]:
    """NDCG of everybody, for each setting of the grid."""
    everybody, found = cases(asked), {}
    targets = np.array([case.targets[0] for case in everybody])
    for name, recipe in grid().items():
        hit = shown(fitted(recipe, asked.shop), everybody, Slate()) == targets[:, None]
        found[name] = round(float((hit / np.log2(np.arange(2, K + 2))).sum(1).mean()), 5)
        say(f"{name}: {found[name]}")
    return dict(sorted(found.items(), key=lambda entry: -entry[1]))


def cold(asked: Asked, recipes: Mapping[str, Recipe[Stage]], draws: int) -> dict[str, object]:
    """Those whose target is hidden, over several disjoint tenths of the goods."""
    n = len(asked.shop.catalog)
    order, tenth = np.random.default_rng(5).permutation(n), n // 10
    found: dict[str, list[np.ndarray]] = {name: [] for name in recipes}
    pools: dict[str, list[Measure]] = {name: [] for name in recipes}
    everybody: list[Case] = []
    for draw in range(draws):
        goods = np.sort(order[draw * tenth : (draw + 1) * tenth]).astype(np.int32)
        without = hidden(asked, goods)
        shop, raw = understood(without.shop), without.shop
        some = cases(without, goods)
        everybody += some
        pool = np.isin(np.arange(n), goods)
        for name, recipe in recipes.items():
            stage = fitted(recipe, raw if isinstance(recipe, Plan) else shop)
            found[name].append(shown(stage, some, Slate()))
            if not isinstance(recipe, Implicit):
                pools[name].append(in_pool(stage, some, pool, np.random.default_rng(0))[0])
            hit = [case.targets[0] in row for case, row in zip(some, found[name][-1], strict=True)]
            say(f"draw {draw}, {name}: {np.mean(hit):.4f}")
    rng, values = np.random.default_rng(0), {}
    for name, lists in found.items():
        rows = np.concatenate(lists)
        hit = rows == np.concatenate([case.targets for case in everybody])[:, None]
        place = np.where(hit.any(1), hit.argmax(1), K)
        recall, ndcg = hit.any(1).astype(float), np.where(place < K, 1 / np.log2(place + 2), 0.0)
        values[name] = plain(over_people({"Recall": recall, "NDCG": ndcg}, everybody, K, rng))
        if pools[name]:
            weight = np.array([one.n for one in pools[name]])
            values[name]["Recall within the hidden"] = round(
                float(np.array([one.mean for one in pools[name]]) @ weight / weight.sum()), 4
            )
    return {"people": len(everybody), "hidden goods": tenth * draws, "systems": values}


def say(text: str) -> None:
    print(f"{time.process_time():6.0f} s {text}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", choices=["beauty", "office"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--stage", choices=["valid", "test"], default="valid")
    parser.add_argument("--draws", type=int, default=1, help="disjoint tenths of the goods that are hidden, one after another")
    parser.add_argument("--questions", nargs="*", choices=["warm", "cold"], default=["warm", "cold"])
    parser.add_argument("--systems", nargs="*", help="only these; `grid` for what of implicit is tried")
    asked = parser.parse_args()
    shop = {"beauty": beauty, "office": office}[asked.shop](asked.stage)
    told = np.bincount(shop.shop.matrix().indices, minlength=len(shop.shop.catalog)).astype(np.int32)
    known = {**systems(told), **grid()}
    if asked.systems == ["grid"]:
        asked.out.write_text(json.dumps(tried(shop), indent=1))
        return
    chosen = asked.systems or list(systems(told))
    recipes = {name: known[name] for name in chosen}
    result: dict[str, object] = {"shop": asked.shop, "stage": asked.stage}
    if "warm" in asked.questions:
        result["warm"] = warm(shop, recipes)
    if "cold" in asked.questions:
        result["cold"] = cold(shop, {name: one for name, one in recipes.items() if not isinstance(one, Implicit)}, asked.draws)
    asked.out.write_text(json.dumps(result, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
