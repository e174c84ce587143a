"""An embedding model behind HTTP: whatever speaks OpenAI's /embeddings."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

import numpy as np

from assortment.core.arrays import Vectors
from assortment.core.errors import BadSetting
from assortment.language.vectors import EncoderError, fingerprint_of, unit, worded

BATCH = 64
PAUSES = (0.5, 1.0, 2.0)
"""Seconds between the times that a busy server is asked."""

TIMEOUT = 60.0
"""Seconds to wait for one answer."""

MOST_CHARACTERS = 2_000
"""What stands after so many characters of a text is not sent."""


@dataclass(frozen=True)
class EndpointEncoder:
    """A model that somebody else runs; the key comes from the environment variable OPENAI_API_KEY.

    spec: `openai:<base url>#<model>`, as in `openai:http://localhost:8000/v1#bge-m3`; fingerprint: of the address and the name
    of the model, for its weights cannot be seen. A busy or failing server (429, 5xx, no connection) is asked up to 4 times,
    after 0.5, 1 and 2 seconds or as long as it says.
    """

    spec: str
    fingerprint: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        base, model = _address(self.spec)
        rows = [row for row, text in enumerate(texts) if worded(text)]
        said = [texts[row][:MOST_CHARACTERS] for row in rows] or ["a"]
        answers = [_embed(base, model, said[start : start + BATCH]) for start in range(0, len(said), BATCH)]
        found = np.concatenate(answers)
        vectors = np.zeros((len(texts), found.shape[1]), np.float32)
        vectors[rows] = found[: len(rows)]
        return unit(vectors)


def open_endpoint(spec: str) -> EndpointEncoder:
    """The encoder behind `openai:<base url>#<model>`; asks nothing of the endpoint yet."""
    return EndpointEncoder(spec, fingerprint_of(*_address(spec)))


def _address(spec: str) -> tuple[str, str]:
    base, _, model = spec.partition(":")[2].partition("#")
    if urlsplit(base).scheme not in ("http", "https") or not model:
        raise BadSetting(f"encoder '{spec}' is not an address and a model, as in openai:http://localhost:8000/v1#NAME")
    return base.rstrip("/"), model


def _embed(base: str, model: str, texts: Sequence[str]) -> Vectors:
    """[len(texts), d] as answered."""
    answer = _ask(f"{base}/embeddings", {"model": model, "input": list(texts), "encoding_format": "float"})
    try:
        entries = sorted(answer["data"], key=lambda entry: entry["index"])
        vectors = np.array([entry["embedding"] for entry in entries], np.float32)
    except (KeyError, TypeError, ValueError) as error:
        raise EncoderError(f"{base} answered no embeddings: {str(answer)[:200]}") from error
    if not np.isfinite(vectors).all():
        raise EncoderError(f"{base} answered no embeddings: there are values in them that are no numbers")
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise EncoderError(f"{base} answered {len(vectors)} vectors to {len(texts)} texts")
    return vectors


def _ask(url: str, body: Mapping[str, object], pauses: Sequence[float] = PAUSES) -> Any:
    """The answer to a POST, asked again while the server is busy or out of reach."""
    try:
        return _post(url, body)
    except _Busy as busy:
        if not pauses:
            raise EncoderError(f"{url} was asked {len(PAUSES) + 1} times: {busy}") from busy
        time.sleep(pauses[0] if busy.pause is None else min(busy.pause, TIMEOUT))
    return _ask(url, body, pauses[1:])


class _Busy(Exception):
    """Ask again, after `pause` seconds where the server said so."""

    def __init__(self, message: str, pause: float | None = None) -> None:
        super().__init__(message)
        self.pause = pause


def _opener() -> OpenerDirector:
    """Follows no redirect: the key is for this address alone."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), HTTPErrorProcessor(), HTTPDefaultErrorHandler()):
        opener.add_handler(handler)
    return opener


def _post(url: str, body: Mapping[str, object]) -> Any:
    key = os.environ.get("OPENAI_API_KEY")
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = Request(url, json.dumps(body).encode(), headers)
    try:
        with _opener().open(request, timeout=TIMEOUT) as response:
            return json.load(response)
    except HTTPError as error:
        said = f"it answered {error.code} {error.reason}: {error.read(500).decode(errors='replace')}"
        if error.code == 429 or error.code >= 500:
            raise _Busy(said, _seconds(error.headers.get("Retry-After"))) from error
        raise EncoderError(f"{url} refused: {said}; is the model's name right, and OPENAI_API_KEY?") from error
    except json.JSONDecodeError as error:
        raise EncoderError(f"{url} answered something that is no JSON") from error
    except (OSError, HTTPException) as error:
        raise _Busy(f"no connection: {error}") from error


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isdecimal() else None
