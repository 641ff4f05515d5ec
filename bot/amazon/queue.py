"""The queue of Amazon's notifications in SQS, by way of boto3: the optional extra `sqs`.

boto3 is imported when a queue is opened and not before, so that the program runs without it.
Credentials, and an endpoint other than AWS's (`AWS_ENDPOINT_URL_SQS`), are boto3's own affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, final

from bot.errors import AmazonBusy, SettingsError

AT_ONCE: Final = 10
"""Messages of a batch, the most that SQS gives and takes."""
WAIT_SECONDS: Final = 1
"""How long SQS waits for a message. Not at all would have it ask a part of its servers alone."""
_CONNECT_SECONDS: Final = 5
_READ_SECONDS: Final = 20
_TRIES: Final = 3
_REGION: Final = re.compile(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.com/")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMessage:
    """A message of the queue.

    Attributes:
        body: What it says, of which nothing may be logged.
        receipt: What it is deleted by.
    """

    body: str = field(repr=False)
    receipt: str = field(repr=False)


class Queue(Protocol):
    """A queue that gives each message at least once, and again until it is deleted."""

    def receive(self) -> Sequence[QueueMessage]:
        """Return the next messages, none where there are none. Raises AmazonBusy."""

    def delete(self, receipts: Sequence[str]) -> None:
        """Delete messages of one `receive`. Raises AmazonBusy."""


@final
class SqsQueue:
    """A queue in SQS.

    Raises:
        SettingsError: The extra is not installed, or no region is named.
    """

    def __init__(self, url: str) -> None:
        self._url: Final = url
        self._client: Final = _client(url)

    def receive(self) -> Sequence[QueueMessage]:
        """See `Queue`."""
        with _unreached():
            answer = self._client.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=AT_ONCE, WaitTimeSeconds=WAIT_SECONDS
            )
        return [
            QueueMessage(body=each["Body"], receipt=each["ReceiptHandle"])
            for each in answer.get("Messages", ())
        ]

    def delete(self, receipts: Sequence[str]) -> None:
        """See `Queue`. One that SQS does not delete comes again, which changes nothing."""
        entries = [
            {"Id": str(number), "ReceiptHandle": receipt} for number, receipt in enumerate(receipts)
        ]
        with _unreached():
            self._client.delete_message_batch(QueueUrl=self._url, Entries=entries)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def region(url: str) -> str | None:
    """Return the region that the address of a queue names; None leaves it to AWS's settings."""
    found = _REGION.match(url)
    return None if found is None else found[1]


def _client(url: str) -> Any:
    try:
        import boto3
        from botocore.config import Config  # type: ignore[import-untyped]
        from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]
    except ImportError:
        raise SettingsError(
            "SP_API_SQS_QUEUE_URL needs the extra sqs: pip install 'jetpack-care[sqs]'."
        ) from None
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _TRIES},
    )
    try:
        # A session of its own: the default one is shared, and not made for several threads.
        return boto3.session.Session().client("sqs", region_name=region(url), config=config)
    except (BotoCoreError, ValueError):
        raise SettingsError(
            "SP_API_SQS_QUEUE_URL names no region of AWS, and neither does AWS_DEFAULT_REGION, or "
            "AWS's own settings cannot be read."
        ) from None


@contextmanager
def _unreached() -> Iterator[None]:
    """Turn boto3's errors, whose messages hold addresses and ids, into AmazonBusy."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError):
        raise AmazonBusy from None
