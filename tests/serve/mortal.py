"""A real server over the small shop, in a new process each time, that may be killed: `Mortals` starts one in no time, since all
that is slow was done before it forks."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Life:
    """A server as long as it lives. at: its address."""

    pid: int
    at: str

    def kill(self) -> None:
        """SIGKILL: it gets to do nothing more."""
        os.kill(self.pid, signal.SIGKILL)


@dataclass(frozen=True)
class Mortals:
    """The program that brings servers forth."""

    program: subprocess.Popen[str]

    def born(self, url: str) -> Life:
        """A server on the store at a URL, as soon as it listens."""
        assert self.program.stdin is not None
        print(url, file=self.program.stdin, flush=True)
        pid, at = self._line().split()
        return Life(int(pid), at)

    def buried(self) -> None:
        """Wait until the last one is gone."""
        assert self._line() == "dead"

    def _line(self) -> str:
        assert self.program.stdout is not None
        return self.program.stdout.readline().strip()


@contextmanager
def mortals() -> Iterator[Mortals]:
    command = [sys.executable, "-m", "tests.serve.mortal"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        yield Mortals(program)
        assert program.stdin is not None
        program.stdin.close()


def main() -> None:
    for slow in (
        "alembic.command",
        "alembic.config",
        "psycopg",
        "uvloop",
        "httptools",
        "uvicorn.protocols.http.httptools_impl",
    ):
        import_module(slow)
    from assortment.serve import http
    from assortment.serve.service import Service
    from assortment.store import sql
    from tests.serve import goods

    pipeline = goods.pipeline()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            with sql.open_store(line.strip()) as store:
                service = Service(pipeline, store, version="v1")
                http.serve(http.app(service), 0, opened=lambda at: print(os.getpid(), at, flush=True))
            os._exit(0)
        threading.Thread(target=_bury, args=(child,)).start()


def _bury(child: int) -> None:
    os.waitpid(child, 0)
    print("dead", flush=True)


if __name__ == "__main__":
    main()
