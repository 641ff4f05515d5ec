"""The HTTP door: Slack, the help desks' hooks, health and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from werkzeug.exceptions import HTTPException

from bot.errors import HookRefused, PayloadRefused
from bot.health import Health
from bot.hooks.hook import Hook
from bot.log import Event, failure, log, warn
from bot.resolving import Resolver, Trigger
from bot.slack.http import Endpoint
from storage.errors import StorageError, UnknownTicket
from storage.ids import TicketId
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDoor:
    """Takes hooks: verify, then "this ticket is resolved"."""

    store: Store
    resolver: Resolver
    hooks: Mapping[str, Hook]

    def take(self, provider: str, headers: Mapping[str, str], body: bytes) -> int:
        """Do what a delivery says, once, and return the HTTP status: 2xx when it is durable."""
        hook = self.hooks.get(provider)
        if hook is None:
            return 404
        try:
            news = hook.read(headers, body)
        except HookRefused:
            warn(Event.HOOK_REFUSED)
            return 401
        except PayloadRefused:
            warn(Event.PAYLOAD_REFUSED)
            return 400
        status = 200
        for each in news:
            with self.store.begin() as records:
                now = self.resolver.clock()
                if not records.inbox.first_time(f"hook:{provider}", each.event, now):
                    log(Event.DUPLICATE, event_id=each.event)
                    continue
                ticket = _known(records, provider, each.ticket, each.external)
                if ticket is None:
                    status = 202
                    continue
                self.resolver.resolve(records, ticket, by=f"hook:{provider}", trigger=Trigger.HOOK)
            log(Event.HOOK_ACCEPTED, ticket=ticket)
        return status


def build(
    *, endpoint: Endpoint | None, hooks: HookDoor, health: Health, metrics: CollectorRegistry
) -> Flask:
    """Build the WSGI application. Without an endpoint (Socket Mode) Slack is not served."""
    web = Flask("care", static_folder=None)

    @web.post("/slack/events")
    def slack_events() -> Response:
        return Response(status=404) if endpoint is None else endpoint.handle(request)

    @web.post("/hooks/tickets/<provider>")
    def ticket_hooks(provider: str) -> Response:
        return Response(status=hooks.take(provider, dict(request.headers), request.get_data()))

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
        return Response(status=503, headers={"Retry-After": "5"})

    @web.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        # Flask's own page and log would show the request.
        if isinstance(error, HTTPException):
            return Response(status=error.code)
        failure(Event.LISTENER_FAILED, error)
        return Response(status=500)

    return web


def _known(
    records: Transaction, provider: str, ticket: TicketId | None, external: str | None
) -> TicketId | None:
    if ticket is None:
        found = records.tickets.by_external(provider, external or "")
        return None if found is None else found.ticket_id
    try:
        return records.tickets.get(ticket).ticket_id
    except UnknownTicket:
        return None
