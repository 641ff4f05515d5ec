"""The composition root: settings in, a program out. The one place where parts meet.

`records` is what works without Slack (import, redact, tickets); `build` is the bot.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from flask import Flask

from bot import health, web, worker
from bot.amazon.accounts import accounts
from bot.amazon.keeping import Keeping
from bot.amazon.notices import Notices
from bot.amazon.queue import SqsQueue
from bot.amazon.refreshing import Refreshing
from bot.amazon.sync import Sync
from bot.anchoring import Anchoring
from bot.care.agents import Agents
from bot.care.audit import AuditCommands
from bot.care.card_presses import CardPresses
from bot.care.digest import Digest
from bot.care.home import Home
from bot.care.mentions import Mentions
from bot.care.merchants import MerchantCommands
from bot.care.orders import OrderCommands
from bot.care.reminding import Reminding
from bot.care.ticket_modal import TicketModal
from bot.care.tickets import TicketCommands
from bot.clearing import Clearing
from bot.desk import Desk
from bot.engine import Engine
from bot.errors import SettingsError
from bot.hooks.door import HookDoor
from bot.hooks.registry import hooks
from bot.hooks.shipments import ShipmentDoor
from bot.hooks.standard_secrets import StandardSecrets
from bot.intake import Intake
from bot.jobs import Jobs, prepare
from bot.leaving import Leaving
from bot.log import Event, warn
from bot.lookup import LookUp
from bot.people import Roster
from bot.presses import Presses
from bot.records import Clock, Records, utc_now
from bot.resolving import Resolver
from bot.rewriting.endpoint import Endpoint
from bot.rewriting.rewriter import Rewriter, Verbatim
from bot.scanning import Scanning
from bot.sellers import OrdersVersion
from bot.settings import Settings
from bot.slack import bolt, http
from bot.slack.admin import Admin
from bot.slack.client import Slack, web_client
from bot.slack.companies import Companies
from bot.slack.doors import Doors
from bot.slack.files import Files
from bot.slack.installing import Installing, installing
from bot.slack.pace import Pace
from bot.slack.poster import Poster
from bot.slack.renewing import Renewing
from bot.slack.socket import Socket
from bot.slack.status import working
from bot.slack.streaming import Streaming
from bot.slack.workspaces import Workspaces
from bot.telling import Telling
from bot.triage import Triage
from bot.troubles import Troubles
from bot.upkeep import Upkeep
from nlp.knowledge import Knowledge
from nlp.scrubber import PresidioScrubber, Scrubber
from storage.errors import DatabaseOutdated
from storage.ids import TeamId
from storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """The bot over its records, ready to be served and worked for."""

    settings: Settings
    records: Records
    app: bolt.App
    desk: Desk
    poster: Poster
    anchoring: Anchoring
    reminding: Reminding
    digest: Digest
    scanning: Scanning
    clearing: Clearing | None
    leaving: Leaving
    installing: Installing | None
    renewing: Renewing | None
    sync: Sync
    hooks: HookDoor
    shipments: ShipmentDoor
    clock: Clock

    def socket(self) -> Socket:
        """Return the Socket Mode connection, not connected yet."""
        self.settings.require("SLACK_APP_TOKEN")
        return Socket(self.app, self.settings.slack_app_token)

    def web(self, socket: Socket | None = None) -> Flask:
        """Return the WSGI application; with a socket, Slack is not served over HTTP."""
        slack = None
        if socket is None:
            self.settings.require("SLACK_SIGNING_SECRET")
            slack = http.endpoint(self.app, self.settings.slack_signing_secret)
        store = self.records.store
        return web.build(
            endpoint=slack,
            installing=self.installing,
            hooks=self.hooks,
            shipments=self.shipments,
            health=health.Health(
                store=store,
                clock=self.clock,
                connected=(lambda: True) if socket is None else socket.is_connected,
            ),
            metrics=health.metrics(store, self.settings.service_levels, self.clock),
        )

    def work(self) -> Engine:
        """Start working in threads of this process."""
        old = [a for a in self.records.accounts.values() if a.seller.orders is OrdersVersion.V0]
        if old:
            warn(Event.AMAZON_ENDS, sellers=len(old))
        return worker.start(
            store=self.records.store,
            desk=self.desk,
            poster=self.poster,
            upkeep=self.records.upkeep,
            anchoring=self.anchoring,
            reminding=self.reminding,
            digest=self.digest,
            scanning=self.scanning,
            clearing=self.clearing,
            leaving=self.leaving,
            renewing=self.renewing,
            sync=self.sync,
            notices=self._notices(),
            worker=self.settings.worker,
        )

    def _notices(self) -> Notices | None:
        """Return what listens to Amazon's notifications, None without a queue or a seller."""
        if not self.settings.sqs_queue_url or not self.records.accounts:
            return None
        return Notices(
            store=self.records.store,
            queue=SqsQueue(self.settings.sqs_queue_url),
            accounts=self.records.accounts,
            clock=self.clock,
            hurry=self.sync.hurry,
        )


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema, ours and the engine's."""
    store = Store.open(settings.database_url, settings.keyring, utc_now())
    try:
        _migrate(store)
    finally:
        store.close()


@contextmanager
def records(settings: Settings, *, clock: Clock = utc_now) -> Iterator[Records]:
    """Open the records. Raises DatabaseOutdated where `migrate` has to run first."""
    store = Store.open(settings.database_url, settings.keyring, clock())
    try:
        if not store.database.is_current():
            # A file of our own is brought up to date by whoever opens it first; a server, which
            # others use too, only by `migrate`.
            if not store.database.is_sqlite:
                raise DatabaseOutdated
            _migrate(store)
        selling = accounts(settings, store, clock)
        jobs = Jobs(store.database.engine)
        triage = Triage(jobs=jobs, channel=settings.triage_channel, clock=clock)
        resolver = Resolver(jobs=jobs, clock=clock, refresh=triage.refresh)
        try:
            yield Records(
                store=store,
                jobs=jobs,
                resolver=resolver,
                triage=triage,
                upkeep=Upkeep(
                    store=store,
                    jobs=jobs,
                    resolver=resolver,
                    clock=clock,
                    retention_days=settings.retention_days,
                    redact_postal_code=settings.redact_postal_code,
                    quiet_days=settings.quiet_days,
                ),
                lookup=LookUp(
                    clock=clock,
                    retention_days=settings.retention_days,
                    redact_postal_code=settings.redact_postal_code,
                ),
                accounts=selling,
                keeping=Keeping(
                    clock=clock,
                    retention_days=settings.retention_days,
                    redact_postal_code=settings.redact_postal_code,
                ),
                clock=clock,
            )
        finally:
            jobs.close()
            selling.close()
    finally:
        store.close()


@contextmanager
def build(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    scrubber: Scrubber | None = None,
    pace: Pace | None = None,
) -> Iterator[Bot]:
    """Build the bot for the workspace whose token it has, and for those that install the app.

    Asks Slack who the token belongs to, and nothing else.

    Args:
        settings: What the program was told.
        clock: Tells the time.
        scrubber: Presidio's when left out.
        pace: How fast a channel takes messages; as Slack has it when left out.

    Raises:
        SettingsError: A token is missing.
        SlackRefused, SlackBusy: Slack does not take the token, or cannot be reached.
        StorageError: The records cannot be opened.
    """
    if not settings.is_open:
        # Without a token of its own Care's workspace installs the app as others do.
        settings.require("SLACK_BOT_TOKEN")
    desks = hooks(settings)
    carriers = StandardSecrets("HOOK_SHIPMENTS_SECRET", settings.shipments_secrets)
    with records(settings, clock=clock) as kept, _rewriter(settings) as rewriter:
        workspaces = Workspaces(
            kept.store,
            api_url=settings.slack_api_url,
            token=settings.slack_bot_token,
            is_open=settings.is_open,
        )
        team = settings.team or _team(workspaces)
        slack = Slack(workspaces.client)
        group = settings.agent_group
        roster = Roster(
            team=team,
            listed=settings.agents,
            members=partial(slack.group_members, team, group) if group else None,
        )
        intake = Intake(
            store=kept.store,
            scrubber=scrubber or PresidioScrubber(),
            jobs=kept.jobs,
            roster=roster,
            triage=kept.triage,
            clock=clock,
            retention_days=settings.retention_days,
            scans_files=settings.scan_files,
            clears=bool(settings.slack_admin_user_token),
        )
        knowledge = Knowledge.load()
        if knowledge.problems:
            # `kb lint` names them; the others go on serving.
            warn(Event.ARTICLES_LEFT_OUT, problems=len(knowledge.problems))
        desk = Desk(
            store=kept.store,
            knowledge=knowledge,
            clock=clock,
            lookup=kept.lookup,
            refresh=Refreshing(
                store=kept.store, accounts=kept.accounts, keeping=kept.keeping, clock=clock
            ).refresh,
            triage=kept.triage,
            team=team,
            permalink=workspaces.permalink,
            working=partial(working, slack),
            companies=Companies(slack).count,
            rewriter=rewriter,
            clears=bool(settings.slack_admin_user_token),
        )
        telling = Telling(
            store=kept.store,
            jobs=kept.jobs,
            team=team,
            channel=settings.triage_channel,
        )
        leaving = kept.leaving(telling, team, workspaces.forget)
        agents = Agents(
            store=kept.store,
            intake=intake,
            roster=roster,
            clock=clock,
            tickets=TicketCommands(
                store=kept.store,
                intake=intake,
                roster=roster,
                resolver=kept.resolver,
                triage=kept.triage,
                permalink=workspaces.permalink,
                clock=clock,
            ),
            orders=OrderCommands(store=kept.store, lookup=kept.lookup, clock=clock),
            merchants=MerchantCommands(store=kept.store, resolver=kept.resolver, clock=clock),
            audit=AuditCommands(store=kept.store, clock=clock),
        )
        doors = Doors(
            intake=intake,
            agents=agents,
            presses=Presses(store=kept.store, desk=desk, jobs=kept.jobs, resolver=kept.resolver),
            cards=CardPresses(
                store=kept.store,
                jobs=kept.jobs,
                roster=roster,
                resolver=kept.resolver,
                triage=kept.triage,
                clock=clock,
            ),
            home=Home(
                store=kept.store,
                roster=roster,
                agents=agents,
                resolver=kept.resolver,
                triage=kept.triage,
                lookup=kept.lookup,
                levels=settings.service_levels,
                permalink=workspaces.permalink,
                health=health.Health(store=kept.store, clock=clock, connected=lambda: True).look,
                clock=clock,
                quiet_days=settings.quiet_days,
                retention_days=settings.retention_days,
            ),
            modal=TicketModal(
                store=kept.store,
                roster=roster,
                resolver=kept.resolver,
                triage=kept.triage,
                clock=clock,
            ),
            mentions=Mentions(
                store=kept.store,
                jobs=kept.jobs,
                agents=agents,
                roster=roster,
                triage=kept.triage,
                bot_user=workspaces.bot_user,
                clock=clock,
            ),
            slack=slack,
            leaving=leaving,
            troubles=Troubles(telling=telling, clock=clock),
        )
        yield Bot(
            settings=settings,
            records=kept,
            app=bolt.build(
                workspaces,
                api_url=settings.slack_api_url,
                signing_secret=settings.slack_signing_secret,
                doors=doors,
            ),
            desk=desk,
            poster=Poster(
                store=kept.store,
                slack=slack,
                streaming=Streaming(slack=slack, is_on=settings.streaming),
                pace=pace or Pace(),
                telling=telling,
                clock=clock,
            ),
            anchoring=Anchoring(
                store=kept.store,
                telling=telling,
                anchors=settings.anchors,
                key=settings.audit_key,
            ),
            reminding=Reminding(
                store=kept.store,
                triage=kept.triage,
                levels=settings.service_levels,
                group=group,
            ),
            digest=Digest(
                store=kept.store,
                telling=telling,
                levels=settings.service_levels,
                permalink=workspaces.permalink,
                retention_days=settings.retention_days,
            ),
            scanning=Scanning(
                store=kept.store,
                intake=intake,
                files=Files(client_of=workspaces.client, api_url=settings.slack_api_url),
                most_bytes=settings.file_bytes,
                clock=clock,
            ),
            clearing=_clearing(settings, kept, team),
            leaving=leaving,
            installing=_installing(settings, kept, workspaces, telling),
            renewing=_renewing(settings, kept, workspaces, telling),
            sync=kept.sync(telling.tell, on_engine=True),
            hooks=HookDoor(store=kept.store, resolver=kept.resolver, hooks=desks),
            shipments=ShipmentDoor(
                store=kept.store,
                clock=clock,
                retention_days=settings.retention_days,
                redact_postal_code=settings.redact_postal_code,
                secrets=carriers,
            ),
            clock=clock,
        )


def _team(workspaces: Workspaces) -> TeamId:
    """Return the workspace of the one token. Raises SettingsError where there is none."""
    if workspaces.own is None:
        raise SettingsError("Not set: CARE_TEAM_ID. README.md says where to find it.")
    return workspaces.own.who.team


def _clearing(settings: Settings, kept: Records, team: TeamId) -> Clearing | None:
    """Return what deletes messages in Slack, None where no admin lends a token for it."""
    if not settings.slack_admin_user_token:
        return None
    client = web_client(settings.slack_admin_user_token, settings.slack_api_url)
    admin = Admin(client=client, team=team)
    return Clearing(store=kept.store, remove=admin.remove, clock=kept.clock)


@contextmanager
def _rewriter(settings: Settings) -> Iterator[Rewriter]:
    """Open what words answers anew: nothing, unless a language model is configured."""
    if not settings.llm_url:
        yield Verbatim()
        return
    endpoint = Endpoint(
        url=settings.llm_url,
        model=settings.llm_model,
        api_key=settings.llm_api_key,
        timeout=settings.llm_timeout,
    )
    try:
        yield endpoint
    finally:
        endpoint.close()


def _installing(
    settings: Settings, kept: Records, workspaces: Workspaces, telling: Telling
) -> Installing | None:
    """Return the pages of the installation, None where the app is for one workspace alone."""
    if not settings.is_open:
        return None
    return installing(
        kept.store,
        workspaces,
        telling,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        api_url=settings.slack_api_url,
        public_url=settings.public_url,
        clock=kept.clock,
    )


def _renewing(
    settings: Settings, kept: Records, workspaces: Workspaces, telling: Telling
) -> Renewing | None:
    if not settings.is_open:
        return None
    return Renewing(
        store=kept.store,
        workspaces=workspaces,
        telling=telling,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        api_url=settings.slack_api_url,
        clock=kept.clock,
    )


def _migrate(store: Store) -> None:
    store.migrate()
    prepare(store.database.url)
