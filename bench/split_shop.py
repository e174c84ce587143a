"""A fitted shop of a shared split, for what is measured on a server: python bench/split_shop.py SPLIT SHOP

SPLIT is as in `quality.py`, of which the shop gets `train` and `valid`, each step of a person's order being a day up to
today. SHOP is a folder that is not there yet. The plan is the default one, whose ranker learns from each person's last item.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

from quality import dataset, plan

from assortment.config import Settings
from assortment.core.dataset import Dataset
from assortment.shop import Shop

DAY = 86_400_000


def dated(shop: Dataset) -> Dataset:
    """The same shop with days in place of the steps of a split."""
    steps = shop.events.time
    return Dataset(shop.catalog, replace(shop.events, time=time.time_ns() // 1_000_000 - (steps.max() + 1 - steps) * DAY))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("split", type=Path)
    parser.add_argument("shop", type=Path)
    given = parser.parse_args()
    given.shop.mkdir(parents=True)
    shop, read = Shop(given.shop), dated(dataset(given.split, "test"))
    shop.open(Settings(name=given.split.name, plan=plan("default")))
    with shop.store() as store:
        store.put_catalog(read.catalog)
        store.append_log(read.events, read.catalog.ids)
    fitted = shop.fit()
    print(f"{given.shop}: {fitted.items} goods, {fitted.people} people, {fitted.events} events")


if __name__ == "__main__":
    main()
