"""Puts the house together: files, state and servers become an Office, and an Office with lines a daemon."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.case.ladder import Ladder
from bot.draft.lint import LintRules
from bot.draft.profile import SellerProfile
from bot.edge.backup.mark import read_mark
from bot.edge.breaker import FileBreaker
from bot.edge.clock import SystemClock
from bot.edge.files import load_settings, settings_stand
from bot.edge.home import Loaded, calendar_of, load_home
from bot.edge.ids import RandomIds
from bot.edge.places import DATABASE, RAW, made, refuse_lost_database
from bot.edge.raw import DiskRawStore
from bot.edge.rulesets import keep_set, kept_set
from bot.edge.store import open_store
from bot.errors import ConfigurationError, StoreDamaged, StoreError
from bot.ports import Clock, Leased, NeverTripped, Notifier, RawStore, Store
from bot.reading.rules import model_of
from bot.reading.senders import SendersFile
from bot.runner.office import Limits, Office, Practice, Rulebook
from bot.settings.values import Account, Profile, SecretFrom, Settings, StoreAccount

if TYPE_CHECKING:
    from bot.daemon import Line
    from bot.edge.imap.settings import ImapSettings
    from bot.edge.lock import StateLock
    from bot.edge.readers import Readers
    from bot.edge.secrets import Tell
    from bot.edge.smtp.settings import SmtpSettings
    from bot.reading.prepare import ReadingPlan
    from bot.reading.stores import StoreMarks


def _no_lease() -> None:
    """A command that is no daemon gives no sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An office and what it was made from."""

    loaded: Loaded
    office: Office
    renew: Callable[[], None] = (
        _no_lease  #: a sign of life of the daemon; raises LeaseLost when another one took over
    )

    @property
    def settings(self) -> Settings:
        """The settings of the home."""
        return self.loaded.settings


@contextmanager
def open_house(
    home: Path,
    *,
    clock: Clock | None = None,
    notifier: Notifier | None = None,
    check: bool = True,
    store: Store | None = None,
    raw: RawStore | None = None,
    light: bool = False,
    lock: StateLock | None = None,
) -> Iterator[House]:
    """Read the home and open its state; without servers. Raises ConfigurationError and StoreError.

    `light` leaves out what only the reading of mail needs (see `load_home`). With the `lock` of the state,
    which only a daemon holds, the store is its alone: whoever had it before writes nothing any more. A copy
    restored from a backup is in safe mode whatever its settings say, and its old approvals are void, until a
    person has checked it.
    """
    loaded = load_home(home, light=light)
    mark = read_mark(loaded.settings.state)
    original_rehearsed = mark is not None and loaded.settings.safe_mode
    if mark is not None:
        loaded = replace(loaded, settings=replace(loaded.settings, safe_mode=True))
    state = loaded.settings.state
    own = store is None
    if own:
        refuse_lost_database(state)
    held: Store = store or open_store(made(state) / DATABASE, check=check)
    try:
        if own and not light:
            keep_set(loaded)
        renew = _no_lease
        if lock is not None:
            alone = lock.sole or mark is not None  # a copy never had another daemon
            renew = _lease(held, clock or SystemClock(), alone=alone)
        office = Office(
            store=held,
            raw=raw or DiskRawStore(state / RAW),
            ids=RandomIds(),
            clock=clock or SystemClock(),
            notifier=notifier or _log(),
            breaker=FileBreaker(state) if own else NeverTripped(),
            restored=mark is not None,
            original_rehearsed=original_rehearsed,
            practices={account.name: practice_of(loaded, account) for account in loaded.settings.accounts},
        )
        if mark is not None:
            from bot.runner.desk.restored import distrust

            distrust(office, mark.taken_at)
        yield House(loaded=loaded, office=office, renew=renew)
    finally:
        if lock is not None and isinstance(held, Leased):
            held.let_lease_go()
        if own:
            held.close()


def _lease(held: Store, clock: Clock, *, alone: bool) -> Callable[[], None]:
    """Take the state over, so that a daemon before us writes nothing any more. Raises StoreInUse."""
    if not isinstance(held, Leased):
        return _no_lease
    held.take_lease(clock.now(), alone=alone)
    return lambda: held.renew_lease(clock.now())


class SettingsWatch:
    """What a daemon asks of rejoinder.yaml while it runs."""

    def __init__(self, house: House) -> None:
        """`house` is the one that the daemon works in."""
        self._office = house.office
        self._settings = house.settings

    def stand(self) -> bool:
        """Whether the file still holds what we work by."""
        return settings_stand(self._settings)

    def follow(self) -> bool:
        """Take a switch of safe mode over, where nothing else was changed; True when it was.

        Every approval given before is void then: the gate compares the mode of each.
        """
        if self.stand():
            return False
        try:
            fresh = load_settings(self._settings.home)
            restored = read_mark(fresh.state) is not None
        except (ConfigurationError, StoreError):
            return False
        known = self._settings
        if replace(fresh, safe_mode=known.safe_mode, raw_sha256=known.raw_sha256) != known:
            return False
        self._settings = replace(fresh, safe_mode=fresh.safe_mode or restored)
        for account in fresh.accounts:
            practice = self._office.practices[account.name]
            to = fresh.rehearsal_address(account) if self._settings.safe_mode else None
            self._office.practices[account.name] = replace(practice, safe_mode_to=to)
        return True


# What talks to servers or reads mail is imported where it is used: most commands need neither.


def _log() -> Notifier:
    from bot.edge.notify import LogNotifier

    return LogNotifier()


def practice_of(loaded: Loaded, account: Account) -> Practice:
    """How an account works, by its settings, the rules and the templates."""
    settings, policy = loaded.settings, loaded.policy
    senders = _senders(loaded)
    return Practice(
        account_id=account.name,
        address=account.address,
        mailboxes=account.mailboxes,
        watch_junk=account.watch_junk,
        watched=() if account.watch_junk else account.mailboxes,
        sent_mailbox=account.sent_mailbox,
        profile=_profile(account, account.profile, account.address),
        stores={
            store.name: _profile(account, store.profile, store.address or account.address)
            for store in account.stores
        },
        playbooks={
            name: Ladder(playbook=playbook, calendar=loaded.calendar(account, playbook))
            for name, playbook in loaded.playbooks.items()
        },
        routing=loaded.routing,
        templates=loaded.templates,
        earlier=earlier_books(settings, account),
        lint=LintRules(
            words=_words(loaded),
            own_addresses=tuple(sorted(own_addresses(settings))),
            amazon_domains=tuple(senders.amazon_domains),
        ),
        languages=account.languages,
        amazon_address=_amazon_address(senders),
        barred=partial(_barred, senders, own_addresses(settings)),
        rules_hash=loaded.rules_hash,
        time_zone=account.time_zone,
        undo_window=settings.undo_window,
        last_safe_source=policy.last_safe_source,
        safe_mode_to=settings.rehearsal_address(account) if settings.safe_mode else None,
        return_tag=account.return_tag,
        provider_files_sent=account.sent_copy == "provider"
        or (account.sent_copy == "auto" and policy.files_sent_copy(account.smtp.host)),
        limits=Limits(
            letters_per_day=settings.limits.letters_per_day,
            letters_per_day_in_all=settings.limits.letters_per_day_in_all,
            letters_per_address_per_day=settings.limits.letters_per_address_per_day,
            new_addresses_per_day=settings.limits.new_addresses_per_day,
            new_cases_per_minute=settings.stop_switch.cases_per_minute,
            new_cases_per_address=settings.stop_switch.cases_per_address,
            unknown_replies_per_hour=settings.stop_switch.unknown_replies_per_hour,
            reconcile_age=policy.reconciled_within,
        ),
    )


def earlier_books(settings: Settings, account: Account) -> Callable[[str], Rulebook | None]:
    """Playbooks and templates of kept sets; a damaged one is logged, and counts as none."""

    @lru_cache(maxsize=8)  # reading one is dear; a home that is edited every day has many
    def book(rules_hash: str) -> Rulebook | None:
        try:
            found = kept_set(settings.state, rules_hash, settings.default_language)
        except StoreDamaged as damage:
            logging.getLogger("rejoinder").warning(str(damage))
            return None
        if found is None:
            return None
        return Rulebook(
            playbooks={
                name: Ladder(playbook=one, calendar=calendar_of(found.calendars, account, one))
                for name, one in found.playbooks.items()
            },
            templates=found.templates,
        )

    return book


def _barred(senders: SendersFile, own: frozenset[str], address: str) -> bool:
    return senders.barred(address, own)


def own_addresses(settings: Settings) -> frozenset[str]:
    """Every address of ours in any account: never a complainant's."""
    found = {settings.safe_mode_to, settings.alerts.mail.to if settings.alerts.mail else None}
    for account in settings.accounts:
        found |= {account.address, account.own_copy_to}
        found |= {address for store in account.stores for address in store.recipients}
    return frozenset(address for address in found if address)


def _profile(account: Account, profile: Profile, address: str) -> SellerProfile:
    return SellerProfile(
        legal_name=profile.legal_name or "",
        postal_address=profile.postal_address,
        country=profile.country or "",
        signatory=profile.signatory or "",
        stores=dict(profile.stores),
        languages=account.languages,
        sending_address=address,
        from_name=profile.from_name or profile.legal_name or "",
        own_copy=account.own_copy_to,
    )


def _senders(loaded: Loaded) -> SendersFile:
    model = loaded.rules["senders.yaml"].model
    assert isinstance(model, SendersFile)
    return model


def _words(loaded: Loaded) -> Mapping[str, Mapping[str, list[str]]]:
    rule = loaded.rules.get("words.yaml")
    return rule.model.model_dump() if rule else {}


def _amazon_address(senders: SendersFile) -> Callable[[tuple[str, ...], str | None], str | None]:
    """Where the copy to Amazon goes: an address of the notice that takes such mail, else the dated table.

    A notice also names addresses that are for something else (relays to buyers, the patent programme).
    """
    uses = ("dispute", "notice", "retraction")
    known = {line.address: uses.index(line.use) for line in senders.addresses if line.use in uses}
    table: dict[str, str] = {}
    for use in ("notice", "dispute"):  # disputes last, so that they win
        lines = [line for line in senders.addresses if line.use == use]
        for line in sorted(lines, key=lambda line: line.seen):
            table[line.marketplace] = line.address

    def choose(named: tuple[str, ...], marketplace: str | None) -> str | None:
        fit = [address for address in named if address.casefold() in known]
        if fit:
            return min(fit, key=lambda address: known[address.casefold()])
        return table.get(marketplace or "")

    return choose


def reading_plan(loaded: Loaded, account: Account | None, *, believe_file: bool = False) -> ReadingPlan:
    """What the reading worker needs for an account, or for files looked at outside any account."""
    from bot.reading.prepare import ReadingPlan

    return ReadingPlan(
        documents={
            name: rule.model.model_dump() for name, rule in loaded.rules.items() if model_of(name) is not None
        },
        own_addresses=own_addresses(loaded.settings),
        pinned_authserv=account.authserv_id if account else None,
        believe_file=believe_file,
        sealers=account.trusted_sealers if account else (),
        stores=tuple(_marks(store) for store in account.stores) if account else (),
    )


def _marks(store: StoreAccount) -> StoreMarks:
    from bot.reading.stores import StoreMarks

    return StoreMarks(
        name=store.name,
        names=store.names,
        merchant_tokens=store.merchant_tokens,
        marketplaces=store.marketplaces,
        recipients=store.recipients,
    )


def open_reader(plan: ReadingPlan, settings: Settings | None = None) -> Readers:
    """The killable workers for one plan; the first starts with the first mail, or when told to.

    With `settings` that ask for it, name servers are asked for the keys of Amazon's signatures.
    """
    from bot.edge.readers import Readers
    from bot.edge.worker import ReaderProcess

    make = partial(ReaderProcess, plan, prepare="bot.reading.prepare.prepare")
    if settings is None or not settings.check_signatures:
        return Readers(make)
    from bot.edge.dns import DnsKeys

    senders = SendersFile.model_validate(plan.documents["senders.yaml"])
    domains = (*senders.amazon_domains, *plan.sealers)
    return Readers(partial(make, resolver=DnsKeys(), key_domains=domains))


@asynccontextmanager
async def open_lines(house: House, *, tell: Tell | None = None) -> AsyncIterator[Mapping[str, Line]]:
    """Servers and readers of every account; nothing is connected until it is used."""
    from bot.daemon import Line
    from bot.edge.imap.idle import IdlePoller
    from bot.edge.imap.source import ImapSource
    from bot.edge.smtp.sender import SmtpSender

    pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="imap")
    poller = IdlePoller(pool)
    lines: dict[str, Line] = {}
    readers: list[Readers] = []
    try:
        for account in house.settings.accounts:
            reader = open_reader(reading_plan(house.loaded, account), house.settings)
            readers.append(reader)
            reader.start()  # while the first connections are opened
            lines[account.name] = Line(
                source=ImapSource(imap_settings(account, tell), pool, poller),
                sender=SmtpSender(smtp_settings(account, tell)),
                reader=reader,
                read_all=account.first_run == "read_all",
            )
        yield lines
    finally:
        for line in lines.values():
            await line.sender.close()
            await line.source.close()
        for reader in readers:
            await reader.close()
        poller.close()
        pool.shutdown(wait=False, cancel_futures=True)


def imap_settings(account: Account, tell: Tell | None = None) -> ImapSettings:
    """Server settings for the IMAP edge."""
    from bot.edge.imap.settings import ImapSettings

    server = account.imap
    return ImapSettings(
        host=server.host,
        port=server.port,
        security=server.security,
        user=server.user or account.address,
        secret=_secret(server.password, tell) or (lambda: ""),
        auth="xoauth2" if server.auth == "xoauth2" else "password",
        extra_ca=server.ca_file,
    )


def smtp_settings(account: Account, tell: Tell | None = None) -> SmtpSettings:
    """Server settings for the SMTP edge."""
    from bot.edge.smtp.settings import SmtpSettings

    server = account.smtp
    return SmtpSettings(
        host=server.host,
        port=server.port,
        security=server.security,
        user=server.user,
        secret=_secret(server.password, tell),
        auth=server.auth,
        extra_ca=server.ca_file,
    )


def _secret(source: SecretFrom | None, tell: Tell | None) -> Callable[[], str] | None:
    if source is None:
        return None
    from bot.edge.secrets import SecretSource

    return SecretSource.at(source, tell=tell)
