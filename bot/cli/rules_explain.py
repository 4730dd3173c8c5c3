"""`rejoinder rules explain`: every rule that a mail is asked, and the first condition that it failed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.rules_files import rules_of
from bot.cli.screen import Bit, Screen, print_json
from bot.cli.session import Session, common
from bot.cli.text import one_line
from bot.errors import NotPossible

if TYPE_CHECKING:
    from bot.case.routing import Matter, Route
    from bot.edge.home import Loaded, RuleFile
    from bot.reading.explain import Asked, Tested
    from bot.reading.model import Understood

Row = dict[str, Any]
_MOST_WANTED = 4  #: phrases of a condition that are shown; a list of a hundred says nothing


@click.command(
    "explain",
    short_help="Why a mail is taken for what.",
    epilog="Example: rejoinder rules explain notice.eml",
)
@common
@click.option(
    "--all", "everything", is_flag=True, help="Every condition of every family, not only the decisive."
)
@click.argument("file", metavar="FILE.eml")
@click.pass_obj
def explain(session: Session, file: str, everything: bool) -> None:
    """Ask a mail of every rule, in order, and say what came out, with the file and the line.

    Of a family that does not fit, the first condition that failed is shown with what it was compared with; of
    the one that is taken, all of them. Then the routing table. `-` is standard input. The authentication
    results in the file are believed, as `rejoinder read` does. Nothing is kept.
    """
    raw = _bytes(file)
    loaded = rules_of(session)
    told = _explained(loaded, raw)
    if session.json:
        print_json({"file": file, "rules_hash": loaded.rules_hash, **told})
        return
    _show(session.screen, told, everything=everything)


def _bytes(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise NotPossible(f"{file}: {error.strerror}") from error


def _explained(loaded: Loaded, raw: bytes) -> Row:
    from bot.errors import UnreadableMail
    from bot.mail.authentication import PROOF_TEXT
    from bot.reading.explain import ask_families
    from bot.reading.label import label
    from bot.reading.read import ReadingContext, read
    from bot.reading.rules import build_rules
    from bot.wiring import own_addresses

    rules = build_rules({name: rule.model.model_dump() for name, rule in loaded.rules.items()})
    own = own_addresses(loaded.settings)
    context = ReadingContext(rules=rules, own_addresses=own, pinned_authserv=None, believe_file=True)
    understood = read(raw, context)
    try:
        asked = ask_families(raw, rules, own)
    except UnreadableMail as problem:
        raise NotPossible(f"this mail cannot be read: {problem}") from problem
    read_as = label(understood)
    return {
        "is": read_as["kind"],
        "proof": PROOF_TEXT[understood.verdict.proof] if understood.verdict else None,
        "may_open_case": read_as["may_open_case"],
        "may_open_case_reason": read_as["may_open_case_reason"],
        "families": [_family_row(loaded, one) for one in asked],
        "routing": list(_routing_rows(loaded, understood)),
    }


def _place(rule: RuleFile, loc: tuple[str | int, ...]) -> str:
    line, _ = rule.document.values.get(loc) or rule.document.keys.get(loc) or (1, 1)
    return f"rules/{rule.name}:{line}"


def _family_row(loaded: Loaded, asked: Asked) -> Row:
    rule = loaded.rules[f"families/{asked.family.name}.yaml"]
    return {
        "family": asked.family.name,
        "order": asked.family.file.order,
        "fits": asked.fits,
        "taken": asked.taken,
        "place": _place(rule, ("when",)),
        "conditions": [_condition_row(rule, one) for one in asked.tested],
    }


def _condition_row(rule: RuleFile, one: Tested) -> Row:
    return {
        "place": _place(rule, one.loc),
        "of": one.of,
        "word": one.word,
        "wanted": one.wanted,
        "value": one.value,
        "holds": one.holds,
        "under_none": one.unwanted,
        "first_failing": one.first_failing,
    }


def _routing_rows(loaded: Loaded, understood: Understood) -> Iterator[Row]:
    """One row a complaint; none when the mail opens no case."""
    from bot.case.opening import hold_of, matter_of
    from bot.case.routing import held_in_code
    from bot.reading.model import CourtOrEvaluation, Notice, Suspect

    reading = understood.reading
    believed = not isinstance(reading, Suspect)
    matters = reading.claims if isinstance(reading, Suspect) else reading
    if not isinstance(matters, Notice | CourtOrEvaluation):
        return
    notice = matters.notice if isinstance(matters, CourtOrEvaluation) else matters
    for complaint in notice.complaints or (None,):
        matter = matter_of(matters, complaint)
        taken = loaded.routing.choose(matter)
        held = hold_of(notice, matter, complaint, taken)
        number = complaint.complaint_id.value if complaint and complaint.complaint_id else None
        yield {
            "complaint_id": number,
            "believed": believed,
            "matter": matter,
            "taken": taken.name,
            "playbook": None if held else taken.playbook,
            "hold": held,
            "in_any_case": held_in_code(matter) is not None,
            "routes": list(_route_rows(loaded, matter, taken)),
        }


def _route_rows(loaded: Loaded, matter: Matter, taken: Route) -> Iterator[Row]:
    rule = loaded.rules["routing.yaml"]
    for number, route in enumerate(loaded.routing.routes):
        failing = next(iter(route.against(matter)), None)
        yield {
            "route": route.name,
            "place": _place(rule, ("routes", number)),
            "fits": failing is None,
            "taken": route is taken,
            "first_failing": failing
            and {"of": failing[0], "wanted": sorted(map(str, failing[1])), "value": failing[2]},
        }


def _show(page: Screen, told: Row, *, everything: bool) -> None:
    page.facts(
        [
            ("is", Bit(told["is"].replace("_", " "), "title")),
            ("proof", told["proof"] or "none"),
            ("opens a case", ("yes: " if told["may_open_case"] else "no: ") + told["may_open_case_reason"]),
        ]
    )
    page.rule("Families, in the order they are asked")
    for row in told["families"]:
        _show_family(page, row, everything=everything)
        if row["taken"] and not everything:
            page.line(Bit("  The first that fits is taken; --all shows the rest.", "quiet"))
            break
    for row in told["routing"]:
        _show_routing(page, row)


def _show_family(page: Screen, row: Row, *, everything: bool) -> None:
    mark = Bit("✓", "good") if row["taken"] else Bit("·" if row["fits"] else "✗", "quiet")
    stands = "taken" if row["taken"] else "fits too, but comes later" if row["fits"] else "no"
    page.line(mark, " ", Bit(row["family"], "title" if row["taken"] else ""), f" {row['order']}: {stands}")
    for condition in row["conditions"]:
        if everything or row["taken"] or condition["first_failing"]:
            _show_condition(page, condition)


def _show_condition(page: Screen, row: Row) -> None:
    fine = row["holds"] is not row["under_none"]
    look = "bad" if row["first_failing"] else "good" if fine else "quiet"
    arrow = Bit("→ " if row["first_failing"] else "  ", "bad")
    wanted = list(row["wanted"])
    shown = ", ".join(one_line(phrase) for phrase in wanted[:_MOST_WANTED])
    more = f" and {len(wanted) - _MOST_WANTED} more" if len(wanted) > _MOST_WANTED else ""
    asks = f"{'none of ' if row['under_none'] else ''}{row['of']} {row['word']} {shown}{more}"
    page.line("    ", arrow, Bit(row["place"], "quiet"))
    page.paragraph(asks, indent=8)
    page.paragraph(_found(row), indent=8, look=look)


def _found(row: Row) -> str:
    value = one_line(row["value"])
    if row["holds"]:
        return ("found, which excludes it: " if row["under_none"] else "found: ") + value
    return f"there is: {value}" if value else "not found"


def _show_routing(page: Screen, row: Row) -> None:
    title = f"Routing of complaint {row['complaint_id']}" if row["complaint_id"] else "Routing"
    page.rule(title + ("" if row["believed"] else ", if the mail were proven"))
    for route in row["routes"]:
        if route["taken"]:
            page.line(Bit("✓", "good"), " ", Bit(route["route"], "title"), "  ", Bit(route["place"], "quiet"))
            break
        failing = route["first_failing"]
        page.line(Bit("✗", "quiet"), f" {route['route']}  ", Bit(route["place"], "quiet"))
        wanted = ", ".join(failing["wanted"])
        page.paragraph(f"{failing['of']} must be {wanted}; it is {failing['value'] or 'unknown'}", indent=6)
    page.facts([("then", _follows(row))])


def _follows(row: Row) -> str:
    from bot.case.reasons import REASON_TEXT

    if row["hold"] is None:
        return f"playbook {row['playbook']} begins"
    return f"held{' whatever the route says' * row['in_any_case']}: {REASON_TEXT[row['hold']]}"
