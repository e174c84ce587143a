"""An encoder behind HTTP, against a server that speaks /v1/embeddings."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from assortment.language.encode import open_encoder
from assortment.language.vectors import EncoderError


@dataclass
class Endpoint:
    """What the server is to say, what it was asked, and where it is."""

    url: str = ""
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    answer: bytes | None = None

    def embed(self, texts: list[str]) -> bytes:
        """Of each text its length and the code of its first letter, in an order that is not that of the texts."""
        data = [{"index": i, "embedding": [len(text), ord(text[0])]} for i, text in enumerate(texts)]
        return json.dumps({"object": "list", "data": data[::-1]}).encode()


@pytest.fixture
def endpoint(monkeypatch) -> Iterator[Endpoint]:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    known = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known.asked.append(body["input"])
            known.keys.append(self.headers["Authorization"])
            right = self.path == "/v1/embeddings" and body["model"] == "small"
            code, headers = known.refusals.pop(0) if known.refusals else (200 if right else 404, {})
            said = (known.answer or known.embed(body["input"])) if code == 200 else b'{"error": {"message": "not today"}}'
            self.send_response(code)
            for name, value in {**headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing is written to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    known.url = f"openai:http://127.0.0.1:{server.server_port}/v1#small"
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


def test_vectors_come_back_in_the_order_of_the_texts(endpoint):
    vectors = open_encoder(endpoint.url).encode(["bb", "a", "🎁", ""])
    expected = np.array([[2, 98], [1, 97]]) / np.linalg.norm([[2, 98], [1, 97]], axis=1, keepdims=True)
    assert vectors[:2] == pytest.approx(expected)
    assert not vectors[2:].any()
    assert endpoint.asked == [["bb", "a"]]


def test_many_texts_are_asked_in_parts(endpoint):
    vectors = open_encoder(endpoint.url).encode(["x" * number for number in range(1, 151)])
    assert [len(texts) for texts in endpoint.asked] == [64, 64, 22]
    assert (np.diff(vectors[:, 0]) > 0).all()


def test_a_long_text_is_cut_before_it_is_sent(endpoint):
    open_encoder(endpoint.url).encode(["x" * 10_000])
    assert len(endpoint.asked[0][0]) == 2_000


def test_the_key_is_sent_where_there_is_one(endpoint, monkeypatch):
    open_encoder(endpoint.url).encode(["a"])
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    open_encoder(endpoint.url).encode(["a"])
    assert endpoint.keys == [None, "Bearer secret"]


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_busy_server_is_asked_again(endpoint, code):
    endpoint.refusals = [(code, {"Retry-After": "0"})] * 3
    assert open_encoder(endpoint.url).encode(["a"]).shape == (1, 2)
    assert len(endpoint.asked) == 4


def test_a_server_that_stays_busy_is_given_up_and_quoted(endpoint):
    endpoint.refusals = [(429, {"Retry-After": "0"})] * 9
    with pytest.raises(EncoderError, match=r"was asked 4 times: it answered 429.*not today"):
        open_encoder(endpoint.url).encode(["a"])
    assert len(endpoint.asked) == 4


@pytest.mark.parametrize("code", [400, 401, 404])
def test_a_refusal_is_not_asked_again(endpoint, code):
    endpoint.refusals = [(code, {})]
    with pytest.raises(EncoderError, match=f"refused: it answered {code}.*not today.*OPENAI_API_KEY"):
        open_encoder(endpoint.url).encode(["a"])
    assert len(endpoint.asked) == 1


def test_the_key_follows_no_redirect(endpoint, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    endpoint.refusals = [(302, {"Location": "/v1/embeddings"})]
    with pytest.raises(EncoderError, match="302"):
        open_encoder(endpoint.url).encode(["a"])
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"<html>", "no JSON"),
        (b'{"object": "list"}', "no embeddings"),
        (b'{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1]}]}', "no embeddings"),
        (b'{"data": [{"index": 0, "embedding": [1, 2]}, {"index": 1, "embedding": [1, 2]}]}', "2 vectors to 1 texts"),
        (b'{"data": [{"index": 0, "embedding": [null, 2]}]}', "no embeddings"),
    ],
)
def test_an_answer_that_is_none_is_said_so(endpoint, answer, says):
    endpoint.answer = answer
    with pytest.raises(EncoderError, match=says):
        open_encoder(endpoint.url).encode(["a"])


def test_no_text_with_words_still_has_dimensions(endpoint):
    assert open_encoder(endpoint.url).encode(["", "!"]).shape == (2, 2)


def test_another_model_or_address_is_another_fingerprint(endpoint):
    same = open_encoder(endpoint.url)
    assert same.fingerprint == open_encoder(endpoint.url).fingerprint
    assert same.fingerprint != open_encoder(endpoint.url + "er").fingerprint
