"""The tables: what is searched has a column, the rest of a value is one canonical JSON document beside it.

Names and addresses of outside parties stand in `party`, `party_address`, `case_file.sources` and `letter`
only, so that erasing somebody touches no diary and every chain still verifies. The constraints have names, so
that later versions can change them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

#: Written to `schema_version`; a store of a higher version is refused.
SCHEMA_VERSION = 3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """Aware UTC on our side, integer microseconds since 1970 in the database: no zone to lose."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value} names no time zone")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Exact to the microsecond."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class Words(TypeDecorator[str]):
    """Text from outside: a lone surrogate or NUL, which a database refuses, becomes U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Also for what is searched, so that both sides of a comparison are treated alike."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _owner() -> tuple[Column[int], Column[str]]:
    return Column("tenant_id", Integer, nullable=False), Column("account_id", Words, nullable=False)


def _of_case() -> ForeignKeyConstraint:
    # Through tenant and account, so that nothing can be linked across accounts.
    here = ["tenant_id", "account_id", "case_id"]
    return ForeignKeyConstraint(here, [f"case_file.{name}" for name in here])


#: One row. Read before anything else.
schema_version = Table("schema_version", metadata, Column("version", Integer, nullable=False))

#: The last number given out, so that none is ever used twice.
counter = Table(
    "counter",
    metadata,
    Column("tenant_id", Integer, nullable=False),
    Column("name", String(20), nullable=False),
    Column("last", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "name"),
)

mailbox = Table(
    "mailbox",
    metadata,
    *_owner(),
    Column("name", Words, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("reconciled_at", Instant),
    Column("old_below_uid", BigInteger),
    Column("old_before", Instant),
    PrimaryKeyConstraint("tenant_id", "account_id", "name"),
)

mail = Table(
    "mail",
    metadata,
    *_owner(),
    Column("mail_id", BigInteger, nullable=False),
    Column("place", Words),  #: what makes the row unique: UIDVALIDITY/UID/mailbox, or the hash of a file
    Column("mailbox", Words, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("sha256", String(64)),
    Column("size", BigInteger, nullable=False),
    Column("internal_date", Instant, nullable=False),
    Column("kept_at", Instant, nullable=False),
    Column("status", String(20), nullable=False),
    Column("kind", Words),
    Column("reason", Words),
    Column("message_id", Words),
    PrimaryKeyConstraint("tenant_id", "mail_id"),
    UniqueConstraint("tenant_id", "account_id", "place"),
    Index(None, "tenant_id", "account_id", "status", "mail_id"),
    Index(None, "tenant_id", "account_id", "sha256"),
    Index(None, "tenant_id", "account_id", "message_id"),
)

mail_case = Table(
    "mail_case",
    metadata,
    *_owner(),
    Column("mail_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("case_id", String(40), nullable=False),
    PrimaryKeyConstraint("tenant_id", "mail_id", "position"),
    ForeignKeyConstraint(["tenant_id", "mail_id"], ["mail.tenant_id", "mail.mail_id"]),
    _of_case(),
)

case_file = Table(
    "case_file",
    metadata,
    *_owner(),
    Column("case_id", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("complaint_id", Words),
    Column("next_due", Instant),
    Column("last_safe", Instant),
    Column("deadline", Instant),
    Column("wakes_at", Instant),  #: the earliest of these three that is still to be acted upon
    Column("document", Text, nullable=False),  #: the case without parties and without what it quotes
    Column("sources", Text, nullable=False),  #: the words of the mail where its facts were read
    Column("diary_length", Integer, nullable=False),
    Column("diary_head", String(64), nullable=False),  #: hash of the last line: shows a diary cut short
    PrimaryKeyConstraint("tenant_id", "case_id"),
    UniqueConstraint("tenant_id", "account_id", "case_id"),
    Index(None, "tenant_id", "wakes_at", "case_id"),
    Index(None, "tenant_id", "account_id", "wakes_at"),
    Index(None, "tenant_id", "account_id", "opened_at"),
    Index(None, "tenant_id", "account_id", "complaint_id"),
)

track = Table(
    "track",
    metadata,
    *_owner(),
    Column("case_id", String(40), nullable=False),
    Column("track_id", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("letter_id", String(40)),
    Column("due_at", Instant),
    Column("retry_at", Instant),
    PrimaryKeyConstraint("tenant_id", "case_id", "track_id"),
    Index(None, "tenant_id", "letter_id"),
    Index(None, "tenant_id", "account_id", "state"),
    _of_case(),
)

#: Everybody outside. The only place of their names and addresses besides letters and quoted mail.
party = Table(
    "party",
    metadata,
    *_owner(),
    Column("party_id", Words, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "account_id", "party_id"),
)

_party_key = ["tenant_id", "account_id", "party_id"]

party_address = Table(
    "party_address",
    metadata,
    *_owner(),
    Column("party_id", Words, nullable=False),
    Column("position", Integer, nullable=False),
    Column("folded", Words, nullable=False),  #: `derive.folded`
    PrimaryKeyConstraint(*_party_key, "position"),
    ForeignKeyConstraint(_party_key, [f"party.{name}" for name in _party_key]),
    Index(None, "tenant_id", "account_id", "folded"),
)

case_party = Table(
    "case_party",
    metadata,
    *_owner(),
    Column("case_id", String(40), nullable=False),
    Column("position", Integer, nullable=False),
    Column("party_id", Words, nullable=False),
    PrimaryKeyConstraint("tenant_id", "case_id", "position"),
    ForeignKeyConstraint(_party_key, [f"party.{name}" for name in _party_key]),
    Index(None, *_party_key),
    _of_case(),
)

#: What happened, line by line; only ever added to. Holds ids and digests, never names or text.
diary = Table(
    "diary",
    metadata,
    *_owner(),
    Column("case_id", String(40), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", String(40), nullable=False),
    Column("document", Text, nullable=False),
    Column("hash", String(64), nullable=False),  #: `derive.chain_hash`
    PrimaryKeyConstraint("tenant_id", "case_id", "sequence"),
    _of_case(),
)

letter = Table(
    "letter",
    metadata,
    *_owner(),
    Column("letter_id", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("message_id", Words, nullable=False),
    Column("to", Words, nullable=False),  #: folded, as it is searched
    Column("needs", String(20)),
    Column("drafted_at", Instant, nullable=False),
    Column("leaves_at", Instant),
    Column("accepted_at", Instant),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "letter_id"),
    UniqueConstraint("tenant_id", "account_id", "letter_id"),
    UniqueConstraint("tenant_id", "account_id", "message_id"),
    Index(None, "tenant_id", "state", "drafted_at"),
    Index(None, "tenant_id", "account_id", "to", "state"),
    Index(None, "tenant_id", "account_id", "needs"),
    Index(None, "tenant_id", "leaves_at"),
    Index(None, "tenant_id", "account_id", "accepted_at"),
    # The caps ask these two for every letter; with less, SQLite would walk through all that ever left.
    Index(None, "tenant_id", "accepted_at"),
    Index(None, "tenant_id", "account_id", "to", "accepted_at"),
)

letter_case = Table(
    "letter_case",
    metadata,
    *_owner(),
    Column("letter_id", String(40), nullable=False),
    Column("position", Integer, nullable=False),
    Column("case_id", String(40), nullable=False),
    PrimaryKeyConstraint("tenant_id", "letter_id", "position"),
    ForeignKeyConstraint(
        ["tenant_id", "account_id", "letter_id"],
        ["letter.tenant_id", "letter.account_id", "letter.letter_id"],
    ),
    _of_case(),
)

item = Table(
    "item",
    metadata,
    *_owner(),
    Column("number", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("open_subject", Words),  #: the subject while the item is open: unique per kind, then NULL
    Column("snoozed_until", Instant),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "number"),
    UniqueConstraint("tenant_id", "kind", "open_subject"),
    Index(None, "tenant_id", "account_id", "kind"),
    Index(None, "tenant_id", "snoozed_until"),
)

#: Of no account: a stop holds in all of them.
stopped_address = Table(
    "stopped_address",
    metadata,
    Column("tenant_id", Integer, nullable=False),
    Column("address", Words, nullable=False),  #: folded; `@domain` stands for all addresses there
    Column("at", Instant, nullable=False),
    Column("by", Words, nullable=False),
    Column("why", Words, nullable=False),
    PrimaryKeyConstraint("tenant_id", "address"),
)
