"""Tells a person what came into the queue: one sentence for each item, with names only in the detail."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.case import events as e
from bot.case.decide import Decision
from bot.case.items import ItemKind, NewItem
from bot.case.model import Case
from bot.case.reasons import REASON_TEXT, Reason
from bot.ports import AlertKind, Change, Store
from bot.reading.model import AmazonAnswer, DeliveryReport, LegalLetter, Reading, Reply, Retraction
from bot.review import Item
from bot.runner.office import Office

_WORDS = {
    ItemKind.DRAFT: "a letter waits for your approval",
    ItemKind.HOLD: "a case is held",
    ItemKind.IN_DOUBT: "we do not know whether a letter arrived; nothing is sent again before you say",
    ItemKind.CLAIM: "a mail claims to belong to a case; say whether it does",
    ItemKind.SUSPECT: "a mail looks like a notice of Amazon's, and nothing proves that it is one",
    ItemKind.PARKED: "a mail could not be read; look at it in your mail program",
    ItemKind.ALARM: "there is something to read",
}
_MORE = {
    "retraction": "it reads like a withdrawal of a complaint",
    "retraction-unknown-case": "a withdrawal of a complaint for which there is no case",
    "legal-letter": "a law firm wrote; show it to your lawyer before anybody answers",
    "bounce-unclear": "a delivery report about a letter of ours, without the address that failed",
    "copy-bounced": "a copy of a letter came back",
    "amazon-answer": "Amazon answered",
    "reply-unknown-case": "an answer to a letter that we did not write here",
    "after-closing": "something arrived for a case that is closed",
    "oversize": "a mail is too large to be kept; look at it in your mail program",
}


def words_of(item: NewItem | Item) -> str:
    """What an item is about, without anybody's name."""
    more = _MORE.get(item.reason)
    if more is None and item.reason in set(Reason):
        more = REASON_TEXT[Reason(item.reason)]
    return f"{_WORDS[item.kind]}: {more}" if more else _WORDS[item.kind]


def named(case: Case) -> str:
    """Complaint number and addressee: only for those who asked for names."""
    contact = case.parties[0].address if case.parties else None
    number = f"complaint {case.facts.complaint_id}" if case.facts.complaint_id else None
    return ", ".join(part for part in (number, contact) if part)


def kind_of(reading: Reading, decisions: Iterable[Decision]) -> AlertKind:
    """What an arriving mail is to the person: a reply, a bounce, or something new."""
    happened = [event for decision in decisions for event in decision.events]
    if isinstance(reading, DeliveryReport):
        return AlertKind.BOUNCE
    if isinstance(reading, Reply | LegalLetter | Retraction | AmazonAnswer):
        return AlertKind.REPLY
    answered = any(isinstance(event, e.Answered | e.RetractionSeen) for event in happened)
    return AlertKind.REPLY if answered else AlertKind.NEW_ITEM


def tell_items(
    office: Office, change: Change, numbers: Collection[int], kind: AlertKind = AlertKind.NEW_ITEM
) -> int:
    """Tell of every item that `change` opened; of one that it only updated when a mail is the news.

    `numbers` are those that the store gave to new items. How many sentences were told: of a mail that holds
    several tracks, one for each case.
    """
    told = 0
    cases: set[str] = set()
    for item in _now_open(office.store, change):
        if item.number not in numbers and kind is AlertKind.NEW_ITEM:
            continue
        if kind is AlertKind.NEW_ITEM or not item.cases or not cases.issuperset(item.cases):
            tell_item(office, item, kind)
            told += 1
        cases.update(item.cases)
    return told


def tell_item(office: Office, item: Item, kind: AlertKind, text: str | None = None) -> None:
    """One sentence about one item, in its own words or in those given."""
    about = "; ".join(filter(None, (named(office.store.case(one)) for one in item.cases[:3])))
    text = text or words_of(item)
    office.notifier.tell(kind, item.account_id, text, item=item.number, detail=about)


def tell_of_reply(office: Office, decisions: Iterable[Decision]) -> None:
    """A reply that put nothing new into the queue is told all the same, once for each case."""
    cases = {decision.case.case_id: decision.case for decision in decisions if _replied(decision)}
    for case in cases.values():
        text = f"there is an answer in case {case.case_id}"
        office.notifier.tell(AlertKind.REPLY, case.account_id, text, detail=named(case))


def _replied(decision: Decision) -> bool:
    return any(isinstance(event, e.Answered | e.RetractionSeen) for event in decision.events)


def _now_open(store: Store, change: Change) -> Iterable[Item]:
    for new in change.open_items:
        item = store.open_item(new.kind, new.subject)
        if item is not None:
            yield item
