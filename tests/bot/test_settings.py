"""Settings are read once, checked by form, and their values are never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, from_environment
from storage.service_levels import Level

SECRETS: Final = {
    "SLACK_BOT_TOKEN": "xoxb-invented-bot-token",
    "SLACK_APP_TOKEN": "xapp-invented-app-token",
    "SLACK_SIGNING_SECRET": "invented-signing-secret",
    "SLACK_CLIENT_ID": "1234567890.1234567890",
    "SLACK_CLIENT_SECRET": "invented-client-secret",
    "CARE_LLM_URL": "http://127.0.0.1:8000/v1",
    "CARE_LLM_MODEL": "small-model",
    "CARE_LLM_API_KEY": "invented-model-key",
    "HOOK_STANDARD_SECRET": "whsec_aW52ZW50ZWQ=",
    "DATABASE_URL": "postgresql://care:invented-password@db.example.com/care",
}


def test_everything_has_a_default() -> None:
    """With no settings at all the program knows where its data lies and for how long."""
    settings = from_environment({})
    assert settings.home == Path("var")
    assert settings.database_url == "sqlite:///var/care.db"
    assert settings.keyring == Path("var/keyring.json")
    assert (settings.retention_days, settings.quiet_days) == (30, 14)
    assert settings.redact_postal_code is False
    assert (settings.port, settings.log_level) == (3000, "INFO")
    assert (settings.agents, settings.team, settings.triage_channel) == (frozenset(), None, None)
    assert settings.hook_secrets == {}


def test_an_empty_setting_is_none() -> None:
    """A variable that is set to nothing counts as not set."""
    names = [
        "CARE_HOME", "DATABASE_URL", "CARE_KEYRING", "SLACK_BOT_TOKEN", "SLACK_API_URL",
        "CARE_AGENTS", "CARE_TEAM_ID", "RETENTION_DAYS", "REDACT_POSTAL_CODE", "PORT",
        "LOG_LEVEL", "CARE_WORKER", "HOOK_STANDARD_SECRET",
    ]  # fmt: skip
    assert from_environment(dict.fromkeys(names, "")) == from_environment({})


def test_the_home_moves_what_lies_in_it() -> None:
    """`CARE_HOME` is the folder of the database and the keyring."""
    settings = from_environment({"CARE_HOME": "/srv/care"})
    assert settings.database_url == "sqlite:////srv/care/care.db"
    assert settings.keyring == Path("/srv/care/keyring.json")


READ: Final = [
    ("CARE_AGENTS", "U0001, W0002 U0003", "agents", frozenset({"U0001", "W0002", "U0003"})),
    ("CARE_AGENT_GROUP", " S0001 ", "agent_group", "S0001"),
    ("CARE_TEAM_ID", "T0001", "team", "T0001"),
    ("CARE_TRIAGE_CHANNEL", "C0001", "triage_channel", "C0001"),
    ("RETENTION_DAYS", "45", "retention_days", 45),
    ("CARE_QUIET_DAYS", "7", "quiet_days", 7),
    ("REDACT_POSTAL_CODE", "TRUE", "redact_postal_code", True),
    ("REDACT_POSTAL_CODE", "off", "redact_postal_code", False),
    ("PORT", "0", "port", 0),
    ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
    ("SLACK_API_URL", "http://127.0.0.1:9/api", "slack_api_url", "http://127.0.0.1:9/api/"),
    ("CARE_WORKER", "web.1-a", "worker", "web.1-a"),
    ("CARE_KEYRING", "/keys/care.json", "keyring", Path("/keys/care.json")),
    ("SLACK_BOT_TOKEN", " xoxb-1 ", "slack_bot_token", "xoxb-1"),
    ("HOOK_STANDARD_SECRET", "one, two", "hook_secrets", {"standard": ("one", "two")}),
    ("HOOK_ZENDESK_SECRET", "one", "hook_secrets", {"zendesk": ("one",)}),
]


@pytest.mark.parametrize(("name", "value", "attribute", "expected"), READ)
def test_a_setting_is_read(name: str, value: str, attribute: str, expected: object) -> None:
    """Each setting arrives in its own field, in its own type."""
    assert getattr(from_environment({name: value}), attribute) == expected


MALFORMED: Final = [
    ("SLACK_BOT_TOKEN", "Quack-token"),
    ("SLACK_APP_TOKEN", "xoxb-Quack"),
    ("SLACK_CLIENT_SECRET", "Quack"),  # without its id
    ("CARE_LLM_URL", "quack"),
    ("CARE_LLM_MODEL", "Quack"),  # without its address
    ("CARE_LLM_TIMEOUT", "Quack"),
    ("SLACK_API_URL", "slack.com/Quack"),
    ("SLACK_API_URL", "ftp://Quack"),
    ("CARE_AGENTS", "U0001, @Quack"),
    ("CARE_AGENTS", "u0001"),
    ("CARE_AGENT_GROUP", "Quack"),
    ("CARE_TEAM_ID", "C0001"),
    ("CARE_TRIAGE_CHANNEL", "#Quack"),
    ("CARE_KEYRING", "kms://Quack"),
    ("CARE_WORKER", "two words"),
    ("CARE_HOLIDAYS", "2026-12-25, Quack"),
    ("CARE_HOLIDAYS", "2026-13-01"),
    ("CARE_ARTICLES", "no/such/Quack"),
    ("RETENTION_DAYS", "Quack"),
    ("RETENTION_DAYS", "-1"),
    ("RETENTION_DAYS", "30.5"),
    ("RETENTION_DAYS", "99999999999"),
    ("CARE_QUIET_DAYS", "-0"),
    ("PORT", "65536"),
    ("REDACT_POSTAL_CODE", "Quack"),
    ("LOG_LEVEL", "Quack"),
]


@pytest.mark.parametrize(("name", "value"), MALFORMED)
def test_a_malformed_setting_is_named_and_not_shown(name: str, value: str) -> None:
    """The error is one line that names the setting and does not hold its value."""
    with pytest.raises(SettingsError) as refused:
        from_environment({name: value})
    message = str(refused.value)
    assert name in message
    assert "\n" not in message
    assert value not in message


def test_secrets_do_not_show() -> None:
    """Neither repr nor str of the settings holds a token, a secret or a password."""
    shown = repr(from_environment(SECRETS)) + str(from_environment(SECRETS))
    assert "Settings(home=" in shown
    open_to_see = {"SLACK_CLIENT_ID", "CARE_LLM_URL", "CARE_LLM_MODEL"}
    assert not [value for name, value in SECRETS.items() if {name} - open_to_see and value in shown]
    assert "invented" not in shown
    assert "aW52" not in shown


def test_what_is_missing_is_named_all_at_once() -> None:
    """`require` names all that is not set, and passes when nothing is missing."""
    settings = from_environment({"SLACK_APP_TOKEN": "xapp-1"})
    settings.require("SLACK_APP_TOKEN")
    with pytest.raises(SettingsError) as refused:
        settings.require("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
    assert "SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET" in str(refused.value)
    assert "SLACK_APP_TOKEN" not in str(refused.value)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, without settings in the process's environment."""
    for name in (*SECRETS, "CARE_HOME", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _read() -> Settings:
    return from_environment()


def test_a_file_beside_the_program_is_read(folder: Path) -> None:
    """`.env` in the working folder holds settings, too."""
    (folder / ".env").write_text("PORT=4000\nSLACK_BOT_TOKEN='xoxb-1'\n# PORT=5000\n")
    settings = _read()
    assert (settings.port, settings.slack_bot_token) == (4000, "xoxb-1")


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process was given counts more than `.env`."""
    (folder / ".env").write_text("PORT=4000\n")
    monkeypatch.setenv("PORT", "4001")
    assert _read().port == 4001


def test_a_file_that_is_not_text_is_one_clear_line(folder: Path) -> None:
    """An `.env` of other bytes is named as such, without its content."""
    (folder / ".env").write_bytes(b"PORT=\xff\xfeQuack")
    with pytest.raises(SettingsError) as refused:
        _read()
    assert str(refused.value).startswith(".env cannot be read.")
    assert "Quack" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CARE_SUPPORT_HOURS", "from nine to five"),
        ("CARE_SUPPORT_HOURS", "Mon-Fri 09:00-17:00 Mars/Olympus"),
        ("CARE_FIRST_REPLY_MINUTES", "0.5h"),
        ("CARE_NEXT_REPLY_MINUTES", "soon"),
        ("CARE_RESOLUTION_MINUTES", "-1"),
    ],
)
def test_service_levels_of_another_form_are_named(name: str, value: str) -> None:
    """A malformed level is named in one line, and its value is not shown."""
    with pytest.raises(SettingsError) as refused:
        from_environment({name: value})

    assert name in str(refused.value)
    assert value not in str(refused.value)


def test_service_levels_are_read() -> None:
    """Hours, zone and minutes are those of the environment."""
    levels = from_environment(
        {"CARE_SUPPORT_HOURS": "Sat 10:00-12:30 Europe/Berlin", "CARE_FIRST_REPLY_MINUTES": "15"}
    ).service_levels

    assert (levels.hours.days, str(levels.hours.zone)) == (frozenset({5}), "Europe/Berlin")
    assert levels.limits[Level.FIRST_REPLY] == 15
