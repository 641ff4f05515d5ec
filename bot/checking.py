"""`jetpack-care check`: what is configured, what is missing, is everything reachable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.amazon.accounts import log_in
from bot.amazon.orders_v0 import ENDS
from bot.errors import CareError
from bot.sellers import OrdersVersion
from bot.settings import Settings
from bot.slack.client import identity, web_client
from nlp.answers.lint import lint
from nlp.errors import LanguageError
from nlp.knowledge import ARTICLES
from nlp.scrubber import PresidioScrubber
from nlp.text import RawText
from storage.errors import StorageError
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at.

    Attributes:
        name: The setting or the part.
        ok: Whether it is as the program needs it.
        needed: Whether the program cannot run without.
        note: What was found or what to do, never a value.
    """

    name: str
    ok: bool
    needed: bool
    note: str


def check(settings: Settings, today: date) -> Iterator[Finding]:
    """Yield what was found, thing by thing."""
    for name, needed, use in (
        ("SLACK_BOT_TOKEN", not settings.is_open, "the bot's token"),
        ("SLACK_APP_TOKEN", False, "needed by run (Socket Mode)"),
        ("SLACK_SIGNING_SECRET", False, "needed by web (HTTP)"),
    ):
        ok = bool(getattr(settings, name.lower()))
        yield Finding(name=name, ok=ok, needed=needed, note="set" if ok else f"not set; {use}")
    has_door = bool(settings.slack_app_token or settings.slack_signing_secret)
    if not has_door:
        yield Finding(
            name="Slack",
            ok=False,
            needed=True,
            note="set SLACK_APP_TOKEN for run or SLACK_SIGNING_SECRET for web",
        )
    yield _database(settings)
    yield _slack(settings)
    agents = bool(settings.agents or settings.agent_group)
    yield Finding(
        name="CARE_AGENTS",
        ok=agents,
        needed=False,
        note="agents are named" if agents else "neither CARE_AGENTS nor CARE_AGENT_GROUP is set",
    )
    yield Finding(
        name="hooks",
        ok=bool(settings.hook_secrets),
        needed=False,
        note=", ".join(sorted(settings.hook_secrets)) or "no HOOK_<PROVIDER>_SECRET is set",
    )
    yield from _sellers(settings)
    yield _scrubber()
    problems = lint(settings.articles or ARTICLES, today)
    yield Finding(
        name="articles",
        ok=not problems,
        needed=False,
        note=f"{len(problems)} problems; jetpack-care kb lint names them" if problems else "sound",
    )


def _database(settings: Settings) -> Finding:
    try:
        store = Store.open(settings.database_url, settings.keyring)
    except StorageError as error:
        return Finding(name="database", ok=False, needed=True, note=str(error))
    try:
        current = store.database.is_current()
        lost = store.rotation.state().lost if current else 0
    except StorageError as error:
        return Finding(name="database", ok=False, needed=True, note=str(error))
    finally:
        store.close()
    note = "reachable, schema current, keyring fits" if current else "run jetpack-care migrate"
    if lost:
        note += f"; {lost} data keys are of epochs that were destroyed and open no more"
    return Finding(name="database", ok=current, needed=True, note=note)


def _slack(settings: Settings) -> Finding:
    if not settings.slack_bot_token and settings.is_open:
        ok = settings.team is not None
        note = "workspaces install the app" if ok else "CARE_TEAM_ID is needed without a token"
        return Finding(name="Slack", ok=ok, needed=True, note=note)
    if not settings.slack_bot_token:
        return Finding(name="Slack", ok=False, needed=True, note="not asked, there is no token")
    try:
        identity(web_client(settings.slack_bot_token, settings.slack_api_url))
    except CareError as error:
        return Finding(name="Slack", ok=False, needed=True, note=str(error))
    return Finding(name="Slack", ok=True, needed=True, note="takes the token")


def _sellers(settings: Settings) -> Iterator[Finding]:
    """Log in for each seller, which tells whether its authorization stands; read nothing."""
    if not settings.sellers:
        yield Finding(
            name="Amazon", ok=False, needed=False, note="no SP_API_REFRESH_TOKEN_<MERCHANT> is set"
        )
        return
    for seller in settings.sellers:
        try:
            log_in(settings, seller)
        except CareError as error:
            yield Finding(name=f"Amazon {seller.merchant}", ok=False, needed=True, note=str(error))
            continue
        note = f"authorized, Orders API {seller.orders}"
        if seller.orders is OrdersVersion.V0:
            note += f", which ends on {ENDS}"
        yield Finding(name=f"Amazon {seller.merchant}", ok=True, needed=True, note=note)


def _scrubber() -> Finding:
    try:
        found = PresidioScrubber().scrub(RawText("mail to nobody@example.com")).kinds
    except LanguageError as error:
        return Finding(name="scrubber", ok=False, needed=True, note=str(error))
    ok = "EMAIL_ADDRESS" in found
    return Finding(name="scrubber", ok=ok, needed=True, note="works" if ok else "finds nothing")
