"""The model of rejoinder.yaml, and the frozen Settings made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bot.mail.authentication import names_many
from bot.settings.alerts import AlertsModel
from bot.settings.parts import (
    AddressField,
    AuthservField,
    CountryField,
    HostField,
    LanguageField,
    LineField,
    Model,
    NameField,
    SpanField,
    TimeZoneField,
)
from bot.settings.profile import ProfileModel, StoreModel, refuse_shared_marks
from bot.settings.secret import SecretModel, Surroundings
from bot.settings.values import (
    Account,
    Limits,
    Server,
    Settings,
    StopSwitch,
)

#: Only these hosts may be spoken to in plain text: what is sent there stays on this machine.
LOOPBACK = ("127.0.0.1", "::1")


class ServerModel(Model):
    """One server of an account."""

    host: HostField
    port: int | None = Field(default=None, ge=1, le=65535, description="Default: the usual one.")
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="none is for 127.0.0.1 and ::1 only."
    )
    auth: Literal["password", "xoauth2", "none"] = "password"
    user: LineField | None = Field(default=None, description="Default: the account's address.")
    password: SecretModel | None = Field(default=None, description="Default: the account's password.")
    ca_file: str | None = Field(
        default=None,
        description="PEM file trusted beside the system's authorities, for a server of your own.",
    )

    @field_validator("security")
    @classmethod
    def _plain_text_stays_here(cls, security: str, info: ValidationInfo) -> str:
        if security == "none" and info.data.get("host", LOOPBACK[0]) not in LOOPBACK:
            raise ValueError(
                f"plain text to {info.data['host']} would show mail and password to everybody on the way; "
                'write tls or starttls ("none" is for 127.0.0.1 and ::1 only)'
            )
        return security

    def value(self, around: Surroundings, account: AccountModel, ports: dict[str, int]) -> Server:
        """With the account's user and password where the server has none of its own."""
        password = self.password or account.password
        signs_in = self.auth != "none"
        return Server(
            host=self.host,
            port=self.port or ports[self.security],
            security=self.security,
            auth=self.auth,
            user=(self.user or account.address) if signs_in else None,
            password=password.value(around) if password and signs_in else None,
            ca_file=around.path(self.ca_file) if self.ca_file else None,
        )


class SmtpModel(ServerModel):
    """The submission server (RFC 6409)."""


class AccountModel(Model):
    """One seller account."""

    address: AddressField = Field(description="Tied to the account at Amazon; letters come from it.")
    password: SecretModel | None = None
    imap: ServerModel
    smtp: SmtpModel
    authserv_id: AuthservField | None = Field(
        default=None,
        description="Whose Authentication-Results to believe; `rejoinder doctor` says which line to paste.",
    )
    trusted_sealers: list[HostField] = Field(
        default_factory=list,
        description="Domains of services that pass mail on to this mailbox; their ARC seals count.",
    )
    mailboxes: list[LineField] = Field(default=["INBOX"], min_length=1)
    watch_junk: bool = True
    sent_mailbox: LineField | None = Field(
        default=None, description="Where mail you send lies; default: the mailbox marked as Sent."
    )
    sent_copy: Literal["auto", "append", "provider"] = "auto"
    own_copy_to: AddressField | None = Field(default=None, description="Copy to yourself of every letter.")
    return_tag: bool = Field(
        default=False, description="A tag in the return address of each letter: shop+rj.TOKEN@shop.example."
    )
    first_run: Literal["observe", "read_all"] = "observe"
    time_zone: TimeZoneField
    country: CountryField = Field(description="Whose public holidays count: DE, US, GB.")
    subdivision: str | None = Field(default=None, description="State or region: BY, CA.")
    calendar: NameField | None = Field(default=None, description="A file in rules/calendars to count by.")
    languages: list[LanguageField] = Field(default_factory=list)
    profile: ProfileModel = ProfileModel()
    stores: dict[NameField, StoreModel] = Field(
        default_factory=dict,
        description="Several seller accounts whose notices arrive in this mailbox, each with its profile.",
    )

    @model_validator(mode="after")
    def _stores_are_told_apart(self) -> AccountModel:
        if self.stores and self.profile != ProfileModel():
            raise ValueError(
                "with stores: each store has a profile of its own; move profile: below its store"
            )
        refuse_shared_marks(self.stores)
        return self

    @model_validator(mode="after")
    def _can_sign_in(self) -> AccountModel:
        for name, server in (("imap", self.imap), ("smtp", self.smtp)):
            if server.auth != "none" and (server.password or self.password) is None:
                raise ValueError(
                    f"{name} signs in with {server.auth} but neither it nor the account has a password: "
                    "add password: with env, file, command or keyring (or auth: none)"
                )
        return self

    def value(self, name: str, around: Surroundings) -> Account:
        """As a frozen value, with ports, users and passwords filled in."""
        return Account(
            name=name,
            address=self.address,
            imap=self.imap.value(around, self, {"tls": 993, "starttls": 143, "none": 143}),
            smtp=self.smtp.value(around, self, {"tls": 465, "starttls": 587, "none": 25}),
            authserv_id=self.authserv_id,
            trusted_sealers=tuple(self.trusted_sealers),
            mailboxes=tuple(dict.fromkeys(self.mailboxes)),
            watch_junk=self.watch_junk,
            sent_copy=self.sent_copy,
            sent_mailbox=self.sent_mailbox,
            own_copy_to=self.own_copy_to,
            return_tag=self.return_tag,
            first_run=self.first_run,
            time_zone=self.time_zone,
            country=self.country,
            subdivision=self.subdivision,
            calendar=self.calendar,
            languages=tuple(self.languages),
            profile=self.profile.value(),
            stores=tuple(store.value(store_name) for store_name, store in self.stores.items()),
        )


class LimitsModel(Model):
    """How many letters may leave at most, in any 24 hours."""

    letters_per_day: int = Field(default=30, ge=0, description="Per account.")
    letters_per_day_in_all: int = Field(default=60, ge=0, description="Of all accounts together.")
    letters_per_address_per_day: int = Field(default=1, ge=0)
    new_addresses_per_day: int = Field(
        default=10, ge=0, description="Per account: addresses to which it never wrote before."
    )


class StopSwitchModel(Model):
    """Beyond these numbers everything is held and a person is told."""

    cases_per_minute: int = Field(default=20, ge=1)
    cases_per_address: int = Field(default=15, ge=1, description="Cases of one address opened within a day.")
    unknown_replies_per_hour: int = Field(default=20, ge=1)


class HomeModel(Model):
    """rejoinder.yaml."""

    accounts: dict[NameField, AccountModel] = Field(default_factory=dict)
    reviewer: LineField | None = Field(default=None, description="Who approves.")
    safe_mode: bool = Field(default=True, description="Letters go to yourself only; every screen says TEST.")
    safe_mode_to: AddressField | None = Field(default=None, description="Default: the account's own address.")
    undo_window: SpanField = Field(default=timedelta(minutes=10), validate_default=False)
    check_signatures: bool = Field(
        default=True, description="Verify Amazon's signatures as well; asks name servers for the keys."
    )
    state: str = Field(default="state", min_length=1, description="Folder; relative to the home.")
    default_language: LanguageField = "en"
    limits: LimitsModel = LimitsModel()
    stop_switch: StopSwitchModel = StopSwitchModel()
    alerts: AlertsModel = AlertsModel()

    @field_validator("undo_window")
    @classmethod
    def _not_for_days(cls, window: timedelta) -> timedelta:
        if window > timedelta(days=1):
            raise ValueError("an undo window of more than a day would only delay letters")
        return window

    @field_validator("accounts")
    @classmethod
    def _one_account_an_address(cls, accounts: dict[str, AccountModel]) -> dict[str, AccountModel]:
        seen: dict[str, str] = {}
        for name, account in accounts.items():
            address = account.address.casefold()
            if address in seen:
                raise ValueError(
                    f"accounts {seen[address]} and {name} have the same address {account.address}"
                )
            seen[address] = name
        return accounts

    @field_validator("check_signatures")
    @classmethod
    def _where_a_name_does_not_tell(cls, checks: bool, info: ValidationInfo) -> bool:
        accounts: dict[str, AccountModel] = info.data.get("accounts") or {}
        for name, account in accounts.items():
            pinned = account.authserv_id
            if not checks and pinned is not None and names_many(pinned):
                raise ValueError(
                    f'account {name} believes results under "{pinned}", which a sender might write as well: '
                    "only Amazon's signature tells then; leave this at true, or pin one exact name"
                )
        return checks

    @field_validator("alerts")
    @classmethod
    def _to_a_second_address(cls, alerts: AlertsModel, info: ValidationInfo) -> AlertsModel:
        accounts: dict[str, AccountModel] = info.data.get("accounts") or {}
        mail = alerts.mail
        if mail is None or not accounts:
            return alerts
        if mail.account is not None and mail.account not in accounts:
            known = ", ".join(accounts)
            raise ValueError(f"mail.account: there is no account {mail.account}; there are: {known}")
        for name, account in accounts.items():
            if account.address.casefold() == mail.to.casefold():
                raise ValueError(
                    f"mail.to is the address of account {name}, whose mailbox is what alerts are about; "
                    "write a second address that you read elsewhere"
                )
        return alerts

    def value(self, around: Surroundings, raw_sha256: str) -> Settings:
        """As frozen values."""
        return Settings(
            home=around.home,
            state=around.path(self.state),
            accounts=tuple(account.value(name, around) for name, account in self.accounts.items()),
            reviewer=self.reviewer,
            safe_mode=self.safe_mode,
            safe_mode_to=self.safe_mode_to,
            undo_window=self.undo_window,
            check_signatures=self.check_signatures,
            default_language=self.default_language,
            limits=Limits(**dict(self.limits)),
            stop_switch=StopSwitch(**dict(self.stop_switch)),
            alerts=self.alerts.value(around),
            raw_sha256=raw_sha256,
        )


#: Keys of rejoinder.yaml that `REJOINDER_<KEY>` and the command line may set.
FROM_OUTSIDE = ("reviewer", "safe_mode", "safe_mode_to", "undo_window", "state", "default_language")
