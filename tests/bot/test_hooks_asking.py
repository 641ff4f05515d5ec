"""Help desks whose word alone does not count are asked how the ticket stands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from flask import Response

from bot.errors import SettingsError
from bot.hooks.freshdesk import Freshdesk
from bot.hooks.gorgias import Gorgias
from bot.hooks.hook import Heard, HelpDeskAway, Hook
from bot.hooks.intercom import Intercom
from bot.hooks.registry import hooks
from bot.hooks.ticket_api import SECONDS
from bot.settings import from_environment
from storage.external import HelpDesk
from tests.help_desk import TOKEN, HelpDeskApi, dripping, endless, help_desk_api, silent
from tests.hook_deliveries import OCCURRED, PAYLOADS, SECRET, delivery, gorgias, intercom

NUMBER: Final = "215470000004711"
PATHS: Final = {
    HelpDesk.INTERCOM: f"conversations/{NUMBER}",
    HelpDesk.FRESHDESK: "api/v2/tickets/4711?include=stats",
    HelpDesk.GORGIAS: "api/tickets/4711",
}
DESKS: Final = tuple(PATHS)


@pytest.fixture
def api() -> Iterator[HelpDeskApi]:
    """A help desk that holds no ticket yet."""
    with help_desk_api() as opened:
        yield opened


def listening(desk: HelpDesk, url: str) -> Hook:
    """Return the hook of a help desk whose API is there."""
    if desk is HelpDesk.INTERCOM:
        return Intercom([SECRET], url, TOKEN)
    if desk is HelpDesk.FRESHDESK:
        return Freshdesk([SECRET], url, TOKEN, ())
    return Gorgias([SECRET], url, TOKEN)


def read(api: HelpDeskApi, desk: HelpDesk) -> Heard:
    """Read a good delivery of a help desk."""
    return listening(desk, api.url).read(delivery(desk, PAYLOADS[desk]()))


def numbers(heard: Heard) -> list[str]:
    """Return the tickets that were named."""
    return [each.external.number for each in heard.resolved if each.external is not None]


def test_intercom_is_asked_back(api: HelpDeskApi) -> None:
    """A conversation that is closed there is resolved; the token is sent as Intercom wants it."""
    api.holds(PATHS[HelpDesk.INTERCOM], id=NUMBER, state="closed")
    heard = read(api, HelpDesk.INTERCOM)
    assert numbers(heard) == [NUMBER]
    assert heard.resolved[0].event == "notif_ccd8a4d0-f965-11e3-a367-c779cae3e1b3"
    assert heard.resolved[0].at == OCCURRED
    assert api.headers["authorization"] == f"Bearer {TOKEN}"
    assert api.headers["intercom-version"] == "2.11"
    assert api.headers["accept-encoding"] == "identity"


def test_freshdesk_is_asked_back(api: HelpDeskApi) -> None:
    """Resolved and closed count, by number; the key stands where Freshdesk wants it."""
    stats = {"closed_at": None, "resolved_at": "2026-11-20T17:05:28Z"}
    for status in (4, 5):
        api.holds(PATHS[HelpDesk.FRESHDESK], id=4711, status=status, stats=stats)
        heard = read(api, HelpDesk.FRESHDESK)
        assert numbers(heard) == ["4711"]
        assert heard.resolved[0].at == OCCURRED
        assert heard.resolved[0].event == f"4711:{status}:20261120T170528"
    assert api.headers["authorization"].startswith("Basic ")


def test_gorgias_is_asked_back(api: HelpDeskApi) -> None:
    """A ticket that is closed there is resolved, at the time when it was closed."""
    closed = {"status": "closed", "closed_datetime": "2026-11-20T17:05:28"}
    api.holds(PATHS[HelpDesk.GORGIAS], id=4711, **closed)
    heard = read(api, HelpDesk.GORGIAS)
    assert numbers(heard) == ["4711"]
    assert heard.resolved[0].event == "4711:closed:20261120T170528"


def test_statuses_of_freshdesk_are_configured(api: HelpDeskApi) -> None:
    """With statuses of our own the usual ones do not count any more."""
    hook = Freshdesk([SECRET], api.url, TOKEN, ("5", "12"))
    for status, many in ((4, 0), (12, 1)):
        api.holds(PATHS[HelpDesk.FRESHDESK], id=4711, status=status, stats={})
        sent = delivery(HelpDesk.FRESHDESK, PAYLOADS[HelpDesk.FRESHDESK]())
        assert len(hook.read(sent).resolved) == many


@pytest.mark.parametrize("desk", DESKS)
def test_the_same_resolution_has_the_same_key(api: HelpDeskApi, desk: HelpDesk) -> None:
    """Told twice of one resolution, the key of idempotency is the same."""
    ticket = {"status": 4 if desk is HelpDesk.FRESHDESK else "closed", "state": "closed"}
    times = {"updated_at": "2026-11-20T17:05:28Z", "updated_datetime": "2026-11-20T17:05:28Z"}
    number = PATHS[desk].partition("?")[0].rpartition("/")[2]
    api.holds(PATHS[desk], id=int(number), **ticket, **times)
    assert read(api, desk).resolved[0].event == read(api, desk).resolved[0].event


STANDING: Final = [
    {"id": 4711, "status": 2, "state": "open"},
    {"id": 4711, "status": "open", "state": "snoozed"},
    {"id": 4711},
    {"id": 4712, "status": 4, "state": "closed"},
    {"id": "Quackenbush", "status": "closed", "state": "closed"},
    {"status": "closed", "state": "closed"},
    {"id": 4711, "status": True, "state": ["closed"]},
    {},
]


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("ticket", STANDING)
def test_what_is_not_resolved_there_is_not_resolved_here(
    api: HelpDeskApi, desk: HelpDesk, ticket: dict[str, object]
) -> None:
    """A ticket that is open there, or another than was asked for, confirms nothing."""
    api.tickets[PATHS[desk]] = ticket
    assert read(api, desk) == Heard(unconfirmed=1)
    assert api.asked == [PATHS[desk]]


@pytest.mark.parametrize("desk", DESKS)
def test_a_ticket_that_is_not_there_confirms_nothing(api: HelpDeskApi, desk: HelpDesk) -> None:
    """404 there leaves the ticket as it is here."""
    assert read(api, desk) == Heard(unconfirmed=1)


ODD: Final[dict[str, Callable[[], Response]]] = {
    "token refused": lambda: Response(status=401),
    "forbidden": lambda: Response(status=403),
    "too many": lambda: Response(status=429, headers={"Retry-After": "30"}),
    "broken": lambda: Response("Quackenbush", status=500),
    "nothing": lambda: Response(""),
    "no JSON": lambda: Response("<html>closed</html>"),
    "a list": lambda: Response('[{"status": "closed"}]'),
    "deep": lambda: Response("[" * 100_000),
    "no UTF-8": lambda: Response(b'{"status": "\xff"}'),
    "another status": lambda: Response('{"status": "closed"}', status=203),
    "larger than is read": endless,
    "says that it is compressed": lambda: Response(b"x", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_none(api: HelpDeskApi, name: str) -> None:
    """Whatever is not the documented answer is as if there were none."""
    api.odd = ODD[name]
    with pytest.raises(HelpDeskAway) as away:
        read(api, HelpDesk.GORGIAS)
    assert "Quackenbush" not in str(away.value)
    assert away.value.__cause__ is None


@pytest.mark.parametrize("slow", [silent, dripping])
def test_a_slow_answer_is_not_waited_for(api: HelpDeskApi, slow: Callable[[], Response]) -> None:
    """Within five seconds it is over, whether nothing comes or a byte at a time."""
    api.odd = slow
    began = time.monotonic()
    with pytest.raises(HelpDeskAway):
        read(api, HelpDesk.GORGIAS)
    assert time.monotonic() - began < SECONDS + 0.9


def test_nobody_there_is_no_answer() -> None:
    """Where nothing listens, the delivery has to come again."""
    sent = delivery(HelpDesk.GORGIAS, gorgias())
    with pytest.raises(HelpDeskAway):
        Gorgias([SECRET], "http://127.0.0.1:9", TOKEN).read(sent)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(api: HelpDeskApi, status: int) -> None:
    """The token goes to the host that was configured and to no other, nor to another path."""
    with help_desk_api() as other:
        other.holds(PATHS[HelpDesk.GORGIAS], id=4711, status="closed")

        def elsewhere() -> Response:
            answer = Response(status=status)
            answer.headers["Location"] = f"{other.url}/{PATHS[HelpDesk.GORGIAS]}"
            return answer

        api.odd = elsewhere
        with pytest.raises(HelpDeskAway):
            read(api, HelpDesk.GORGIAS)
        assert other.asked == []
    assert len(api.asked) == 1


def test_other_news_are_not_asked_about(api: HelpDeskApi) -> None:
    """News of another kind cost no question."""
    for sent in (
        delivery(HelpDesk.INTERCOM, {**intercom(), "topic": "conversation.admin.replied"}),
        delivery(HelpDesk.INTERCOM, {"topic": "ping", "data": {"item": {"type": "ping"}}}),
    ):
        assert listening(HelpDesk.INTERCOM, api.url).read(sent) == Heard()
    sent = delivery(HelpDesk.GORGIAS, gorgias(status="open"))
    assert listening(HelpDesk.GORGIAS, api.url).read(sent) == Heard()
    assert api.asked == []


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize(
    "url",
    [
        "",
        "help.example.com",
        "http://help.example.com",
        "ftp://help.example.com",
        "https://user:Quack@help.example.com",
        "https://help.example.com/?key=Quack",
        "https://[Quack",
    ],
)
def test_an_api_address_that_is_none_is_refused(desk: HelpDesk, url: str) -> None:
    """An address that is missing or not plain https is named at the start and not shown."""
    environ = {
        f"HOOK_{desk.name}_SECRET": SECRET,
        f"HOOK_{desk.name}_API_URL": url,
        f"HOOK_{desk.name}_API_TOKEN": TOKEN,
    }
    with pytest.raises(SettingsError) as refused:
        hooks(from_environment(environ))
    assert f"HOOK_{desk.name}_API_URL" in str(refused.value)
    assert "Quack" not in str(refused.value)


@pytest.mark.parametrize("desk", DESKS)
def test_a_missing_token_is_named(desk: HelpDesk) -> None:
    """Without a token nothing could be asked back, so the help desk is refused at the start."""
    environ = {
        f"HOOK_{desk.name}_SECRET": SECRET,
        f"HOOK_{desk.name}_API_URL": "https://help.example.com",
    }
    with pytest.raises(SettingsError, match=f"HOOK_{desk.name}_API_TOKEN"):
        hooks(from_environment(environ))
