"""A small server that speaks OpenAI's chat completions, and behaves or misbehaves as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from policies.larger_model import ModelServer


@dataclass
class Heard:
    """One request as the server got it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """Everything of the body."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def asked(self) -> Any:
        """What the last turn handed over."""
        return json.loads(self.body["messages"][-1]["content"])


@dataclass
class Server:
    """`content` is what the model writes: a text, or a function of the request. The rest is how things go wrong."""

    content: str | Callable[[Heard], str] = "{}"
    status: int = 200
    raw: bytes | None = None
    finish: str = "stop"
    takes_schema: bool = True
    hangs: bool = False
    drips: bool = False
    location: str = ""
    heard: list[Heard] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def config(self, **fields: Any) -> ModelServer:
        return ModelServer.model_validate(
            {"provider": "openai", "url": self.url, "model": "tiny", "timeout": 5} | fields
        )

    def answer(self, heard: Heard) -> tuple[int, bytes]:
        if self.raw is not None:
            return self.status, self.raw
        if "response_format" in heard.body and not self.takes_schema:
            return 400, json.dumps({"error": {"message": "response_format is not supported"}}).encode()
        if self.status != 200:
            return self.status, json.dumps({"error": {"message": "out of memory, token=abcdefgh"}}).encode()
        text = self.content if isinstance(self.content, str) else self.content(heard)
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": self.finish}
        return 200, json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


@contextmanager
def language_server(**behaviour: Any) -> Iterator[Server]:
    """The server, running on a free port of this host."""
    server = Server(**behaviour)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            heard = Heard(
                self.path, {k.casefold(): v for k, v in self.headers.items()}, json.loads(self.rfile.read(length))
            )
            server.heard.append(heard)
            if server.hangs:
                server.released.wait(30)
                self.close_connection = True
                return
            status, data = server.answer(heard)
            self.send_response(status)
            if server.location:
                self.send_header("Location", server.location)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if server.drips:  # a byte now and then, each before any socket's own time-out
                for byte in data:
                    if server.released.wait(0.05):
                        break
                    self.wfile.write(bytes([byte]))
                self.close_connection = True
                return
            self.wfile.write(data)

        def log_message(self, *_: object) -> None: ...

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Clients that give up are part of the tests."""

    running = Quiet(("127.0.0.1", 0), Handler)
    server.port = running.server_address[1]
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        running.shutdown()
        running.server_close()
        thread.join()
