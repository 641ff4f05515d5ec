"""The rules of the house that ruff, mypy and import-linter cannot say, as checks of syntax trees.

A check takes a module's path, relative to the repository, and its syntax tree. It yields the
line numbers that break its rule. `tests/test_house.py` runs them over the house and shows that
each can fail.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
FLOORS: Final = ("bot", "storage", "nlp")
PACKAGES: Final = frozenset({*FLOORS, "tests"})

BUILT: Final = "build"
"""What `make train` leaves behind, which git does not look at."""
DISCLOSERS: Final = frozenset({"bot/showing.py", "bot/care/revealing.py", "bot/sandbox/script.py"})
"""Who may show an opened value to a person: the command line, `/care reveal`, and the demo of its
own orders."""
ENVIRONMENT_READERS: Final = frozenset({"bot/settings.py"})
LOGGERS: Final = frozenset({"bot/log.py", "tests/bot/test_log.py"})
"""The one that may, and its test, which logs as libraries do."""
MINTS: Final = frozenset({"nlp/scrubber.py"})
REVEALERS: Final = frozenset({"nlp/scrubber.py", "storage/sealing.py"})
AMAZON_ROOM: Final = ("bot/amazon/",)
SLACK_ROOMS: Final = ("bot/slack/", "bot/sandbox/")
SQL_ROOMS: Final = ("storage/", "bot/jobs.py", "bot/engine.py")
"""The stage of the demo opens the database file from outside, to show what stands in it."""

Check = Callable[[ast.Module], Iterable[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the house.

    Attributes:
        sentence: What the rule says.
        check: Yields the lines of a module that do what only some may do.
        allowed: Files, or folders that end with a slash, which may.
        inside: The folders that the rule is about.
    """

    sentence: str
    check: Check
    allowed: Iterable[str]
    inside: tuple[str, ...] = FLOORS

    def applies_to(self, path: str) -> bool:
        """Return whether the module at `path` has to follow this rule."""
        return path.startswith(tuple(f"{folder}/" for folder in self.inside)) and not any(
            path == place or (place.endswith("/") and path.startswith(place))
            for place in self.allowed
        )


def _called(node: ast.expr) -> str:
    """Return the last name of what is called or named: `f` of `f`, `a.f` and `a.b.f`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _spoken(node: ast.expr) -> str:
    """Return the text of a string literal, or nothing."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def mints_scrubbed_text(tree: ast.Module) -> Iterator[int]:
    """Find `ScrubbedText(...)`, `cast(ScrubbedText, ...)` and the name imported as another."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            target = _called(node.func)
            first = node.args[0] if node.args else None
            cast_to = first if target == "cast" else None
            if target == "ScrubbedText" or (
                cast_to is not None and "ScrubbedText" in ast.unparse(cast_to)
            ):
                yield node.lineno
        elif isinstance(node, ast.alias):
            if node.name == "ScrubbedText" and node.asname not in (None, "ScrubbedText"):
                yield node.lineno
        elif isinstance(node, ast.Assign) and _called(node.value) == "ScrubbedText":
            yield node.lineno


def reveals_raw_text(tree: ast.Module) -> Iterator[int]:
    """Find `.reveal()`, the method handed on uncalled, and the ways around it.

    A method of that name that takes arguments is another thing, and so is the agents' command of
    that name; as a call's argument the name is `getattr`'s.
    """
    with_arguments = {id(call.func) for call in _calls(tree) if call.args or call.keywords}
    given = {id(each) for call in _calls(tree) for each in call.args}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            called_plainly = node.attr == "reveal" and id(node) not in with_arguments
            if called_plainly or node.attr == "_RawText__text":
                yield node.lineno
        elif isinstance(node, ast.Constant):
            named = node.value == "reveal" and id(node) in given
            if named or node.value == "_RawText__text":
                yield node.lineno


def discloses(tree: ast.Module) -> Iterator[int]:
    """Find the use of `disclose`, which shows an opened value to a person, and its import."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.Attribute | ast.Name) and _called(node) == "disclose") or (
            isinstance(node, ast.alias) and node.name == "disclose"
        ):
            yield node.lineno


def reads_environment(tree: ast.Module) -> Iterator[int]:
    """Find `os.environ`, `os.getenv` and their like, and python-dotenv."""
    names = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr in names and _called(node.value) == "os":
                yield node.lineno
        elif isinstance(node, ast.ImportFrom) and (
            node.module == "dotenv"
            or (node.module == "os" and names & {alias.name for alias in node.names})
        ):
            yield node.lineno


def speaks(tree: ast.Module) -> Iterator[int]:
    """Find what a silent floor does not do: print, warn, write to a standard stream."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if _called(node.func) in ("print", "warn", "echo"):
                yield node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr"):
            yield node.lineno


def imports(*packages: str) -> Check:
    """Return a check that finds imports of these packages and of anything within them."""

    def check(tree: ast.Module) -> Iterator[int]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found = [node.module or ""]
            elif isinstance(node, ast.Call) and _called(node.func) in (
                "import_module",
                "__import__",
            ):
                found = [_spoken(argument) for argument in node.args]
            else:
                continue
            if any(name.split(".")[0] in packages for name in found):
                yield node.lineno

    return check


def undocumented_tests(tree: ast.Module) -> Iterator[int]:
    """Find test functions without a docstring."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name.startswith("test")
            and not (ast.get_docstring(node) or "").strip()
        ):
            yield node.lineno


RULES: Final = {
    "minting": Rule(
        sentence="Only the scrubber mints ScrubbedText.",
        check=mints_scrubbed_text,
        allowed=MINTS,
    ),
    "revealing": Rule(
        sentence="Only the scrubber and the seal reveal RawText.",
        check=reveals_raw_text,
        allowed=REVEALERS,
    ),
    "disclosing": Rule(
        sentence="Opened values are shown only where a person asked for them.",
        check=discloses,
        allowed=DISCLOSERS,
    ),
    "logging": Rule(
        sentence="Only bot/log.py logs.",
        check=imports("logging"),
        allowed=LOGGERS,
        inside=(*FLOORS, "tests"),
    ),
    "environment": Rule(
        sentence="Only bot/settings.py reads the environment.",
        check=reads_environment,
        allowed=ENVIRONMENT_READERS,
    ),
    "silence": Rule(
        sentence="The two lower floors print, warn and log nothing; making the model is apart.",
        check=speaks,
        allowed=("nlp/training/",),
        inside=("storage", "nlp"),
    ),
    "slack": Rule(
        sentence="Slack's packages are imported only where Slack is met.",
        check=imports("slack_bolt", "slack_sdk"),
        allowed=SLACK_ROOMS,
    ),
    "amazon": Rule(
        sentence="Amazon's library, and what it sends by, are imported only where Amazon is met.",
        check=imports("sp_api", "httpx", "boto3", "botocore"),
        allowed=AMAZON_ROOM,
    ),
    "llm": Rule(
        sentence="The language model's SDK is imported only where the model is met.",
        check=imports("openai"),
        allowed=("bot/rewriting/endpoint.py",),
    ),
    "sql": Rule(
        sentence="SQLAlchemy is imported only by the records and the queue within them.",
        check=imports("sqlalchemy", "alembic", "psycopg", "sqlite3"),
        allowed=SQL_ROOMS,
    ),
    "docstrings": Rule(
        sentence="Every test states its fact in a docstring.",
        check=undocumented_tests,
        allowed=(),
        inside=("tests",),
    ),
}


def modules(root: Path = ROOT) -> Iterator[tuple[str, ast.Module]]:
    """Yield the path and the syntax tree of every module of the house, in order."""
    for package in sorted(PACKAGES):
        for file in sorted((root / package).rglob("*.py")):
            path = file.relative_to(root).as_posix()
            yield path, ast.parse(file.read_text(encoding="utf-8"), filename=path)


def broken(rule: Rule, house: Iterable[tuple[str, ast.Module]]) -> list[str]:
    """Return `path:line` of every place in `house` that breaks `rule`."""
    return [
        f"{path}:{line}"
        for path, tree in house
        if rule.applies_to(path)
        for line in rule.check(tree)
    ]


def misplaced(root: Path) -> list[str]:
    """Return what stands where nothing of its kind should: foreign packages, a `utils.py`."""
    foreign = [
        folder.name
        for folder in sorted(root.iterdir())
        if folder.is_dir()
        and not folder.name.startswith(".")
        and folder.name not in {*PACKAGES, BUILT}
        and any(folder.rglob("*.py"))
    ]
    grab_bags = (
        file.relative_to(root).as_posix()
        for package in PACKAGES
        for file in (root / package).rglob("*.py")
        if file.stem in ("utils", "util", "helpers", "misc", "common")
    )
    return [*foreign, *sorted(grab_bags)]
