"""What the wizard knows so far, and the account that comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.settings.parts import NameField
from bot.settings.providers import ProviderModel
from bot.settings.writing import NewAccount, NewServer

if TYPE_CHECKING:
    from bot.edge.imap.settings import ImapSettings
    from bot.edge.setup.arrival import Arrival
    from bot.edge.setup.sign_in import Inside
    from bot.edge.smtp.settings import SmtpSettings

PORTS = {
    "imap": {"tls": 993, "starttls": 143, "none": 143},
    "smtp": {"tls": 465, "starttls": 587, "none": 25},
}
#: Country -> marketplace, for a first answer to offer; others sell on amazon.com at least.
MARKETPLACES = {
    "AE": "amazon.ae", "AU": "amazon.com.au", "AT": "amazon.de", "BE": "amazon.com.be", "BR": "amazon.com.br",
    "CA": "amazon.ca", "DE": "amazon.de", "EG": "amazon.eg", "ES": "amazon.es", "FR": "amazon.fr",
    "GB": "amazon.co.uk", "IE": "amazon.ie", "IN": "amazon.in", "IT": "amazon.it", "JP": "amazon.co.jp",
    "MX": "amazon.com.mx", "NL": "amazon.nl", "PL": "amazon.pl", "SA": "amazon.sa", "SE": "amazon.se",
    "SG": "amazon.sg", "TR": "amazon.com.tr", "US": "amazon.com",
}  # fmt: skip
LANGUAGES = {
    "AT": "de", "BR": "pt", "CH": "de", "DE": "de", "ES": "es", "FR": "fr", "IT": "it", "JP": "ja",
    "MX": "es", "NL": "nl", "PL": "pl", "PT": "pt", "SE": "sv", "TR": "tr",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Answers:
    """Everything asked and found; None where nobody said."""

    address: str
    provider: ProviderModel | None = None
    imap: NewServer
    smtp: NewServer
    password: str | None = field(default=None, repr=False)
    command: list[str] | None = None  #: prints a token, or the password
    inside: Inside | None = None
    arrival: Arrival | None = None
    authserv_id: str | None = None
    mailboxes: tuple[str, ...] = ("INBOX",)
    watch_junk: bool = True
    sent: str | None = None  #: as the server has it
    sent_mailbox: str | None = None  #: only when it has to be written down
    country: str = "US"
    time_zone: str = "UTC"
    place_guessed: bool = False
    languages: tuple[str, ...] = ()
    legal_name: str | None = None
    signatory: str | None = None
    postal_address: tuple[str, ...] = ()
    country_name: str | None = None
    stores: dict[str, str] = field(default_factory=dict)
    alerts_to: str | None = None
    kept: dict[str, str | list[str]] = field(default_factory=dict)  #: one of env, file, command, keyring

    @property
    def name(self) -> str:
        """Of the account: the company's domain, or with a provider's own domain the part before the @."""
        return account_name(self.address, own_domain=self.provider is None or not _is_of(self))

    @property
    def secret_file(self) -> str:
        """Where its password would lie, relative to the home."""
        return f"secrets/{self.name}.password"

    def sent_copy(self) -> str:
        """Who puts copies into Sent: seen with the test mail, else as the provider is known to do."""
        if self.arrival is not None and self.arrival.filed_in_sent:
            return "provider"
        if self.provider is not None and self.provider.files_sent:
            return "provider"
        return "append" if self.arrival is not None and self.sent is not None else "auto"

    def account(self) -> NewAccount:
        """As it will be written."""
        return NewAccount(
            name=self.name,
            address=self.address,
            imap=self.imap,
            smtp=self.smtp,
            secret=self.kept or {"file": self.secret_file},
            authserv_id=self.authserv_id,
            mailboxes=self.mailboxes,
            watch_junk=self.watch_junk,
            sent_mailbox=self.sent_mailbox,
            sent_copy=self.sent_copy(),
            time_zone=self.time_zone,
            country=self.country,
            place_guessed=self.place_guessed,
            languages=self.languages,
            legal_name=self.legal_name,
            signatory=self.signatory,
            postal_address=self.postal_address,
            country_name=self.country_name,
            stores=self.stores,
            reviewer=self.signatory,
            alerts_to=self.alerts_to,
            provider=self.provider.title if self.provider else None,
        )

    def imap_settings(self) -> ImapSettings:
        """To try the mailbox with."""
        from pathlib import Path

        from bot.edge.imap.settings import ImapSettings

        server = self.imap
        return ImapSettings(
            host=server.host,
            port=server.port or PORTS["imap"][server.security],
            security=server.security,  # type: ignore[arg-type]  # the wizard offers no other word
            user=server.user or self.address,
            secret=self._secret(),
            auth="xoauth2" if server.auth == "xoauth2" else "password",
            extra_ca=Path(server.ca_file) if server.ca_file else None,
        )

    def smtp_settings(self) -> SmtpSettings:
        """To try sending with."""
        from pathlib import Path

        from bot.edge.smtp.settings import SmtpSettings

        server = self.smtp
        return SmtpSettings(
            host=server.host,
            port=server.port or PORTS["smtp"][server.security],
            security=server.security,  # type: ignore[arg-type]
            user=server.user or self.address,
            secret=self._secret(),
            auth=server.auth,  # type: ignore[arg-type]
            extra_ca=Path(server.ca_file) if server.ca_file else None,
        )

    def _secret(self) -> Callable[[], str]:
        from bot.edge.secrets import SecretSource

        if self.command is not None and self.password is None:
            return SecretSource(command=tuple(self.command))
        return lambda: self.password or ""


def servers_of(provider: ProviderModel, auth: str) -> tuple[NewServer, NewServer]:
    """IMAP and SMTP of a provider."""
    imap, smtp = (
        NewServer(host=one.host, port=one.port, security=one.security, auth=auth)
        for one in (provider.imap, provider.smtp)
    )
    return imap, smtp


def guessed_servers(domain: str) -> tuple[NewServer, NewServer]:
    """What they are most often called; nobody confirmed it."""
    return NewServer(host=f"imap.{domain}", guessed=True), NewServer(host=f"smtp.{domain}", guessed=True)


def account_name(address: str, *, own_domain: bool) -> str:
    """A name that rejoinder.yaml takes as that of an account."""
    local, _, domain = address.casefold().rpartition("@")
    word = domain.partition(".")[0] if own_domain else local
    name = re.sub(r"[^a-z0-9_.-]+", "-", word).strip("-._")[:40]
    return name if name and re.fullmatch(_NAME, name) else "shop"


_NAME = str(NameField.__metadata__[0].pattern)  # type: ignore[attr-defined]


def _is_of(answers: Answers) -> bool:
    from bot.settings.providers import ProvidersFile, provider_of

    assert answers.provider is not None
    domain = answers.address.rpartition("@")[2]
    return provider_of(domain, ProvidersFile(providers={"it": answers.provider})) is not None
