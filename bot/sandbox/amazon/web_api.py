"""The sandbox Amazon's HTTP side: LWA, the Selling Partner API, and the documents' store.

A call is counted against its limit first, then fails where a fault waits for it, then is
authorised, and at last answered. The Host header is not looked at: python-amazon-sp-api sends a
part of it where the endpoint is not https.
"""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Final
from wsgiref.handlers import format_date_time

from flask import Flask, Response, request

from bot.sandbox.amazon.answers import Refused, error_body
from bot.sandbox.amazon.asked import Asked, Handler
from bot.sandbox.amazon.calls import UNKNOWN, Call
from bot.sandbox.amazon.faults import Fault
from bot.sandbox.amazon.login import request_token
from bot.sandbox.amazon.moments import seconds
from bot.sandbox.amazon.operations import (
    DOWNLOAD_DOCUMENT,
    OPERATIONS,
    REQUEST_TOKEN,
    Operation,
)
from bot.sandbox.amazon.orders_2026 import ORDERS_2026
from bot.sandbox.amazon.orders_v0 import ORDERS_V0
from bot.sandbox.amazon.reports_api import REPORTS
from bot.sandbox.amazon.restricted import RESTRICTED
from bot.sandbox.amazon.subscribing import NOTIFICATIONS
from bot.sandbox.amazon.world import World

_HANDLERS: Final[Mapping[str, Handler]] = {
    **ORDERS_2026,
    **ORDERS_V0,
    **RESTRICTED,
    **REPORTS,
    **NOTIFICATIONS,
}
_PATTERNS: Final = tuple((one, one.pattern) for one in OPERATIONS.values())
_SECRET: Final = frozenset({"client_secret", "refresh_token", "X-Amz-Signature"})
_SKEW: Final = timedelta(minutes=5)
_JSON: Final = "application/json"
_XML: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{0}</Code><Message>{0}</Message></Error>'
)


class WebApi:
    """Answers the bot's requests out of a world.

    Attributes:
        app: The WSGI application.
        stopping: Set when the server goes down, so that no answer is held back any longer.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.stopping = Event()
        self.app = Flask(__name__, static_folder=None)
        self.app.add_url_rule(
            "/<path:path>",
            view_func=self._serve,
            endpoint="all",
            methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        )

    def _serve(self, path: str) -> Response:  # noqa: ARG002
        """Answer one request, or fail it as a fault asks, and record it."""
        world = self._world
        operation, variables = _operation(request.method, request.path)
        name = operation.name if operation else UNKNOWN
        query = {key: ",".join(values) for key, values in request.args.lists()}
        form = dict(request.form)
        sent = _sent()
        fault: Fault | None = None
        with world.lock:
            seller = self._caller(variables, form)
            time = world.clock()
            try:
                if operation is None:
                    raise Refused(404)
                # A token that names nobody has no bucket to take from.
                counted = bool(seller) or operation.grantless
                if counted and not world.limits.take(seller, name, time.timestamp()):
                    raise Refused(429)
                fault = world.faults.take(name, seller)
                if fault is None or fault.lets_through or fault.applied:
                    answered = self._answer(operation, variables, query, form, sent, time)
                if fault is not None and not fault.lets_through:
                    answered = _failed(fault, name)
            except Refused as refused:
                answered = _answer(refused.status, refused.body)
            except Exception as error:
                # The sandbox's own mistake: a test ends with it, see `World.check`.
                answered = _answer(500, error_body(500))
                world.failures.append(f"{name}: {type(error).__name__}")
            if fault is not None and fault.cut:
                answered.set_data(answered.get_data()[: len(answered.get_data()) // 2])
            given = {**variables, **query, **form, **(sent or {})}
            world.calls.append(
                Call(
                    operation=name,
                    seller=seller,
                    status=0 if fault and fault.drop else answered.status_code,
                    at=time,
                    parameters={key: val for key, val in given.items() if key not in _SECRET},
                )
            )
            self._sign(answered, seller, name, time, by_edge=fault is not None)
        if fault and fault.delay:
            # The work is done by now; it is the answer that is late.
            self.stopping.wait(fault.delay)
        if fault and fault.drop:
            _hang_up()
        return answered

    def _caller(self, variables: Mapping[str, str], form: Mapping[str, str]) -> str:
        """Return the name of the seller who is meant, "" for none, whether or not he may."""
        world = self._world
        grant = world.tokens.find(request.headers.get("x-amz-access-token", ""))
        if grant is not None and grant.seller is not None:
            return grant.seller.name
        document = world.documents.get(variables.get("documentId", ""))
        if document is not None:
            return document.seller
        refresh = form.get("refresh_token", "")
        found = [one.name for one in world.sellers.values() if one.refresh_token == refresh]
        return found[0] if found else ""

    def _answer(
        self,
        operation: Operation,
        variables: Mapping[str, str],
        query: Mapping[str, str],
        form: Mapping[str, str],
        sent: Mapping[str, object] | None,
        time: datetime,
    ) -> Response:
        world = self._world
        if operation.name == REQUEST_TOKEN:
            reply = request_token(world, form)
        elif operation.name == DOWNLOAD_DOCUMENT:
            return self._download(variables["documentId"], query)
        else:
            token = request.headers.get("x-amz-access-token", "")
            grant = world.tokens.use(token, operation, request.path, seconds(time))
            if world.checks_dates:
                _check_date(time)
            if sent is None:
                raise Refused(400, "The body is no JSON object.")
            asked = Asked(
                world=world,
                operation=operation,
                path=request.path,
                variables=variables,
                query=query,
                body=sent,
                time=time,
                grant=grant,
            )
            reply = _HANDLERS[operation.name](asked)
        return _answer(reply.status, reply.body)

    def _download(self, document_id: str, query: Mapping[str, str]) -> Response:
        world = self._world
        code = world.documents.refusal(document_id, query, world.now())
        if code:
            status = 404 if code == "NoSuchKey" else 403
            return Response(_XML.format(code), status=status, content_type="application/xml")
        document = world.documents.get(document_id)
        assert document is not None  # noqa: S101 - an unknown one was refused above
        if document.style.status != 200:
            text = _XML.format("InternalError")
            return Response(text, status=document.style.status, content_type="application/xml")
        return Response(document.content(), content_type=document.content_type)

    def _sign(
        self, answered: Response, seller: str, name: str, time: datetime, *, by_edge: bool
    ) -> None:
        """Add the headers that Amazon's answers have."""
        answered.headers["Date"] = format_date_time(time.timestamp())
        if name in (DOWNLOAD_DOCUMENT, UNKNOWN):
            return
        answered.headers["x-amzn-RequestId"] = secrets.token_hex(16)
        rate = self._world.limits.plan(seller, name)[0]
        # The models have this header for 200, 202, 400 and 404 alone.
        if rate and not by_edge and answered.status_code in (200, 202, 400, 404):
            answered.headers["x-amzn-RateLimit-Limit"] = f"{rate:g}"


def _operation(method: str, path: str) -> tuple[Operation | None, Mapping[str, str]]:
    for operation, pattern in _PATTERNS:
        if operation.method == method and (found := pattern.fullmatch(path)):
            return operation, found.groupdict()
    return None, {}


def _sent() -> Mapping[str, object] | None:
    """Return the JSON body, empty where there is none, None where it is not an object."""
    raw = request.get_data() if request.method != "GET" and not request.form else b""
    try:
        found = json.loads(raw or b"{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _check_date(time: datetime) -> None:
    try:
        sent = datetime.strptime(f"{request.headers.get('x-amz-date')}+0000", "%Y%m%dT%H%M%SZ%z")
    except ValueError:
        raise Refused(403, code="MissingDateHeader") from None
    if abs(sent - time) > _SKEW:
        raise Refused(403, "The date of the request is too far from now.", code="InvalidSignature")


def _answer(status: int, body: Mapping[str, object]) -> Response:
    # ASCII escapes would hide from the client that names have letters of many alphabets.
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, content_type=_JSON)


def _failed(fault: Fault, name: str) -> Response:
    """Return what a fault says, by default an error in the form that the operation's have."""
    if fault.body is not None:
        body, kind = fault.body, "text/html"
    elif name == REQUEST_TOKEN:
        lwa = {"error": "server_error", "error_description": "The request could not be served"}
        body, kind = json.dumps(lwa), _JSON
    elif name == DOWNLOAD_DOCUMENT:
        body, kind = _XML.format("InternalError"), "application/xml"
    else:
        body, kind = json.dumps(error_body(fault.status)), _JSON
    answered = Response(body, status=fault.status, content_type=fault.content_type or kind)
    answered.headers.update(fault.headers)
    return answered


def _hang_up() -> None:
    """Cut the connection of the request before anything is sent on it."""
    # Waitress hands its channel over as the owner of this method and in no other way.
    check: Callable[[], bool] = request.environ["waitress.client_disconnected"]
    channel = check.__self__  # type: ignore[attr-defined]
    channel.socket.shutdown(socket.SHUT_RDWR)
