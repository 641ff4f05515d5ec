"""The commands about tickets: list, show, resolve."""

from __future__ import annotations

import click

from bot import showing
from bot.cli.command import Group, records


@click.group(cls=Group)
def tickets() -> None:
    """List, show and resolve tickets."""


@tickets.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
def list_tickets(as_json: bool) -> None:
    """List the tickets, oldest first."""
    with records() as opened:
        found = showing.tickets(opened)
    for each in found:
        click.echo(showing.as_json(each) if as_json else showing.inline(each))


@tickets.command("show")
@click.argument("ticket")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_ticket(ticket: str, as_json: bool) -> None:
    """Show a ticket: its scrubbed messages and what it holds.

    \b
    Example:
      jetpack-care tickets show JC-12
    """
    with records() as opened:
        found = showing.ticket(opened, ticket)
    click.echo(showing.as_json(found) if as_json else showing.field_lines(found))


@tickets.command("resolve")
@click.argument("ticket")
@click.option("--json", "as_json", is_flag=True, help="The receipt as one JSON object.")
def resolve_ticket(ticket: str, as_json: bool) -> None:
    """Resolve a ticket: its sensitive values are deleted, the receipt is printed.

    \b
    Example:
      jetpack-care tickets resolve JC-12
    """
    with records() as opened:
        receipt = showing.resolve(opened, ticket)
    click.echo(showing.as_json(receipt) if as_json else showing.receipt_lines(receipt))
