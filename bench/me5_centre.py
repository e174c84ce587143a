"""Where the vectors of multilingual-e5-small crowd: the mean over titles of goods, half of them English, half Chinese.

    python bench/me5_centre.py src/assortment/language/me5_small/centre.npy

English: Amazon Reviews 2023, 24 categories. Chinese: the titles of Taobao in NAACL 2019's set for names in titles, many
categories. Prints how alike two titles are by chance before and after.
"""

import argparse
import gzip
import json
import os
from pathlib import Path

import numpy as np

from assortment.core.arrays import Vectors
from assortment.language import me5
from assortment.language.onnx import OnnxEncoder, open_onnx

DATA = Path(os.environ.get("ASSORTMENT_DATA", Path(__file__).parents[2] / "shared" / "data"))
EACH = 500


def english() -> list[str]:
    with gzip.open(DATA / "amazon2023_24categories_users" / "training.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    return sorted({review["product"]["title"] for row in rows for review in row["history"] if review["product"]["title"]})


def chinese() -> list[str]:
    with gzip.open(DATA / "chinese_ecommerce_title_ner" / "train.txt.gz", "rt") as file:
        titles = file.read().split("\n\n")
    return sorted({"".join(line.split(" ")[0] for line in title.splitlines()) for title in titles} - {""})


def uncentred() -> OnnxEncoder:
    """The serving model as it is, for a centre of zeros."""
    me5.CENTRE = Path("zero.npy")
    np.save(me5.CENTRE, np.zeros(384, np.float32))
    return open_onnx("pkg:me5-small")


def alike(vectors: Vectors) -> float:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return float((np.linalg.norm(unit.sum(0)) ** 2 - len(unit)) / (len(unit) * (len(unit) - 1)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    rng = np.random.default_rng(1)
    out, encoder = parser.parse_args().out, uncentred()
    each = [
        encoder.encode([str(title) for title in rng.choice(titles, EACH, replace=False)]) for titles in (english(), chinese())
    ]
    centre = np.mean([vectors.mean(0) for vectors in each], axis=0)
    np.save(out, centre.astype(np.float32))
    for name, vectors in (("English", each[0]), ("Chinese", each[1]), ("both", np.concatenate(each))):
        print(f"{name}: {alike(vectors):.3f} before, {alike(vectors - centre):.3f} after")


if __name__ == "__main__":
    main()
