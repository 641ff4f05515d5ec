"""The settings: the only reader of the environment.

Names and defaults are those of docs/operations.md. A missing or malformed setting is named in one
line; its value is never printed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dotenv import dotenv_values

from bot.errors import SettingsError
from bot.sellers import Seller, sellers
from storage.external import HelpDesk
from storage.ids import ChannelId, TeamId, UserId
from storage.service_levels import (
    DEFAULT_LEVELS,
    Level,
    NoSupportHours,
    ServiceLevels,
    support_hours,
)

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_SETTING = {"SELLERS": "SP_API_REFRESH_TOKEN_<MERCHANT>"}
"""What is set for an attribute of another name."""
_HOOK_SECRETS = (
    "HOOK_STANDARD_SECRET",
    "HOOK_ZENDESK_SECRET",
    "HOOK_INTERCOM_SECRET",
    "HOOK_HUBSPOT_SECRET",
    "HOOK_FRONT_SECRET",
    "HOOK_FRESHDESK_SECRET",
    "HOOK_GORGIAS_SECRET",
)
_HOOK_APIS = (
    ("HOOK_INTERCOM_API_URL", "HOOK_INTERCOM_API_TOKEN"),
    ("HOOK_FRESHDESK_API_URL", "HOOK_FRESHDESK_API_TOKEN"),
    ("HOOK_GORGIAS_API_URL", "HOOK_GORGIAS_API_TOKEN"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the program was told. Secrets do not show in its representation.

    Attributes:
        home: Folder of the database, the keyring and the log of anchors.
        database_url: SQLAlchemy or libpq style URL; SQLite under `home` by default.
        keyring: File of the epoch keys, outside the database.
        anchors: File of the audit's signed anchors, outside the database.
        audit_key: File of the key that signs them.
        agents: Slack user ids of Care's agents.
        agent_group: Slack user group whose members are agents.
        team: Care's own Slack workspace; agents are never from another one.
        triage_channel: Channel where hand-overs appear, if any.
        retention_days: Days after delivery until an order's PII is redacted.
        quiet_days: Days without a word until a ticket resolves by itself.
        service_levels: When Care is there, and how long somebody may wait for it.
        scan_files: Whether shared files are looked into, and their authors told.
        file_bytes: The largest file that is looked into.
        streaming: Whether answers in the bot's pane come as streams.
        worker: Stable name of this worker slot, so that its unfinished work is resumed.
        public_url: Where the help desks reach us, such as `https://care.example.com`.
        hook_secrets: Signing secrets by help desk, several while one is being replaced.
        hook_apis: Address and token of the API by help desk, either empty where not set.
        hubspot_stages: Ids of the pipeline stages that are resolved; empty for the default.
        freshdesk_statuses: Numbers of the statuses that are resolved; empty for the default.
        shipments_secrets: Signing secrets of the shipments' feed, several while one is replaced.
        sellers: The sellers whose orders and returns are read from Amazon.
        lwa_app_id: Id of the application that they authorized.
        lwa_client_secret: Its secret.
        sp_api_endpoint: A stand-in for Amazon, empty for Amazon.
        sqs_queue_url: The queue of Amazon's notifications, empty for none.
        articles: Folder of the articles, None for those that ship with the program.
        llm_url: Base URL of a language model that words answers, empty for none.
        llm_model: Its name there.
        llm_api_key: What that server asks for, if anything.
        llm_timeout: Seconds after which the curated words are said instead.
    """

    home: Path
    database_url: str = field(repr=False)
    keyring: Path
    anchors: Path
    audit_key: Path
    slack_bot_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_signing_secret: str = field(default="", repr=False)
    slack_admin_user_token: str = field(default="", repr=False)
    slack_client_id: str = ""
    slack_client_secret: str = field(default="", repr=False)
    slack_api_url: str = "https://slack.com/api/"
    agents: frozenset[UserId] = frozenset()
    agent_group: str = ""
    team: TeamId | None = None
    triage_channel: ChannelId | None = None
    retention_days: int = 30
    redact_postal_code: bool = False
    quiet_days: int = 14
    service_levels: ServiceLevels = DEFAULT_LEVELS
    streaming: bool = True
    scan_files: bool = True
    file_bytes: int = 1_000_000
    worker: str = "worker-1"
    port: int = 3000
    log_level: str = "INFO"
    public_url: str = ""
    hook_secrets: Mapping[HelpDesk, tuple[str, ...]] = field(default_factory=dict, repr=False)
    hook_apis: Mapping[HelpDesk, tuple[str, str]] = field(default_factory=dict, repr=False)
    hubspot_stages: frozenset[str] = frozenset()
    freshdesk_statuses: frozenset[str] = frozenset()
    shipments_secrets: tuple[str, ...] = field(default=(), repr=False)
    sellers: tuple[Seller, ...] = ()
    lwa_app_id: str = ""
    lwa_client_secret: str = field(default="", repr=False)
    sp_api_endpoint: str = ""
    sqs_queue_url: str = ""
    articles: Path | None = None
    llm_url: str = ""
    llm_model: str = ""
    llm_api_key: str = field(default="", repr=False)
    llm_timeout: int = 8

    @property
    def is_open(self) -> bool:
        """Whether other workspaces may install the app, by OAuth."""
        return bool(self.slack_client_id and self.slack_client_secret)

    def hook_api(self, desk: HelpDesk) -> tuple[str, str]:
        """Return address and token of a help desk's API, empty where they are not set."""
        return self.hook_apis.get(desk, ("", ""))

    def require(self, *names: str) -> None:
        """Raise SettingsError, naming all of `names` (as in the environment) that are not set."""
        missing = [_SETTING.get(name, name) for name in names if not getattr(self, name.lower())]
        if missing:
            raise SettingsError(
                f"Not set: {', '.join(missing)}. README.md says where to find them."
            )


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ`, or from the process and a `.env` file beside it.

    Raises:
        SettingsError: A setting does not have the form it needs.
    """
    if environ is None:
        try:
            stored = {name: value for name, value in dotenv_values(".env").items() if value}
        except (OSError, UnicodeDecodeError):
            raise SettingsError(".env cannot be read. It is a UTF-8 file of NAME=value.") from None
        environ = {**stored, **os.environ}
    _both(environ, "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")
    _both(environ, "CARE_LLM_URL", "CARE_LLM_MODEL")
    home = Path(environ.get("CARE_HOME") or "var")
    return Settings(
        home=home,
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{home / 'care.db'}",
        anchors=Path(environ.get("CARE_ANCHORS") or home / "anchors.jsonl"),
        audit_key=Path(environ.get("CARE_AUDIT_KEY") or home / "audit_key.pem"),
        keyring=_keyring(environ.get("CARE_KEYRING") or str(home / "keyring.json")),
        slack_bot_token=_prefixed(environ, "SLACK_BOT_TOKEN", "xox"),
        slack_app_token=_prefixed(environ, "SLACK_APP_TOKEN", "xapp-"),
        slack_signing_secret=environ.get("SLACK_SIGNING_SECRET", "").strip(),
        slack_admin_user_token=_prefixed(environ, "SLACK_ADMIN_USER_TOKEN", "xoxp-"),
        slack_client_id=_matching(environ, "SLACK_CLIENT_ID", r"[0-9]+\.[0-9]+"),
        slack_client_secret=environ.get("SLACK_CLIENT_SECRET", "").strip(),
        slack_api_url=_url(environ, "SLACK_API_URL", "https://slack.com/api/"),
        agents=frozenset(map(UserId, _listed(environ, "CARE_AGENTS", r"[UW][A-Z0-9]+"))),
        agent_group=_matching(environ, "CARE_AGENT_GROUP", r"S[A-Z0-9]+"),
        team=TeamId(_matching(environ, "CARE_TEAM_ID", r"T[A-Z0-9]+")) or None,
        triage_channel=ChannelId(_matching(environ, "CARE_TRIAGE_CHANNEL", r"[CG][A-Z0-9]+"))
        or None,
        retention_days=_number(environ, "RETENTION_DAYS", 30, 0, 3650),
        redact_postal_code=_flag(environ, "REDACT_POSTAL_CODE"),
        quiet_days=_number(environ, "CARE_QUIET_DAYS", 14, 1, 3650),
        service_levels=_levels(environ),
        scan_files=_flag(environ, "CARE_SCAN_FILES", default=True),
        file_bytes=_number(environ, "CARE_FILE_BYTES", 1_000_000, 1, 20_000_000),
        streaming=_flag(environ, "CARE_STREAMING", default=True),
        worker=_matching(environ, "CARE_WORKER", r"[A-Za-z0-9._-]+") or "worker-1",
        port=_number(environ, "PORT", 3000, 0, 65535),
        log_level=_level(environ),
        public_url=_optional_url(environ, "CARE_PUBLIC_URL"),
        hook_secrets=_hook_secrets(environ),
        hook_apis={
            _desk(url): (environ.get(url, "").strip(), environ.get(token, "").strip())
            for url, token in _HOOK_APIS
        },
        hubspot_stages=frozenset(_listed(environ, "HOOK_HUBSPOT_STAGES", r"[A-Za-z0-9_-]{1,64}")),
        freshdesk_statuses=frozenset(_listed(environ, "HOOK_FRESHDESK_STATUSES", r"[0-9]{1,9}")),
        shipments_secrets=tuple(_split(environ, "HOOK_SHIPMENTS_SECRET")),
        sellers=sellers(environ, wants_pii=_flag(environ, "SP_API_PII")),
        lwa_app_id=environ.get("LWA_APP_ID", "").strip(),
        lwa_client_secret=environ.get("LWA_CLIENT_SECRET", "").strip(),
        sp_api_endpoint=_optional_url(environ, "SP_API_ENDPOINT").rstrip("/"),
        sqs_queue_url=_optional_url(environ, "SP_API_SQS_QUEUE_URL").rstrip("/"),
        articles=_articles(environ),
        llm_url=_optional_url(environ, "CARE_LLM_URL"),
        llm_model=environ.get("CARE_LLM_MODEL", "").strip(),
        llm_api_key=environ.get("CARE_LLM_API_KEY", "").strip(),
        llm_timeout=_number(environ, "CARE_LLM_TIMEOUT", 8, 1, 60),
    )


@contextmanager
def hidden(*prefixes: str) -> Iterator[None]:
    """Take the variables that begin like this out of the environment for a while.

    Libraries read them by themselves. Bolt, for one, would start an OAuth flow of its own, which
    keeps tokens in files, where SLACK_CLIENT_ID is set.
    """
    taken = {name: os.environ.pop(name) for name in [*os.environ] if name.startswith(prefixes)}
    try:
        yield
    finally:
        os.environ.update(taken)


def _keyring(value: str) -> Path:
    if "://" in value:
        raise SettingsError("CARE_KEYRING must be a file for now; other key stores are to come.")
    return Path(value)


def _prefixed(environ: Mapping[str, str], name: str, prefix: str) -> str:
    value = environ.get(name, "").strip()
    if value and not value.startswith(prefix):
        raise SettingsError(f"{name} does not look right: it starts with {prefix}.")
    return value


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name, "").strip() or default
    if not re.match(r"https?://[^\s/]+", value):
        raise SettingsError(f"{name} is not an http(s) URL.")
    return value if value.endswith("/") else value + "/"


def _optional_url(environ: Mapping[str, str], name: str) -> str:
    return _url(environ, name, "") if environ.get(name, "").strip() else ""


def _matching(environ: Mapping[str, str], name: str, pattern: str) -> str:
    value = environ.get(name, "").strip()
    if value and not re.fullmatch(pattern, value):
        raise SettingsError(f"{name} does not have the form {pattern}.")
    return value


def _both(environ: Mapping[str, str], *names: str) -> None:
    """Raise SettingsError where some of the settings are there and others are not."""
    missing = [name for name in names if not environ.get(name, "").strip()]
    if missing and len(missing) < len(names):
        told = ", ".join(missing)
        raise SettingsError(f"Set {' and '.join(names)}, or none of them: {told} is not set.")


def _split(environ: Mapping[str, str], name: str) -> list[str]:
    return [part for part in re.split(r"[,\s]+", environ.get(name, "")) if part]


def _listed(environ: Mapping[str, str], name: str, pattern: str) -> list[str]:
    values = _split(environ, name)
    if not all(re.fullmatch(pattern, value) for value in values):
        raise SettingsError(f"{name} is a comma-separated list of ids of the form {pattern}.")
    return values


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"\d{1,9}", value) or not low <= int(value) <= high:
        raise SettingsError(f"{name} is not a whole number from {low} to {high}.")
    return int(value)


def _flag(environ: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    value = environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in ("0", "false", "no", "off"):
        return False
    if value in ("1", "true", "yes", "on"):
        return True
    raise SettingsError(f"{name} is neither true nor false.")


def _level(environ: Mapping[str, str]) -> str:
    value = environ.get("LOG_LEVEL", "").strip().upper() or "INFO"
    if value not in _LEVELS:
        raise SettingsError(f"LOG_LEVEL is not one of {', '.join(_LEVELS)}.")
    return value


def _levels(environ: Mapping[str, str]) -> ServiceLevels:
    hours = environ.get("CARE_SUPPORT_HOURS", "").strip() or "Mon-Fri 09:00-17:00 UTC"
    try:
        open_at = support_hours(hours, _days(environ, "CARE_HOLIDAYS"))
    except NoSupportHours:
        raise SettingsError(
            "CARE_SUPPORT_HOURS does not have the form Mon-Fri 09:00-17:00 America/Chicago."
        ) from None
    limits = {
        Level.FIRST_REPLY: _number(environ, "CARE_FIRST_REPLY_MINUTES", 60, 1, 100_000),
        Level.NEXT_REPLY: _number(environ, "CARE_NEXT_REPLY_MINUTES", 240, 1, 100_000),
        Level.RESOLUTION: _number(environ, "CARE_RESOLUTION_MINUTES", 2_400, 1, 1_000_000),
    }
    return ServiceLevels(hours=open_at, limits=limits)


def _articles(environ: Mapping[str, str]) -> Path | None:
    value = environ.get("CARE_ARTICLES", "").strip()
    if value and not Path(value).is_dir():
        raise SettingsError("CARE_ARTICLES is not a folder.")
    return Path(value) if value else None


def _days(environ: Mapping[str, str], name: str) -> list[date]:
    try:
        return [date.fromisoformat(value) for value in _split(environ, name)]
    except ValueError:
        raise SettingsError(
            f"{name} is a comma-separated list of days of the form 2026-12-25."
        ) from None


def _hook_secrets(environ: Mapping[str, str]) -> dict[HelpDesk, tuple[str, ...]]:
    for name in environ:
        known = (*_HOOK_SECRETS, "HOOK_SHIPMENTS_SECRET")
        if re.fullmatch(r"HOOK_[A-Z0-9]+_SECRET", name) and name not in known:
            raise SettingsError(f"{name} is of no help desk that is known: {', '.join(HelpDesk)}.")
    found = {_desk(name): tuple(_split(environ, name)) for name in _HOOK_SECRETS}
    return {desk: secrets for desk, secrets in found.items() if secrets}


def _desk(name: str) -> HelpDesk:
    """Return the help desk that a setting is of, the second word of its name."""
    return HelpDesk(name.split("_")[1].lower())
