"""The page of an item that is no letter: held, claimed, suspect, unreadable, or something to read."""

from __future__ import annotations

from collections.abc import Iterator

from bot.case.items import ItemKind
from bot.cli.holds import ADVICE, other_holds
from bot.cli.likeness import say_likeness
from bot.cli.page_parts import mail_lines, print_answers, print_clocks, print_head, print_sources, state_words
from bot.cli.pages import Page
from bot.cli.screen import Bit, Piece, Screen
from bot.cli.text import one_line
from bot.cli.words import DETAIL_TEXT, PARTY_WORDS, reason_text, sentence

_TITLES = {
    ItemKind.HOLD: "a case is held",
    ItemKind.CLAIM: "a mail claims to belong to a case",
    ItemKind.SUSPECT: "a suspect mail",
    ItemKind.PARKED: "a mail that cannot be read",
    ItemKind.ALARM: "something to read",
    ItemKind.DRAFT: "a draft",
    ItemKind.IN_DOUBT: "a letter in doubt",
}


def print_other_page(screen: Screen, page: Page) -> None:
    """All of it."""
    item = page.item
    print_head(screen, page, _TITLES[item.kind])
    screen.line()
    if item.reason:
        screen.paragraph(
            sentence(reason_text(item.reason)), look="bad" if item.kind is ItemKind.SUSPECT else "title"
        )
    screen.facts(_facts(page))
    hold = page.track.hold if page.track and item.closed_at is None else None
    if hold in ADVICE:
        screen.rule("What to do")
        screen.paragraph(ADVICE[hold], indent=2)
    if page.stopped_by is not None:
        screen.rule("What stopped it")
        for line in mail_lines(page.stopped_by, screen.width - 2, page):
            screen.line("  ", line)
    if page.likeness is not None:
        say_likeness(screen, page.likeness)
    if page.mail is not None:
        screen.rule("The notice" if item.kind is ItemKind.HOLD else "The mail")
        for line in mail_lines(page.mail, screen.width - 2, page):
            screen.line("  ", line)
    if item.kind is ItemKind.HOLD:
        print_sources(screen, page)
    print_clocks(screen, page)
    print_answers(screen, page)


def _facts(page: Page) -> Iterator[tuple[str, Piece]]:
    item = page.item
    if item.closed_at is not None:
        yield "state", Bit(state_words(page), "quiet")
    detail = DETAIL_TEXT.get(item.detail, one_line(item.detail))
    if detail:
        yield ("signs" if item.kind is ItemKind.SUSPECT else "detail"), detail
    for case in page.cases:
        facts = case.facts
        about = [f"complaint {facts.complaint_id}" if facts.complaint_id else "no complaint ID", *facts.asins]
        yield f"case {case.case_id}", ", ".join(about)
        if case.store:
            yield "store", case.store
        for party in case.parties:
            who = [party.name, party.organisation, *party.addresses]
            yield PARTY_WORDS[party.role], ", ".join(one_line(word) for word in who if word) or "not named"
    if page.track is not None:
        yield "stopped at", f"{page.track.step} to {PARTY_WORDS[page.track.party]}"
    for track in other_holds(page):
        yield "held too", f"{track.step} to {PARTY_WORDS[track.party]}, as an item of its own"
