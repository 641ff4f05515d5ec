"""A merchant's workspace installs the app by OAuth, uses it, and takes it away again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot import app
from bot.sandbox.slack.installing import Browser, Installer
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.sample import LINA, OTTO, THISTLE_CHANNEL, THISTLE_HOME, thistle_workspace
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.stage import PATIENCE, Stage, stage
from bot.settings import from_environment
from storage.ids import EventId, TeamId
from tests.conftest import postgresql_database_of
from tests.journeys.acting import BIRCH, QUESTION, UNKNOWN, agent, cards, care, idle, link, merchant

TEAM = TeamId(THISTLE_HOME.team_id)
PHONE = "555-0142"
KINDS = [
    "socket-sqlite",
    "http-sqlite",
    pytest.param("http-postgresql", marks=pytest.mark.postgresql),
]


@pytest.fixture(params=KINDS)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A running bot in Care's workspace, and a merchant's workspace without it."""
    transport, _, database = request.param.partition("-")
    home = tmp_path_factory.mktemp("house")
    others, over_http = (thistle_workspace(),), transport == "http"
    if database == "sqlite":
        with stage(home, over_http=over_http, others=others) as opened:
            yield opened
        return
    with postgresql_database_of(request.getfixturevalue("postgresql_server")) as url:
        environment = {"DATABASE_URL": url, "CARE_HOME": str(home)}
        app.migrate(from_environment(environment))
        with stage(home, over_http=over_http, environment=environment, others=others) as opened:
            yield opened


def lina(house: Stage) -> Installer:
    """Return who looks after the merchant's apps."""
    return house.slack.installer(LINA.name)


def otto(house: Stage) -> Person:
    """Return her colleague."""
    return house.slack.person(OTTO.name)


def theirs(house: Stage) -> Workspace:
    """Return the merchant's workspace."""
    return house.slack.others[0]


def page_of(house: Stage, path: str = "install") -> str:
    """Return the address of a page of the bot's."""
    return f"http://127.0.0.1:{house.port}/slack/{path}"


def installed(house: Stage) -> None:
    """Let the merchant's workspace install the app, and be linked as one merchant's."""
    assert lina(house).installs(page_of(house)).status == 200
    care(agent(house), f"link {TEAM} {BIRCH}", "care-triage")


def answered(house: Stage, text: str) -> str:
    """Return what the bot says to Otto in his direct message."""
    sent = otto(house).writes(text)
    assert sent.ok
    return (
        theirs(house)
        .wait_for(
            lambda: [
                each
                for each in theirs(house).said_by_bot(sent.message.channel)
                if each.ts > sent.message.ts
            ],
            PATIENCE,
        )[-1]
        .text
    )


def told(house: Stage, words: str) -> bool:
    """Tell whether Care is told something in its channel, soon."""
    return house.eventually(lambda: any(words in each.text for each in cards(house)))


def test_an_installed_workspace_is_answered(house: Stage) -> None:
    """Its people ask in their own Slack, and Care hears that it came."""
    installed(house)

    assert "Source:" in answered(house, QUESTION)
    assert told(house, "installed Jetpack Care")


def test_a_linked_workspace_is_told_its_orders(house: Stage) -> None:
    """A workspace linked as a whole is told its merchant's orders in direct messages."""
    assert lina(house).installs(page_of(house)).status == 200
    before = answered(house, "where is 113-5550142-5550142?")
    idle(house)

    care(agent(house), f"link {TEAM} {BIRCH}", "care-triage")

    assert "113-5550142-5550142" not in before
    assert "113-5550142-5550142" in answered(house, "where is 113-5550142-5550142?")


def test_what_a_workspace_says_among_itself_is_not_read(house: Stage) -> None:
    """In a channel of a linked workspace only a mention is for the bot."""
    installed(house)

    otto(house).writes("did the pallets come?", THISTLE_CHANNEL)
    otto(house).writes(f"<@{THISTLE_HOME.bot_user_id}> {QUESTION}", THISTLE_CHANNEL)

    theirs(house).wait_for(lambda: theirs(house).said_by_bot(THISTLE_CHANNEL.id), PATIENCE)
    assert not any("pallets" in text for text in house.stored())


def test_people_of_an_installed_workspace_are_no_agents(house: Stage) -> None:
    """Whoever installs the app reads no other merchant's tickets."""
    installed(house)
    link(house)
    merchant(house).writes(UNKNOWN, BIRCH)
    idle(house)

    assert "agents" in care(otto(house), "tickets", THISTLE_CHANNEL)


def test_a_state_counts_once(house: Stage) -> None:
    """The way back from Slack, opened a second time, installs nothing."""
    installer = lina(house)
    back = installer.allows(page_of(house))

    first, second = installer.browser.open(back), installer.browser.open(back)

    assert (first.status, second.status) == (200, 401)
    assert "used before" in second.text


def test_a_state_is_of_its_browser(house: Stage) -> None:
    """The way back, opened in a browser that did not begin it, installs nothing."""
    back = lina(house).allows(page_of(house))

    page = Browser().open(back)

    assert page.status == 400
    assert "another browser" in page.text
    assert installations(house) == ()


def test_a_made_up_state_installs_nothing(house: Stage) -> None:
    """A state that the bot never gave out counts for nothing, whatever the cookie says."""
    installer = lina(house)
    installer.browser.cookies[f"127.0.0.1:{house.port}"] = {"slack-app-oauth-state": "forged"}

    page = installer.browser.open(page_of(house, "oauth_redirect?code=1&state=forged"))

    assert page.status == 401
    assert installations(house) == ()


@pytest.mark.parametrize("query", ["error=access_denied&state=x", "error=%3Cscript%3E", ""])
def test_who_does_not_allow_it_is_told(house: Stage, query: str) -> None:
    """A refusal is answered with a page that quotes nothing of the address."""
    page = lina(house).browser.open(page_of(house, f"oauth_redirect?{query}"))

    assert "not installed" in page.text
    assert "script>" not in page.text


def test_slack_failing_is_told(house: Stage) -> None:
    """Where Slack fails on the way, a page says so and nothing is kept."""
    installer = lina(house)
    back = installer.allows(page_of(house))
    house.slack.workspace.faults.add("oauth.v2.access", status=500, body="<html>")

    page = installer.browser.open(back)

    assert page.status == 401
    assert "That may pass" in page.text
    assert installations(house) == ()


def test_tokens_are_kept_sealed(house: Stage) -> None:
    """No token, state or code is in any file of the database or the log."""
    installer = lina(house)
    back = installer.allows(page_of(house))
    query = parse_qs(urlsplit(back).query)
    installer.browser.open(back)
    with house.bot.records.store.read() as records:
        grant = records.installations.grant(TEAM)

    assert grant is not None
    assert house.search(grant.token, query["state"][0], query["code"][0]) == ()


def test_rotated_tokens_are_renewed(house: Stage) -> None:
    """A token that ends soon is renewed, and the next answer goes with the new one."""
    house.slack.oauth.rotates = True
    installed(house)
    renewing = house.bot.renewing
    assert renewing is not None
    first = token(house)

    assert renewing.renew(house.now()) == 0
    assert renewing.renew(house.now() + timedelta(hours=10)) == 1

    assert token(house) != first
    assert "Source:" in answered(house, QUESTION)


def test_a_token_that_is_not_renewed_is_told(house: Stage) -> None:
    """Where Slack refuses, Care hears of it once a day and the token stays as it is."""
    house.slack.oauth.rotates = True
    installed(house)
    renewing = house.bot.renewing
    assert renewing is not None
    first = token(house)
    house.slack.workspace.faults.add("oauth.v2.access", error="invalid_refresh_token", times=2)

    for _ in range(2):
        assert renewing.renew(house.now() + timedelta(hours=10)) == 0

    assert told(house, "does not renew")
    assert sum("does not renew" in each.text for each in cards(house)) == 1
    assert token(house) == first


def test_an_uninstalled_workspace_is_deleted(house: Stage) -> None:
    """All that was kept of it goes, in the database and in Care's channel, with a receipt."""
    installed(house)
    link(house)
    merchant(house).writes(QUESTION, BIRCH)
    answered(house, f"{UNKNOWN} call me at {PHONE}")
    assert told(house, "pallet")
    idle(house)
    stays = len(house.stored())

    acks = lina(house).uninstalls()

    assert all(ack is not None and ack.ok for ack in acks)
    assert told(house, "removed Jetpack Care")
    receipt = house.bot.leaving.receipt(TEAM)
    assert receipt.rows["tickets"] == 1
    assert receipt.found == 0
    assert installations(house) == ()
    assert house.sealed() == []
    assert 0 < len(house.stored()) < stays
    assert house.eventually(lambda: not any("pallet" in each.text for each in cards(house)))
    assert house.search("pallet") == ()
    house.bot.leaving.leave(receipt.seq)
    assert house.bot.leaving.receipt(TEAM) == receipt


def test_a_workspace_that_comes_back_begins_anew(house: Stage) -> None:
    """Installed again, it is answered, and what it had before is not there."""
    installed(house)
    answered(house, QUESTION)
    idle(house)
    lina(house).uninstalls()
    assert told(house, "removed Jetpack Care")

    assert lina(house).installs(page_of(house)).status == 200

    assert "Source:" in answered(house, QUESTION)
    with house.bot.records.store.read() as records:
        assert records.merchants.of_workspace(TEAM, TEAM) is None


def test_a_late_word_of_an_uninstallation_leaves_the_new_one(house: Stage) -> None:
    """Told only after the app was installed again, the removal is of what was there before."""
    installed(house)
    answered(house, QUESTION)
    idle(house)

    event = "Ev0LATEWORD1"
    house.bot.leaving.uninstalled(TEAM, EventId(event), house.now() - timedelta(hours=1))

    assert installations(house) == (TEAM,)
    # Another question than before, since the same again would go to a person.
    assert "Source:" in answered(house, "what counts as pii?")


def test_a_revoked_token_is_told_and_deletes_nothing(house: Stage) -> None:
    """Care hears that the workspace is out of reach; what is kept stays for who comes back."""
    installed(house)
    answered(house, QUESTION)
    idle(house)
    stays = house.stored()

    lina(house).revokes()

    assert told(house, "was revoked")
    assert installations(house) == ()
    assert house.stored() == stays


def test_cares_own_workspace_keeps_its_tickets(house: Stage) -> None:
    """Where Care's own workspace removes the app, the merchants' tickets stay."""
    link(house)
    merchant(house).writes(QUESTION, BIRCH)
    idle(house)
    stays = house.stored()
    own = TeamId(house.slack.workspace.home.team_id)
    house.bot.leaving.uninstalled(own, EventId("Ev0OWNGONE01"), None)
    house.eventually(lambda: house.bot.leaving.receipt(own).verified_at)

    assert house.stored() == stays


def installations(house: Stage) -> tuple[TeamId, ...]:
    """Return the workspaces that have the app."""
    with house.bot.records.store.read() as records:
        return tuple(each.team for each in records.installations.all())


def token(house: Stage) -> str:
    """Return the bot's token in the merchant's workspace."""
    with house.bot.records.store.read() as records:
        grant = records.installations.grant(TEAM)
    assert grant is not None
    return grant.token
