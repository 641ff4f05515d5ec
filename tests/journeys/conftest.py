"""The real bot against the sandbox Slack, over either transport, for journeys to play in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot import app
from bot.sandbox.amazon import SandboxAmazon
from bot.sandbox.stage import Stage, stage
from bot.settings import from_environment
from tests.conftest import postgresql_database_of

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
HOUSES = [
    "socket-sqlite",
    "http-sqlite",
    pytest.param("socket-postgresql", marks=pytest.mark.postgresql),
    pytest.param("http-postgresql", marks=pytest.mark.postgresql),
]


@pytest.fixture(scope="session", autouse=True)
def _no_proxy() -> Iterator[None]:
    """Take proxies away: Slack's SDK sends even what is for this machine through one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in PROXIES:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module", params=["socket", "http"])
def over_http(request: pytest.FixtureRequest) -> bool:
    """Whether Slack reaches the bot over HTTP: each transport in its turn."""
    return bool(request.param == "http")


@pytest.fixture(scope="module", params=HOUSES)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A running bot in a folder of its own; the tests of a module share it.

    A module whose bot reads from Amazon says by `SELLERS` who sells there.
    """
    sellers = getattr(request.module, "SELLERS", None)
    with housed(request, tmp_path_factory.mktemp("house"), request.param, sellers) as opened:
        yield opened


@pytest.fixture(scope="module", params=[HOUSES[0], HOUSES[3]])
def home_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A running bot over both transports and on both databases, in two houses instead of four."""
    with housed(request, tmp_path_factory.mktemp("house"), request.param) as opened:
        yield opened


@contextmanager
def housed(
    request: pytest.FixtureRequest,
    home: Path,
    kind: str,
    sellers: Callable[[SandboxAmazon], object] | None = None,
) -> Iterator[Stage]:
    """Run a bot in a folder, of a kind of `HOUSES`; on PostgreSQL with a database of its own."""
    transport, _, database = kind.partition("-")
    over_http = transport == "http"
    if database == "sqlite":
        with stage(home, over_http=over_http, sellers=sellers) as opened:
            yield opened
        return
    server: Engine = request.getfixturevalue("postgresql_server")
    with postgresql_database_of(server) as url:
        environment = {"DATABASE_URL": url, "CARE_HOME": str(home)}
        app.migrate(from_environment(environment))
        with stage(home, over_http=over_http, environment=environment, sellers=sellers) as opened:
            yield opened
