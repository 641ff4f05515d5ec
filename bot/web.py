"""The HTTP door: Slack, the hooks of help desks and carriers, health and metrics."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from werkzeug.exceptions import HTTPException

from bot.health import Health
from bot.hooks.door import BODY_BYTES, HookDoor
from bot.hooks.shipments import ShipmentDoor
from bot.log import Event, failure
from bot.slack.http import Endpoint
from bot.slack.installing import Installing
from storage.errors import StorageError

_LATER: Final = {"Retry-After": "5"}
"""Zendesk for one sends again only what is answered with it."""


def build(
    *,
    endpoint: Endpoint | None,
    hooks: HookDoor,
    installing: Installing | None,
    shipments: ShipmentDoor,
    health: Health,
    metrics: CollectorRegistry,
) -> Flask:
    """Build the WSGI application.

    Without an endpoint (Socket Mode) Slack is not served; without `installing`, nobody may install
    the app.
    """
    web = Flask("care", static_folder=None)

    @web.post("/slack/events")
    def slack_events() -> Response:
        return Response(status=404) if endpoint is None else endpoint.handle(request)

    @web.get("/slack/install")
    def slack_install() -> Response:
        return Response(status=404) if installing is None else installing.begin(request)

    @web.get("/slack/oauth_redirect")
    def slack_oauth_redirect() -> Response:
        return Response(status=404) if installing is None else installing.finish(request)

    @web.route("/hooks/tickets/<provider>", methods=["HEAD", "POST"])
    def ticket_hooks(provider: str) -> Response:
        if request.method == "HEAD":
            # Intercom tries an address this way before it takes it.
            return Response(status=200 if hooks.knows(provider) else 404)
        request.max_content_length = BODY_BYTES
        answer = hooks.take(provider, dict(request.headers), request.get_data())
        if answer.status == 503:
            return Response(status=503, headers=_LATER)
        if answer.challenge:
            return jsonify({"challenge": answer.challenge})
        return Response(status=answer.status)

    @web.post("/hooks/shipments")
    def shipment_hook() -> Response:
        request.max_content_length = BODY_BYTES
        return Response(status=shipments.take(dict(request.headers), request.get_data()))

    @web.get("/health")
    def alive() -> Response:
        return jsonify({"status": "alive"})

    @web.get("/ready")
    def ready() -> Response:
        found = health.look()
        response = jsonify(found)
        response.status_code = 200 if found["ready"] else 503
        return response

    @web.get("/metrics")
    def prometheus() -> Response:
        return Response(generate_latest(metrics), content_type=CONTENT_TYPE_LATEST)

    @web.errorhandler(StorageError)
    def unavailable(error: StorageError) -> Response:
        failure(Event.LISTENER_FAILED, error)
        return Response(status=503, headers=_LATER)

    @web.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        # Flask's own page and log would show the request.
        if isinstance(error, HTTPException):
            return Response(status=error.code)
        failure(Event.LISTENER_FAILED, error)
        return Response(status=500)

    return web
