"""The help desks that settings name, ready to be listened to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot.hooks.freshdesk import Freshdesk
from bot.hooks.front import Front
from bot.hooks.gorgias import Gorgias
from bot.hooks.hook import Hook
from bot.hooks.hubspot import HubSpot
from bot.hooks.intercom import Intercom
from bot.hooks.standard import StandardWebhooks
from bot.hooks.zendesk import Zendesk
from bot.settings import Settings
from storage.external import HelpDesk

_Build = Callable[[Sequence[str], Settings], Hook]


def hooks(settings: Settings) -> dict[HelpDesk, Hook]:
    """Return the hook of every help desk that has a secret.

    Raises:
        SettingsError: Something that one of them needs is missing or malformed.
    """
    return {
        desk: _BUILD[desk](secrets, settings) for desk, secrets in settings.hook_secrets.items()
    }


def _standard(secrets: Sequence[str], _settings: Settings) -> Hook:
    return StandardWebhooks(secrets)


def _zendesk(secrets: Sequence[str], _settings: Settings) -> Hook:
    return Zendesk(secrets)


def _front(secrets: Sequence[str], _settings: Settings) -> Hook:
    return Front(secrets)


def _hubspot(secrets: Sequence[str], settings: Settings) -> Hook:
    return HubSpot(secrets, settings.public_url, settings.hubspot_stages)


def _intercom(secrets: Sequence[str], settings: Settings) -> Hook:
    return Intercom(secrets, *settings.hook_api(HelpDesk.INTERCOM))


def _freshdesk(secrets: Sequence[str], settings: Settings) -> Hook:
    return Freshdesk(secrets, *settings.hook_api(HelpDesk.FRESHDESK), settings.freshdesk_statuses)


def _gorgias(secrets: Sequence[str], settings: Settings) -> Hook:
    return Gorgias(secrets, *settings.hook_api(HelpDesk.GORGIAS))


_BUILD: Final[Mapping[HelpDesk, _Build]] = {
    HelpDesk.STANDARD: _standard,
    HelpDesk.ZENDESK: _zendesk,
    HelpDesk.INTERCOM: _intercom,
    HelpDesk.HUBSPOT: _hubspot,
    HelpDesk.FRONT: _front,
    HelpDesk.FRESHDESK: _freshdesk,
    HelpDesk.GORGIAS: _gorgias,
}
