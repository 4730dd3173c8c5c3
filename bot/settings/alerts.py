"""The part of rejoinder.yaml that says how a person is told: mail, program, webhook, heartbeat."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from bot.settings.parts import AddressField, LineField, Model, NameField, SpanField
from bot.settings.secret import SecretModel, Surroundings
from bot.settings.values import AlertMail, Alerts, Heartbeat, WebAddress, Webhook

_LOOPBACK = ("127.0.0.1", "::1")
_LONGEST_URL = 2000


def _url(text: str) -> str:
    _split(text)
    return text


def _split(text: str) -> WebAddress:
    """The parts of a URL. Raises ValueError with a sentence that never shows the URL: it may be a secret."""
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > _LONGEST_URL:
        raise ValueError("a URL is written in printable ASCII without spaces")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("this is no URL: expected something like https://hooks.example/rejoinder") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("expected a URL that begins with https:// and a host name")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL may not hold a user or password; sign with webhook.secret instead")
    if parts.fragment:
        raise ValueError("the part after # never reaches a server; leave it out")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("plain http is for 127.0.0.1 and ::1 only; write https://")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = parts.scheme == "https"
    return WebAddress(secure=secure, host=parts.hostname, port=port or (443 if secure else 80), target=target)


UrlField = Annotated[str, AfterValidator(_url)]


class AlertMailModel(Model):
    """Alerts as mail to a second address."""

    to: AddressField = Field(description="A second address, read elsewhere than the account's mailbox.")
    account: NameField | None = Field(
        default=None, description="The account from whose address it goes; default: the first."
    )

    def value(self) -> AlertMail:
        """As a frozen value."""
        return AlertMail(to=self.to, account=self.account)


class _UrlModel(Model):
    """Somewhere on the web, of the operator's own choice."""

    url: UrlField = Field(description="https, or http to 127.0.0.1 and ::1; redirects are not followed.")
    ca_file: str | None = Field(
        default=None,
        description="PEM file trusted beside the system's authorities, for a server of your own.",
    )

    def address(self, around: Surroundings) -> WebAddress:
        """The URL in parts."""
        parts = _split(self.url)
        ca_file = around.path(self.ca_file) if self.ca_file else None
        return WebAddress(
            secure=parts.secure, host=parts.host, port=parts.port, target=parts.target, ca_file=ca_file
        )


class WebhookModel(_UrlModel):
    """Alerts as JSON by POST."""

    secret: SecretModel | None = Field(default=None, description="Key of the HMAC-SHA256 signature.")

    def value(self, around: Surroundings) -> Webhook:
        """As a frozen value."""
        return Webhook(
            address=self.address(around), secret=self.secret.value(around) if self.secret else None
        )


class HeartbeatModel(_UrlModel):
    """A GET while every mailbox is read in time."""

    every: SpanField = Field(default=timedelta(minutes=5), validate_default=False)

    @field_validator("every")
    @classmethod
    def _sensible(cls, every: timedelta) -> timedelta:
        if not timedelta(minutes=1) <= every <= timedelta(days=1):
            raise ValueError("expected something between 1 min and 1 day")
        return every

    def value(self, around: Surroundings) -> Heartbeat:
        """As a frozen value."""
        return Heartbeat(address=self.address(around), every=self.every)


class AlertsModel(Model):
    """How a person is told, beside the log and the queue; any of these ways, or none."""

    mail: AlertMailModel | None = None
    command: list[LineField] | None = Field(
        default=None, min_length=1, description="Program and arguments; gets JSON on its standard input."
    )
    webhook: WebhookModel | None = None
    heartbeat: HeartbeatModel | None = None
    names: bool = Field(default=False, description="Texts may carry complaint numbers and addresses.")

    def value(self, around: Surroundings) -> Alerts:
        """As frozen values."""
        return Alerts(
            mail=self.mail.value() if self.mail else None,
            command=tuple(self.command) if self.command else None,
            webhook=self.webhook.value(around) if self.webhook else None,
            heartbeat=self.heartbeat.value(around) if self.heartbeat else None,
            names=self.names,
        )
