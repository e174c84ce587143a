"""Token buckets: so many a second, and a few at once."""

import math
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock


class Buckets:
    """A bucket for each of the last `most` who came: it holds `burst` tokens and gains `rate` a second.

    >>> buckets = Buckets()
    >>> [buckets.wait("ann", rate=1, burst=2, now=0.0) for _ in range(3)], buckets.wait("ann", rate=1, burst=2, now=1.0)
    ([0.0, 0.0, 1.0], 0.0)
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._lock = Lock()
        self._held: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def wait(self, who: Hashable, rate: float, burst: float, now: float) -> float:
        """Take a token; 0, or the seconds until there is one, and none is taken. now: seconds of a clock that goes one way."""
        with self._lock:
            tokens, then = self._held.pop(who, (burst, now))
            tokens = min(burst, tokens + rate * max(0.0, now - then))
            taken = tokens >= 1
            self._held[who] = (tokens - 1 if taken else tokens, now)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / rate

    def empty(self, who: Hashable, rate: float, burst: float, now: float) -> float:
        """The seconds until there is a token, 0 where there is one; none is taken."""
        with self._lock:
            tokens, then = self._held.get(who, (burst, now))
        tokens = min(burst, tokens + rate * max(0.0, now - then))
        return 0.0 if tokens >= 1 else (1 - tokens) / rate


def whole_seconds(wait: float) -> str:
    """What `Retry-After` says.

    >>> whole_seconds(0.02), whole_seconds(1.5)
    ('1', '2')
    """
    return str(max(1, math.ceil(wait)))
