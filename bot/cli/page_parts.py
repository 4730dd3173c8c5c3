"""Parts that every page of an item has: its head, the clocks, the values read, and the answers."""

from __future__ import annotations

from collections.abc import Iterator

from bot.case.items import ItemKind
from bot.case.model import Case, PartyRole, State
from bot.cli.holds import hold_answers
from bot.cli.pages import Page, Shown
from bot.cli.screen import Bit, Piece, Screen
from bot.cli.text import cut, one_line, wrapped
from bot.cli.words import KIND_WORDS, LETTER_WORDS, absolute, relative, sentence, when

#: From this width on, notice and letter stand side by side.
SIDE_BY_SIDE = 120
#: Of a long line, so many characters to each side of a value are quoted.
_AROUND = 24


def print_head(screen: Screen, page: Page, title: str) -> None:
    """Number, what it is, which case and account."""
    item = page.item
    screen.line(Bit(f"Item {item.number}", "title"), " · ", Bit(title, "title"))
    cases = ", ".join(case.case_id for case in page.cases)
    where = [f"account {item.account_id}", *([f"case {cases}"] if cases else [])]
    screen.paragraph(f"{' · '.join(where)} · since {when(item.opened_at, page.now, page.zone)}", look="quiet")
    if page.practice is None:
        screen.paragraph(
            f"rejoinder.yaml no longer has an account {item.account_id}; put it back to go on.", look="bad"
        )


def state_words(page: Page) -> str:
    """Where it stands: `approved, leaves in 9:32`."""
    item, letter = page.item, page.letter
    if item.closed_at is not None:
        return f"answered ({item.outcome}) {relative(item.closed_at, page.now)}"
    if letter is None:
        return KIND_WORDS[item.kind]
    words = LETTER_WORDS[letter.state]
    if letter.state is State.APPROVED and letter.approval is not None:
        if letter.approval.leaves_at > page.now:
            return f"{words}, leaves {relative(letter.approval.leaves_at, page.now)}"
        return f"{words}, leaves at the next turn of the daemon"
    if page.stale:
        return "out of date: a fact it uses changed or it grew too old; it is written again at the next turn"
    if item.snoozed_until and item.snoozed_until > page.now:
        words += f", snoozed until {absolute(item.snoozed_until, page.zone)}"
    return words


def print_clocks(screen: Screen, page: Page) -> None:
    """Amazon's clock, ours, and what comes next."""
    rows = [row for case in page.cases for row in _clock_rows(page, case)]
    if page.next_step is not None:
        step, wait = page.next_step
        if page.letter is not None and page.letter.state in (State.DRAFTED, State.APPROVED):
            rows.append(("then", f"{step}, {wait} after this letter is accepted, unless they answer before"))
    elif page.letter is not None:
        rows.append(("then", "nothing more by itself: this is the last step"))
    if rows:
        screen.rule("Clocks")
        screen.facts(rows)


def _clock_rows(page: Page, case: Case) -> Iterator[tuple[str, Piece]]:
    of = f" ({case.facts.complaint_id or case.case_id})" if len(page.cases) > 1 else ""
    now, zone = page.now, page.zone
    if case.deadline is not None:
        look = "bad" if case.deadline <= now else ""
        yield f"Amazon's deadline{of}", Bit(when(case.deadline, now, zone), look)
    else:
        yield f"Amazon's deadline{of}", "the notice names none"
    if case.last_safe is not None:
        ours = f". {_why_ours(page)}" if case.last_safe_is_ours else ""
        look = "bad" if case.last_safe <= now else "warn" if (case.last_safe - now).days < 2 else ""
        yield f"last safe date{of}", Bit(when(case.last_safe, now, zone) + ours, look)
    for track in case.tracks:
        if track.state is State.AWAITING and track.due_at is not None:
            yield f"our clock{of}", f"{track.step} falls due {when(track.due_at, now, zone)}"


def _why_ours(page: Page) -> str:
    """The sentence of rules/policy.yaml beside a date of ours."""
    said = page.practice.last_safe_source if page.practice else ""
    return sentence(said or "our own guess, because the notice names no limit")


def print_sources(screen: Screen, page: Page) -> None:
    """Each value with the line of the notice it was read from."""
    if not page.read_from:
        return
    screen.rule("Read from the notice")
    rows: list[tuple[str, Piece]] = []
    for place in page.read_from:
        words = _around(place.line, place.value)
        where = " (in the subject)" if place.part == "header:subject" else ""
        quoted = f"  “{words}”{where}" if words != one_line(place.value) else where
        rows.append((place.field, f"{one_line(place.value)}{quoted}"))
    screen.facts(rows)


def _around(line: str, value: str) -> str:
    """The line, or where it is long the words to both sides of the value."""
    at = line.find(value)
    if len(line) <= 2 * _AROUND + len(value) or at < 0:
        return cut(line, 3 * _AROUND)
    start, end = max(0, at - _AROUND), at + len(value) + _AROUND
    return ("…" if start else "") + line[start:end].strip() + ("…" if end < len(line) else "")


def mail_lines(mail: Shown, width: int, page: Page) -> list[Piece]:
    """A mail as lines of so many columns; lines that a value was read from stand out."""
    head = [f"From: {one_line(mail.from_)}", f"Subject: {one_line(mail.subject)}"] if mail.from_ else []
    head.append(f"Kept: {when(mail.at, page.now, page.zone)}, mail {mail.mail_id}")
    lines: list[Piece] = [Bit(line, "quiet") for text in head for line in wrapped(text, width)]
    read = {place.line for place in page.read_from}
    lines.append("")
    for text in mail.text.split("\n"):
        look = "read" if one_line(text) in read else ""
        lines += [Bit(line, look) for line in wrapped(text, width)]
    return lines


def print_answers(screen: Screen, page: Page) -> None:
    """What can be typed now."""
    answers = answers_of(page)
    if answers:
        screen.rule("Your answers")
        screen.facts([(command, meaning) for command, meaning in answers.items()])


def answers_of(page: Page) -> dict[str, str]:
    """Commands ready to be typed, each with what it does; empty when nothing is left to answer."""
    if page.item.closed_at is not None or page.practice is None:
        return {}
    number = page.item.number
    if page.item.kind is ItemKind.DRAFT:
        return _letter_answers(page, number)
    if page.item.kind is ItemKind.HOLD:
        return hold_answers(page, number)
    return _mail_answers(page, number)


def _letter_answers(page: Page, number: int) -> dict[str, str]:
    if page.letter is None or page.letter.state in (State.SENDING, State.BODY_GONE):
        return {}
    if page.letter.state is State.APPROVED:
        return {
            f"rejoinder recall {number}": "take the approval back",
            f"rejoinder edit {number}": "change the text; the approval is void then",
        }
    blocked = page.stale or any(finding.error for finding in page.findings)
    approve = f"rejoinder approve {number}"
    if page.letter.written_again:
        approve += f" --revision {page.letter.revision}"
    if vouched_by(page):
        approve += " --to ADDRESS"
    answers = {} if blocked else {approve: "let it leave after the undo window"}
    return answers | {
        f"rejoinder edit {number}": "change the text in your editor",
        f'rejoinder reject {number} --reason "…"': "do not send it; the case is held",
        f'rejoinder snooze {number} "2 days"': "see it again later",
    }


def vouched_by(page: Page) -> str | None:
    """Who saw the complaint, when no mail proves it and the letter goes to whom that person named."""
    if page.letter is None or page.letter.party is PartyRole.AMAZON:
        return None
    return next((case.facts.vouched_by for case in page.cases if case.facts.vouched_by), None)


def _mail_answers(page: Page, number: int) -> dict[str, str]:
    if page.item.kind is ItemKind.IN_DOUBT:
        return {
            f"rejoinder settle {number} --sent": "it was sent; the clock runs from then",
            f"rejoinder settle {number} --not-sent": "it was not sent; it becomes a draft again",
        }
    if page.item.kind is ItemKind.CLAIM:
        return {
            f"rejoinder approve {number}": "it belongs to the case; the case is held for you to read it",
            f"rejoinder reject {number}": "it has nothing to do with the case",
        }
    answers = {f"rejoinder approve {number}": "I have read it"}
    if page.item.kind is ItemKind.SUSPECT and page.item.reason in ("not-proven", "forwarded") and page.mail:
        adopt = f'rejoinder adopt {page.mail.mail_id} --complaint-id ID --seen-in "Account Health"'
        answers[adopt] = "you saw this complaint in Seller Central: take it on"
    if page.item.kind is ItemKind.PARKED:
        mail = page.item.subject.partition(":")[2]
        answers[f"rejoinder quarantine show {mail}"] = "why it cannot be read, and a sample without its words"
        answers[f"rejoinder quarantine retry {mail}"] = "try again, after an upgrade"
    return answers
