"""Slack over HTTP: one endpoint for events, commands and interactivity."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Request, Response
from slack_bolt import App
from slack_bolt.adapter.flask.handler import to_bolt_request, to_flask_response
from slack_sdk.signature import SignatureVerifier

from bot.log import Event, warn


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Hands requests to Bolt, which checks the signature before anything else sees the body."""

    app: App
    verifier: SignatureVerifier

    def handle(self, request: Request) -> Response:
        """Answer one request of Slack. A body that is not of Slack's form never reaches Bolt."""
        try:
            bolt_request = to_bolt_request(request)
            well_formed = isinstance(bolt_request.body, dict)
        except Exception:  # Bolt parses before it verifies; whatever that raised holds the body.
            well_formed = False
        if not well_formed:
            signed = self.verifier.is_valid_request(
                request.get_data(as_text=True), dict(request.headers)
            )
            return _refused(400 if signed else 401)
        response = to_flask_response(self.app.dispatch(bolt_request))
        return _refused(401) if response.status_code == 401 else response


def endpoint(app: App, signing_secret: str) -> Endpoint:
    """Return the endpoint of an app whose requests are signed with `signing_secret`."""
    return Endpoint(app=app, verifier=SignatureVerifier(signing_secret))


def _refused(status: int) -> Response:
    warn(Event.REQUEST_REFUSED, status=status)
    return Response(status=status)
