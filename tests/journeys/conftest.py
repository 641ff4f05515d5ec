"""The real bot against the sandbox Slack, over either transport, for journeys to play in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.stage import Stage, stage

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture(scope="module", params=["socket", "http"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A running bot in a folder of its own; the tests of a module share it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in PROXIES:
            # Slack's SDK sends even what is for this machine through a proxy.
            patch.delenv(name, raising=False)
        home = tmp_path_factory.mktemp("house")
        with stage(home, over_http=request.param == "http") as opened:
            yield opened
