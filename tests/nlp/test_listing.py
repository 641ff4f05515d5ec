"""Wishes for lists of orders and returns, told from questions and from single orders."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nlp.answers.listing import Period, Which, bounds
from nlp.questions import IntentKind, understand
from nlp.text import ScrubbedText

LATE = [
    "my late orders", "late orders", "which orders are late?", "which of my orders are late",
    "what orders are overdue", "show me our late orders please", "list all late orders",
    "any late orders?", "how many orders are running late", "show delayed orders",
    "do we have late packages", "which shipments are behind schedule", "any orders that are late?",
    "hi, which of our orders are still late?", "Overdue orders?",
]  # fmt: skip
UNSHIPPED = [
    "orders not shipped yet", "which orders haven't shipped yet?", "unshipped orders",
    "show me all unfulfilled orders", "what hasn't shipped", "which orders have not shipped",
    "orders that still need to ship", "list orders that have not been shipped",
    "our orders that haven't been sent out", "which packages haven't left", "my unshipped orders",
    "which orders are not shipped yet", "what has not been shipped",
]  # fmt: skip
SHIPPED = [
    ("which orders shipped today", Period.TODAY), ("orders shipped this week", Period.THIS_WEEK),
    ("what was shipped yesterday?", Period.YESTERDAY),
    ("shipped orders last week", Period.LAST_WEEK),
    ("what did we ship today", Period.TODAY), ("list shipped orders", Period.LAST_7_DAYS),
    ("how many orders have shipped this month", Period.THIS_MONTH),
]  # fmt: skip
DELIVERED = [
    ("what was delivered yesterday", Period.YESTERDAY), ("delivered orders", Period.LAST_7_DAYS),
    ("which orders were delivered this week", Period.THIS_WEEK),
    ("orders delivered in the last 7 days", Period.LAST_7_DAYS),
    ("how many packages arrived today?", Period.TODAY),
]  # fmt: skip
CANCELLED = ["cancelled orders", "which orders were canceled this month", "list canceled orders"]
RETURNED = [
    ("returns this week", Period.THIS_WEEK), ("my returns", Period.LAST_30_DAYS),
    ("which returns came in today", Period.TODAY), ("show me our returns", Period.LAST_30_DAYS),
    ("any returns yesterday?", Period.YESTERDAY), ("what was returned last week", Period.LAST_WEEK),
    ("returns from the last 30 days", Period.LAST_30_DAYS),
    ("how many returns this month", Period.THIS_MONTH), ("list returns", Period.LAST_30_DAYS),
]  # fmt: skip
OPEN = ["open returns", "pending returns", "which returns are still open", "returns on the way"]
QUESTIONS = [
    "what happens when an order is late?", "why are my orders late?", "how do returns work",
    "how long do returns take", "what if orders are late", "can I cancel orders?",
    "who pays for late orders", "what is your policy on late orders", "how do I avoid late orders",
    "do you handle returns?", "how are cancelled orders handled, do you restock them",
    "what do I do with late orders", "can we get returns sent to us", "how to handle returns",
    "what should I do when orders are cancelled",
    "how can I see unshipped orders in Seller Central",
    "do you ship orders on weekends", "will you ship orders today", "is there a charge for returns",
    "what happens to PII of delivered orders", "how do I convert my SKUs",
    "can you do prime orders",
    "how come my orders have not shipped", "refund for late orders?", "what is a WRO",
    "how many units can I send", "should we list returns in Amazon", "how do I refund a return",
    "when an order is delivered, when is it redacted", "what does it cost to process returns",
]  # fmt: skip
SINGLE = [
    "where is my order", "is my order late?", "has my package shipped", "my order hasn't shipped",
    "where is the return", "was it delivered?", "did my order arrive",
    "is 113-5550142-5550142 late", "which orders like 113-5550142-5550142 are late",
]  # fmt: skip


def wished(text: str) -> tuple[Which, Period] | None:
    """Return the list that a text asks for."""
    found = understand(ScrubbedText(text)).wish
    return None if found is None else (found.which, found.period)


@pytest.mark.parametrize(
    ("text", "which", "period"),
    [
        *((text, Which.LATE, Period.ANY) for text in LATE),
        *((text, Which.UNSHIPPED, Period.ANY) for text in UNSHIPPED),
        *((text, Which.OPEN_RETURNS, Period.ANY) for text in OPEN),
        *((text, Which.SHIPPED, period) for text, period in SHIPPED),
        *((text, Which.DELIVERED, period) for text, period in DELIVERED),
        *((text, Which.RETURNED, period) for text, period in RETURNED),
        (CANCELLED[0], Which.CANCELLED, Period.LAST_30_DAYS),
        (CANCELLED[1], Which.CANCELLED, Period.THIS_MONTH),
        (CANCELLED[2], Which.CANCELLED, Period.LAST_30_DAYS),
    ],
)
def test_a_list_is_understood(text: str, which: Which, period: Period) -> None:
    """Which orders or returns, and from when."""
    assert wished(text) == (which, period)
    kind = IntentKind.RETURN if which.is_of_returns else IntentKind.ORDER
    assert understand(ScrubbedText(text)).kind is kind


@pytest.mark.parametrize("text", [*QUESTIONS, *SINGLE])
def test_what_is_no_list_is_none(text: str) -> None:
    """A question about a rule, and the state of one order, ask for no list."""
    assert wished(text) is None


@pytest.mark.parametrize("text", ["late " * 5_000, "which orders " * 3_000, "my our all " * 3_000])
def test_long_texts_take_bounded_time(text: str) -> None:
    """Whoever asks for a list says so in a sentence; the rest is not searched."""
    assert wished(text) is None


NOW = datetime(2026, 11, 19, 15, 30, tzinfo=UTC)  # a Thursday


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        (Period.TODAY, "2026-11-19 00:00", "2026-11-19 15:30"),
        (Period.YESTERDAY, "2026-11-18 00:00", "2026-11-19 00:00"),
        (Period.THIS_WEEK, "2026-11-16 00:00", "2026-11-19 15:30"),
        (Period.LAST_WEEK, "2026-11-09 00:00", "2026-11-16 00:00"),
        (Period.THIS_MONTH, "2026-11-01 00:00", "2026-11-19 15:30"),
        (Period.LAST_7_DAYS, "2026-11-12 15:30", "2026-11-19 15:30"),
        (Period.LAST_30_DAYS, "2026-10-20 15:30", "2026-11-19 15:30"),
    ],
)
def test_periods_have_their_bounds(period: Period, since: str, until: str) -> None:
    """Days are those of UTC, weeks begin on Monday."""
    began, ended = bounds(period, NOW)

    assert began is not None
    assert (f"{began:%Y-%m-%d %H:%M}", f"{ended:%Y-%m-%d %H:%M}") == (since, until)
    assert bounds(Period.ANY, NOW) == (None, NOW)
