"""What a person can do about a held case, reason by reason, and what going on would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.case.model import State, Track
from bot.case.reasons import WANT_CONTACT, Reason
from bot.cli.pages import Page
from bot.cli.words import NO_LETTERS, PARTY_WORDS

_IN_SELLER_CENTRAL = (
    "In Seller Central open Performance, then Account Health, then Received Intellectual Property "
    "Complaints, and there the complaint"
)

#: What to do first, in a sentence or two.
ADVICE: Mapping[Reason | None, str] = {
    Reason.ANSWERED: "Read the answer below. To write back, answer in your own mail program; then let the "
    "case wait, or end it. Going on drafts the next letter as if nobody had answered.",
    Reason.BOUNCED: f"{_IN_SELLER_CENTRAL}: does it name another address? If it does, paste it here and the "
    "inquiry is drafted to that one. Going on writes to the same address again.",
    Reason.RETRACTION_SEEN: "Nothing need be written now. Look whether the listing is back; end the case "
    "when it is, and go on if it is not back after some days.",
    Reason.NOTICE_AGAIN: "Compare the two notices: the new one may carry a new deadline or name "
    "another contact.",
    Reason.CONTACT_OUTSIDE: "Go on only if a letter from here still fits what was said there.",
    Reason.NO_ADDRESS: f"{_IN_SELLER_CENTRAL}: its details may name the rights owner's address. If they do, "
    "paste them here and the inquiry is drafted; if nobody is named there, say so and Amazon is asked.",
    Reason.SEVERAL_ADDRESSES: f"{_IN_SELLER_CENTRAL}: which address stands there? If it is the first of "
    "those above, go on: the letter goes to that one only. If it is another, paste it here, and the letter "
    "goes there.",
    Reason.LETTER_UNREAD: "Open the attached letter. If it names an address, write there from your own mail "
    "program and let the case wait; if not, look in Account Health. No letter can be written from here, "
    "because it would go to nobody.",
    Reason.ADDRESS_DOUBTFUL: f"{_IN_SELLER_CENTRAL}: is it the same address? If it is, go on; if it is not, "
    "write to the right one from your own mail program and let the case wait.",
    Reason.DEADLINE_UNCLEAR: "The clocks of this case follow the earlier date. Look in Account Health which "
    "is meant, then go on.",
    Reason.AUTOMATED_NOTICE: "Edit the page as Amazon asks and appeal in Account Health; there is nobody to "
    "write to. End the case when the listing is back.",
    Reason.PAGE_WARNING: "Edit the page and end the case. Go on only if you want to ask the complainant.",
    Reason.ACCOUNT_LEVEL: "Answer in Seller Central under Account Health; end the case when that is done.",
    Reason.PATENT_EVALUATION: "Show it to a lawyer today: the date it names does not wait. No letter is "
    "written from here.",
    Reason.COURT_MATTER: "Show it to a lawyer now and write to nobody. No letter is written from here.",
    Reason.COUNSEL_NAMED: "Ask your lawyer who writes. Going on drafts our letter to the address in the "
    "notice.",
    Reason.NOT_ROUTED: "Going on drafts the inquiry all the same; the rules in rules/ say which notices "
    "start one by themselves.",
    Reason.PERHAPS_THE_SAME: "Compare the two. If they are one complaint, merge them: the other goes on, "
    "with the earlier dates of both. If not, go on.",
    Reason.PROFILE_INCOMPLETE: "Add what is missing under profile: in rejoinder.yaml, then go on.",
    Reason.DRAFT_INCOMPLETE: "The detail above says what is missing. Going on tries again.",
    Reason.REJECTED: "Going on drafts the same letter again, for you to change with `rejoinder edit`.",
    Reason.REFUSED_BY_SERVER: "The detail above is the server's answer. Put right what it names, then go on; "
    "the letter is drafted again.",
    Reason.GAVE_UP: "Look whether your mail provider works and the address is right, then go on; the "
    "letter is drafted again.",
    Reason.LETTER_LIMIT: "No further letter goes to the complainant. The case waits, or you end it.",
    Reason.RECIPIENT_NOT_ALLOWED: "`rejoinder stop --list` says why. No letter goes there while the "
    "stop stands; after `rejoinder stop --remove ADDRESS` go on.",
    Reason.STOP_SWITCH: "Look whether these cases are real. If they are, go on with each.",
    Reason.REOPENED: "Go on at the step that fits.",
    Reason.HELD_BY_YOU: "Go on when what you held it for is over. Going on drafts the next letter.",
    Reason.STORE_UNCLEAR: "Look in Seller Central, in each store's Account Health, where the complaint "
    "stands, and say it here; the letter is drafted then. So that it is clear next time, add the store's "
    "merchant token or address under stores: in rejoinder.yaml.",
    Reason.LAWYER: "Your lawyer decides what happens next. Its deadlines stay in the queue and you are told "
    "of them. Only when the lawyer gives the case back, take it back here; it stays held then.",
}


def hold_answers(page: Page, number: int) -> dict[str, str]:
    """Commands for a held track; where a letter would be wrong there is none that goes on."""
    answers: dict[str, str] = {}
    track = page.track
    if page.case is not None and page.case.lawyer:
        answers[f'rejoinder case release {page.case.case_id} --reason "…"'] = (
            "your lawyer gave the case back; it stays held"
        )
    elif track is not None and track.hold is Reason.STORE_UNCLEAR and page.case and page.practice:
        for store in page.practice.stores:
            answers[f"rejoinder case store {page.case.case_id} {store}"] = f"it is about {store}"
    elif track is not None and track.hold not in NO_LETTERS:
        whom = PARTY_WORDS[track.party]
        answers[f"rejoinder resume {number}"] = f"draft the {track.step} to {whom}, for you to approve"
        practice = page.practice.of(page.case) if page.practice and page.case else page.practice
        ladder = practice.playbooks.get(track.playbook) if practice else None
        names = [s.name for s in ladder.playbook.steps if s.to is track.party] if ladder else []
        if others := [name for name in names if name != track.step]:
            answers[f"rejoinder resume {number} --step NAME"] = f"draft {' or '.join(others)} instead"
    if page.case and page.case.perhaps_same_as and track and track.hold is Reason.PERHAPS_THE_SAME:
        other = page.case.perhaps_same_as
        answers[f"rejoinder case merge {page.case.case_id} {other}"] = f"one complaint; {other} goes on"
    answers |= _contact_answers(page, number)
    answers[f'rejoinder wait {number} "5 business days"'] = (
        "keep waiting; without a time until something happens"
    )
    if page.case is not None:
        answers[f'rejoinder case close {page.case.case_id} --reason "…"'] = (
            "end the case; nothing more is sent"
        )
    return answers


def _contact_answers(page: Page, number: int) -> dict[str, str]:
    """Where a case waits to be told whom to write to."""
    if page.case is None or page.track is None or page.case.lawyer or page.track.hold not in WANT_CONTACT:
        return {}
    return {
        f"rejoinder contact {number}": "paste what Account Health shows; the letter goes there",
        f"rejoinder contact {number} --none": "nobody is named there; Amazon is asked to review it",
    }


def other_holds(page: Page) -> Iterator[Track]:
    """Tracks of the case that are held too, each with its own item."""
    if page.case is None or page.track is None:
        return
    for track in page.case.tracks:
        if track.state is State.HELD and track.track_id != page.track.track_id:
            yield track
