"""Being told to stop while somebody is being answered."""

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from assortment.store.sql import open_store
from tests.serve.test_http import ROOT

PROGRAM = """
import sys
from dataclasses import replace
from assortment.serve.desk import Bounds
from assortment.serve.http import app, serve
from assortment.serve.service import Service
from assortment.store.sql import open_store
from tests.serve import goods

def waits(requests, slates):
    print("begun", flush=True)
    assert sys.stdin.readline() == "go on\\n"
    return list(slates)

pipeline = goods.pipeline()
with open_store(sys.argv[1]) as store:
    service = Service(replace(pipeline, stages=(waits, *pipeline.stages)), store)
    web = app(service, bounds=Bounds(patience=60))
    serve(web, 0, opened=lambda address: print(address, flush=True))
print("closed", flush=True)
"""


def test_who_is_being_answered_gets_the_whole_answer_and_nobody_else_gets_in(tmp_path: Path):
    url, environment = f"sqlite:///{tmp_path}/shop.db", {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes) as server, ThreadPoolExecutor(1) as pool:
        assert server.stdout is not None
        assert server.stdin is not None
        address = server.stdout.readline().strip()
        where = (urlsplit(address).hostname, urlsplit(address).port)
        slow = pool.submit(httpx.get, f"{address}/api/recommend/tea1?k=13", timeout=30)
        assert server.stdout.readline() == "begun\n"
        with socket.create_connection(where, timeout=20) as idle:
            idle.sendall(b"GET /health/live HTTP/1.1\r\nHost: shop\r\n\r\n")
            assert idle.recv(15) == b"HTTP/1.1 200 OK"
            server.send_signal(signal.SIGTERM)
            while idle.recv(4096):  # until the server hangs up, which it does once it listens no more
                pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(where, timeout=20)
        assert not slow.done()
        print("go on", file=server.stdin, flush=True)
        answer = slow.result(20)
        assert server.stdout.read() == "closed\n"
        assert server.wait(20) == 0
    assert (answer.status_code, len(answer.content)) == (200, int(answer.headers["Content-Length"]))
    slate = json.loads(answer.content)
    with open_store(url) as store:
        assert [one.items for one in store.shown(slate["slate"])] == [tuple(card["item"] for card in slate["items"])]
