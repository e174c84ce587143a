"""Whether the words of a portrait find what the person takes next, beside a search by their goods themselves.

    python bench/portraits.py SPLIT|uci OUT.json [--stage valid|test] [--people 2000]

SPLIT is a folder as for `quality.py`; `uci` is the bundled shop, cut six weeks before its end, for validation six weeks earlier
again. Each person with two goods or more, drawn by lot, is asked for ten goods that they do not have, by meaning alone: by the
goods of their history (`Semantic`), and by several texts about them, which the same part answers as a query. NDCG and Recall at
10, with 95 % intervals of the difference from the history, by person. `forgets` and `drift` say how fast tastes fade, and how
many people drift.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from quality import dataset as split_dataset
from threadpoolctl import threadpool_limits

from assortment.core.arrays import Ids, Items
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import Events
from assortment.core.pipeline import Plan
from assortment.core.request import Request
from assortment.core.slate import Slate
from assortment.core.stage import Stage
from assortment.evaluate.cases import Case, last_out, time_split
from assortment.evaluate.metrics import hits, ndcg, recall
from assortment.portrait import draw
from assortment.portrait.draw import Portrait, Portraits
from assortment.retrieve.semantic import Semantic
from assortment.understand.clusters import Clusters
from assortment.understand.embed import Embed

K = 10
WEEK = 7 * 86_400_000
DAY = 86_400_000
HALVES = (1.0, 2.0, 4.0, 8.0, 16.0, 1e9)


def cases(name: str, stage: str) -> tuple[Dataset, tuple[Case, ...]]:
    """What is known, and who is asked what."""
    if name == "uci":
        from assortment.ingest import bundled_shop

        read = bundled_shop()
        shop = Dataset(read.catalog, read.events)
        if stage == "valid":
            shop = time_split(shop, shop.now - 6 * WEEK).past
        split = time_split(shop, shop.now - 6 * WEEK)
        return split.past, split.cases
    shop = split_dataset(Path(name), "test")
    if stage == "test":
        raise SystemExit("the test of a split is looked at by quality.py alone")
    split = last_out(replace(shop, events=_by_days(shop.events)))
    return split.past, split.cases


def _by_days(events: Events) -> Events:
    """The order of a split as days, so that each deed is of a visit of its own."""
    return replace(events, time=events.time * DAY)


TEXTS: dict[str, Callable[[Portrait, Catalog], str]] = {
    "names of 3 interests": lambda p, _: ", ".join(one.label for one in p.interests[:3]),
    "names of 5 interests": lambda p, _: ", ".join(one.label for one in p.interests[:5]),
    "words of 3 interests": lambda p, _: ", ".join(word for one in p.interests[:3] for word in one.words),
    "words of 5 interests": lambda p, _: ", ".join(word for one in p.interests[:5] for word in one.words),
    "words of 5, phrase each": lambda p, _: ", ".join(" ".join(one.words) for one in p.interests[:5]),
    "2 words of 5 interests": lambda p, _: ", ".join(word for one in p.interests[:5] for word in one.words[:2]),
    "a title of 3 interests": lambda p, c: "; ".join(
        c.column("title")[c.ids.number(one.some[0])] or "" for one in p.interests[:3]
    ),
    "a title of 5 interests": lambda p, c: "; ".join(
        c.column("title")[c.ids.number(one.some[0])] or "" for one in p.interests[:5]
    ),
    "title and words of 3": lambda p, c: "; ".join(
        f"{c.column('title')[c.ids.number(one.some[0])] or ''}, {' '.join(one.words)}" for one in p.interests[:3]
    ),
}


def lists(slates: Sequence[Slate], owned: Sequence[Items]) -> np.ndarray:
    """[c, K] the first goods that the person does not have."""
    top = np.full((len(slates), K), -1, np.int32)
    for row, (slate, has) in enumerate(zip(slates, owned, strict=True)):
        left = slate.items[~np.isin(slate.items, has)][:K]
        top[row, : len(left)] = left
    return top


def each(portrait: Portrait) -> list[tuple[str, float]]:
    """A question per interest: its words and its share."""
    return [(" ".join(one.words), one.share) for one in portrait.interests[:5]]


def merged(asked: list[list[tuple[str, float]]], meanings: Stage, owned: Sequence[Items]) -> np.ndarray:
    """Each interest asked by itself; places are dealt out by share (Webster's method)."""
    flat = [text for questions in asked for text, _ in questions]
    slates: list[Slate] = []
    for start in range(0, len(flat), 256):
        batch = [Request(words=text or "?", k=K) for text in flat[start : start + 256]]
        slates += meanings(batch, [Slate()] * len(batch))
    top = np.full((len(asked), K), -1, np.int32)
    at = 0
    for row, questions in enumerate(asked):
        found = [
            slates[at + place].items[~np.isin(slates[at + place].items, owned[row])].tolist() for place in range(len(questions))
        ]
        at += len(questions)
        chosen: list[int] = []
        given = [0] * len(questions)
        while len(chosen) < K and any(found):
            best = max((p for p in range(len(questions)) if found[p]), key=lambda p: questions[p][1] / (given[p] + 0.5))
            item = found[best].pop(0)
            if item not in chosen:
                chosen.append(item)
                given[best] += 1
        top[row, : len(chosen)] = chosen
    return top


def measured(top: np.ndarray, targets: Sequence[Items], base: np.ndarray | None, rng: np.random.Generator) -> dict[str, Any]:
    hit, taken = hits(top, targets), np.array([len(one) for one in targets])
    gain = ndcg(hit, taken)
    told = {"NDCG@10": float(gain.mean()), "Recall@10": float(recall(hit, taken).mean())}
    if base is not None:
        differs = gain - base
        draws = [float(differs[rng.integers(0, len(differs), len(differs))].mean()) for _ in range(500)]
        told |= {
            "change": float(differs.mean()),
            "low": float(np.quantile(draws, 0.025)),
            "high": float(np.quantile(draws, 0.975)),
        }
    return told


def texts(
    shop: Dataset, found: Sequence[Case], histories: Sequence[Events], portraits: Portraits, rng: np.random.Generator
) -> list[dict[str, Any]]:
    deep = 250
    targets, owned = [case.targets for case in found], [case.request.profile.owned for case in found]
    meanings = Semantic(depth=deep).fit(shop, rng)
    asked = [replace(case.request, k=K) for case in found]
    rows, base = [], None
    for name, stage in {
        "history, decay 0.6": meanings,
        "history, all alike": replace(meanings, decay=1.0),
        "history, all alike, not whitened": replace(meanings, decay=1.0, things=meanings.texts),
    }.items():
        top = lists(_slates(stage, asked), owned)
        row = measured(top, targets, base, rng)
        base = ndcg(hits(top, targets), np.array([len(one) for one in targets])) if base is None else base
        rows.append({"query": name, **row})
        print(rows[-1], file=sys.stderr)
    drawn = [portraits(history) for history in histories]
    for name, text in TEXTS.items():
        worded = [Request(words=text(portrait, shop.catalog) or "?", k=K) for portrait in drawn]
        rows.append({"query": name, **measured(lists(_slates(meanings, worded), owned), targets, base, rng)})
        print(rows[-1], file=sys.stderr)
    top = merged([each(portrait) for portrait in drawn], meanings, owned)
    rows.append({"query": "words of 5 interests, each asked by itself", **measured(top, targets, base, rng)})
    print(rows[-1], file=sys.stderr)
    return rows


def _slates(stage: Stage, requests: Sequence[Request]) -> list[Slate]:
    found: list[Slate] = []
    for start in range(0, len(requests), 256):
        batch = requests[start : start + 256]
        found += stage(batch, [Slate()] * len(batch))
    return found


def forgets(shop: Dataset, found: Sequence[Case], histories: Sequence[Events], portraits: Portraits) -> list[dict[str, Any]]:
    """Mean log likelihood of the interests of what is taken next, under their shares, a fifth of the shop's mixed in."""
    kind = portraits.interest
    assert kind is not None
    whole = np.zeros(len(kind.names))
    codes = kind.codes[shop.events.item].ravel()
    np.add.at(whole, codes[codes >= 0], kind.share[shop.events.item].ravel()[codes >= 0])
    whole = (whole + 1) / (whole + 1).sum()
    rows = []
    for half in HALVES:
        draw.FADING = half
        said = []
        for case, history in zip(found, histories, strict=True):
            likes = {one.label: one.share for one in portraits(history).interests}
            share = np.array([likes.get(name, 0.0) for name in kind.names]) * 0.8 + 0.2 * whole
            wanted = kind.codes[case.targets][:, 0]
            said.append(float(np.log(share[wanted[wanted >= 0]]).mean()) if (wanted >= 0).any() else np.nan)
        rows.append({"half life": half, "log likelihood": float(np.nanmean(said))})
        print(rows[-1], file=sys.stderr)
    return rows


def drifts(histories: Sequence[Events], portraits: Portraits) -> dict[str, float]:
    drawn = [portraits(history).drift for history in histories]
    some = [one for one, history in zip(drawn, histories, strict=True) if one]
    return {
        "people with two visits": len(some),
        "amount": float(np.mean([one.amount for one in some])),
        "usual": float(np.mean([one.usual for one in some])),
        "real": float(np.mean([one.real for one in some])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop")
    parser.add_argument("out", type=Path)
    parser.add_argument("--stage", choices=["valid", "test"], default="valid")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    with threadpool_limits(1):
        shop, found = cases(given.shop, given.stage)
        some = [case for case in found if len(case.request.profile.recent) > 1]
        some = [some[row] for row in sorted(rng.permutation(len(some))[: given.people])]
        shop = Plan((), (Embed(), Clusters())).understood(shop, rng)
        rows_of = np.split(
            np.argsort(shop.events.user, kind="stable"),
            np.cumsum(np.bincount(shop.events.user, minlength=len(shop.events.people)))[:-1],
        )
        histories = [_alone(shop.events, case.request.user, rows_of) for case in some]
        portraits = Portraits.of(shop.catalog)
        told = {
            "shop": Path(given.shop).name,
            "stage": given.stage,
            "people": len(some),
            "texts": texts(shop, some, histories, portraits, rng),
            "drift": drifts(histories, portraits),
            "forgets": forgets(shop, some, histories, portraits),
        }
    given.out.write_text(json.dumps(told, indent=1) + "\n")


def _alone(events: Events, user: str, rows_of: Sequence[np.ndarray]) -> Events:
    """The events of one person."""
    part = events.take(rows_of[events.people.number(user)])
    return replace(part, people=Ids((user,)), user=np.zeros(len(part), np.int32))


if __name__ == "__main__":
    main()
