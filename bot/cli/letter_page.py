"""The page of a letter: draft, approved, on the line or in doubt."""

from __future__ import annotations

from collections.abc import Iterator

from bot.case.model import State
from bot.case.reasons import REASON_TEXT
from bot.cli.page_parts import (
    SIDE_BY_SIDE,
    mail_lines,
    print_answers,
    print_clocks,
    print_head,
    print_sources,
    state_words,
    vouched_by,
)
from bot.cli.pages import Page
from bot.cli.screen import Bit, Piece, Screen
from bot.cli.text import reflowed, wrapped
from bot.cli.words import PARTY_WORDS, sentence, when
from bot.draft.model import Letter
from bot.mail.envelope import RecipientRole

#: Letters are written in lines of up to so many columns; beside them the notice takes what is left.
LETTER_COLUMNS = 76
_STATE_LOOKS = {State.APPROVED: "good", State.IN_DOUBT: "bad"}


def print_letter_page(screen: Screen, page: Page) -> None:
    """All of it."""
    letter = page.letter
    assert letter is not None
    print_head(screen, page, f"{letter.step} to {PARTY_WORDS[letter.party]}")
    screen.line()
    if page.envelope is not None and page.envelope.rehearsal:
        only = ", ".join(recipient.address for recipient in page.envelope.recipients)
        text = f" TEST: safe mode is on. This goes to {only} only; nobody else receives anything. "
        for line in wrapped(text.strip(), screen.width - 2):
            screen.line(Bit(f" {line} ", "test"))
    look = "warn" if page.stale else _STATE_LOOKS.get(letter.state, "title")
    screen.facts([("state", Bit(state_words(page), look)), *_why(page, letter), *_envelope(page, letter)])
    if who := vouched_by(page):
        screen.paragraph(
            f"No mail proves this complaint: {who} saw it in Seller Central. Compare the address with "
            "Account Health; the letter is approved by typing it.",
            indent=4,
            first="  !",
            look="warn",
        )
    _attempts(screen, page, letter)
    _texts(screen, page, letter)
    print_sources(screen, page)
    _findings(screen, page)
    print_clocks(screen, page)
    print_answers(screen, page)


def _why(page: Page, letter: Letter) -> Iterator[tuple[str, Piece]]:
    """Why this step is due."""
    for case in page.cases:
        about = f"complaint {case.facts.complaint_id}" if case.facts.complaint_id else f"case {case.case_id}"
        attempts = case.attempts
        if not attempts:
            yield (
                "why",
                f"the notice about {about} reached you {when(case.facts.notice_at, page.now, page.zone)}",
            )
        else:
            last = attempts[-1]
            since = when(last.at, page.now, page.zone)
            yield "why", f"no answer about {about} to the {last.step} of {since}"
    if letter.edited_by:
        yield "edited", f"by {letter.edited_by}, revision {letter.revision}"
    elif letter.revision > 1:
        why = ", and ".join(REASON_TEXT[reason] for reason in page.written_again)
        look = "warn" if letter.state is State.DRAFTED else ""
        yield "revision", Bit(f"{letter.revision}: written again because {why}", look)


def _envelope(page: Page, letter: Letter) -> Iterator[tuple[str, Piece]]:
    """Who receives it; in safe mode whom it is meant for, and that they do not."""
    test = page.envelope is not None and page.envelope.rehearsal
    meant = " (held back in safe mode)" if test else ""
    name = f"{letter.from_name} <{letter.mail_from}>" if letter.from_name else letter.mail_from
    yield "From", name
    to = f"{letter.to_name} <{letter.to}>" if letter.to_name else letter.to
    yield (
        "To",
        Bit(to + meant, "quiet" if test else "title") if letter.to else "nobody: paste it in Seller Central",
    )
    for address in letter.cc:
        yield "Cc", Bit(f"{address} (Amazon in copy){meant}", "quiet" if test else "")
    if letter.own_copy:
        yield "copy to yourself", Bit(letter.own_copy + meant, "quiet" if test else "")
    if page.envelope is not None:
        for address in page.envelope.addresses(RecipientRole.REHEARSAL):
            yield "goes to", Bit(f"{address} only (TEST)", "warn")
    approval = letter.approval
    if approval is not None:
        yield "approved", f"by {approval.by}, {when(approval.at, page.now, page.zone)}"
        yield "leaves", when(approval.leaves_at, page.now, page.zone)
        yield "hash", f"{approval.digest[:32]}… (whole with --json)"


def _attempts(screen: Screen, page: Page, letter: Letter) -> None:
    if not letter.attempts:
        return
    screen.rule("Handing over")
    rows: list[tuple[str, Piece]] = []
    for attempt in letter.attempts:
        said = (
            f", the server said {attempt.code or ''} {attempt.text}".rstrip()
            if attempt.text or attempt.code
            else ""
        )
        word = attempt.outcome.replace("-", " ")
        rows.append((word, f"{when(attempt.started_at, page.now, page.zone)}{said}"))
    screen.facts(rows)
    if letter.state is State.IN_DOUBT:
        screen.paragraph(
            "The line was lost after the text had begun to leave. Evidence would be your own copy, an entry "
            f"in the Sent mailbox, an answer or a bounce that cites {letter.message_id}; none of these has "
            "been seen. That nothing was found does not prove that nothing arrived.",
            indent=2,
        )


def _texts(screen: Screen, page: Page, letter: Letter) -> None:
    """Notice and letter, side by side where there is room."""
    if screen.width >= SIDE_BY_SIDE and page.mail is not None:
        # The letter keeps its own lines as far as it can: they are what the other side will see.
        right: list[Piece] = [Bit("The letter", "head"), "", *_letter_lines(letter, LETTER_COLUMNS)]
        room = screen.room_beside(right)
        left: list[Piece] = [Bit("The notice", "head"), "", *mail_lines(page.mail, room, page)]
        screen.line()
        screen.beside(left, right)
        return
    if page.mail is not None:
        screen.rule("The notice")
        for line in mail_lines(page.mail, screen.width - 2, page):
            screen.line("  ", line)
    screen.rule("The letter")
    for line in _letter_lines(letter, screen.width - 2):
        screen.line("  ", line)


def _letter_lines(letter: Letter, width: int) -> list[Piece]:
    subject: list[Piece] = [Bit(line, "title") for line in wrapped(f"Subject: {letter.subject}", width)]
    lines: list[Piece] = [*subject, "", *reflowed(letter.body.rstrip("\n"), width)]
    if letter.paste:
        lines += [
            "",
            Bit("To paste in Account Health:", "head"),
            "",
            *reflowed(letter.paste.rstrip("\n"), width),
        ]
    return lines


def _findings(screen: Screen, page: Page) -> None:
    if page.letter is None or page.letter.state is not State.DRAFTED:
        return
    screen.rule("Looked over")
    if not page.findings:
        screen.line("  ", Bit("nothing found", "good"))
    for finding in page.findings:
        lead = "stops approval: " if finding.error else "look at this: "
        detail = f" ({finding.detail})" if finding.detail and finding.detail not in finding.sentence else ""
        text = sentence(lead + finding.sentence + detail)
        screen.paragraph(
            text, indent=4, first="  ×" if finding.error else "  !", look="bad" if finding.error else "warn"
        )
