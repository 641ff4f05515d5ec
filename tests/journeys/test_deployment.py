"""The deployment of the Procfile: release, web and workers on PostgreSQL, one worker killed."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.sandbox.slack import SandboxSlack
from bot.sandbox.slack.sample import sample_workspace
from tests.conftest import postgresql_database_of
from tests.journeys.processes import PATIENCE, Processes

PLACE = "birch-and-brook"
MESSAGES = 12

pytestmark = pytest.mark.postgresql


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The processes, and the sandbox that reaches them over HTTP."""

    slack: SandboxSlack
    processes: Processes
    port: int

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of a GET."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def deployment(
    postgresql_server: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """One web process and two workers on a database of their own."""
    home: Path = tmp_path_factory.mktemp("deployment")
    with (
        postgresql_database_of(postgresql_server) as url,
        SandboxSlack(sample_workspace()) as slack,
    ):
        environment = {
            **slack.environment(),
            "CARE_HOME": str(home),
            "CARE_AGENTS": slack.workspace.user("Ines Falk").id,
            "DATABASE_URL": url,
        }
        processes = Processes(environment, home / "log")
        processes.start("release", "migrate")
        assert processes.wait("release") == 0
        port = _free_port()
        processes.start("web", "web", PORT=str(port))
        for name in ("worker-1", "worker-2"):
            processes.start(name, "worker", CARE_WORKER=name)
        opened = Deployment(slack=slack, processes=processes, port=port)
        assert processes.started(3)
        slack.deliver_over_http(f"http://127.0.0.1:{port}/slack/events")
        slack.person("Ines Falk").commands("/care", f"link {PLACE}", PLACE)
        yield opened
        assert processes.stop_all() == [0, 0, 0]


def test_ready_tells_the_state_of_its_parts(deployment: Deployment) -> None:
    """`/health` and `/ready` answer, and `/metrics` is in Prometheus's form."""
    status, body = deployment.get("/ready")

    assert status == 200
    assert json.loads(body)["database"] is True
    assert deployment.get("/health")[0] == 200
    assert b"# TYPE care_tickets gauge" in deployment.get("/metrics")[1]


def test_a_killed_worker_loses_and_doubles_nothing(deployment: Deployment) -> None:
    """One of two workers is killed amid the work and comes back: every message has one reply."""
    workspace = deployment.slack.workspace
    merchant = deployment.slack.person("Mara Quill")
    sent = []
    for number in range(MESSAGES):
        said = merchant.writes(f"can you do prime orders? ({number})", PLACE)
        assert said.ok
        sent.append(said.message)
        if number == MESSAGES // 2:
            deployment.processes.kill("worker-1")
    deployment.processes.start("worker-1", "worker", CARE_WORKER="worker-1")
    assert deployment.processes.started(4)

    def replies() -> list[int]:
        return [len(workspace.replies_in(each.channel, each.ts)) for each in sent]

    workspace.wait_for(lambda: all(replies()), timeout=PATIENCE)
    last = merchant.writes("hello", PLACE).message
    workspace.wait_for(lambda: workspace.replies_in(last.channel, last.ts), timeout=PATIENCE)
    assert replies() == [1] * MESSAGES


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
