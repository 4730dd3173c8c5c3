"""The wizard's first half: whose servers they are, signing in, and which mailbox is for what."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cli.asking import Asker, field, sentence
from bot.cli.setup.answers import PORTS, Answers, guessed_servers, servers_of
from bot.settings.parts import AddressField, HostField
from bot.settings.providers import ProviderModel, ProvidersFile, provider_by_mx, provider_of
from bot.settings.writing import NewServer

if TYPE_CHECKING:
    from bot.edge.doctor.finding import Finding
    from bot.edge.setup.sign_in import Inside

_SECURITIES: list[tuple[str, str]] = [("TLS from the start (usual)", "tls"), ("STARTTLS", "starttls")]


class AnotherAddress(Exception):
    """The person wants to begin again with another address."""


def find_provider(domain: str, known: ProvidersFile, *, offline: bool) -> tuple[ProviderModel | None, bool]:
    """The provider of a domain, and whether its mail exchangers told."""
    provider = provider_of(domain, known)
    if provider is not None or offline:
        return provider, False
    from bot.edge.setup.exchangers import mail_exchangers

    return provider_by_mx(mail_exchangers(domain), known), True


def ask_mailbox(ask: Asker, known: ProvidersFile, address: str | None, *, offline: bool) -> Answers:
    """The address and its two servers."""
    ask.say("The mailbox that Amazon writes to. Letters will come from this address.")
    address = ask.text("Address", field(AddressField), address or "")
    domain = address.rpartition("@")[2]
    if not offline and provider_of(domain, known) is None:
        ask.say(f"Looking who runs the mail of {domain} …", "quiet")
    provider, by_mx = find_provider(domain, known, offline=offline)
    if provider is not None:
        how = f", as the mail exchangers of {domain} say" if by_mx else ""
        ask.say(f"Your mail is at {provider.title}{how}.")
        if not ask.yes("Is that right?"):
            provider = _choose_provider(ask, known)
    else:
        ask.say(f"Who runs the mail of {domain} cannot be seen from here.")
        provider = _choose_provider(ask, known)
    if provider is None:
        imap, smtp = guessed_servers(domain)
        return Answers(
            address=address, imap=ask_server(ask, "imap", imap), smtp=ask_server(ask, "smtp", smtp)
        )
    imap, smtp = servers_of(provider, provider.sign_in[0])
    show_provider(ask, provider)
    return Answers(address=address, provider=provider, imap=imap, smtp=smtp)


def _choose_provider(ask: Asker, known: ProvidersFile) -> ProviderModel | None:
    options = [(one.title, one) for one in known.providers.values()]
    listed: list[tuple[str, ProviderModel | None]] = [("Another one: I name the servers", None), *options]
    return ask.choose("Which provider?", listed)


def show_provider(ask: Asker, provider: ProviderModel) -> None:
    """Its servers, and what a seller must know."""
    rows = [("receiving", provider.imap.host), ("sending", provider.smtp.host)]
    if provider.password_page and "password" in provider.sign_in:
        rows.append(("app password", provider.password_page))
    ask.screen.facts(rows)
    for quirk in provider.quirks:
        ask.screen.paragraph(quirk, indent=4, first="  -")


def ask_server(ask: Asker, kind: str, now: NewServer) -> NewServer:
    """One server: host with or without port, and how the line is protected."""
    words = {"imap": "Server for receiving (IMAP)", "smtp": "Server for sending (SMTP)"}[kind]
    shown = now.host if now.port is None else f"{now.host}:{now.port}"
    host, port = ask.text(words, _host_and_port, shown)
    security = next((name for name, usual in PORTS[kind].items() if usual == port), None)
    if security is None:
        securities = [*_SECURITIES]
        if host in ("127.0.0.1", "::1"):
            securities.append(("none: this computer itself", "none"))
        security = "tls" if port is None else ask.choose("How is the line protected?", securities)
    usual = port is None or PORTS[kind][security] == port
    return replace(now, host=host, port=None if usual else port, security=security, guessed=False)


def _host_and_port(typed: str) -> tuple[str, int | None]:
    host, colon, port = typed.rpartition(":") if typed.count(":") == 1 else (typed, "", "")
    if colon and not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f'"{port}" is no port: expected a number such as 993.')
    return field(HostField)(host), int(port) if colon else None


def ask_command(ask: Asker, what: str) -> list[str]:
    """A program with its arguments."""

    def read(typed: str) -> list[str]:
        words = shlex.split(typed)  # a quote without its end is a ValueError with a sentence
        if not words:
            raise ValueError("This is needed.")
        return words

    return ask.text(f"Command that prints the {what}", read)


def ask_credentials(ask: Asker, answers: Answers) -> None:
    """A password, or the command that gives a token where the provider takes no password."""
    if answers.imap.auth == "xoauth2":
        ask.say("This provider wants a token (OAuth 2). A program such as oama gets one and prints it.")
        answers.password, answers.command = None, ask_command(ask, "token")
        return
    answers.command = None
    answers.password = ask.secret("Password (not shown while you type)")


def sign_in(ask: Asker, answers: Answers) -> bool:
    """Ask and try until both servers let us in; False when the person goes on without.

    Raises AnotherAddress when the person wants to begin again.
    """
    ask_credentials(ask, answers)
    while True:
        trouble = _try_both(ask, answers)
        if trouble is None:
            return True
        if not _mend(ask, answers, trouble):
            return False


def _try_both(ask: Asker, answers: Answers) -> Finding | None:
    """What is in the way, already shown; None when nothing is."""
    from bot.edge.setup.sign_in import Inside, try_mailbox, try_submission

    ask.say(f"Signing in at {answers.imap.host} and {answers.smtp.host} …", "quiet")
    seen = try_mailbox(answers.imap_settings())
    if not isinstance(seen, Inside):
        ask.finding(seen)
        return seen
    answers.inside = seen
    ask.good(f"Receiving works: {seen.inbox} mails in INBOX.")
    if not seen.idle:
        ask.say(
            "This server does not tell of new mail (no IDLE). Mail is looked for every five minutes instead."
        )
    sending = try_submission(answers.smtp_settings())
    if sending.ok is False:
        ask.finding(sending)
        return sending
    ask.good("Sending works: the server lets us in. Nothing was sent.")
    return None


def _mend(ask: Asker, answers: Answers, trouble: Finding) -> bool:
    """What the person wants to change before the next try; False: nothing, go on without."""
    token = answers.imap.auth == "xoauth2"
    options: list[tuple[str, str]] = [
        ("Type another command" if token else "Type the password again", "secret"),
        ("Try the same again", "again"),
        ("Change the servers", "servers"),
        ("Change the user name", "user"),
        ("Another address", "address"),
    ]
    ways = answers.provider.sign_in if answers.provider is not None else ["password", "xoauth2"]
    if len(ways) > 1:
        options.append(("Sign in with a password" if token else "Sign in with a token (OAuth 2)", "way"))
    if trouble.what.endswith("tls"):
        options.append(("Trust a certificate of your own (a PEM file)", "ca"))
    options.append(("Go on without; I sign in later", "later"))
    choice = ask.choose("What next?", options, default=1 if trouble.what.endswith("sign-in") else 2)
    if choice == "later":
        return False
    if choice == "address":
        raise AnotherAddress
    _CHANGES.get(choice, _nothing)(ask, answers)
    return True


def _nothing(_ask: Asker, _answers: Answers) -> None:
    return


def _change_servers(ask: Asker, answers: Answers) -> None:
    answers.imap = ask_server(ask, "imap", answers.imap)
    answers.smtp = ask_server(ask, "smtp", answers.smtp)


def _change_user(ask: Asker, answers: Answers) -> None:
    from bot.settings.parts import LineField

    user = ask.text("User name", field(LineField), answers.imap.user or answers.address)
    named = None if user == answers.address else user
    answers.imap, answers.smtp = replace(answers.imap, user=named), replace(answers.smtp, user=named)


def _change_way(ask: Asker, answers: Answers) -> None:
    auth = "password" if answers.imap.auth == "xoauth2" else "xoauth2"
    answers.imap, answers.smtp = replace(answers.imap, auth=auth), replace(answers.smtp, auth=auth)
    ask_credentials(ask, answers)


def _trust(ask: Asker, answers: Answers) -> None:
    from pathlib import Path

    def readable(typed: str) -> str:
        path = Path(typed).expanduser().absolute()
        if not path.is_file():
            raise ValueError(f"There is no file {path}.")
        return str(path)

    file = ask.text("PEM file", readable)
    answers.imap, answers.smtp = replace(answers.imap, ca_file=file), replace(answers.smtp, ca_file=file)


_CHANGES = {
    "secret": ask_credentials,
    "servers": _change_servers,
    "user": _change_user,
    "way": _change_way,
    "ca": _trust,
}


def choose_folders(ask: Asker, answers: Answers, inside: Inside) -> None:
    """Sent and Junk: as the server marks them, else by name, else by asking."""
    from bot.edge.setup.folders import choose, names

    every = names(inside.mailboxes)
    sent = choose("\\Sent", inside.mailboxes)
    answers.sent = sent.name or _ask_folder(ask, "Which one holds what you sent?", sent.candidates or every)
    if not sent.marked and answers.sent not in (None, "Sent"):
        answers.sent_mailbox = answers.sent
    junk = choose("\\Junk", inside.mailboxes)
    chosen = junk.name or _ask_folder(
        ask, "Which one gets unwanted mail (junk, spam)?", junk.candidates or every
    )
    answers.watch_junk = junk.marked
    if not junk.marked and chosen is not None:
        answers.mailboxes = ("INBOX", chosen)
    rows = [("new mail", "INBOX"), ("sent", _marked(answers.sent, sent.marked))]
    rows.append(("junk", f"{_marked(chosen, junk.marked)}; watched too, because notices land there"))
    ask.screen.facts(rows if chosen else [*rows[:2], ("junk", "there is none")])


def _marked(name: str | None, marked: bool) -> str:
    return f"{name or 'there is none'}{' (marked by the server)' if marked else ''}"


def _ask_folder(ask: Asker, question: str, candidates: list[str] | tuple[str, ...]) -> str | None:
    found: list[tuple[str, str | None]] = [(name, name) for name in candidates if name.upper() != "INBOX"]
    if not found:
        return None
    return ask.choose(sentence(question), [*found, ("none of these", None)])
