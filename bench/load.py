"""Requests a second, times and CPU of a server of a shop, beside a bare FastAPI endpoint that answers the same bytes.

    python bench/load.py SHOP OUT.json [--seconds 60] [--bare 15] [--connections 32]

SHOP is a fitted shop; a copy of it is served. Each server is a process of its own with one worker; this one asks, on as many
connections as are said, each with its next request as soon as the last is answered. CPU is user and system time of the server's
process over the requests that it answered, which what else the machine does moves less than times and rates; the bare endpoint
is asked before and after ours, and the mean of both counts.
Slates that took too long, so that what is popular was answered in their place, are counted as `instead`.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import numpy as np

from assortment.shop import Shop

K = 10

BARE = """
import sys
from typing import Any
from pathlib import Path
import uvicorn
from fastapi import FastAPI, Response

slate, taken = (Path(sys.argv[1]) / name for name in ("slate", "taken"))
slate, taken = slate.read_bytes(), taken.read_bytes()
web = FastAPI()

@web.get("/api/recommend/{user}")
async def recommend(user: str, k: int = 10) -> Response:
    return Response(slate, media_type="application/json")

@web.post("/api/events")
async def events(body: dict[str, Any]) -> Response:
    return Response(taken, media_type="application/json")

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(f"at http://127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}/", file=sys.stderr, flush=True)

Server(uvicorn.Config(web, port=0, log_level="warning")).run()
"""


class Asking(asyncio.Protocol):
    """One connection: asks, reads the answer, asks again, until told to stop."""

    def __init__(self, make: Callable[[], bytes], until: float, times: list[float], statuses: list[int]) -> None:
        self.make, self.until, self.times, self.statuses = make, until, times, statuses
        self.done = asyncio.get_running_loop().create_future()
        self.read, self.length = b"", -1
        self.instead = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.start = time.perf_counter()
        self.transport.write(self.make())

    def data_received(self, data: bytes) -> None:
        self.read += data
        if self.length < 0 and (end := self.read.find(b"\r\n\r\n")) >= 0:
            head = self.read[:end].lower()
            place = head.index(b"content-length: ") + 16
            self.length = end + 4 + int(head[place:].split(b"\r\n", 1)[0])
        if self.length < 0 or len(self.read) < self.length:
            return
        now = time.perf_counter()
        self.times.append(now - self.start)
        self.statuses.append(int(self.read[9:12]))
        self.instead += b'"instead":"' in self.read[: self.length]
        self.read, self.length = self.read[self.length :], -1
        if now < self.until:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if time.perf_counter() < self.until:
            self.statuses.append(0)
        self.done.set_result(None)


async def asked(address: str, make: Callable[[], bytes], seconds: float, connections: int, pid: int) -> dict[str, Any]:
    """Ask for so many seconds; what came of it."""
    times: list[float] = []
    statuses: list[int] = []
    where, loop = httpx.URL(address), asyncio.get_running_loop()
    began, spent, start = time.perf_counter(), cpu(pid), time.perf_counter() + seconds
    asking = [
        (await loop.create_connection(lambda: Asking(make, start, times, statuses), where.host, where.port or 80))[1]
        for _ in range(connections)
    ]
    memory = []
    while not all(one.done.done() for one in asking):
        memory.append(resident(pid))
        await asyncio.wait([one.done for one in asking], timeout=min(5.0, seconds / 6))
    took, milliseconds = time.perf_counter() - began, 1000 * np.array(times)
    return {
        "requests": len(times),
        "errors": sum(status != 200 for status in statuses),
        "instead": sum(one.instead for one in asking),
        "a_second": round(len(times) / took, 1),
        "p50_ms": round(float(np.median(milliseconds)), 2),
        "p99_ms": round(float(np.percentile(milliseconds, 99)), 2),
        "cpu_ms": round(1000 * (cpu(pid) - spent) / len(times), 4),
        "memory_mb": [round(one / 1e6, 1) for one in memory],
    }


def cpu(pid: int) -> float:
    """Seconds of user and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    """Bytes of memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def server(*command: str) -> Iterator[tuple[str, int]]:
    """A server's address and process, while it is needed."""
    with subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        while "http://" not in said:
            said = process.stderr.readline()
            if not said:
                raise SystemExit("the server did not start")
        yield "http://" + said.split("http://")[1].split("/")[0], process.pid
        process.terminate()


def request(method: str, path: str, body: bytes = b"") -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\nContent-Type: application/json\r\n\r\n"
    )
    return head.encode() + body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--bare", type=float, default=15)
    parser.add_argument("--connections", type=int, default=32)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        copied = Path(folder) / "shop"
        shutil.copytree(given.shop, copied)
        shop = Shop(copied)
        with shop.store() as store:
            people, items = [user for user, _ in store.people("", 5000)], store.catalog().ids.names
        draw = random.Random(1)

        def recommend() -> bytes:
            return request("GET", f"/api/recommend/{draw.choice(people)}?k={K}")

        def event() -> bytes:
            told = {"user": draw.choice(people), "item": draw.choice(items), "kind": "view"}
            return request("POST", "/api/events", json.dumps(told).encode())

        def measured(address: str, pid: int, seconds: float) -> dict[str, Any]:
            def run(make: Callable[[], bytes], long: float) -> dict[str, Any]:
                return asyncio.run(asked(address, make, long, given.connections, pid))

            run(recommend, seconds / 10)
            run(event, seconds / 10)
            return {"recommend": run(recommend, seconds), "events": run(event, seconds)}

        with server("-m", "assortment.cli", "serve", str(copied), "--port", "0") as (address, pid):
            slate = httpx.get(f"{address}/api/recommend/{people[0]}?k={K}").content
            taken = httpx.post(f"{address}/api/events", json={"user": people[0], "item": items[0], "kind": "view"}).content
            (Path(folder) / "slate").write_bytes(slate)
            (Path(folder) / "taken").write_bytes(taken)
            with server("-c", BARE, folder) as (bare_address, bare_pid):
                before = measured(bare_address, bare_pid, given.bare / 2)
                ours = measured(address, pid, given.seconds)
                after = measured(bare_address, bare_pid, given.bare / 2)
        fitted = shop.fitted
    bare = {name: {"before": before[name], "after": after[name]} for name in ours}
    ratio = {name: round(2 * ours[name]["cpu_ms"] / (before[name]["cpu_ms"] + after[name]["cpu_ms"]), 2) for name in ours}
    found = {
        "shop": {"goods": fitted.items, "people": fitted.people, "events": fitted.events},
        "connections": given.connections,
        "slate_bytes": len(slate),
        "ours": ours,
        "bare": bare,
        "cpu_ratio": ratio,
    }
    given.out.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
