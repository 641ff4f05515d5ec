"""What a carrier tells over HTTP is taken once and durably, or refused as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import log
from bot.errors import SettingsError
from bot.hooks.shipments import MOST
from bot.hooks.standard_secrets import StandardSecrets
from bot.sandbox.stage import stage
from storage.orders import Package
from storage.residue import scan
from storage.store import Store
from tests.shipment_feed import (
    NOW,
    ORDER,
    SECOND,
    SECRET,
    TRACKING,
    ShipmentFeed,
    shipment_feed,
    signed,
)

DELIVERED: Final = "shipment.delivered"
UPDATED: Final = "shipment.updated"
DAY: Final = timedelta(days=1)
SQLITE: Final = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the kind of database."""
HEADER: Final = "order_id,merchant,tracking_id,first_name"
GOOD: Final[dict[str, object]] = {
    "tracking_id": TRACKING,
    "order_id": ORDER,
    "carrier": "UPS",
    "status": "DELIVERED",
    "shipped_at": "2026-11-14T15:30:00-08:00",
    "delivered_at": "2026-11-17T13:05:00-08:00",
}
PLANTED: Final = ("Wilhelmina", "Quackenbush", "Gooseberry", "415-555-0143")


@pytest.fixture
def feed(store: Store) -> Iterator[ShipmentFeed]:
    """A house that listens to the feed and knows one order, without a package."""
    with shipment_feed(store) as opened:
        opened.imports("orders", HEADER, f"{ORDER},birch,,Odalys")
        yield opened


def body(**data: object) -> bytes:
    """Return a delivery of the good shipment, changed by `data`."""
    return json.dumps({"type": UPDATED, "data": {**GOOD, **data}}).encode()


def test_a_delivery_that_is_told_starts_the_clock(feed: ShipmentFeed) -> None:
    """200: the order has the package as it was told, and its 30 days run from the delivery."""
    assert feed.sends(DELIVERED, GOOD) == 200

    order = feed.order()
    assert order.packages == (
        Package(
            tracking_id=TRACKING,
            carrier="UPS",
            status="DELIVERED",
            shipped_at=NOW.fromisoformat("2026-11-14T23:30:00+00:00"),
            delivered_at=NOW.fromisoformat("2026-11-17T21:05:00+00:00"),
            delivery_source="carrier",
        ),
    )
    assert order.due_at == NOW.fromisoformat("2026-12-17T21:05:00+00:00")
    assert feed.waiting() == 0


@pytest.mark.parametrize("kind", ["shipment.shipped", "shipment.in_transit", UPDATED])
@SQLITE
def test_news_on_the_way_change_what_they_tell(kind: str, feed: ShipmentFeed) -> None:
    """Without a delivery the status changes, and what is left out stays as it was."""
    feed.sends(DELIVERED, GOOD)
    assert feed.sends(kind, {"tracking_id": TRACKING, "status": "AT_THE_DOOR"}) == 200

    [package] = feed.order().packages
    assert (package.status, package.carrier) == ("AT_THE_DOOR", "UPS")
    assert package.delivered_at is not None


@SQLITE
def test_jetpack_may_tell_as_well(feed: ShipmentFeed) -> None:
    """`source` says that it is Jetpack's own word."""
    assert feed.sends(DELIVERED, {**GOOD, "source": "jetpack"}) == 200
    assert feed.order().packages[0].delivery_source == "jetpack"


@SQLITE
def test_other_news_are_taken_and_ignored(feed: ShipmentFeed) -> None:
    """A genuine delivery of another type is answered 200, whatever it holds."""
    for content in (b'{"type": "label.created", "data": 7}', b"{}", b'{"type": 7}'):
        assert feed.posts(content) == 200
    assert feed.order().packages == ()


def test_a_delivery_that_comes_again_is_taken_once(feed: ShipmentFeed) -> None:
    """The same webhook-id is answered 200 and changes nothing, even with other content."""
    content, other = body(), body(status="LOST")
    assert feed.delivers(content, signed(content, number="msg_twice")) == 200
    assert feed.delivers(other, signed(other, number="msg_twice")) == 200
    assert feed.order().packages[0].status == "DELIVERED"


@SQLITE
def test_what_was_refused_may_come_again(feed: ShipmentFeed) -> None:
    """A webhook-id of a malformed delivery is not remembered: mended, it is taken."""
    bad, good = body(tracking_id=""), body()
    assert feed.delivers(bad, signed(bad, number="msg_mended")) == 400
    assert feed.delivers(good, signed(good, number="msg_mended")) == 200
    assert feed.order().packages != ()


def test_what_comes_before_its_order_waits_for_it(feed: ShipmentFeed) -> None:
    """202: it is kept, and counts when the order comes by an import."""
    assert feed.sends(DELIVERED, {**GOOD, "order_id": "113-5550143-5550143"}) == 202
    assert feed.waiting() == 1

    feed.imports("orders", HEADER, "113-5550143-5550143,birch,,Thaddeus")

    order = feed.order("113-5550143-5550143")
    assert order.packages[0].delivery_source == "carrier"
    assert order.due_at == NOW.fromisoformat("2026-12-17T21:05:00+00:00")
    assert feed.waiting() == 0


def test_several_shipments_are_one_delivery(feed: ShipmentFeed) -> None:
    """A list is taken whole; 202 where the order of one of them is not known."""
    other = {**GOOD, "tracking_id": "1Z999AA10123456793"}
    assert feed.sends(DELIVERED, [GOOD, other]) == 200
    assert len(feed.order().packages) == 2

    assert feed.sends(UPDATED, [{**GOOD, "status": "LOST"}, {"tracking_id": "1ZE5550100"}]) == 202
    assert (feed.order().packages[0].status, feed.waiting()) == ("LOST", 1)


def test_one_bad_shipment_refuses_the_whole_list(feed: ShipmentFeed) -> None:
    """400, and nothing of the good ones is taken, known or early."""
    early = {"tracking_id": "1ZE5550100"}
    assert feed.sends(UPDATED, [GOOD, early, {**GOOD, "order_id": "Quackenbush"}]) == 400
    assert feed.order().packages == ()
    assert (feed.waiting(), feed.seen()) == (0, 0)


@SQLITE
def test_a_list_has_its_limit(feed: ShipmentFeed) -> None:
    """Five hundred shipments are taken, one more is refused as a whole; none is no harm."""
    many = [{"tracking_id": f"T{number}"} for number in range(MOST + 1)]
    assert MOST == 500
    assert feed.sends(UPDATED, many) == 400
    assert feed.waiting() == 0
    assert feed.sends(UPDATED, many[:MOST]) == 202
    assert feed.waiting() == MOST
    assert feed.sends(UPDATED, []) == 200


def test_a_combined_parcel_counts_for_each_open_order(feed: ShipmentFeed) -> None:
    """Two orders with one tracking id both take it; one whose time is up does not."""
    lines = (
        f"113-555014{number}-5550142,birch,1Z1,2026-{month}-01T00:00:00Z"
        for number, month in ((3, "11"), (4, "11"), (5, "08"))
    )
    feed.imports("orders", "order_id,merchant,tracking_id,delivered_at", *lines)

    told = {"tracking_id": "1Z1", "delivered_at": "2026-11-16T00:00:00Z"}
    assert feed.sends(DELIVERED, told) == 200

    days = [feed.order(f"113-555014{number}-5550142").due_at for number in (3, 4, 5)]
    assert [f"{day:%m-%d}" for day in days] == ["12-16", "12-16", "08-31"]


def _malformed() -> dict[str, bytes]:
    told = {**GOOD, "delivered_at": None}
    return {
        "nothing": b"",
        "no JSON": b"delivered",
        "a list": b'["shipment.updated"]',
        "too deep": b"[" * 100_000,
        "no data": b'{"type": "shipment.updated"}',
        "a text": b'{"type": "shipment.updated", "data": "1Z1"}',
        "a list of texts": b'{"type": "shipment.updated", "data": ["1Z1"]}',
        "a list in a list": json.dumps({"type": UPDATED, "data": [[GOOD]]}).encode(),
        "no tracking id": body(tracking_id=None),
        "a tracking id of words": body(tracking_id="for Wilhelmina, see below"),
        "a tracking id without end": body(tracking_id="1" * 65),
        "a tracking id of another type": body(tracking_id=["1Z1"]),
        "no order id": body(order_id="113-5550142"),
        "a null byte": body(status="Quack\x00"),
        "half a character": body(status="Quack\ud800"),
        "a status without end": body(status="x" * 101),
        "a time without its offset": body(delivered_at="2026-11-17T13:05:00"),
        "a day": body(delivered_at="2026-11-17"),
        "a time that is none": body(shipped_at="yesterday"),
        "a number for a time": body(delivered_at=1795401886),
        "another century": body(delivered_at="1926-11-17T13:05:00Z"),
        "tomorrow": body(delivered_at=(NOW + DAY + timedelta(seconds=1)).isoformat()),
        "a delivery without its time": json.dumps({"type": DELIVERED, "data": told}).encode(),
        "a source of less trust": body(source="order"),
        "a source that only a file has": body(source="import"),
        "a source that is none": body(source="Quackenbush"),
    }


@pytest.mark.parametrize("name", _malformed())
@SQLITE
def test_genuine_deliveries_of_another_form_are_refused(name: str, feed: ShipmentFeed) -> None:
    """400, and nothing is taken or remembered."""
    assert feed.posts(_malformed()[name]) == 400
    assert feed.order().packages == ()
    assert (feed.waiting(), feed.seen()) == (0, 0)


@SQLITE
def test_a_clock_may_be_a_day_ahead(feed: ShipmentFeed) -> None:
    """A delivery of up to a day from now may be one of another zone's and is taken."""
    assert feed.sends(DELIVERED, {**GOOD, "delivered_at": (NOW + DAY).isoformat()}) == 200


@pytest.mark.parametrize(
    "how", ["unsigned", "forged", "another secret", "stale", "from the future", "another body"]
)
@SQLITE
def test_what_the_carrier_did_not_sign_is_refused(how: str, feed: ShipmentFeed) -> None:
    """401, and nothing is taken or remembered."""
    content = body()
    headers = {
        "unsigned": {"webhook-id": "msg_x"},
        "forged": {**signed(content), "webhook-signature": "v1," + "A" * 43 + "="},
        "another secret": signed(content, secret=SECOND),
        "stale": signed(content, age=timedelta(minutes=6)),
        "from the future": signed(content, age=-timedelta(minutes=6)),
        "another body": signed(content + b" "),
    }[how]

    assert feed.delivers(content, headers) == 401
    assert feed.order().packages == ()
    assert (feed.waiting(), feed.seen()) == (0, 0)


@pytest.mark.parametrize("secret", [SECRET, SECOND])
@SQLITE
def test_both_secrets_count_during_a_rotation(secret: str, store: Store) -> None:
    """While a secret is being replaced, the old and the new one verify."""
    with shipment_feed(store, (SECRET, SECOND)) as feed:
        assert feed.delivers(body(), signed(body(), secret=secret)) == 202


@SQLITE
def test_without_a_secret_nobody_is_listened_to(store: Store) -> None:
    """404 before anything is looked at."""
    with shipment_feed(store, ()) as feed:
        assert feed.posts(body()) == 404
        assert feed.delivers(b"", {}) == 404
        assert (feed.waiting(), feed.seen()) == (0, 0)


@SQLITE
def test_what_is_not_json_or_too_large_is_refused(feed: ShipmentFeed) -> None:
    """415 for another content type, 413 for more than 256 KiB; no type at all is taken for JSON."""
    assert feed.posts(body(), content_type="text/csv") == 415
    assert feed.posts(body() + b" " * 256 * 1024) == 413
    assert feed.order().packages == ()
    assert feed.posts(body(), content_type="application/json; charset=utf-8") == 200
    content = body()
    bare = {k: v for k, v in signed(content).items() if k != "content-type"}
    assert feed.delivers(content, bare) == 200


@pytest.mark.parametrize("secret", ["whsec_???", "x", "", "whsec_invented-word"])
def test_a_malformed_secret_is_named_and_not_shown(secret: str) -> None:
    """A secret of another form is a settings error that names this feed's setting."""
    with pytest.raises(SettingsError) as refused:
        StandardSecrets("HOOK_SHIPMENTS_SECRET", [SECRET, secret])
    assert str(refused.value).startswith("HOOK_SHIPMENTS_SECRET ")
    assert len(secret) < 2 or secret not in str(refused.value)
    assert refused.value.__suppress_context__


@SQLITE
def test_nobodys_name_is_kept_or_logged(feed: ShipmentFeed) -> None:
    """Names and addresses that a carrier sends along are in no log and in no file."""
    private = {
        "recipient": {"name": PLANTED[0], "phone": PLANTED[3]},
        "first_name": PLANTED[0],
        "street_1": f"4821 {PLANTED[2]} Hollow Rd",
        "signed_by": PLANTED[1],
    }
    written, restore = StringIO(), log.preserved()
    log.configure("DEBUG", written)
    try:
        assert feed.sends(DELIVERED, {**GOOD, **private}) == 200
        assert feed.sends(UPDATED, {**GOOD, **private, "order_id": "113-5550149-5550149"}) == 202
        assert feed.sends(DELIVERED, {**private, "tracking_id": PLANTED[1] + ","}) == 400
        assert feed.delivers(body(**private), {"webhook-id": PLANTED[0]}) == 401
        assert feed.posts(body(), content_type=PLANTED[0]) == 415
    finally:
        restore()
    lines = written.getvalue()
    assert [line.split(" ", 2)[2] for line in lines.splitlines() if "event=" in line] == [
        "event=shipment_taken shipments=1 orders=1",
        "event=shipment_early shipments=1",
        "event=payload_refused feed=shipments",
        "event=hook_refused feed=shipments",
        "event=payload_refused feed=shipments",
    ]
    files = feed.store.database.files()
    assert all(each not in lines for each in (*PLANTED, TRACKING, "DELIVERED"))
    assert scan(files, [each.encode() for each in PLANTED]) == ()
    assert scan(files, [TRACKING.encode()]) != ()


VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "source", "name"]), VALUES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@SQLITE
def test_fields_of_any_kind_are_taken_or_refused(
    feed: ShipmentFeed, changed: dict[str, object]
) -> None:
    """Values of any type make a shipment or a refusal, never a failure of ours."""
    assert feed.posts(body(**changed)) in (200, 202, 400)


def test_the_bot_listens_where_the_setting_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole bot, built from settings, serves the feed and applies it to its orders."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with stage(tmp_path, environment={"HOOK_SHIPMENTS_SECRET": SECRET}) as house:
        feed = ShipmentFeed(store=house.bot.records.store, port=house.port, now=house.now())
        told = {"tracking_id": "9400111899223197428490", "status": "OUT_FOR_DELIVERY"}
        assert feed.sends(UPDATED, told) == 200
        assert feed.order("113-5550143-5550143").packages[0].status == "OUT_FOR_DELIVERY"
