"""Tuned encoders beside the frozen one on Amazon Office 2014: Recall@10 of the next thing, by text alone.

    python bench/finetune.py frozen                        the frozen encoder's readouts, on validation
    python bench/finetune.py lora --minutes 20 --test      one method, for so many minutes of one processor

Each person's last thing is the test, the one before it is held out by the run itself; ties keep the order of the source. Half
of the validation people choose when to stop, the other half give the verdict. At test the profile holds the validation thing
too, as it would in a shop. Minutes are of CPU time, so that a busy machine does not shorten a run. Results are merged into
bench/results/finetune-office.json.
"""

import argparse
import gzip
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from assortment import kept
from assortment.core.arrays import Ids, strings
from assortment.core.catalog import Catalog
from assortment.core.dataset import Dataset
from assortment.core.events import KINDS, Events
from assortment.core.progress import watched_by
from assortment.evaluate.cases import last_out
from assortment.finetune.readout import Questions, whitened
from assortment.finetune.recipe import Finetune
from assortment.finetune.run import finetune, halves, measured
from assortment.language.cache import cached
from assortment.language.encode import open_encoder
from assortment.language.verbalise import verbalise

DATA = Path(os.environ.get("ASSORTMENT_DATA", "../shared/data")) / "amazon2014_office_5core"
OUT = Path(__file__).parent / "results" / "finetune-office.json"
SEED = 1


def office() -> Dataset:
    """The shop: who took what, the place in a person's own order standing for the time."""
    items = _read("Office_Products.item.json.gz")
    people = _read("Office_Products.inter.json.gz")
    order = sorted(items, key=int)
    columns = {name: strings([items[one].get(name) for one in order]) for name in ("title", "brand", "description")}
    rows = sorted((place, int(user), item) for user, goods in people.items() for place, item in enumerate(goods))
    time_, user, item = (np.array(column) for column in zip(*rows, strict=True))
    names, at = Ids([str(number) for number in range(len(people))]), {int(one): row for row, one in enumerate(order)}
    goods = np.array([at[int(one)] for one in item], np.int32)
    kind = np.full(len(rows), KINDS.index("purchase"), np.int8)
    nothing = np.full(len(rows), np.nan, np.float32)
    events = Events(names, time_.astype(np.int64) + 1, user.astype(np.int32), goods, kind, nothing, strings([None] * len(rows)))
    return Dataset(Catalog(Ids(order), columns), events)


def _read(name: str) -> dict[str, Any]:
    with gzip.open(DATA / name, "rt") as handle:
        return json.load(handle)


def frozen(past: Dataset) -> list[dict[str, Any]]:
    """The frozen encoder's readouts on the people who choose: the text it reads, the decay of a history, the dims kept."""
    found = []
    split = last_out(past)
    choosing, _ = halves(split.cases, SEED)
    n = len(past.catalog)
    titles = [str(title) for title in past.catalog.column("title")]
    for said, texts in (("title, brand, description", verbalise(past.catalog)), ("title", titles)):
        vectors = cached(open_encoder("pkg:minilm")).encode(texts)
        for dims in (64, 128, 256, 384):
            for name, rows in (("whitened", whitened(vectors, dims)[0]), ("as they are", vectors)):
                if name == "whitened" or dims == 384:
                    for decay in (0.0, 0.3, 0.6, 0.8, 1.0):
                        recall = Questions.of(choosing, n, decay).recall(rows).mean()
                        found.append({"text": said, "vectors": name, "dims": dims, "decay": decay, "recall": round(recall, 4)})
    return sorted(found, key=lambda one: -one["recall"])


def tuned(shop: Dataset, past: Dataset, recipe: Finetune, folder: Path, test: bool) -> dict[str, Any]:
    """One run, and where asked its look at test."""
    serving, started = open_encoder("pkg:minilm"), time.process_time()
    with watched_by(lambda *_: None, lambda _, remark: print(remark, file=sys.stderr)):
        result = finetune(past, recipe, serving, folder, clock=time.process_time)
    found = kept.plain(result) | {"cpu seconds": round(time.process_time() - started)}
    if test:
        texts, n = verbalise(shop.catalog), len(shop.catalog)
        questions = Questions.of(last_out(shop).cases, n, recipe.decay)
        encoders = (serving, open_encoder(f"onnx:{folder / 'onnx'}"))
        before, after = (questions.recall(whitened(cached(one).encode(texts), recipe.dims)[0]) for one in encoders)
        measures = {"frozen": before, "tuned": after, "gain": after - before}
        found["test"] = {name: asdict(measured(values, SEED)) for name, values in measures.items()}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("method")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--name", help="what the result is called; not kept where it is not given")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="another setting of Finetune")
    asked = parser.parse_args()
    shop = office()
    past = last_out(shop).past
    if asked.method == "frozen":
        name, found = "frozen readouts", frozen(past)
    else:
        more = {field: json.loads(value) for field, value in (one.split("=") for one in asked.set)}
        recipe = Finetune(method=asked.method, minutes=asked.minutes, seed=SEED, **more)
        folder = Path(os.environ.get("BENCH_FOLDER", "/tmp/assortment-finetune")) / f"{asked.name or asked.method}"
        name, found = asked.name, tuned(shop, past, recipe, folder, asked.test)
    print(json.dumps(found, indent=1))
    if name:
        results = json.loads(OUT.read_text()) if OUT.exists() else {}
        OUT.write_text(json.dumps(results | {name: found}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
