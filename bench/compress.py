"""A smaller, faster encoder: every step side by side, each judged by what it costs where goods are compared by their texts.

    python bench/compress.py SPLIT|uci OUT.json [--layers 3] [--prune 0.3] [--dims 128] [--int8] [--minutes 10]

SPLIT as in quality.py; uci is the bundled shop. Validation: each person's item before the last, 2,000 people; test, looked at
once: the last one, 5,000.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from quality import dataset

from assortment import kept
from assortment.cli.app import out
from assortment.cli.compress import compressed
from assortment.compress.compressed import compress
from assortment.compress.steps import Steps
from assortment.core.dataset import Dataset
from assortment.core.pipeline import Plan
from assortment.evaluate.cases import last_out
from assortment.guard.policy import Policy
from assortment.ingest import bundled_shop
from assortment.retrieve.semantic import Semantic
from assortment.tune.tuned import Part
from assortment.understand.embed import Embed


def bundled() -> Dataset:
    read = bundled_shop()
    return Dataset(read.catalog, read.events)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("split", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--prune", type=float)
    parser.add_argument("--dims", type=int)
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--folder", type=Path, help="where the encoders are put, so that a run goes on where it was stopped")
    given = parser.parse_args()
    test = last_out(bundled() if str(given.split) == "uci" else dataset(given.split, "test"), 10, False)
    validation = last_out(test.past, 10, False)
    test = replace(test, cases=test.cases[:: max(1, len(test.cases) // 5000)])
    plan = Plan((Semantic(encoder="pkg:minilm"), Policy()), (Embed(encoder="pkg:minilm"),))
    steps = Steps(given.layers, given.prune, given.dims, given.int8, given.minutes)
    folder = given.folder or Path(tempfile.mkdtemp())
    found = compress(plan, Part(validation, "the last but one"), Part(test, "the last"), steps, folder, 1)
    compressed(out, found, given.out.parent, False)
    kept.write(given.out, found)


if __name__ == "__main__":
    main()
