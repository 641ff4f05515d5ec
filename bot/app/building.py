"""Building the bot: the one place where all its parts meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from bot import health
from bot.amazon.refreshing import Refreshing
from bot.anchoring import Anchoring
from bot.app.opening import records
from bot.app.parts import care_team, clearing_of, installing_of, renewing_of, rewriter_of
from bot.app.program import Bot
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
from bot.desk import Desk
from bot.hooks.door import HookDoor
from bot.hooks.registry import hooks
from bot.hooks.shipments import ShipmentDoor
from bot.hooks.standard_secrets import StandardSecrets
from bot.intake import Intake
from bot.log import Event, warn
from bot.people import Roster
from bot.presses import Presses
from bot.records import Clock, utc_now
from bot.rewording import Rewording
from bot.scanning import Scanning
from bot.settings import Settings
from bot.slack import bolt
from bot.slack.client import Slack
from bot.slack.companies import Companies
from bot.slack.doors import Doors
from bot.slack.files import Files
from bot.slack.pace import Pace
from bot.slack.poster import Poster
from bot.slack.status import working
from bot.slack.streaming import Streaming
from bot.slack.workspaces import Workspaces
from bot.telling import Telling
from bot.troubles import Troubles
from nlp.scrubber import PresidioScrubber, Scrubber
from nlp.shelf import Shelf


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
    with records(settings, clock=clock) as kept, rewriter_of(settings) as rewriter:
        workspaces = Workspaces(
            kept.store,
            api_url=settings.slack_api_url,
            token=settings.slack_bot_token,
            is_open=settings.is_open,
        )
        team = settings.team or care_team(workspaces)
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
        # `kb lint` names what is left out; the others go on serving.
        shelf = Shelf(
            settings.articles, left_out=lambda many: warn(Event.ARTICLES_LEFT_OUT, problems=many)
        )
        desk = Desk(
            store=kept.store,
            knowledge=shelf,
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
            reworded=Rewording(store=kept.store, knowledge=shelf, rewriter=rewriter).reworded,
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
            clearing=clearing_of(settings, kept, team),
            leaving=leaving,
            installing=installing_of(settings, kept, workspaces, telling),
            renewing=renewing_of(settings, kept, workspaces, telling),
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
