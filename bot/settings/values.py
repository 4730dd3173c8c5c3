"""The settings of a home as frozen values; everything else in the house reads these."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from bot.case.playbook import Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFrom:
    """Where a password or token is to be had; exactly one is set. The secret itself is never kept here."""

    env: str | None = None  #: name of an environment variable
    file: Path | None = None  #: absolute
    command: tuple[str, ...] | None = None  #: program and arguments, run without a shell
    keyring: str | None = None  #: name in this computer's keyring, for the service `rejoinder`


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One IMAP or submission server and how we sign in there."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]  #: none: 127.0.0.1 and ::1 only
    auth: Literal["password", "xoauth2", "none"]
    user: str | None
    password: SecretFrom | None
    ca_file: Path | None = None  #: PEM file trusted beside the system's authorities; absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who signs the letters; a gap holds a draft, it does not stop the daemon."""

    legal_name: str | None = None
    from_name: str | None = None  #: display name in From; None: the legal name
    postal_address: tuple[str, ...] = ()  #: lines as on an envelope, without the country
    country: str | None = None  #: written out, the last line of the postal address
    signatory: str | None = None
    stores: tuple[tuple[str, str], ...] = ()  #: (marketplace, store name)

    def store(self, marketplace: str | None) -> str | None:
        """Name of the store on a marketplace such as `amazon.de`."""
        return dict(self.stores).get(marketplace or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAccount:
    """One of several seller accounts whose notices arrive in one mailbox."""

    name: str
    address: str | None  #: its letters come from it; None: the account's
    recipients: tuple[str, ...]  #: addresses its notices are sent to
    merchant_tokens: tuple[str, ...]
    names: tuple[str, ...]  #: by which notices call it
    marketplaces: tuple[str, ...]
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One seller account with the address that is tied to it at Amazon."""

    name: str
    address: str
    imap: Server
    smtp: Server
    authserv_id: str | None  #: whose Authentication-Results we believe (RFC 8601); None: not pinned yet
    trusted_sealers: tuple[str, ...]  #: domains of services that pass mail on to us, whose ARC seals count
    mailboxes: tuple[str, ...]
    watch_junk: bool  #: also the mailbox with special use \\Junk (RFC 6154)
    sent_mailbox: str | None  #: where sent mail lies; None: the mailbox with special use \\Sent
    sent_copy: str  #: auto | append | provider
    own_copy_to: str | None  #: copy to yourself
    return_tag: bool  #: a tag in the return address of each letter (`shop+rj.TOKEN@domain`)
    first_run: str  #: observe | read_all
    time_zone: str
    country: str
    subdivision: str | None
    calendar: str | None  #: a file in rules/calendars instead of the country's plain holidays
    languages: tuple[str, ...]  #: language tags, best first
    profile: Profile
    stores: tuple[StoreAccount, ...] = ()  #: empty: the account is one store, with `profile`

    @property
    def profiles(self) -> tuple[tuple[str, Profile], ...]:
        """Every profile that signs letters, by where it stands in rejoinder.yaml."""
        if not self.stores:
            return (("profile", self.profile),)
        return tuple((f"stores.{store.name}.profile", store.profile) for store in self.stores)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many letters may leave at most; more wait, they are not lost."""

    letters_per_day: int  #: per account, in any 24 hours
    letters_per_day_in_all: int  #: of all accounts together
    letters_per_address_per_day: int
    new_addresses_per_day: int  #: per account, to which it never wrote before


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSwitch:
    """What looks impossible: beyond it everything is held and a person is told."""

    cases_per_minute: int
    cases_per_address: int  #: one address in so many cases opened within a day
    unknown_replies_per_hour: int  #: replies that cite letters we do not know


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """A URL of the operator's own, checked: https, or http to 127.0.0.1 and ::1."""

    secure: bool
    host: str  #: ASCII, without brackets
    port: int
    target: str = field(repr=False)  #: path and query; often a secret in itself
    ca_file: Path | None = None  #: PEM file trusted beside the system's authorities; absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMail:
    """Alerts as mail."""

    to: str  #: the operator's second address
    account: str | None  #: over whose submission server; None: the first one's


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Alerts as JSON by POST."""

    address: WebAddress
    secret: SecretFrom | None  #: key of the signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A sign of life to a monitor outside."""

    address: WebAddress
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """By which ways a person is told; all of those that are set."""

    mail: AlertMail | None = None
    command: tuple[str, ...] | None = None  #: program and arguments, run without a shell
    webhook: Webhook | None = None
    heartbeat: Heartbeat | None = None
    names: bool = False  #: texts may carry complaint numbers and addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """rejoinder.yaml, checked, with defaults filled in."""

    home: Path  #: absolute
    state: Path  #: absolute
    accounts: tuple[Account, ...]
    reviewer: str | None  #: who approves, when the command line does not say
    safe_mode: bool
    safe_mode_to: str | None  #: None: each account's own address
    undo_window: timedelta
    check_signatures: bool  #: ask name servers for DKIM keys, as a second opinion
    default_language: str
    limits: Limits
    stop_switch: StopSwitch
    alerts: Alerts = Alerts()
    raw_sha256: str  #: of the file, so that a reload can tell whether anything changed

    def account(self, name: str) -> Account:
        """The account of this name. Raises KeyError."""
        for account in self.accounts:
            if account.name == name:
                return account
        raise KeyError(name)

    def rehearsal_address(self, account: Account) -> str:
        """Where letters go in safe mode."""
        return self.safe_mode_to or account.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Numbers and dated facts that hold for every playbook and account."""

    last_safe_default: Wait
    last_safe_margin: Wait
    last_safe_source: str  #: why this default, in a sentence that is shown
    letter_limit: int
    reconciled_within: timedelta  #: how fresh the mailbox must have been read before a letter leaves
    providers_file_sent: frozenset[str]  #: domains of submission hosts that file a copy in Sent themselves

    def files_sent_copy(self, smtp_host: str) -> bool:
        """True when the provider behind this host files a copy in Sent by itself."""
        labels = smtp_host.lower().rstrip(".").split(".")
        return any(".".join(labels[i:]) in self.providers_file_sent for i in range(len(labels)))
