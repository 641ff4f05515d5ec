"""What the documents, the manifest and the templates say is what the program does."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Final

import click
import pytest
from slack_sdk import WebClient

from bot.cli import main
from bot.news import ORDER_COLUMNS, RETURN_COLUMNS, SHIPMENT_COLUMNS
from bot.sandbox.slack.scopes import METHOD_SCOPES
from bot.slack.installing import SCOPES
from bot.slack.listeners.panes import PROMPTS
from tests.house_rules import ROOT

DOCUMENTS: Final = [
    "README.md",
    "CHANGELOG.md",
    *sorted(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").glob("*.md")),
]

Manifest = dict[str, dict[str, dict[str, object]]]

EVENT_SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "app_home_opened": frozenset(),
    "app_uninstalled": frozenset(),
    "tokens_revoked": frozenset(),
    "app_mention": frozenset({"app_mentions:read"}),
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "message.im": frozenset({"im:history"}),
    "message.mpim": frozenset({"mpim:history"}),
}
"""The bot scope that each event type wants, by Slack's event reference."""


@pytest.fixture
def manifest() -> Manifest:
    """Return manifest.json."""
    loaded: Manifest = json.loads(_text("manifest.json"))
    return loaded


def test_settings_are_documented() -> None:
    """The settings that the program reads are those of docs/operations.md."""
    table = _section("docs/operations.md", "Settings")
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))

    assert documented == _settings_read()


def test_settings_have_a_template() -> None:
    """The settings that the program reads are those of .env.example, none with a value."""
    lines = [line for line in _text(".env.example").splitlines() if line and line[0] != "#"]

    assert sorted(lines) == sorted(f"{name}=" for name in _settings_read())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    """Every relative link of a document names a file, and a heading where it names one."""
    for target in re.findall(r"\]\(([^)#:]*(?:#[^):]*)?)\)", _text(document)):
        name, _, heading = target.partition("#")
        linked = (ROOT / document).parent / name if name else ROOT / document

        assert linked.is_file(), target
        assert not heading or heading in _headings(linked.read_text(encoding="utf-8")), target


def test_first_commands_are_demo_and_test() -> None:
    """The first two commands of the README are make demo and make test."""
    shell = re.findall(r"```sh\n(.*?)```", _text("README.md"), re.DOTALL)
    commands = [line.split("#")[0].strip() for line in shell[0].splitlines()]

    assert commands[:2] == ["make demo", "make test"]


def test_commands_are_documented() -> None:
    """The commands of the README are those of the program, no more and no fewer."""
    table = _section("README.md", "Commands")
    spans = re.findall(r"`([^`]+)`", "\n".join(re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)))
    documented = {re.split(r" ?[^a-z ]", span)[0].strip() for span in spans} - {""}

    assert documented == set(_commands(main))


def test_import_columns_are_documented() -> None:
    """The README names exactly the columns that an import takes."""
    section = _section("README.md", "Importing orders and returns")
    orders, returns, shipments = re.split(r"\*\*(?:Returns|Shipments)\*\*", section)

    assert sorted(_first_cells(orders)) == sorted(ORDER_COLUMNS)
    assert sorted(set(re.findall(r"`([a-z_]+)`", returns))) == sorted(RETURN_COLUMNS)
    assert sorted(_first_cells(shipments)) == sorted(SHIPMENT_COLUMNS)


def test_fields_of_the_shipments_feed_are_documented() -> None:
    """The feed's fields, as docs/hooks.md names them, are the columns of the import."""
    fields = _section("docs/hooks.md", "Shipments").split("| status | when |")[0]

    assert sorted(_first_cells(fields)) == sorted(SHIPMENT_COLUMNS)


def test_manifest_asks_for_the_scopes_that_are_used(
    manifest: Manifest,
) -> None:
    """The scopes are exactly those that the subscribed events and the called methods want."""
    wanted = {"commands"}
    # The SDK writes the dots of Slack's names as underscores.
    scopes = {name.replace(".", "_"): each for name, each in METHOD_SCOPES.items()}
    for event in _strings(manifest["settings"]["event_subscriptions"]["bot_events"]):
        wanted |= EVENT_SCOPES[event]
    for method in _methods_called():
        wanted |= scopes[method]  # A method that the list does not have fails here.

    assert _strings(manifest["oauth_config"]["scopes"]["bot"]) == sorted(wanted)
    assert sorted(wanted) == list(SCOPES)


def test_manifest_names_what_the_program_listens_to(
    manifest: Manifest,
) -> None:
    """The slash command and the shortcut of the manifest are those in the code."""
    features: Mapping[str, object] = manifest["features"]
    named = json.dumps([features["slash_commands"], features["shortcuts"]])
    words = {
        node.value
        for file in (ROOT / "bot").rglob("*.py")
        if "sandbox" not in file.parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert set(re.findall(r'"(?:command|callback_id)": "([^"]+)"', named)) <= words


def test_manifest_suggests_what_the_program_does(manifest: Manifest) -> None:
    """The pane suggests the same before the program runs and while it does."""
    view = manifest["features"]["agent_view"]
    suggested = view["suggested_prompts"]

    assert isinstance(suggested, list)
    assert tuple((each["title"], each["message"]) for each in suggested) == PROMPTS


def test_manifest_keeps_slacks_limits(
    manifest: Manifest,
) -> None:
    """Names and descriptions are as long as Slack's manifest reference allows."""
    shown: Mapping[str, object] = manifest["display_information"]

    assert len(str(shown["name"])) <= 35
    assert len(str(shown["description"])) <= 140
    assert 174 <= len(str(shown["long_description"])) <= 4000


def test_slacks_command_line_is_told_how_to_start_the_bot(manifest: Manifest) -> None:
    """`.slack/hooks.json` prints the manifest, and starts a command that there is."""
    hooks = json.loads(_text(".slack/hooks.json"))["hooks"]

    printed = subprocess.run(
        ["sh", "-c", hooks["get-manifest"]], cwd=ROOT, capture_output=True, check=True, text=True
    )

    assert json.loads(printed.stdout) == manifest
    assert json.loads(_text(hooks["get-hooks"].removeprefix("cat ")))["hooks"] == hooks
    assert hooks["start"].rpartition("jetpack-care ")[2] in _commands(main)
    assert all((ROOT / each).is_file() for each in re.findall(r"\.ci/\w+", hooks["start"]))


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _section(document: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    return _text(document).split(f"\n## {heading}\n")[1].split("\n## ")[0]


def _first_cells(text: str) -> list[str]:
    """Return the names in the first cells of a table's rows."""
    cells = "\n".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE))
    return re.findall(r"`([a-z_0-9]+)`", cells)


def _commands(group: click.Group, before: str = "") -> Iterator[str]:
    """Yield the full name of every command in a group."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield before + name


def _strings(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


def _settings_read() -> set[str]:
    """Return the names of settings in the code; each help desk's secret is one of a kind."""
    constants = {
        node.value
        for file in ("bot/settings.py", "bot/sellers.py")
        for node in ast.walk(ast.parse(_text(file)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    names = {word for word in constants if re.fullmatch(r"[A-Z]+(_[A-Z]+)+|PORT", word)}
    return names | {"HOOK_STANDARD_SECRET"}


def _methods_called() -> set[str]:
    """Return the Web API methods that bot/slack calls, by the names of the SDK's client."""
    return {
        node.attr
        for file in (ROOT / "bot" / "slack").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in vars(WebClient)
        and not node.attr.startswith("_")
    }


def _headings(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    }
