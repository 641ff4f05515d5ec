"""The life of a ticket, as a table."""

from __future__ import annotations

import pytest

from storage.errors import TransitionRefused
from storage.tickets import TRANSITIONS, Step, TicketState, after

S = TicketState
UNRESOLVED = sorted(set(S) - {S.RESOLVED})


def test_every_state_has_its_row() -> None:
    """No state is without a way on."""
    assert set(TRANSITIONS) == set(S)


@pytest.mark.parametrize("state", UNRESOLVED)
@pytest.mark.parametrize("step", [Step.RESOLVE, Step.QUIET])
def test_every_ticket_can_end(state: TicketState, step: Step) -> None:
    """From wherever it stands a ticket resolves, by somebody or by the quiet time."""
    assert after(state, step) is S.RESOLVED


@pytest.mark.parametrize("step", sorted(set(Step) - {Step.REOPEN, Step.HANDED_OVER}))
def test_a_resolved_ticket_stays_so(step: Step) -> None:
    """Neither a late message nor a second resolution changes a resolved ticket."""
    assert after(S.RESOLVED, step) is S.RESOLVED


@pytest.mark.parametrize("state", UNRESOLVED)
def test_only_a_resolved_ticket_reopens(state: TicketState) -> None:
    """Reopening what is not resolved is refused."""
    assert after(S.RESOLVED, Step.REOPEN) is S.REOPENED
    with pytest.raises(TransitionRefused):
        after(state, Step.REOPEN)


def test_a_resolved_ticket_is_not_handed_over() -> None:
    """A resolved ticket has to be reopened before Care gets it."""
    with pytest.raises(TransitionRefused):
        after(S.RESOLVED, Step.HANDED_OVER)


@pytest.mark.parametrize(
    ("state", "step", "expected"),
    [
        (S.OPEN, Step.BOT_ANSWERED, S.ANSWERED),
        (S.OPEN, Step.HANDED_OVER, S.WAITING_ON_CARE),
        (S.ANSWERED, Step.MERCHANT_WROTE, S.OPEN),
        (S.WAITING_ON_CARE, Step.AGENT_WROTE, S.WAITING_ON_MERCHANT),
        (S.WAITING_ON_CARE, Step.BOT_ANSWERED, S.WAITING_ON_CARE),
        (S.WAITING_ON_MERCHANT, Step.MERCHANT_WROTE, S.WAITING_ON_CARE),
        (S.REOPENED, Step.BOT_ANSWERED, S.ANSWERED),
        (S.REOPENED, Step.MERCHANT_WROTE, S.REOPENED),
    ],
)
def test_a_step_leads_where_the_table_says(
    state: TicketState, step: Step, expected: TicketState
) -> None:
    """Who wrote last decides who is waited for."""
    assert after(state, step) is expected
