"""What is understood of goods, measured: classes and sentiment of reviews, entities of titles, brands, categories.

    python bench/understanding.py PART … [--stage valid|test] [--json FILE] [--multilingual SPEC] [--most N]

PART is one of classes, sentiment, chinese-sentiment, chinese-titles, categories, brands. The data lie in the folder that
ASSORTMENT_DATA names, else in ../shared/data. Everything is chosen on the valid part; the test part is looked at once. most: so
many reviews of each set are drawn, for encoding takes its time. Intervals are 95 %, over reviews, titles or goods.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score

from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import no_events
from assortment.language.cache import cached
from assortment.language.encode import open_encoder
from assortment.understand.classify import Classify
from assortment.understand.head import Head, calibration_error, fit_head
from assortment.understand.labelled import read_tagged
from assortment.understand.lexicon import fit_lexicon
from assortment.understand.opinions import sentiment_head
from assortment.understand.tagger import Tagger, fit_tagger
from assortment.understand.titles import readable

DATA = Path(os.environ.get("ASSORTMENT_DATA", "../shared/data"))
SHOTS, DRAWS = 16, 10
PENALTIES = (0.3, 1.0, 3.0)

Rows = NDArray[np.int64]


def parts(keys: Sequence[str]) -> dict[str, Rows]:
    """Rows of train (3/5), valid and test (1/5 each), by what their key hashes to, so that a key is in one part only."""
    place = np.array([int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 5 for key in keys])
    return {"train": np.flatnonzero(place < 3), "valid": np.flatnonzero(place == 3), "test": np.flatnonzero(place == 4)}


def interval(measure: Callable[[Rows], float], n: int, draws: int = 500) -> dict[str, Any]:
    """A measure of all n rows, and its bootstrap percentiles."""
    rng = np.random.default_rng(0)
    values = [measure(rng.integers(n, size=n)) for _ in range(draws)]
    low, high = np.quantile(values, (0.025, 0.975))
    return {"value": round(float(measure(np.arange(n))), 4), "low": round(float(low), 4), "high": round(float(high), 4), "n": n}


def _auc(truth: NDArray[Any], said: NDArray[Any]) -> float:
    """Area under the curve."""
    return float(roc_auc_score(truth, said))


def _macro(truth: NDArray[Any], said: NDArray[Any]) -> float:
    """The mean over classes of F1."""
    return float(np.mean(f1_score(truth, said, average=None, zero_division=0)))


def clothing(options: argparse.Namespace) -> list[dict[str, str]]:
    """Reviews of clothes, those with a text, and of fewer than `shorter` characters where that is said."""
    rows = _rows(DATA / "womens_clothing_reviews" / "womens_clothing_reviews.csv.gz")
    rows = [{**row, "text": _said(row)} for row in rows if row["Review Text"].strip()]
    rows = [row for row in rows if options.shorter is None or len(row["text"]) < options.shorter]
    return [rows[place] for place in np.random.default_rng(0).permutation(len(rows))[: options.most]]


def _rows(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def _text(file: Path) -> str:
    return gzip.decompress(file.read_bytes()).decode()


def _said(row: dict[str, str]) -> str:
    return " ".join(f"{row['Title']}. {row['Review Text']}".removeprefix(". ").split())


def sentiment(stage: str, options: argparse.Namespace) -> dict[str, Any]:
    """Whether a review recommends: the area under the curve, goods of test never seen in training."""
    rows = clothing(options)
    cut = parts([row["Clothing ID"] for row in rows])
    texts, good = [row["text"] for row in rows], np.array([float(row["Recommended IND"]) for row in rows], np.float32)
    vectors = cached(open_encoder("pkg:minilm")).encode(texts)
    start = time.process_time()
    head = sentiment_head(vectors[cut["train"]], good[cut["train"]])
    took = time.process_time() - start
    said, truth = head(vectors[cut[stage]])[:, 1], good[cut[stage]]
    words = _words(texts, good, cut["train"], cut[stage], "word")
    return {
        "auc": interval(lambda some: _auc(truth[some], said[some]), len(truth)),
        "accuracy": interval(lambda some: float(((said > 0.5) == truth)[some].mean()), len(truth)),
        "calibration error": calibration_error(np.maximum(said, 1 - said), (said > 0.5) == truth),
        "auc of tf-idf words and logistic regression": interval(lambda some: _auc(truth[some], words[some]), len(truth)),
        "train": len(cut["train"]),
        "penalty": head.penalty,
        "fit CPU s": round(took, 2),
    }


def _words(texts: Sequence[str], good: NDArray[np.float32], train: Rows, judged: Rows, by: str) -> NDArray[np.float64]:
    """The chance of good by a logistic regression on TF-IDF: words and pairs of English, one to three characters of Chinese."""
    if by == "word":
        table = TfidfVectorizer(min_df=2, sublinear_tf=True, ngram_range=(1, 2))
    else:
        table = TfidfVectorizer(min_df=2, sublinear_tf=True, ngram_range=(1, 3), analyzer="char")
    known = table.fit_transform([texts[row] for row in train])
    model = LogisticRegression(C=4.0, max_iter=300).fit(known, good[train])
    return model.predict_proba(table.transform([texts[row] for row in judged]))[:, 1]


def classes(stage: str, options: argparse.Namespace) -> dict[str, Any]:
    """The class of a garment from one review: 16 reviews of each, ten draws, beside a logistic regression on all."""
    rows = clothing(options)
    cut = parts([row["Clothing ID"] for row in rows])
    label = np.array([row["Class Name"] for row in rows])
    names = [name for name in np.unique(label) if name and _enough(label, cut, name)]
    number = {name: place for place, name in enumerate(names)}
    truth = np.array([number.get(name, -1) for name in label])
    train, judged = (part[truth[part] >= 0] for part in (cut["train"], cut[stage]))
    encoder = cached(open_encoder("pkg:minilm"))
    vectors, words = encoder.encode([row["text"] for row in rows]), encoder.encode(names)
    full = {c: _logistic(vectors, truth, train, cut["valid"][truth[cut["valid"]] >= 0], c) for c in (10.0, 100.0)}
    best = max(full, key=lambda c: full[c][1])
    answers = full[best][0].predict(vectors[judged])
    whole = _macro(truth[judged], answers)
    few = [_few(vectors, truth, train, names, words, draw) for draw in range(DRAWS)]
    said = [head(vectors[judged]) for head in few]
    scores = [_macro(truth[judged], one.argmax(1)) for one in said]
    prior_free = [_few(vectors, truth, train, names, None, draw)(vectors[judged]).argmax(1) for draw in range(DRAWS)]
    right = np.concatenate([one.argmax(1) == truth[judged] for one in said])
    sure = np.concatenate([one.max(1) for one in said])
    return {
        "classes": len(names),
        "reviews": {"train": len(train), stage: len(judged)},
        "macro-F1 of logistic regression on all": round(float(whole), 4),
        "C": best,
        "macro-F1 of 16 of each, mean of ten draws": round(float(np.mean(scores)), 4),
        "draws": [round(float(score), 4) for score in scores],
        "share of the whole": interval(lambda some: _share(truth[judged], said, answers, some), len(judged), 100),
        "without the words of the classes": round(float(np.mean([_macro(truth[judged], one) for one in prior_free])), 4),
        "calibration error": calibration_error(sure, right),
        "certain 0.5": {"named": round(float((sure >= 0.5).mean()), 4), "right": round(float(right[sure >= 0.5].mean()), 4)},
    }


def _enough(label: NDArray[np.str_], cut: dict[str, Rows], name: str) -> bool:
    return (label[cut["train"]] == name).sum() >= SHOTS and min(
        (label[cut[part]] == name).sum() for part in ("valid", "test")
    ) >= 5


def _share(truth: Rows, said: Sequence[NDArray[np.float32]], answers: Rows, some: Rows) -> float:
    whole = _macro(truth[some], answers[some])
    return float(np.mean([_macro(truth[some], one[some].argmax(1)) for one in said]) / whole)


def _logistic(
    vectors: NDArray[np.float32], truth: Rows, train: Rows, valid: Rows, c: float
) -> tuple[LogisticRegression, float]:
    model = LogisticRegression(C=c, max_iter=500).fit(vectors[train], truth[train])
    return model, float(_macro(truth[valid], model.predict(vectors[valid])))


def _few(
    vectors: NDArray[np.float32], truth: Rows, train: Rows, names: Sequence[str], words: NDArray[np.float32] | None, draw: int
) -> Head:
    rng = np.random.default_rng(draw)
    rows = np.concatenate([rng.choice(train[truth[train] == place], SHOTS, replace=False) for place in range(len(names))])
    return fit_head(vectors[rows], truth[rows], names, None if words is None else (words - words.mean(0)).T)


def chinese_sentiment(stage: str, options: argparse.Namespace) -> dict[str, Any]:
    """Good or bad, ten categories of goods and services: accuracy; a text is in one part only."""
    with zipfile.ZipFile(DATA / "chinese_sentiment" / "online_shopping_10_cats.zip") as archive:
        file = io.TextIOWrapper(archive.open("online_shopping_10_cats.csv"), "utf-8-sig", newline="")
        rows = list(csv.DictReader(file))
    rows = [rows[place] for place in np.random.default_rng(0).permutation(len(rows))[: options.most] if rows[place]["review"]]
    texts = [" ".join(row["review"].lstrip("\ufeff").split())[: options.longest] for row in rows]
    cut = parts(texts)
    good = np.array([float(row["label"]) for row in rows], np.float32)
    vectors = cached(open_encoder(options.multilingual)).encode(texts)
    start = time.process_time()
    head = sentiment_head(vectors[cut["train"]], good[cut["train"]])
    took = time.process_time() - start
    said, truth = head(vectors[cut[stage]])[:, 1], good[cut[stage]]
    right = (said > 0.5) == truth
    words = (_words(texts, good, cut["train"], cut[stage], "char") > 0.5) == truth
    kinds = np.array([rows[row]["cat"] for row in cut[stage]])
    return {
        "accuracy": interval(lambda some: float(right[some].mean()), len(right)),
        "auc": interval(lambda some: _auc(truth[some], said[some]), len(right)),
        "calibration error": calibration_error(np.maximum(said, 1 - said), right),
        "accuracy of tf-idf characters and logistic regression": interval(lambda some: float(words[some].mean()), len(right)),
        "by category": {kind: round(float(right[kinds == kind].mean()), 4) for kind in sorted(set(kinds))},
        "train": len(cut["train"]),
        "penalty": head.penalty,
        "fit CPU s": round(took, 2),
        "encoder": options.multilingual,
    }


def chinese_titles(stage: str, options: argparse.Namespace) -> dict[str, Any]:
    """Entities of titles: right where kind, beginning and end are those labelled (micro F1). Trained on train, the penalty
    chosen on dev."""
    folder = DATA / "chinese_ecommerce_title_ner"
    train, dev = (read_tagged(folder / f"{name}.txt.gz") for name in ("train", "dev"))
    judged = dev if stage == "valid" else read_tagged(folder / "test.txt.gz")
    start = time.process_time()
    tried: dict[float, Tagger] = {penalty: fit_tagger(train, penalty) for penalty in options.penalties}
    took = (time.process_time() - start) / len(tried)
    on_dev = {penalty: _f1(_hits(tagger, dev), np.arange(len(dev))) for penalty, tagger in tried.items()}
    best = max(on_dev, key=lambda penalty: on_dev[penalty])
    hits = _hits(tried[best], judged)
    return {
        "F1": interval(lambda some: _f1(hits, some), len(judged)),
        "precision": round(float(hits[:, 0].sum() / hits[:, 1].sum()), 4),
        "recall": round(float(hits[:, 0].sum() / hits[:, 2].sum()), 4),
        "by kind": {
            kind: round(_f1(_hits(tried[best], judged, kind), np.arange(len(judged))), 4)
            for kind in ("HCCX", "HPPX", "XH", "MISC")
        },
        "F1 on dev by penalty": {str(penalty): round(value, 4) for penalty, value in on_dev.items()},
        "titles": {"train": len(train), stage: len(judged)},
        "features": len(tried[best].features),
        "fit CPU s": round(took, 1),
    }


def _hits(tagger: Tagger, titles: Sequence[Any], kind: str = "") -> Rows:
    """[n, 3] entities that are right, that were found and that were labelled, in each title."""
    counts = []
    for title, found in zip(titles, tagger([title.symbols for title in titles]), strict=True):
        ours, theirs = ({one[:3] for one in ones if kind in ("", one.kind)} for ones in (found, title.entities))
        counts.append((len(ours & theirs), len(ours), len(theirs)))
    return np.array(counts)


def _f1(hits: Rows, some: Rows) -> float:
    right, found, labelled = hits[some].sum(0)
    return float(2 * right / max(found + labelled, 1))


def categories(stage: str, options: argparse.Namespace) -> dict[str, Any]:
    """Titles of 22 of Amazon's departments, put there by the words of their names and by a few labelled goods of each."""
    items: dict[str, tuple[str, str]] = {}
    for name in ("training", "validation", "test"):
        for line in _text(DATA / "amazon2023_24categories_users" / f"{name}.jsonl.gz").splitlines():
            row = json.loads(line)
            held = row["heldout"] if isinstance(row["heldout"], list) else [row["heldout"]]
            for one in (*row["history"], *held):
                if (one["product"]["title"] or "").strip():
                    items.setdefault(one["parent_asin"], (one["product"]["title"], row["category"].replace("_", " ")))
    kinds, counts = np.unique([kind for _, kind in items.values()], return_counts=True)
    items = {id: pair for id, pair in items.items() if counts[kinds == pair[1]][0] >= 60}
    ids, pairs = list(items), list(items.values())
    truth = np.array([kind for _, kind in pairs])
    cut, names = parts(ids), sorted(set(truth))
    title = strings(title for title, _ in pairs)
    tree = Path(options.scratch) / "departments.txt"
    tree.write_text("\n".join(names))
    found = {}
    for shots in (0, 2, 4, 16, 60):
        said = np.full(len(ids), None, object)
        for name in names:
            some = cut["train"][truth[cut["train"]] == name][:shots]
            said[some] = truth[some]
        catalog = Catalog(Ids(tuple(ids)), {"title": title, "category": said})
        fitted = Classify(taxonomy=str(tree)).fit(Dataset(catalog, no_events()), np.random.default_rng(0))
        silent = Catalog(catalog.ids, {"title": title})
        known, rows = fitted(silent), cut[stage]
        sure = known.column("derived_category_confidence")[rows]
        guess = np.where(np.isnan(sure), known.column("unsure_category")[rows], known.column("derived_category")[rows])
        chance = np.where(np.isnan(sure), known.column("unsure_category_confidence")[rows], sure)
        right = guess == truth[rows]
        found[f"{shots} of each labelled"] = {
            "accuracy of the likeliest": interval(lambda some, right=right: float(right[some].mean()), len(rows)),
            "calibration error": calibration_error(chance, right),
            "named at 0.5": round(float((~np.isnan(sure)).mean()), 4),
            "right of those": round(float(right[~np.isnan(sure)].mean()), 4) if (~np.isnan(sure)).any() else None,
        }
    return found


def brands(stage: str, _: argparse.Namespace) -> dict[str, Any]:
    """Brands of goods of which the shop says none, by those of which it does: three fifths of two catalogs teach."""
    return {"Office 2014": _brands(*_office(), stage), "Taobao beauty": _brands(*_taobao(), stage)}


def _brands(ids: list[str], titles: list[str], names: list[str], stage: str) -> dict[str, Any]:
    cut = parts(ids)
    said = strings(names)
    start = time.process_time()
    lexicon = fit_lexicon([titles[row] for row in cut["train"]], said[cut["train"]], 0.5)
    found = [lexicon(titles[row]) for row in cut[stage]]
    named = np.array([name is not None for name, _ in found])
    right = np.array([name == truth for (name, _), truth in zip(found, said[cut[stage]], strict=True)])
    sure = np.array([trust for _, trust in found], np.float32)
    return {
        "precision": interval(lambda some: float(right[named][some].mean()), int(named.sum())),
        "recall": interval(lambda some: float(right[some].mean()), len(right)),
        "calibration error": calibration_error(sure[named], right[named]),
        "goods": {"train": len(cut["train"]), stage: len(right)},
        "CPU s": round(time.process_time() - start, 2),
    }


def _office() -> tuple[list[str], list[str], list[str]]:
    items = json.loads(_text(DATA / "amazon2014_office_5core" / "Office_Products.item.json.gz"))
    listed = items.items() if isinstance(items, dict) else enumerate(items)
    rows = [(str(id), readable(item.get("title")), readable(item.get("brand"))) for id, item in listed]
    kept = [row for row in rows if row[1] and row[2]]
    return [row[0] for row in kept], [row[1] for row in kept], [row[2] for row in kept]


def _taobao() -> tuple[list[str], list[str], list[str]]:
    rows = {row["id"]: row for row in _rows(DATA / "chinese_taobao_beauty_catalog" / "taobao_beauty_double11.csv.gz")}
    return list(rows), [readable(row["title"]) for row in rows.values()], [row["店名"] for row in rows.values()]


PARTS = {
    "classes": classes,
    "sentiment": sentiment,
    "chinese-sentiment": chinese_sentiment,
    "chinese-titles": chinese_titles,
    "categories": categories,
    "brands": brands,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="+", choices=PARTS)
    parser.add_argument("--stage", choices=("valid", "test"), default="valid")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--multilingual", default="pkg:me5-small")
    parser.add_argument("--longest", type=int, default=120, help="characters of a Chinese review that are read")
    parser.add_argument("--most", type=int, default=12_000)
    parser.add_argument("--shorter", type=int, help="only reviews of clothes of fewer characters")
    parser.add_argument("--penalties", type=float, nargs="+", default=PENALTIES)
    parser.add_argument("--scratch", default=".")
    options = parser.parse_args()
    results = json.loads(options.json.read_text()) if options.json and options.json.exists() else {}
    for part in options.part:
        found = PARTS[part](options.stage, options)
        results.setdefault(part, {})[options.stage] = found
        print(json.dumps({part: found}, ensure_ascii=False, indent=1), flush=True)
        if options.json:
            options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
