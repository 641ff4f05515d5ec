"""Every error of this floor. The docstring is the message; no data in messages.

StorageError
├── MalformedId
├── DatabaseUnavailable
│   └── DatabaseOutdated
├── UnsafeDatabase
├── RecordRefused
├── KeyringError
│   ├── KeyringMissing
│   ├── KeyringMismatch
│   │   └── KeyringOutdated
│   ├── KeyringUnreadable
│   ├── KeyringUnwritable
│   └── EpochInUse
├── SealBroken
├── KeyDestroyed
├── UnknownTicket
├── UnknownOrder
├── UnknownReply
├── OrderOfAnother
├── TurnOver
├── TransitionRefused
├── SigningKeyError
│   ├── SigningKeyMissing
│   └── SigningKeyUnreadable
├── AnchorsUnreadable
└── AuditBroken
"""

from __future__ import annotations


class StorageError(Exception):
    """The records could not do what was asked."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class MalformedId(StorageError):
    """That is not an identifier of the expected form."""


class DatabaseUnavailable(StorageError):
    """The database cannot be reached or is locked or full. Check DATABASE_URL and the disk."""


class DatabaseOutdated(DatabaseUnavailable):
    """The database's schema is not current. Run `jetpack-care migrate`."""


class UnsafeDatabase(StorageError):
    """SQLite runs without secure_delete, so deleted text would stay on disk. Refusing to start."""


class RecordRefused(StorageError):
    """The database refused a record: it breaks a rule of the schema."""


class KeyringError(StorageError):
    """The keyring cannot be used."""


class KeyringMissing(KeyringError):
    """The database was sealed with a keyring that is not there. Restore the file CARE_KEYRING."""


class KeyringMismatch(KeyringError):
    """The keyring is not the one that sealed this database. Point CARE_KEYRING at the right one."""


class KeyringUnreadable(KeyringError):
    """The keyring file is damaged or cannot be read. It is a 0600 file that this program wrote."""


class KeyringOutdated(KeyringMismatch):
    """The keyring is an older copy of the one that sealed this database. Restore the newest."""


class KeyringUnwritable(KeyringError):
    """The keyring file or its folder cannot be written, so its keys cannot be rotated."""


class EpochInUse(KeyringError):
    """Data keys are still wrapped by an epoch that was to go. The next rotation finishes it."""


class SealBroken(StorageError):
    """A sealed value does not open: it was changed, moved, or belongs to another key."""


class KeyDestroyed(StorageError):
    """The key of these values was destroyed; they cannot be opened any more."""


class UnknownTicket(StorageError):
    """There is no such ticket."""


class UnknownOrder(StorageError):
    """There is no such order."""


class UnknownReply(StorageError):
    """There is no such reply in the outbox."""


class OrderOfAnother(StorageError):
    """The order or return is kept for another merchant."""


class TurnOver(StorageError):
    """Another process has done this turn of the feed."""


class TransitionRefused(StorageError):
    """A ticket in this state does not take that step."""


class SigningKeyError(StorageError):
    """The key that signs the audit's anchors cannot be used."""


class SigningKeyMissing(SigningKeyError):
    """There are anchors, but the key that signed them is not there. Restore CARE_AUDIT_KEY."""


class SigningKeyUnreadable(SigningKeyError):
    """The file of the audit's key is no Ed25519 key in PEM, or cannot be read."""


class AnchorsUnreadable(StorageError):
    """The file of the anchors cannot be read or written. Check CARE_ANCHORS."""


class AuditBroken(StorageError):
    """The audit chain does not verify.

    Attributes:
        entry: Place of the first bad entry, None where it is not an entry that is bad.
        anchor: Number of the anchor that shows it or is bad itself, None where none does.
    """

    def __init__(
        self,
        message: str = "The audit chain does not verify.",
        *,
        entry: int | None = None,
        anchor: int | None = None,
    ) -> None:
        super().__init__(message)
        self.entry = entry
        self.anchor = anchor
