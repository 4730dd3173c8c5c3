"""Mail of other people: answers, retractions in copy, letters of counsel, automatic answers, and the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.mail.address import organisational_domain
from bot.mail.automatic import HINTING, hints_at_machine
from bot.mail.thread import is_ours
from bot.notice.clocks import deadline_of
from bot.notice.extract import right_of_numbers, spoken_right
from bot.notice.facts import Complainant, Complaint, Found, Right, RightNumber, Role
from bot.notice.identifiers import asins_in, numbers_in_words, office_of
from bot.notice.languages import UNKNOWN_LANGUAGE
from bot.notice.lexicon import CUES, Lexicon
from bot.notice.shops import shop_of_domain
from bot.notice.signature import signed_from
from bot.notice.source import Source, source_of
from bot.notice.writer import writer_of
from bot.reading.amazon import marketplace_of, notice_of, other_of
from bot.reading.enclosed import completed_by, enclosed
from bot.reading.look import View, each_once
from bot.reading.model import (
    AutomaticResponse,
    CourtOrEvaluation,
    Disposition,
    LegalLetter,
    Notice,
    Other,
    Reading,
    Reply,
    Retraction,
)
from bot.reading.senders import SHARED_DOMAINS, own_domains
from bot.reply.cues import Cues, told_by_cues
from bot.reply.dates import return_date
from bot.reply.disposition import Judged, Phrases, judge
from bot.reply.withdrawal import Withdrawal


def read_other(view: View) -> Reading:
    """A reading of mail that does not claim to be Amazon's and bears no sign of a fraud."""
    if view.rules.senders.is_relay(view.sender.rpartition("@")[2]):
        shop = shop_of_domain(view.sender.rpartition("@")[2])
        return Other(language=view.language, marketplace=shop, asins=view.facts.asins)
    if view.from_us or _from_our_domain(view):
        return Other(language=view.language)
    machine = _machine(view)
    if machine is not None:
        return machine
    reply = _reply(view)
    # "We withdraw it", said to Amazon itself, is no promise: it is done by saying so.
    if reply.disposition in (Disposition.RETRACTED, Disposition.PROMISED) and _to_amazon(view):
        return Retraction(
            by_amazon=False,
            complaint_ids=view.every_complaint_id,
            asins=_asins(view),
            marketplace=None,
            language=view.language,
            writer=reply.writer,
        )
    belongs, legal = _belongs(view, reply), _is_legal(view, reply)
    if (belongs or legal) and reply.disposition is Disposition.NONE:
        reply = _reply(view, by_cues=True)
    seen = view
    for letter in () if _is_service(view) else enclosed(view):
        told = _reply(letter)
        legal = legal or _is_legal(letter, told)
        reply = completed_by(reply, told) if belongs or legal else reply
        seen = letter if _is_service(letter) and _is_legal(letter, told) else seen
    if _is_service(seen):
        return CourtOrEvaluation(evaluation=False, notice=_by_counsel(notice_of(seen), reply.writer))
    if belongs:
        return reply
    if legal:
        return LegalLetter(deadline=reply.deadline, language=view.language, answer=reply)
    return _plain(view)


def _machine(view: View) -> AutomaticResponse | None:
    """An answer whose subject, and a field or its text, say that a machine wrote it.

    Only with the field is it proven; without, it holds the case that it cites like a person's answer would.
    """
    subject = view.subject.folded.text
    words = view.rules.lexicon.machines.subjects
    place = next(words.all(subject), None)
    if place is None or subject[: place[0]].strip(" [(【:-"):
        return None
    why = f"Subject: {view.message.head.subject}"
    if hints_at_machine(view.message.among(HINTING)):
        return read_automatic(view, why)
    says_so = view.rules.lexicon.machines.texts.found_in(view.own.folded.flow)
    closed = subject[place[1] - 1] in "]】"
    cut_off = closed or subject[place[1] :].lstrip().startswith((":", "：", "-", "]", "】"))
    return replace(read_automatic(view, why), proven=False) if says_so or cut_off else None


def _plain(view: View) -> Other:
    other = other_of(view, own_report=False)
    return Other(language=other.language, complaint_ids=other.complaint_ids, asins=other.asins)


def _from_our_domain(view: View) -> bool:
    domain = organisational_domain(view.sender.rpartition("@")[2])
    return domain in own_domains(view.own_addresses) - SHARED_DOMAINS


def _asins(view: View) -> tuple[Found, ...]:
    found = [*view.facts.asins, *asins_in(view.source), *asins_in(view.subject)]
    return each_once(found)


def _reply(view: View, *, by_cues: bool = False) -> Reply:
    lexicon = view.rules.lexicon
    phrases = phrases_of(lexicon)
    # The words of a language that we do not read only look like those of one that we do.
    judged = judge(view.said.folded, phrases) if view.language != UNKNOWN_LANGUAGE else None
    if (judged is None and by_cues) or (judged is not None and judged.name == "represented"):
        judged = _cued(view, judged)
    found = view.said.found_folded(judged.start, judged.end) if judged else None
    own_numbers = _numbers(view)
    numbers = own_numbers or _subject_numbers(view)
    disposition = Disposition(judged.name) if judged else Disposition.NONE
    if disposition is Disposition.NONE and own_numbers:
        disposition = Disposition.REASON_GIVEN
    nothing_said = disposition in (Disposition.NONE, Disposition.NEVER_FILED)
    right = right_of_numbers(numbers) or (None if nothing_said else _own_right(view))
    return Reply(
        disposition=disposition,
        disposition_span=found,
        complaint_ids=view.every_complaint_id,
        asins=_asins(view),
        deadline=deadline_of(
            view.own, lexicon, sent.date() if (sent := view.message.head.date) else None, view.language
        ),
        language=view.language,
        writer=_writer(view, numbers),
        right=right,
        numbers=numbers,
        reason_stated=disposition is Disposition.REASON_GIVEN
        or bool(own_numbers)
        or lexicon.reasons.first(_unsigned(view).folded) is not None,
    )


def _cued(view: View, judged: Judged | None) -> Judged | None:
    """What the sentences speak of where no phrase told; of counsel's letter only whether it demands."""
    if view.language == UNKNOWN_LANGUAGE:
        return judged
    told = told_by_cues(view.said.folded.flow, cues_of(view.rules.lexicon))
    if told is None or (judged is not None and told[0] != "settlement"):
        return judged
    return Judged(told[0], *told[1])


def phrases_of(lexicon: Lexicon) -> Phrases:
    """What answers say, as `judge` wants it."""
    return Phrases(
        reply=lexicon.reply,
        conditions=lexicon.conditions,
        done=lexicon.done,
        negations=lexicon.negations,
        doubted=lexicon.doubted,
        undone=lexicon.undone,
        withdrawal=Withdrawal(
            conditions=lexicon.conditions,
            finished=lexicon.done,
            negations=lexicon.negations,
            **lexicon.withdrawal,
        ),
    )


def cues_of(lexicon: Lexicon) -> Cues:
    """What answers speak of, as `told_by_cues` wants it."""
    return Cues(
        words={name: lexicon.cues[name] for name in CUES},
        objects=lexicon.withdrawal["objects"],
        conditions=lexicon.conditions,
        finished=lexicon.done,
        negations=lexicon.negations,
    )


def _writer(view: View, numbers: tuple[RightNumber, ...]) -> Complainant | None:
    """Who writes; the number of a right that stands alone on a line is no telephone."""
    writer = writer_of(view.own, view.message.head.from_, _from_line(view), view.rules.lexicon)
    if writer is None:
        return None
    phones = (phone for phone in writer.phones if not any(_overlap(phone, one.number) for one in numbers))
    return replace(writer, phones=tuple(phones))


def _overlap(one: Found, other: Found) -> bool:
    same_text = one.span.part == other.span.part
    return same_text and one.span.start < other.span.end and other.span.start < one.span.end


def _from_line(view: View) -> str:
    return next(iter(view.message.all("From")), "")


def _own_right(view: View) -> Right | None:
    return spoken_right(_unsigned(view), view.rules.lexicon)


def _unsigned(view: View) -> Source:
    """The own words above the signature: a patent attorney's firm tells no right."""
    end = signed_from(view.own, view.rules.lexicon)
    whole = end == len(view.own.text) or not view.own.text[:end].strip()
    return view.own if whole else source_of(view.own.part, view.own.text[:end])


def _numbers(view: View) -> tuple[RightNumber, ...]:
    return _with_office(numbers_in_words(view.own))


def _subject_numbers(view: View) -> tuple[RightNumber, ...]:
    return _with_office(numbers_in_words(view.subject))


def _with_office(numbers: object) -> tuple[RightNumber, ...]:
    seen: dict[str, RightNumber] = {}
    for number in numbers:  # type: ignore[attr-defined]
        seen.setdefault(
            number.number.value,
            RightNumber(kind=number.kind, number=number.number, office=office_of(number, None)),
        )
    return tuple(seen.values())


def _to_amazon(view: View) -> bool:
    """Written to Amazon itself; we are in copy."""
    head = view.message.head
    return any(view.rules.senders.is_amazon_address(address.addr_spec) for address in head.to)


def _belongs(view: View, reply: Reply) -> bool:
    """An answer in a matter of ours: it cites us, or names a complaint, and says something about it."""
    head = view.message.head
    cites_us = any(is_ours(cited) for cited in head.cites)
    if cites_us:
        return True
    own = own_domains(view.own_addresses) | {
        organisational_domain(address.domain) for address in (*head.to, *head.cc)
    }
    threaded = any(organisational_domain(cited.rstrip(">").rpartition("@")[2]) in own for cited in head.cites)
    about = bool(view.every_complaint_id) or _speaks_of_complaint(view)
    if threaded:
        return about or bool(_asins(view))
    bulk = any(view.message.all(name) for name in ("List-Unsubscribe", "List-Id"))
    if bulk:
        return False
    return bool(view.every_complaint_id) or (
        bool(_asins(view)) and about and reply.disposition is not Disposition.NONE
    )


def _speaks_of_complaint(view: View) -> bool:
    folded = view.source.folded
    lexicon = view.rules.lexicon
    return lexicon.retraction.first(folded) is not None or lexicon.roles["owner"].first(folded) is not None


def _is_legal(view: View, reply: Reply) -> bool:
    """Counsel, or a demand about a right, that cites nothing of ours; a demand of counsel's need not."""
    if any(view.message.all(name) for name in ("List-Unsubscribe", "List-Id")):
        return False
    lexicon = view.rules.lexicon
    right = spoken_right(view.own, lexicon) is not None or bool(reply.numbers)
    represented = lexicon.reply["represented"].first(view.own.folded) is not None
    demand = lexicon.reply["settlement"].first(view.own.folded) is not None
    return (right and (represented or (demand and reply.deadline is not None))) or (represented and demand)


def _is_service(view: View) -> bool:
    """Counsel serves papers of a court."""
    return view.family is not None and view.family.file.kind == "court"


def _by_counsel(notice: Notice, writer: Complainant | None) -> Notice:
    """Who serves papers writes for the other side; an address that the mail itself names goes first.

    The shop that counsel speaks of is where the goods were seen, not who writes.
    """
    notice = replace(notice, marketplace=None, marketplace_span=None)
    if writer is None or any(complaint.complainant for complaint in notice.complaints):
        return notice
    counsel = replace(writer, role=Role.COUNSEL)
    first = Complaint(
        complaint_id=None, right=notice.right, listings=(), numbers=(), complainant=None, others=(), marks=()
    )
    complaints = notice.complaints or (first,)
    return replace(notice, complaints=(replace(complaints[0], complainant=counsel), *complaints[1:]))


def read_automatic(view: View, why: str) -> AutomaticResponse:
    """A machine's answer; it stops nothing and starts nothing."""
    amazon = view.rules.senders.is_amazon_address(view.sender)
    return AutomaticResponse(
        why=why,
        complaint_ids=view.every_complaint_id,
        returns_on=_returns(view),
        language=view.language,
        writer=None
        if amazon
        else writer_of(
            view.own, view.message.head.from_, _from_line(view), view.rules.lexicon, signature=False
        ),
        marketplace=marketplace_of(view) if amazon and view.verdict.proven else None,
    )


def _returns(view: View) -> date | None:
    """When they are back; the order of figures is that of the mail's language."""
    sent = view.message.head.date
    lexicon = view.rules.lexicon
    return return_date(
        view.own.folded.flow,
        lexicon.dates.returns,
        lexicon.dates.calendar,
        lexicon.dates.orders.get(view.language),
        sent.date() if sent else None,
    )
