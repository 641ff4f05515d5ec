"""The command line: parse, call once, translate errors.

Exit codes: 0 done, 1 the work failed, 2 wrong usage. Data on standard output, all else on standard
error.
"""

from __future__ import annotations

import click

from bot.cli import serving, words
from bot.cli.audit import audit
from bot.cli.command import Group
from bot.cli.keys import keys
from bot.cli.orders import orders, redact, returns
from bot.cli.sellers import sellers
from bot.cli.shipments import shipments
from bot.cli.tickets import tickets
from bot.cli.workspaces import workspaces


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jetpack-care")
def main() -> None:
    """Jetpack Care: the Slack bot for merchants' Amazon FBM questions.

    \b
    Examples:
      jetpack-care demo                       see the whole thing without any account
      jetpack-care run                        the bot in your workspace, in one process
      jetpack-care ask "can you do prime?"    what the bot would answer
      echo "mail to joe@example.com" | jetpack-care scrub
      jetpack-care redact --dry-run           what is due for redaction
    """


for _command in (
    *(serving.demo, serving.run, serving.web, serving.worker, serving.migrate, serving.check),
    *(words.scrub, words.ask, words.kb, orders, returns, shipments, tickets, redact, keys, audit),
    *(sellers, workspaces),
):
    main.add_command(_command)
