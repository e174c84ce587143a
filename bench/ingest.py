"""What a million events cost, from a CSV file to a shop's folder, beside plainly reading the file.

    python bench/ingest.py [--events 1000000] [--json]

Makes a file of that many events of 100,000 people and 20,000 goods, then times `Shop.ingest`, which reads, cleans, checks,
numbers and writes to SQLite, and compares with `polars.read_csv` of the same file in the same run. Seconds are wall clock
and CPU.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from assortment.ingest import ingest
from assortment.shop import Shop

START = 1_600_000_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder), words.events)
    if words.json:
        print(json.dumps(measured, indent=1))
    else:
        for name, value in measured.items():
            print(f"{name:>28}  {value:,.2f}" if isinstance(value, float) else f"{name:>28}  {value:,}")


def measure(folder: Path, events: int) -> dict[str, float | int]:
    """Seconds of each step."""
    goods, log = _files(folder, events)
    plain = _timed(lambda: pl.read_csv(log))
    shop = Shop(folder / "shop")
    read = ingest(goods, log)
    whole = _timed(lambda: shop.ingest(ingest(goods, log)))
    return {
        "events": events,
        "kept": len(read.events),
        "read_csv_seconds": plain[0],
        "ingest_seconds": whole[0],
        "ingest_cpu_seconds": whole[1],
        "events_per_second": events / whole[0],
        "times_read_csv": whole[0] / plain[0],
    }


def _files(folder: Path, events: int) -> tuple[Path, Path]:
    rng = np.random.default_rng(1)
    goods, log = folder / "goods.csv", folder / "events.csv"
    pl.DataFrame({"item_id": [f"i{n}" for n in range(20_000)], "title": [f"thing {n}" for n in range(20_000)]}).write_csv(goods)
    pl.DataFrame(
        {
            "user_id": [f"u{n}" for n in rng.integers(0, 100_000, events)],
            "item_id": [f"i{n}" for n in rng.zipf(1.3, events) % 20_000],
            "timestamp": np.sort(rng.integers(START, START + 31_000_000, events)),
            "event_type": rng.choice(["view", "cart", "purchase"], events),
        }
    ).write_csv(log)
    return goods, log


def _timed(work: object) -> tuple[float, float]:
    assert callable(work)
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
