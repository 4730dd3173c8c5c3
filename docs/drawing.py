"""Draws the parts of the pages that come from the code; `python -m docs.drawing` puts them in their places.

A page marks such a part with `<!-- drawn: name -->` and `<!-- end -->`. tests/docs fails when what stands
between the two is not what is drawn here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.case import events as e
from bot.case.model import State
from bot.case.reasons import REASON_TEXT
from bot.case.states import FREEZABLE, ON_THE_LINE, REMARKS, TRANSITIONS, WORLD
from bot.edge.home import load_providers
from bot.mail.authentication import Proof, Verdict
from bot.mail.parse import parse_message
from bot.ports import SubmissionAccepted, SubmissionUnknown
from bot.reading.look import look_of, view_of
from bot.settings.providers import ProviderModel
from tests.edge.smtp.test_faults import LEDGER
from tests.guards.ledger import FAULTS, PROOFS, THREATS, Danger
from tests.shipped import load_rules

UNPROVEN = Verdict(proven=False, proof=Proof.NO_RESULTS, domain=None, authserv_id=None)
ROOT = Path(__file__).resolve().parent.parent
PAGES = ("docs/architecture.md", "docs/providers.md", "tests/README.md", "docs/reliability.md")
_PART = re.compile(r"(<!-- drawn: ([a-z]+) -->\n)(.*?)(<!-- end -->)", re.S)


def states() -> str:
    """The table of states as a mermaid diagram: an arrow for each pair of states, named after its events."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> READY"]
    for state in State:
        arrows: dict[State, list[str]] = {}
        for event, after in TRANSITIONS[state].items():
            arrows.setdefault(after, []).append(event.__name__)
        if state in FREEZABLE and state is not State.HELD:
            arrows.setdefault(State.HELD, []).append("the world")
        for after, names in arrows.items():
            lines.append(f"    {state.name} --> {after.name}: {', '.join(names)}")
    lines += ["    CLOSED --> [*]", "```"]
    return "\n".join(lines)


def world() -> str:
    """What others do, and the hold that each brings."""
    rows = [f"| `{event.__name__}` | {REASON_TEXT[reason]} |" for event, reason in WORLD.items()]
    held = ", ".join(f"`{state.name}`" for state in State if state in FREEZABLE)
    waits = ", ".join(f"`{state.name}`" for state in State if state in ON_THE_LINE)
    remarks = ", ".join(f"`{event.__name__}`" for event in e.EVENTS if event in REMARKS)
    return "\n".join([
        "| The world | what the person reads beside the held track |",
        "| --- | --- |",
        *rows,
        "",
        f"- Held at once in: {held}.",
        f"- Noted, and applied after the outcome, in: {waits}.",
        f"- Legal everywhere and moving nothing: {remarks}.",
        f"- `CaseClosed` closes a track in every state but {waits}.",
    ])  # fmt: skip


def corpus() -> str:
    """How many mails of each kind the corpus has, by language."""
    count: Counter[tuple[str, str]] = Counter()
    for file in sorted((ROOT / "tests" / "corpus").glob("*.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        right = told.get("ip_type")
        kind = told["kind"] + (f": {right}" if told["kind"] == "notice" and right else "")
        count[kind, told["language"]] += 1
    languages = sorted({language for _, language in count})
    rows = [
        "| " + " | ".join([kind.replace("_", " "), *(str(count[kind, x] or "") for x in languages)]) + " |"
        for kind in sorted({kind for kind, _ in count})
    ]
    head = ["| what it is | " + " | ".join(languages) + " |", "| --- |" + " --- |" * len(languages)]
    return "\n".join(head + rows)


def crossed() -> str:
    """Every family over every mail of Amazon's in the corpus: what it claims, what it only fits."""
    rules = load_rules()
    claimed: Counter[tuple[str, str]] = Counter()
    also: dict[str, Counter[str]] = {}
    kinds: Counter[str] = Counter()
    for file in sorted((ROOT / "tests" / "corpus").glob("*.eml")):
        mail = parse_message(file.read_bytes())
        author = mail.head.from_[0].addr_spec if mail.head.from_ else ""
        told = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))["kind"]
        if told == "phishing" or not rules.senders.is_amazon_address(author):
            continue
        view = view_of(mail, UNPROVEN, rules, frozenset())
        look = look_of(rules, mail.head.subject, author, view.source, view.facts)
        fits = [family.name for family in rules.families if family.check.holds(look)] or ["none"]
        claimed[fits[0], told] += 1
        kinds[told] += 1
        for name in fits[1:]:
            also.setdefault(name, Counter())[fits[0]] += 1
    columns = sorted(kinds)
    names = [family.name for family in rules.families]
    rows = []
    for name in [*names, "none"]:
        loses = ", ".join(f"{other} {times}" for other, times in sorted(also.get(name, Counter()).items()))
        cells = [str(claimed[name, kind] or "") for kind in columns]
        rows.append("| " + " | ".join([name, *cells, loses]) + " |")
    head = [
        "| family | "
        + " | ".join(kind.replace("_", " ") for kind in columns)
        + " | fits too, asked later than |"
    ]
    return "\n".join([*head, "| --- |" + " --- |" * (len(columns) + 1), *rows])


def smtp() -> str:
    """Every fault of the ledger, by the stage at which the server commits it and by what we then say."""
    classes = ("deferred", "refused", SubmissionUnknown, SubmissionAccepted)
    ledger: dict[str, dict[object, list[str]]] = {}
    for stage, act, expected in LEDGER:
        kind = expected[0] if isinstance(expected, tuple) else expected
        ledger.setdefault(stage, {}).setdefault(kind, []).append(act.__doc__ or "")
    rows = [
        f"| {stage} | " + " | ".join("; ".join(found.get(kind, ())) for kind in classes) + " |"
        for stage, found in ledger.items()
    ]
    head = ["| stage | tried again later | refused: a person is asked | in doubt | accepted |"]
    head += ["| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, "", f"{len(LEDGER)} faults."])


def dangers(table: tuple[Danger, ...]) -> str:
    """What could go wrong, what must happen then, and which tests say so."""
    rows = [
        f"| {one.what} | {one.must} | {'<br>'.join(f'`{test}`' for test in one.tests)} |" for one in table
    ]
    return "\n".join(
        ["| | what must happen | the tests that fail when it does not |", "| --- | --- | --- |", *rows]
    )


def providers() -> str:
    """What rules/providers.yaml knows of each provider."""
    known = load_providers(None).providers.values()
    return "\n".join(line for one in known for line in _provider(one)).rstrip("\n")


def _provider(one: ProviderModel) -> Iterator[str]:
    ways = {"password": "password", "xoauth2": "token (OAuth 2)"}
    found = [f"addresses at {', '.join(one.domains)}"] if one.domains else []
    found += [f"domains whose mail goes to {', '.join(f'`*.{end}`' for end in one.mx)}"] if one.mx else []
    yield f"### {one.title}"
    yield ""
    for kind, server, usual in (("Receiving", one.imap, (993, 143)), ("Sending", one.smtp, (465, 587))):
        port = server.port or usual[server.security == "starttls"]
        yield f"- {kind}: `{server.host}`, port {port}, {server.security.upper()}"
    yield f"- Sign in with: {', or '.join(ways[way] for way in one.sign_in)}"
    if one.password_page and "password" in one.sign_in:
        yield f"- App password: <{one.password_page}>"
    yield f"- Copy in Sent: {'the provider makes it' if one.files_sent else 'Rejoinder makes it'}"
    if one.authserv_id:
        yield f"- Vouches for mail as: `{one.authserv_id}`"
    yield f"- Found by: {'; '.join(found)}"
    for quirk in one.quirks:
        yield f"- {quirk}"
    yield f"- Looked up: {one.seen.isoformat()}"
    yield ""


PARTS: dict[str, Callable[[], str]] = {
    "states": states,
    "world": world,
    "corpus": corpus,
    "crossed": crossed,
    "providers": providers,
    "smtp": smtp,
    "faults": lambda: dangers(FAULTS),
    "threats": lambda: dangers(THREATS),
    "proofs": lambda: dangers(PROOFS),
}


def drawn(page: str) -> str:
    """The text of a page with every marked part drawn anew. Raises KeyError for a part nobody draws."""
    return _PART.sub(lambda found: found[1] + PARTS[found[2]]() + "\n" + found[4], page)


def main() -> None:
    """Rewrite the pages in place."""
    for name in PAGES:
        file = ROOT / name
        file.write_text(drawn(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
