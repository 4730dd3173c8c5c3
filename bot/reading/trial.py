"""Runs the `tests:` that rule files carry: short mails, and what the rules must make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from bot.mail.authentication import Proof, Verdict
from bot.mail.parse import parse_message
from bot.notice.answers import AnswersFile
from bot.notice.labels import LabelsFile
from bot.notice.samples import SampleMail
from bot.reading.families import FamilyFile, FamilyTest
from bot.reading.label import label
from bot.reading.look import view_of
from bot.reading.read import ReadingContext, read
from bot.reading.rules import ReadingRules

OURS = "shop@marwen.example"
_HOST = "mx.marwen.example"
_PROVEN = Verdict(proven=True, proof=Proof.ALIGNED, domain="amazon.com", authserv_id=_HOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One test of one file, and how it ended."""

    file: str  #: below rules/
    number: int  #: its place in `tests`, from 0
    failed: str = ""  #: what is otherwise, as a sentence; empty when it passed


def run_tests(rules: ReadingRules, files: Mapping[str, BaseModel]) -> Iterator[Trial]:
    """Every test of the family, label and answer files given, in their order.

    `rules` are built from all files that hold, because every mail is read with all of them.
    """
    for name, file in files.items():
        match file:
            case FamilyFile():
                family = name.removeprefix("families/").removesuffix(".yaml")
                for number, test in enumerate(file.tests):
                    yield Trial(file=name, number=number, failed=_family(rules, family, test))
            case LabelsFile() | AnswersFile():
                for number, mail in enumerate(file.tests):
                    yield Trial(file=name, number=number, failed=_sample(rules, mail))
            case _:
                pass


def _family(rules: ReadingRules, family: str, test: FamilyTest) -> str:
    """A family must be the first that fits, or must not."""
    raw = _raw({"From": test.from_, "Subject": test.subject}, test.text)
    taken = view_of(parse_message(raw), _PROVEN, rules, frozenset()).family
    if (taken is not None and taken.name == family) is test.matches:
        return ""
    if not test.matches:
        return "this mail should not fit, and it does"
    return f"{taken.name} takes this mail before it" if taken else "no family fits this mail"


def _sample(rules: ReadingRules, mail: SampleMail) -> str:
    domain = mail.from_.rpartition("@")[2].rstrip(">")
    fields = {
        "Received": f"from out.{domain} by {_HOST}; Mon, 02 Mar 2026 08:00:00 +0000",
        "Authentication-Results": f"{_HOST}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}",
        "Date": "Mon, 02 Mar 2026 07:59:58 +0000",
        "From": mail.from_,
        "To": OURS,
        "Subject": mail.subject,
        "Message-ID": f"<sample@{domain}>",
        **mail.headers,
    }
    context = ReadingContext(rules=rules, own_addresses=frozenset({OURS}), pinned_authserv=_HOST)
    told = label(read(_raw(fields, mail.text), context))
    owners = told["rights_owners"]
    told["owner_emails"] = [address for owner in owners for address in owner["emails"]]
    told["owner_names"] = [owner["name"] for owner in owners if owner["name"]]
    told["organisations"] = [owner["organisation"] for owner in owners if owner["organisation"]]
    told["ip_numbers"] = [number["number"] for number in told["ip_numbers"]]
    told["deadline_days"] = told["deadline"]["days"] if told["deadline"] else None
    return "; ".join(mail.reads.differences(told))


def _raw(fields: Mapping[str, str], text: str) -> bytes:
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()
