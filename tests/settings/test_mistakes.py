# ruff: noqa: E501 -- a ledger reads best with a line a sample
"""A ledger of broken files: each mistake, and exactly what a person is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import BaseModel

from bot.settings.explain import check
from bot.settings.home import HomeModel
from bot.settings.rules import CalendarFile, PlaybookFile, PolicyFile, RoutingFile, WordsFile
from bot.settings.text import LARGEST, read_yaml

ACCOUNT = """\
accounts:
  shop:
    address: ip@shop.example
    imap: { host: imap.shop.example }
    smtp: { host: smtp.shop.example }
    password: { env: SHOP_PASSWORD }
    time_zone: Europe/Berlin
    country: DE
"""
PLAYBOOK = """\
steps:
  - name: inquiry
    to: complainant
    wait: 3 business days
reply_by: 3 business days
good_for: 3 days
"""
ROUTING = """\
routes:
  - name: all
    playbook: inquiry
"""
POLICY = """\
last_safe:
  default: 10 business days
  margin: 2 days
  source: because
letter_limit: 3
reconciled_within: 15 min
"""


def said(model: type[BaseModel], text: str | bytes) -> list[str]:
    """Every mistake as place, message and hint on one line."""
    raw = text.encode() if isinstance(text, str) else text
    document = read_yaml(raw, "f")
    check(model, document)
    return [
        ":".join(str(part) for part in ("f", p.line, p.column) if part is not None)
        + f": {p.message}"
        + (f" | {p.hint}" if p.hint else "")
        for p in document.problems
    ]


#: (what, text, everything that is said about it)
YAML = [
    ("duplicate key", "a: 1\na: 2\n", ['f:2:1: key "a" stands here a second time (first in line 1) | Keep one of the two.']),
    ("two duplicates", "a: 1\nb:\n  c: 1\n  c: 2\na: 3\n", [
        'f:5:1: key "a" stands here a second time (first in line 1) | Keep one of the two.',
        'f:4:3: key "c" stands here a second time (first in line 3) | Keep one of the two.',
    ]),
    ("anchor", "a: &x 1\n", ["f:1:4: anchors (&name) and aliases are not allowed | Write the value out each time."]),
    ("alias", "a: &x 1\nb: *x\n", ["f:1:4: anchors (&name) and aliases are not allowed | Write the value out each time."]),
    ("alias of nothing", "b: *x\n", ["f:1:4: aliases (*name) are not allowed | Write the value out."]),
    ("merge key", "<<: {a: 1}\n", ["f:1:1: tags (!name) are not allowed | Leave it out."]),
    ("tag", "a: !!python/object x\n", ["f:1:4: tags (!name) are not allowed | Leave it out."]),
    ("tab", "a:\n\tb: 1\n", ["f:2:1: a tab where YAML wants spaces | Indent with spaces."]),
    ("colon", "a: b: c\n", [
        'f:1:5: mapping values are not allowed here | Put a text that holds ": " in quotes, or mend the indentation above.'
    ]),
    ("open quote", "a: 'b\n", ["f:1:4: while scanning a quoted scalar that is never closed"]),
    ("open list", "a: [1,\nb: 2\n", ["f:3:1: expected ',' or ']', but got the end of the file"]),
    ("two documents", "a: 1\n---\nb: 1\n", ["f:2:1: a second document begins here | Remove the line with ---."]),
    ("latin-1", b"a: 1\nb: caf\xe9\n", ["f:2:7: this byte is not UTF-8 | Save the file with encoding UTF-8."]),
    ("utf-16", "a: 1".encode("utf-16"), ["f:1:1: this byte is not UTF-8 | Save the file with encoding UTF-8."]),
    ("NUL", b"a: 1\nb: \0\n", ["f:2:1: a NUL character has no place in a text file"]),
    ("bell", b"a: \x07\n", ["f: this is not YAML: unacceptable character #x0007: special characters are not allowed"]),
    ("large", b"#" * (LARGEST + 1), ["f: the file has 1000001 bytes; more than 1000000 are not read"]),
    ("deep", "[" * 60 + "]" * 60, ["f: the file is nested too deeply to be read"]),
    ("very deep", "[" * 5_000, ["f: the file is nested too deeply to be read"]),
    ("odd key", "? [a]\n: b\n", ["f:1:3: a key must be a word, not a list or a mapping"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "lines"), YAML, ids=[row[0] for row in YAML])
def test_what_is_not_yaml_of_ours(what: str, text: str | bytes, lines: list[str]) -> None:
    assert said(HomeModel, text) == lines


def _account(old: str, new: str) -> str:
    assert old in ACCOUNT
    return ACCOUNT.replace(old, new)


HOME = [
    ("not a mapping", "- a\n", ["f:1:1: expected a mapping (key: value), found a list"]),
    ("unknown key", "safe_mod: true\n", ['f:1:1: unknown key "safe_mod" | Nearest valid key: safe_mode']),
    ("unknown inner key", _account("country: DE", "contry: DE"), [
        'f:2:3: key "country" is missing in accounts.shop',
        'f:8:5: unknown key "contry" | Nearest valid key: country',
    ]),
    ("key of another place", _account("imap: {", "imap: { country: DE,"), [
        'f:4:13: unknown key "country" | Valid keys: auth, ca_file, host, password, port, security, user'
    ]),
    ("missing host", _account("{ host: imap.shop.example }", "{ port: 993 }"),
        ['f:4:5: key "host" is missing in accounts.shop.imap']),
    ("port in words", _account("imap: {", "imap: { port: many,"),
        ['f:4:19: port: expected a whole number, found "many"']),
    ("port too high", _account("imap: {", "imap: { port: 70000,"),
        ["f:4:19: port: should be less than or equal to 65535"]),
    ("security", _account("imap: {", "imap: { security: startls,"),
        ['f:4:23: security: "startls" is none of tls, starttls, none | Did you mean "starttls"?']),
    ("plain text", _account("{ host: smtp.shop.example }", "{ host: smtp.shop.example, security: none }"), [
        "f:5:48: security: plain text to smtp.shop.example would show mail and password to everybody on the way; "
        'write tls or starttls ("none" is for 127.0.0.1 and ::1 only)'
    ]),
    ("localhost is a name", _account("{ host: smtp.shop.example }", "{ host: localhost, security: none }"), [
        "f:5:40: security: plain text to localhost would show mail and password to everybody on the way; "
        'write tls or starttls ("none" is for 127.0.0.1 and ::1 only)'
    ]),
    ("two secrets", _account("{ env: SHOP_PASSWORD }", "{ env: A, file: b }"),
        ["f:6:15: password: expected exactly one of env, file, command and keyring"]),
    ("secret in the file", _account("{ env: SHOP_PASSWORD }", "hunter2-secret"),
        ["f:6:15: password: expected env, file, command or keyring that tells where it is, not the secret itself"]),
    ("secret as variable", _account("SHOP_PASSWORD", "hunter2-secret"),
        ["f:6:22: env: expected the name of an environment variable, not the secret itself"]),
    ("no secret", _account("    password: { env: SHOP_PASSWORD }\n", ""), [
        "f:3:5: shop: imap signs in with password but neither it nor the account has a password: "
        "add password: with env, file, command or keyring (or auth: none)"
    ]),
    ("address", _account("ip@shop.example", "ip shop.example"),
        ['f:3:14: address: "ip shop.example" is no address: expected something like ip@shop.example']),
    ("host with port", _account("imap.shop.example", "imap.shop.example:993"), [
        'f:4:19: host: "imap.shop.example:993" is no host name: expected something like imap.shop.example, without port'
    ]),
    ("time zone", _account("Europe/Berlin", "Europe/Berlni"), [
        'f:7:16: time_zone: "Europe/Berlni" is no time zone of the IANA list | Did you mean Europe/Berlin?'
    ]),
    ("path as time zone", _account("Europe/Berlin", "../../etc/passwd"), [
        'f:7:16: time_zone: "../../etc/passwd" is no time zone of the IANA list, such as Europe/Berlin or America/New_York'
    ]),
    ("country", _account("DE", "Germany"), ['f:8:14: country: "Germany" does not look like ^[A-Z]{2}$']),
    ("account name", _account("  shop:", "  My Shop:"), [
        'f:2:3: "My Shop" is no good name here: "My Shop" does not look like ^[a-z0-9][a-z0-9_.-]{0,39}$'
    ]),
    ("undo window", "undo_window: soon\n", [
        'f:1:14: undo_window: "soon" is no length of time: expected a number and a unit, '
        "such as 3 business days, 2 days, 72h or 10 min"
    ]),
    ("undo window in business days", "undo_window: 1 business day\n", [
        'f:1:14: undo_window: "1 business day" counts business days; here write minutes, hours or days'
    ]),
    ("undo window of days", "undo_window: 2 days\n",
        ["f:1:14: undo_window: an undo window of more than a day would only delay letters"]),
    ("many names and no signature", "check_signatures: false\n" + ACCOUNT + '    authserv_id: "*.shop.example"\n', [
        'f:1:19: check_signatures: account shop believes results under "*.shop.example", which a sender might write as '
        "well: only Amazon's signature tells then; leave this at true, or pin one exact name"
    ]),
    ("number for a name", "reviewer: 42\n", ['f:1:11: reviewer: expected text, found "42" | Put it in quotes: "42"']),
    ("perhaps", "safe_mode: perhaps\n", ['f:1:12: safe_mode: expected true or false, found "perhaps"']),
    ("marketplace", ACCOUNT + "    profile: { stores: { ebay.de: Shop } }\n",
        ['f:9:24: stores: "ebay.de" is no marketplace: expected something like amazon.de']),
    ("several at once", "safe_mode: perhaps\nundo_window: soon\nlimit: 3\n", [
        'f:1:12: safe_mode: expected true or false, found "perhaps"',
        'f:2:14: undo_window: "soon" is no length of time: expected a number and a unit, '
        "such as 3 business days, 2 days, 72h or 10 min",
        'f:3:1: unknown key "limit" | Nearest valid key: limits',
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "text", "lines"), HOME, ids=[row[0] for row in HOME])
def test_mistakes_in_rejoinder_yaml(what: str, text: str, lines: list[str]) -> None:
    assert said(HomeModel, text) == lines


RULES: list[tuple[str, type[BaseModel], str, list[str]]] = [
    ("wait", PlaybookFile, PLAYBOOK.replace("wait: 3 business days", "wait: soon"), [
        'f:4:11: wait: "soon" is no length of time: expected a number and a unit, '
        "such as 3 business days, 2 days, 72h or 10 min"
    ]),
    ("addressee", PlaybookFile, PLAYBOOK.replace("complainant", "complainnt"), [
        'f:3:9: to: "complainnt" is none of complainant, amazon, counsel | Did you mean "complainant"?'
    ]),
    ("no steps", PlaybookFile, "steps: []\nreply_by: 1 day\ngood_for: 1 day\n",
        ["f:1:8: steps: List should have at least 1 item after validation, not 0"]),
    ("same step twice", PlaybookFile,
        PLAYBOOK.replace("reply_by", "  - { name: inquiry, to: amazon, wait: 1 day }\nreply_by"),
        ['f:2:3: steps: two steps have the name "inquiry"']),
    ("too many letters", PlaybookFile, PLAYBOOK + "letter_limit: 9\n",
        ["f:7:15: letter_limit: should be less than or equal to 3"]),
    ("reason", RoutingFile, ROUTING.replace("playbook: inquiry", "hold: court-mater"), [
        'f:3:11: hold: "court-mater" is not known here | Did you mean "court-matter"?'
    ]),
    ("both", RoutingFile, ROUTING + "    hold: answered\n",
        ['f:2:5: routes: route "all" needs exactly one of playbook and hold']),
    ("no catch-all", RoutingFile, ROUTING + "    when: { warning: true }\n",
        ['f:2:3: routes: the last route, "all", must fit everything: leave out its when']),
    ("unreachable", RoutingFile, ROUTING + "  - name: more\n    hold: answered\n",
        ['f:2:3: routes: nothing passes route "all", so the routes below it never fit']),
    ("condition", RoutingFile, ROUTING + "    when: { family: [a] }\n",
        ['f:4:13: unknown key "family" | Nearest valid key: families']),
    ("date", CalendarFile, "country: DE\nclosed: [2026-02-30]\n",
        ['f:2:10: closed: expected a date such as 2026-12-24, found "2026-02-30"']),
    ("weekday", CalendarFile, "country: DE\nweekend: [sonday]\n", [
        'f:2:11: weekend: "sonday" is none of monday, tuesday, wednesday, thursday, friday, saturday, sunday '
        '| Did you mean "sunday"?'
    ]),
    ("policy", PolicyFile, POLICY.replace("  source: because\n", ""), ['f:1:1: key "source" is missing in last_safe']),
    ("word category", WordsFile, "en:\n  apologie: [sorry]\n", [
        'f:2:3: "apologie" is no good name here: the categories are accusation, admission, apology, attachment, '
        "money, supplier, threat, undertaking | Did you mean apology?"
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "model", "text", "lines"), RULES, ids=[row[0] for row in RULES])
def test_mistakes_in_rules(what: str, model: type[BaseModel], text: str, lines: list[str]) -> None:
    assert said(model, text) == lines


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{ env: SHOP_PASSWORD }", "hunter2"),
        ("{ env: SHOP_PASSWORD }", "{ hunter2 }"),
        ("{ env: SHOP_PASSWORD }", "{ env: hunter2- }"),
        ("{ env: SHOP_PASSWORD }", "{ env: [hunter2] }"),
        ("{ env: SHOP_PASSWORD }", "{ command: hunter2 }"),
        ("{ env: SHOP_PASSWORD }", "{ file: hunter2, env: hunter2 }"),
        ("password: { env: SHOP_PASSWORD }", "passwort: hunter2"),
    ],
)
def test_a_secret_written_by_mistake_is_not_shown_again(old: str, new: str) -> None:
    document = read_yaml(_account(old, new).encode(), "rejoinder.yaml")
    assert check(HomeModel, document) is None
    assert document.problems
    assert "hunter2" not in "\n".join(map(str, document.problems))


SOUND: list[tuple[type[BaseModel], Callable[[], str]]] = [
    (HomeModel, lambda: ACCOUNT),
    (HomeModel, lambda: ""),
    (PlaybookFile, lambda: PLAYBOOK),
    (RoutingFile, lambda: ROUTING),
    (PolicyFile, lambda: POLICY),
]


@pytest.mark.parametrize(("model", "text"), SOUND)
def test_what_the_ledger_starts_from_is_sound(model: type[BaseModel], text: Callable[[], str]) -> None:
    assert said(model, text()) == []
