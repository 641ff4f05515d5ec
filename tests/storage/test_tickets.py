"""The life of a ticket, as a table."""

from __future__ import annotations

import pytest

from storage.errors import TransitionRefused
from storage.tickets import TRANSITIONS, WHO, Actor, Step, TicketState, Trigger, after

S = TicketState
UNRESOLVED = sorted(set(S) - {S.RESOLVED})


def test_every_state_has_its_row() -> None:
    """No state is without a way on."""
    assert set(TRANSITIONS) == set(S)


@pytest.mark.parametrize("state", UNRESOLVED)
@pytest.mark.parametrize("step", [Step.RESOLVE, Step.QUIET])
def test_every_ticket_can_end(state: TicketState, step: Step) -> None:
    """From wherever it stands a ticket resolves, by somebody or by the quiet time."""
    for actor in WHO[step]:
        assert after(state, step, actor) is S.RESOLVED


@pytest.mark.parametrize("step", sorted(set(Step) - {Step.REOPEN, Step.HANDED_OVER}))
def test_a_resolved_ticket_stays_so(step: Step) -> None:
    """Neither a late message nor a second resolution changes a resolved ticket."""
    for actor in WHO[step]:
        assert after(S.RESOLVED, step, actor) is S.RESOLVED


@pytest.mark.parametrize("state", UNRESOLVED)
def test_only_a_resolved_ticket_reopens(state: TicketState) -> None:
    """Reopening what is not resolved is refused."""
    assert after(S.RESOLVED, Step.REOPEN, Actor.MERCHANT) is S.REOPENED
    with pytest.raises(TransitionRefused):
        after(state, Step.REOPEN, Actor.MERCHANT)


def test_a_resolved_ticket_is_not_handed_over() -> None:
    """A resolved ticket has to be reopened before Care gets it."""
    with pytest.raises(TransitionRefused):
        after(S.RESOLVED, Step.HANDED_OVER, Actor.BOT)


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
    assert {after(state, step, actor) for actor in WHO[step]} == {expected}


def test_every_step_has_who_may_take_it() -> None:
    """No step is anybody's or nobody's."""
    assert set(WHO) == set(Step)
    assert all(WHO.values())


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("actor", Actor)
def test_nobody_takes_a_step_of_others(step: Step, actor: Actor) -> None:
    """Whoever is not named for a step is refused it, in every state."""
    if actor in WHO[step]:
        return
    for state in S:
        with pytest.raises(TransitionRefused):
            after(state, step, actor)


@pytest.mark.parametrize("trigger", Trigger)
def test_every_trigger_is_of_somebody_who_may(trigger: Trigger) -> None:
    """Whatever resolves a ticket is the doing of somebody who may."""
    assert after(S.OPEN, trigger.step, trigger.actor) is S.RESOLVED
