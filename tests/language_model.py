"""A stand-in for a language model's endpoint, on loopback, that answers as a test wants it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, Response, request

from bot.http_server import HttpServer


@dataclass(kw_only=True)
class LanguageModel:
    """What it answers and what it was asked.

    Attributes:
        url: Its base URL.
        says: Makes its answer.
        asked: The requests as they came: path, headers and body, in one text each.
        bodies: Their bodies.
    """

    url: str = ""
    says: Callable[[], Response] = field(default=lambda: Response(status=500))
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def answer(self) -> Response:
        """Answer a question."""
        body = request.get_data()
        self.bodies.append(body)
        self.asked.append(f"{request.full_path}\n{request.headers}\n{body.decode()}")
        return self.says()

    def question(self) -> dict[str, object]:
        """Return what it was asked last, without the instructions."""
        messages = json.loads(self.bodies[-1])["messages"]
        found = json.loads(messages[-1]["content"])
        assert isinstance(found, dict)
        return found


@contextmanager
def language_model() -> Iterator[LanguageModel]:
    """Serve a language model while the block lasts."""
    model = LanguageModel()
    flask = Flask("language model", static_folder=None)
    flask.add_url_rule("/<path:_path>", "any", lambda _path: model.answer(), methods=["POST"])
    with HttpServer(flask) as server:
        model.url = f"{server.url}/v1"
        yield model


def completion(content: str) -> Callable[[], Response]:
    """Answer with a text, in the form of OpenAI's chat completions."""
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": content},
    }
    body = json.dumps({"id": "1", "object": "chat.completion", "choices": [choice]})
    return lambda: Response(body, content_type="application/json")


def words(text: str, *citations: str) -> Callable[[], Response]:
    """Answer with words and what they come from, as the model was told to."""
    return completion(json.dumps({"text": text, "citations": list(citations)}))
