"""What the runner works with: the ports, and how each account works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol, TypeVar

from bot.case.ladder import Ladder
from bot.case.model import Case, PartyRole
from bot.case.routing import Routing
from bot.draft.lint import LintRules
from bot.draft.model import Letter
from bot.draft.profile import SellerProfile
from bot.draft.templates import TemplateSet
from bot.errors import NotPossible
from bot.ports import Breaker, Clock, Ids, NeverTripped, Notifier, RawStore, Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Numbers beyond which we hold and tell a person."""

    letters_per_day: int = 40  #: accepted letters of one account in 24 hours
    letters_per_day_in_all: int = 80  #: of all accounts together
    letters_per_address_per_day: int = 3
    new_addresses_per_day: int = 20  #: to which an account never wrote before
    new_cases_per_minute: int = 20  #: the stop switch, as the two below
    new_cases_per_address: int = 15  #: within a day
    unknown_replies_per_hour: int = 20  #: beyond it a person is told
    deferred_tries: int = 24
    reconcile_age: timedelta = timedelta(minutes=15)  #: older than this, the mailbox is read again first


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """What of a set of rules a case goes on by."""

    playbooks: Mapping[str, Ladder]
    templates: TemplateSet


def _nothing_kept(_rules_hash: str) -> Rulebook | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """How one seller account works: its profile, rules and limits."""

    tenant_id: int = 1
    account_id: str
    address: str  #: the account's sending address
    mailboxes: tuple[str, ...]  #: mailboxes to watch, by name
    watch_junk: bool  #: and the one of special use Junk, whatever its name
    watched: tuple[str, ...] = ()  #: all of them, once the server was asked; empty: not known yet
    sent_mailbox: str | None = None  #: as the settings name it; None: the one of special use Sent
    sent: str | None = None  #: the Sent mailbox, once the server was asked; "" when there is none
    profile: SellerProfile
    stores: Mapping[str, SellerProfile] = field(default_factory=dict)  #: that share the mailbox, by name
    playbooks: Mapping[str, Ladder]
    routing: Routing
    templates: TemplateSet
    lint: LintRules
    languages: tuple[str, ...]
    #: Amazon's address for the copy: of those a notice names, else by marketplace from the dated table
    amazon_address: Callable[[tuple[str, ...], str | None], str | None]
    barred: Callable[
        [str], bool
    ]  #: addresses that are never a complainant's: Amazon's, ours, no-reply, lists
    rules_hash: str
    #: playbooks and templates of a set of rules kept by its hash; None when there is none
    earlier: Callable[[str], Rulebook | None] = _nothing_kept
    time_zone: str
    undo_window: timedelta
    last_safe_source: str = ""  #: why our own last safe date is what it is, to be shown beside it
    safe_mode_to: str | None  #: set while safe mode is on: everything goes here
    provider_files_sent: bool
    return_tag: bool = False  #: whether the return address of each letter carries a tag
    limits: Limits = field(default_factory=Limits)

    @property
    def listened_to(self) -> tuple[str, ...]:
        """Every mailbox that must have been read before a letter leaves: what came in, and what was sent."""
        return (*self.watched, *([self.sent] if self.sent else ()))

    def profile_of(self, store: str | None) -> SellerProfile:
        """Who signs for a case of this store; nobody while it is not clear which of several is meant."""
        if not self.stores:
            return self.profile
        return self.stores.get(store or "") or replace(
            self.profile, legal_name="", postal_address=(), signatory="", stores={}
        )

    def of(self, case: Case) -> Practice:
        """The same account by the rules that the case began with, or was moved to."""
        if case.rules_hash in ("", self.rules_hash):
            return self
        book = self.earlier(case.rules_hash)
        if book is None:
            return self
        return replace(self, playbooks=book.playbooks, templates=book.templates, rules_hash=case.rules_hash)

    @property
    def domain(self) -> str:
        """Domain of the sending address, for Message-IDs."""
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Everything the runner may use."""

    store: Store
    raw: RawStore
    ids: Ids
    clock: Clock
    notifier: Notifier
    breaker: Breaker = field(default_factory=NeverTripped)
    #: a copy restored from a backup that nobody has checked yet; its original wrote letters it does not know
    restored: bool = False
    original_rehearsed: bool = False  #: and that original was in safe mode when the copy was taken
    practices: MutableMapping[str, Practice]  #: by account; `learn_mailboxes` fills in what is watched
    #: by letter: what was asked of approved letters while they wait; only the outbox looks here
    looked_ahead: MutableMapping[str, Checked] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the long questions were answered well for: how we work, the letter and its cases.

    Whether the letter says what its cases say, goes to whom it should and contains nothing forbidden follows
    from these values alone (and not from the state, the versions and the attempts, which is all that a claim
    changes in them). So while every one of them is what was looked at, compared value by value and not by
    version, asking again can only give the same answer. This does not hold for a letter that continues
    others or tells Amazon of them, which also speaks of those letters and of the diary.
    """

    practice: Practice
    letter: Letter
    cases: tuple[Case, ...]
    #: of a letter that was claimed: its approved bytes as they were read and compared, and as they will leave
    raw: bytes | None = None

    def still(self, store: Store, practice: Practice, letter: Letter) -> bool:
        """True when nothing of it is different now."""
        if letter.party is PartyRole.AMAZON or any(case.attempts for case in self.cases):
            return False
        return (
            practice is self.practice
            and (letter is self.letter or letter == self.letter)
            and all(
                held is case or held == case for case in self.cases for held in [store.case(case.case_id)]
            )
        )


def practice_of(office: Office, account_id: str) -> Practice:
    """How the account works. Raises NotPossible when the settings no longer name it."""
    try:
        return office.practices[account_id]
    except KeyError:
        raise NotPossible(
            f"rejoinder.yaml no longer has an account {account_id}; put it back to go on with its cases"
        ) from None


class OnStore(Protocol):
    """Runs a function on the store thread."""

    def __call__(self, work: Callable[..., T], /, *args: object) -> Awaitable[T]:
        """The result of `work(*args)`."""
        ...
