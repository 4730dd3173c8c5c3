"""Writes a rejoinder.yaml for a new account: each line with a word about it, gaps as comments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.settings.schema import editor_line

#: Read without quotes by every YAML reader as the text it is.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./@+-]*[A-Za-z0-9.]|[A-Za-z]")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_WIDE = 42


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServer:
    """One server as it will be written."""

    host: str
    port: int | None = None  #: None: the usual one
    security: str = "tls"
    auth: str = "password"
    user: str | None = None  #: None: the account's address
    ca_file: str | None = None
    guessed: bool = False  #: nobody confirmed it


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account as it will be written; None where nobody said."""

    name: str
    address: str
    imap: NewServer
    smtp: NewServer
    secret: Mapping[str, str | list[str]]  #: one of env, file, command, keyring
    authserv_id: str | None = None
    mailboxes: tuple[str, ...] = ("INBOX",)
    watch_junk: bool = True
    sent_mailbox: str | None = None
    sent_copy: str = "auto"
    own_copy_to: str | None = None
    time_zone: str
    country: str
    place_guessed: bool = False  #: nobody confirmed time zone and country
    languages: tuple[str, ...] = ()
    legal_name: str | None = None
    signatory: str | None = None
    postal_address: tuple[str, ...] = ()
    country_name: str | None = None
    stores: Mapping[str, str] = field(default_factory=dict)
    reviewer: str | None = None
    alerts_to: str | None = None
    provider: str | None = None  #: title, for a comment


def settings_text(new: NewAccount) -> str:
    """The whole file. `rejoinder check` accepts it, whatever is None."""
    return "\n".join(_lines(new)) + "\n"


def _lines(new: NewAccount) -> Iterator[str]:
    yield editor_line("rejoinder.yaml").rstrip("\n")
    yield "#"
    yield "# The settings of this home. `rejoinder check` reads them and names every mistake;"
    yield "# docs/settings.md has every key. Passwords never stand here. Rules and templates of your"
    yield "# own go into rules/ and templates/."
    yield ""
    yield "accounts:"
    yield f"  {new.name}:"
    for line in _account(new):
        yield f"    {line}".rstrip()
    yield ""
    yield _with("safe_mode: true", "letters go to yourself only, and every screen says TEST")
    yield _with("undo_window: 10 min", "so long after your approval a letter can be taken back")
    if new.reviewer:
        yield _with(f"reviewer: {scalar(new.reviewer)}", "who approves, when a command does not say")
    yield ""
    yield from _alerts(new)


def _account(new: NewAccount) -> Iterator[str]:
    yield _with(f"address: {new.address}", "Amazon writes here, and letters come from here")
    if new.provider:
        yield f"# {new.provider}"
    yield from _server("imap", new.imap)
    yield from _server("smtp", new.smtp)
    yield _with(f"password: {_flow(new.secret)}", _SECRET_WORDS[next(iter(new.secret))])
    yield ""
    yield from _mail(new)
    yield ""
    guess = "a guess: write yours; " if new.place_guessed else ""
    yield _with(f"time_zone: {new.time_zone}", f"{guess}in which times are shown")
    yield _with(f"country: {scalar(new.country)}", f"{guess}whose public holidays count")
    if new.languages:
        yield _with(f"languages: {_flow(list(new.languages))}", "of letters, when a notice does not say")
    yield ""
    yield from _profile(new)


_SECRET_WORDS = {
    "file": "only its owner may read this file (mode 0600)",
    "env": "a variable, set where the daemon starts",
    "command": "what this program prints first; no shell reads it",
    "keyring": "the keyring of this computer",
}


def _server(name: str, server: NewServer) -> Iterator[str]:
    parts: dict[str, str | int] = {"host": server.host}
    if server.port is not None:
        parts["port"] = server.port
    if server.security != "tls":
        parts["security"] = server.security
    if server.auth != "password":
        parts["auth"] = server.auth
    own = {"user": server.user, "ca_file": server.ca_file}
    parts |= {key: value for key, value in own.items() if value is not None}
    line = f"{name}: {_flow(parts)}"
    yield _with(line, "a guess: ask your provider") if server.guessed else line


def _mail(new: NewAccount) -> Iterator[str]:
    if new.authserv_id is not None:
        yield _with(f"authserv_id: {scalar(new.authserv_id)}", "a notice is believed when it vouches for it")
    else:
        yield _gap("authserv_id: mx.provider.example", "see `rejoinder doctor`; until then no notice counts")
    if new.mailboxes != ("INBOX",):
        yield f"mailboxes: {_flow(list(new.mailboxes))}"
    if not new.watch_junk:
        yield _with("watch_junk: false", "no mailbox is marked as junk by the server")
    if new.sent_mailbox is not None:
        yield _with(f"sent_mailbox: {scalar(new.sent_mailbox)}", "where copies of what you sent lie")
    if new.sent_copy != "auto":
        said = {"provider": "the provider puts a copy into Sent", "append": "we put a copy into Sent"}
        yield _with(f"sent_copy: {new.sent_copy}", said[new.sent_copy])
    if new.own_copy_to is not None:
        yield _with(f"own_copy_to: {new.own_copy_to}", "gets a copy of every letter")
    else:
        yield _gap("own_copy_to: copies@shop.example", "a copy of every letter to yourself")


def _profile(new: NewAccount) -> Iterator[str]:
    wanted = {
        "legal_name": (new.legal_name and scalar(new.legal_name), "Shop GmbH"),
        "signatory": (new.signatory and scalar(new.signatory), "Alex Beispiel"),
        "postal_address": (
            _flow(list(new.postal_address)) if new.postal_address else None,
            "[Musterweg 1, 12345 Musterstadt]",
        ),
        "country": (new.country_name and scalar(new.country_name), "Germany"),
        "stores": (_flow(new.stores) if new.stores else None, "{ amazon.de: Shop }"),
    }
    # A key with nothing but comments below it would be a mistake.
    yield "profile:" if any(value for value, _ in wanted.values()) else "# profile:"
    for key, (value, sample) in wanted.items():
        yield f"  {key}: {value}" if value else _gap(f"  {key}: {sample}", "wanted: letters wait for it")


def _alerts(new: NewAccount) -> Iterator[str]:
    if new.alerts_to is not None:
        yield _with("alerts:", "docs/alerts.md has more ways")
        yield _with(f"  mail: {{ to: {new.alerts_to} }}", "new items, replies, deadlines, silence")
    else:
        yield "# alerts: { mail: { to: second@address.example } }  # how you hear of news; docs/alerts.md"


def _with(line: str, comment: str) -> str:
    return f"{line:<{_WIDE}} # {comment}"


def _gap(line: str, comment: str) -> str:
    return f"{'# ' + line:<{_WIDE}} # {comment}"


def scalar(text: str) -> str:
    """A value as YAML, quoted where it could be read as anything but this text."""
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS and "  " not in text
    # A JSON string is a YAML string (YAML 1.2 §10.2).
    return text if plain else json.dumps(text, ensure_ascii=False)


def _flow(value: Mapping[str, str | int | list[str]] | list[str] | str | int) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(scalar(one) for one in value) + "]"
    return scalar(value) if isinstance(value, str) else str(value)
