"""The house stands as docs/architecture.md says, and each check of it is able to fail."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house_rules import FLOORS, ROOT, RULES, broken, misplaced, modules

BAD = [
    ("minting", "bot/desk.py", "text = ScrubbedText('raw')"),
    ("minting", "storage/order_records.py", "import nlp.text\nnlp.text.ScrubbedText(x)"),
    ("minting", "nlp/questions.py", "from typing import cast\ncast('ScrubbedText', raw)"),
    ("minting", "bot/desk.py", "from nlp.text import ScrubbedText as Text"),
    ("minting", "bot/desk.py", "mint = ScrubbedText"),
    ("revealing", "bot/intake.py", "raw.reveal()"),
    ("revealing", "nlp/questions.py", "list(map(RawText.reveal, texts))"),
    ("revealing", "storage/tickets.py", "getattr(raw, 'reveal')()"),
    ("revealing", "bot/intake.py", "raw._RawText__text"),
    ("disclosing", "bot/desk.py", "sealing.disclose(value)"),
    ("disclosing", "bot/replies.py", "from storage.sealing import disclose as show"),
    ("logging", "bot/desk.py", "import logging"),
    ("logging", "nlp/scrubber.py", "from logging.handlers import QueueHandler"),
    ("logging", "storage/database.py", "importlib.import_module('logging')"),
    ("environment", "bot/app.py", "import os\nos.environ['PORT']"),
    ("environment", "storage/keyring.py", "import os\nos.getenv('CARE_KEYRING')"),
    ("environment", "bot/app.py", "from os import environ"),
    ("environment", "bot/app.py", "from dotenv import load_dotenv"),
    ("silence", "nlp/scrubber.py", "print('found')"),
    ("silence", "storage/database.py", "import sys\nsys.stderr.write('locked')"),
    ("silence", "nlp/knowledge.py", "warnings.warn('broken article')"),
    ("slack", "bot/desk.py", "from slack_sdk.web import WebClient"),
    ("slack", "nlp/scrubber.py", "import slack_bolt.adapter.flask"),
    ("amazon", "bot/desk.py", "from sp_api.api import Orders"),
    ("amazon", "bot/sandbox/amazon/web_api.py", "import httpx"),
    ("llm", "bot/desk.py", "import openai"),
    ("sql", "bot/desk.py", "from sqlalchemy import select"),
    ("sql", "nlp/knowledge.py", "import sqlite3"),
    ("docstrings", "tests/nlp/test_text.py", "def test_it() -> None:\n    assert 1"),
]

GOOD = [
    ("minting", "nlp/scrubber.py", "text = ScrubbedText('clean')"),
    ("minting", "bot/desk.py", "from nlp.text import ScrubbedText\nx: ScrubbedText"),
    ("revealing", "storage/sealing.py", "raw.reveal()"),
    ("revealing", "bot/showing.py", "tickets.reveal(ticket)"),
    ("disclosing", "bot/showing.py", "disclose(value)"),
    ("logging", "bot/log.py", "import logging"),
    ("environment", "bot/settings.py", "import os\nos.environ"),
    ("silence", "bot/cli/keys.py", "print('done')"),
    ("slack", "bot/slack/listeners.py", "import slack_bolt"),
    ("amazon", "bot/amazon/library.py", "from sp_api.api import Reports"),
    ("llm", "bot/rewriting/endpoint.py", "import openai"),
    ("sql", "storage/tables.py", "import sqlalchemy"),
    ("docstrings", "tests/nlp/test_text.py", 'def test_it() -> None:\n    """It is so."""'),
]

TRESPASSES = [
    ("nlp/trespasser.py", "import storage.ids\n"),
    ("storage/trespasser.py", "import bot.settings\n"),
    ("storage/trespasser.py", "import nlp.errors\n"),
    ("nlp/trespasser.py", "import slack_sdk\n"),
    ("bot/lifting.py", "import bot.intake\n"),
    ("bot/desk.py", "import bot.sandbox\n"),
    ("bot/blocks.py", "import slack_sdk\n"),
    ("bot/newcomer.py", ""),
]


@pytest.fixture(scope="module")
def house() -> dict[str, ast.Module]:
    """Return the syntax tree of every module of the house, by path."""
    return dict(modules())


@pytest.mark.parametrize("name", RULES)
def test_house_keeps_rule(name: str, house: dict[str, ast.Module]) -> None:
    """No module of the house breaks the rule."""
    rule = RULES[name]

    assert broken(rule, house.items()) == [], rule.sentence


@pytest.mark.parametrize(("name", "path", "source"), BAD)
def test_rule_can_be_broken(name: str, path: str, source: str) -> None:
    """The rule's check finds the last line of a source that breaks it."""
    last = source.count("\n") + 1 if name != "docstrings" else 1

    assert f"{path}:{last}" in broken(RULES[name], [(path, ast.parse(source))])


@pytest.mark.parametrize(("name", "path", "source"), GOOD)
def test_rule_lets_pass(name: str, path: str, source: str) -> None:
    """The rule's check finds nothing where the thing is allowed."""
    assert broken(RULES[name], [(path, ast.parse(source))]) == []


def test_every_rule_is_shown_to_fail() -> None:
    """Each rule has at least one source above that breaks it."""
    assert {name for name, _, _ in BAD} == set(RULES)


def test_nothing_is_misplaced() -> None:
    """The top packages are bot, storage, nlp and tests, and there is no grab bag."""
    assert misplaced(ROOT) == []


@pytest.mark.parametrize("path", ["bot/utils.py", "services/order.py", "scripts/deep/tool.py"])
def test_misplaced_things_are_found(path: str, tmp_path: Path) -> None:
    """A grab bag or a package beside the floors is found."""
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).touch()

    assert misplaced(tmp_path) != []


def test_type_wall_needs_nothing_else(house: dict[str, ast.Module]) -> None:
    """nlp/text.py imports the standard library alone."""
    tree = house["nlp/text.py"]
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }

    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_every_dependency_is_pinned() -> None:
    """Each dependency that pyproject.toml names has an exact version in constraints.txt."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = pyproject["project"]
    wanted = [
        *pyproject["build-system"]["requires"],
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
    ]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]

    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin) for pin in pins)
    assert {_normal(name) for name in wanted} <= {_normal(pin) for pin in pins}


def test_import_contracts_hold() -> None:
    """Every import goes downward, as the contracts in pyproject.toml say."""
    done = _lint_imports(ROOT)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("path", "source"), TRESPASSES)
def test_import_contracts_can_break(path: str, source: str, tmp_path: Path) -> None:
    """A module that imports upward, or that has no place in its floor, breaks a contract."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for floor in FLOORS:
        shutil.copytree(
            ROOT / floor,
            tmp_path / floor,
            ignore=lambda folder, names: [
                name for name in names if Path(folder, name).is_file() and not name.endswith(".py")
            ],
        )
    (tmp_path / path).write_text(source, encoding="utf-8")

    done = _lint_imports(tmp_path)

    assert done.returncode == 1, done.stdout


def test_leaks_are_type_errors() -> None:
    """Every way of leaking raw text in tests/typing/leaks.py is refused by mypy --strict."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "tests/typing/leaks.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_leak_without_its_comment_fails(tmp_path: Path) -> None:
    """Without its expectation, each line of tests/typing/leaks.py is an error of mypy."""
    source = (ROOT / "tests/typing/leaks.py").read_text(encoding="utf-8")
    expected = [
        number for number, line in enumerate(source.splitlines(), 1) if "# type: ignore" in line
    ]
    bare = tmp_path / "bare_leaks.py"
    bare.write_text(re.sub(r"  # type: ignore\[.*\]", "", source), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(bare)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    refused = {int(line) for line in re.findall(r"bare_leaks\.py:(\d+): error", done.stdout)}
    assert sorted(refused) == expected


def _normal(requirement: str) -> str:
    """Return a requirement's project name in its normal form."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of the house in `folder`."""
    program = "from importlinter.cli import lint_imports as lint; exit(lint(no_cache=True))"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
