"""The sandbox Slack's HTTP side: Web API, response URLs, private files.

https://docs.slack.dev/apis/web-api/: form or JSON bodies, the token in the header or as an
argument, `{"ok": false, "error": …}` with status 200 for what Slack refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from threading import Event
from typing import Final

from flask import Flask, Response, request

from bot.sandbox.slack.arguments import Arguments, Refused
from bot.sandbox.slack.assistants import ASSISTANT_METHODS
from bot.sandbox.slack.calls import Call, Fault
from bot.sandbox.slack.chat import CHAT_METHODS, Method, delete_any, respond
from bot.sandbox.slack.conversations import CONVERSATION_METHODS
from bot.sandbox.slack.directory import DIRECTORY_METHODS
from bot.sandbox.slack.oauth import OAuth
from bot.sandbox.slack.scopes import METHOD_SCOPES
from bot.sandbox.slack.streams import STREAM_METHODS
from bot.sandbox.slack.text import Json
from bot.sandbox.slack.views import VIEW_METHODS
from bot.sandbox.slack.workspace import Workspace

RESPONSE_URL: Final = "response_url"
"""Name under which messages to a response URL are recorded and made to fail."""
CONNECTIONS_OPEN: Final = "apps.connections.open"
OAUTH_ACCESS: Final = "oauth.v2.access"

_METHODS: Final[Mapping[str, Method]] = {
    **ASSISTANT_METHODS,
    **STREAM_METHODS,
    **CHAT_METHODS,
    **CONVERSATION_METHODS,
    **DIRECTORY_METHODS,
    **VIEW_METHODS,
}
_SECRET: Final = frozenset({"token", "client_secret", "code", "refresh_token"})
_Answer = Callable[[Arguments], Json]
_MAX_BODY: Final = 16 * 1024 * 1024


class WebApi:
    """Answers the bot's requests, each out of the workspace that its token acts in.

    What comes without a token is of the first workspace.

    Attributes:
        app: The WSGI application.
        stopping: Set when the server goes down, so that no answer is held back any longer.
    """

    def __init__(self, workspace: Workspace, oauth: OAuth, socket_url: str) -> None:
        self._workspace = workspace
        self._oauth = oauth
        self._socket_url = socket_url
        self.stopping = Event()
        self.app = Flask(__name__, static_folder=None)
        self.app.config["MAX_FORM_MEMORY_SIZE"] = _MAX_BODY
        self.app.add_url_rule(
            "/api/<method>", view_func=self._api, endpoint="api", methods=["GET", "POST"]
        )
        self.app.add_url_rule(
            "/response/<key>", view_func=self._response, endpoint="response", methods=["POST"]
        )
        self.app.add_url_rule("/oauth/v2/authorize", view_func=self._ask, endpoint="ask")
        self.app.add_url_rule("/oauth/v2/allow", view_func=self._allow, endpoint="allow")
        self.app.add_url_rule("/files-pri/<file>/<name>", view_func=self._file, endpoint="file")

    def _api(self, method: str) -> Response:
        workspace = self._oauth.of_token(_bearer()) or self._workspace

        def answer(given: Arguments) -> Json:
            return self._call(workspace, method, given)

        return self._serve(workspace, method, answer)

    def _response(self, key: str) -> Response:
        def answer(given: Arguments) -> Json:
            for workspace in self._oauth.workspaces.values():
                found = workspace.grants.take_response(key, workspace.clock())
                if found is not None:
                    respond(workspace, found, given)
                    return {}
            raise Refused("expired_url")

        return self._serve(self._workspace, RESPONSE_URL, answer)

    def _ask(self) -> Response:
        return Response(self._oauth.page(dict(request.args)), mimetype="text/html")

    def _allow(self) -> Response:
        asked: Json = dict(request.args)
        team, user = str(asked.pop("team")), str(asked.pop("user", ""))
        with self._workspace.lock:
            return Response(status=302, headers={"Location": self._oauth.allow(team, asked, user)})

    def _file(self, file: str, name: str) -> Response:  # noqa: ARG002
        workspace = self._oauth.of_token(_bearer())
        found = None if workspace is None else workspace.files.get(file)
        if found is None:
            # Slack redirects to its sign-in page; what matters is that the file is not in it.
            return Response("<!DOCTYPE html><title>Sign in</title>", mimetype="text/html")
        return Response(found.content, mimetype=found.mimetype)

    def _serve(self, workspace: Workspace, method: str, answer: _Answer) -> Response:
        """Answer one request, or fail it as a fault asks, and record it."""
        given: Json = {}
        outcome = "ok"
        status = 200
        with workspace.lock:
            fault = workspace.faults.take(method)
        body: Json = {"ok": True}
        try:
            given = _given()
            with workspace.lock:
                if fault is None or fault.only_delays or fault.applied:
                    body |= answer(Arguments(given))
        except Refused as refused:
            outcome = refused.code
            body = _refusal(refused)
        except Exception as error:
            # The sandbox's own mistake: the play ends with it, see `Workspace.check`.
            outcome = "internal_error"
            status = 500
            body = {"ok": False, "error": outcome}
            workspace.failures.append(f"{method}: {type(error).__name__}")
        if fault and not fault.only_delays:
            outcome = f"http {fault.status}" if fault.status != 200 else fault.error or "garbage"
        workspace.record(
            Call(
                method=method,
                arguments={key: value for key, value in given.items() if key not in _SECRET},
                outcome=outcome,
                at=workspace.clock(),
            )
        )
        if fault and fault.delay:
            # The work is done by now; it is the answer that is late.
            self.stopping.wait(fault.delay)
        if fault and not fault.only_delays:
            return _failed(fault)
        answered = Response(json.dumps(body), status=status, mimetype="application/json")
        if method == "auth.test":
            answered.headers["x-oauth-scopes"] = ",".join(workspace.home.scopes)
        return answered

    def _call(self, workspace: Workspace, method: str, given: Arguments) -> Json:
        home = self._workspace.home
        if method == OAUTH_ACCESS:
            return self._oauth.access(given, request.headers.get("Authorization", ""))
        token = given.text("token") or _bearer()
        if method != CONNECTIONS_OPEN and method not in _METHODS:
            raise Refused("unknown_method")
        if not token:
            raise Refused("not_authed")
        if token == self._workspace.home.admin_token and method == "chat.delete":
            return delete_any(self._workspace, given)
        if token != home.app_token and self._oauth.of_token(token) is not workspace:
            raise Refused("invalid_auth")
        if (method == CONNECTIONS_OPEN) != (token == home.app_token):
            raise Refused("not_allowed_token_type")
        if method == CONNECTIONS_OPEN:
            ticket = self._workspace.grants.lend_ticket()
            return {"url": f"{self._socket_url}/link/?ticket={ticket}&app_id={home.app_id}"}
        wanted = METHOD_SCOPES.get(method)
        if wanted and wanted.isdisjoint(workspace.home.scopes):
            raise Refused("missing_scope")
        return _METHODS[method](workspace, given)


def _given() -> Json:
    """Return the arguments of the request: query, then form or JSON."""
    given: Json = dict(request.args)
    if request.is_json:
        try:
            body = json.loads(request.get_data() or b"{}")
        except ValueError:
            raise Refused("invalid_json") from None
        if not isinstance(body, dict):
            raise Refused("json_not_object")
        return given | body
    return given | dict(request.form)


def _bearer() -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


def _refusal(refused: Refused) -> Json:
    body: Json = {"ok": False, "error": refused.code}
    if refused.messages:
        body["response_metadata"] = {"messages": list(refused.messages)}
    return body


def _failed(fault: Fault) -> Response:
    error = {"ok": False, "error": fault.error or "fatal_error"}
    body = json.dumps(error) if fault.body is None else fault.body
    mimetype = "application/json" if fault.body is None else "text/html"
    answered = Response(body, status=fault.status, mimetype=mimetype)
    if fault.retry_after is not None:
        answered.headers["Retry-After"] = str(fault.retry_after)
    return answered
