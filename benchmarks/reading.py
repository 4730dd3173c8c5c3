"""How fast mail is read: parsed, authenticated, recognised and extracted, and the whole through the workers.

All on the same mails in the same run, in rounds that take turns: mail-parser alone, each of our steps in
process, and the whole as very many mails are read, pipelined through two killable workers, and as a few are,
through one. These are processes of their own: so the work of all of them is told beside the time that passes.
Our own look at DKIM signatures is told apart. The mails are those of the corpus, which are short, and then
the same with an HTML part, as they really come. How recognising grows with the number of families is measured
with copies of the families that ship, each asking for words of its own.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import mailparser
from ruamel.yaml import YAML

from benchmarks.ground import Result
from benchmarks.notices import as_sent
from bot.edge.readers import Readers
from bot.edge.worker import ReaderProcess
from bot.mail.authentication import verify
from bot.mail.matching import Phrasebook
from bot.mail.parse import parse_message
from bot.mail.signatures import opinion_of
from bot.reading.families import Family, build_family
from bot.reading.look import family_of, view_of
from bot.reading.prepare import ReadingPlan, prepare
from bot.reading.read import ReadingContext
from bot.reading.sieve import Sieve
from tests.mail.signing import KEYS, signed
from tests.stories.mails import notice
from tests.stories.stage import MONDAY

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7
#: So many mails in a round, from all over the corpus.
MAILS = 240
FEWER, MORE = 1, 8  #: how many times over the families are there


def measure() -> list[Result]:
    """The whole against mail-parser alone; eight times the families against those that ship."""
    logging.getLogger("mailparser").setLevel(logging.ERROR)
    corpus = [path.read_bytes() for path in sorted((ROOT / "tests" / "corpus").glob("*.eml"))]
    spread = corpus[:: max(1, len(corpus) // MAILS)]
    raws = (spread * (MAILS // len(spread) + 1))[:MAILS]
    plan = ReadingPlan(documents=_documents(), own_addresses=frozenset(), pinned_authserv="mx.shop.example")
    return [
        asyncio.run(_whole(plan, raws, name="reading", aim=3.0)),
        asyncio.run(_whole(plan, [as_sent(raw) for raw in raws], name="reading as sent", aim=None)),
        _growth(prepare(plan), corpus),
    ]


def _documents() -> dict[str, object]:
    rules, yaml = ROOT / "rules", YAML(typ="safe")
    names = [
        "senders.yaml",
        *(
            p.relative_to(rules).as_posix()
            for folder in ("answers", "families", "labels")
            for p in (rules / folder).glob("*.yaml")
        ),
    ]
    return {name: yaml.load((rules / name).read_text("utf-8")) for name in names}


async def _whole(plan: ReadingPlan, raws: Sequence[bytes], *, name: str, aim: float | None) -> Result:
    began = time.process_time()
    context = prepare(plan)
    prepared = time.process_time() - began
    steps = _steps(context, raws)
    spent: dict[str, list[float]] = {step: [] for step in (*steps, "whole", "one")}
    worked: dict[str, list[float]] = {
        step: [] for step in spent
    }  # seconds of the processor, in all processes
    workers = {"whole": _readers(plan, 2), "one": _readers(plan, 1)}
    try:
        for readers in workers.values():
            await _until_all_work(readers, raws)
        for _ in range(ROUNDS):
            for step, work in steps.items():
                began, busy = time.perf_counter(), time.process_time()
                work()
                spent[step].append(time.perf_counter() - began)
                worked[step].append(time.process_time() - busy)
            for step, readers in workers.items():
                began, busy = time.perf_counter(), time.process_time() + _seconds_of(readers)
                await readers.read_many(raws)
                spent[step].append(time.perf_counter() - began)
                worked[step].append(time.process_time() + _seconds_of(readers) - busy)
    finally:
        for readers in workers.values():
            await readers.close()
    rates = {step: round(len(raws) / statistics.median(rounds)) for step, rounds in spent.items()}
    ratio, by_one = _times_alone(spent, "whole"), _times_alone(spent, "one")
    work_of_all = _times_alone(worked, "whole")
    octets = statistics.mean(map(len, raws)) / 1000
    sentence = (
        f"mails of {octets:.1f} kB, the whole through two workers {rates['whole']}/s, {ratio:.1f} times "
        f"what mail-parser alone takes ({rates['mail-parser']}/s), through one {rates['one']}/s, "
        f"{by_one:.1f} times; {work_of_all:.1f} times its work in all processes; "
        + ", ".join(f"{step} {rates[step]}/s" for step in list(steps)[1:4])
        + f"; a DKIM signature besides {rates['signature']}/s; rules made ready in {prepared:.2f} s"
    )
    facts = {
        "rates": rates,
        "octets": round(octets * 1000),
        "by_one": round(by_one, 4),
        "work": round(work_of_all, 4),
        "prepare_seconds": round(prepared, 4),
    }
    return Result(name=name, sentence=sentence, value=ratio, aim=aim, more_is_better=False, facts=facts)


def _steps(context: ReadingContext, raws: Sequence[bytes]) -> dict[str, Callable[[], object]]:
    """mail-parser, and what we do, one step after the other in this process."""
    messages = [parse_message(raw) for raw in raws]
    verdicts = [verify(message, context.pinned_authserv) for message in messages]
    mail = signed(notice("17340981265", MONDAY))
    return {
        "mail-parser": lambda: [_mail_parser(raw) for raw in raws],
        "parse": lambda: [parse_message(raw) for raw in raws],
        "authenticate": lambda: [verify(message, context.pinned_authserv) for message in messages],
        "recognise and extract": lambda: [
            view_of(message, verdict, context.rules, context.own_addresses)
            for message, verdict in zip(messages, verdicts, strict=True)
        ],
        "signature": lambda: [opinion_of(mail, "amazon.com", KEYS) for _ in raws],
    }


def _readers(plan: ReadingPlan, count: int) -> Readers:
    return Readers(lambda: ReaderProcess(plan, prepare="bot.reading.prepare.prepare"), most=count)


async def _until_all_work(readers: Readers, raws: Sequence[bytes]) -> None:
    """Started, and each has read: patterns are compiled when they are first asked for."""
    readers.start_all()
    for reader in readers.every:  # the first mail waits until its worker is up
        await reader.read_many(raws)


def _times_alone(seconds: dict[str, list[float]], step: str) -> float:
    """How many times what mail-parser takes a step takes, round by round."""
    pairs = zip(seconds[step], seconds["mail-parser"], strict=True)
    return statistics.median(taken / alone for taken, alone in pairs)


def _seconds_of(readers: Readers) -> float:
    """Seconds of the processor that the workers took so far (utime and stime of proc(5))."""
    seconds = 0.0
    for reader in readers.every:
        if reader._child is not None:
            fields = Path(f"/proc/{reader._child.pid}/stat").read_text("ascii").rpartition(")")[2].split()
            seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def _mail_parser(raw: bytes) -> object:
    """As our own parser asks it: the header, the date, the author."""
    parsed = mailparser.parse_from_bytes(raw)
    return parsed.message, parsed.date, parsed.from_


def _growth(context: ReadingContext, corpus: Sequence[bytes]) -> Result:
    """Recognising alone, over the same mails, with eight times as many families."""
    messages = [parse_message(raw) for raw in corpus]
    views = [
        view_of(message, verify(message, None), context.rules, context.own_addresses) for message in messages
    ]
    few = context.rules
    book = Phrasebook()
    families = _times(few.families, MORE, book)
    many = replace(few, families=families, sieve=Sieve(families, book))
    for view in views:  # the sets fill their memory with the first mails
        family_of(many, view.message.head.subject, view.sender, view.source, view.facts)
    spent: dict[int, list[float]] = {FEWER: [], MORE: []}
    for _ in range(ROUNDS):
        for times, rules in ((FEWER, few), (MORE, many)):
            began = time.perf_counter()
            for view in views:
                family_of(rules, view.message.head.subject, view.sender, view.source, view.facts)
            spent[times].append(time.perf_counter() - began)
    ratio = statistics.median(more / less for more, less in zip(spent[MORE], spent[FEWER], strict=True))
    rate = round(len(views) / statistics.median(spent[FEWER]))
    sentence = (
        f"recognising among {len(many.families)} families takes {ratio:.1f} times as long as among "
        f"{len(few.families)} ({rate}/s)"
    )
    return Result(name="families", sentence=sentence, value=ratio, aim=4.0, more_is_better=False)


def _times(families: Sequence[Family], times: int, book: Phrasebook) -> tuple[Family, ...]:
    """The families, and copies of them that no mail fits, asked before them: the worst case."""
    copies: list[Family] = []
    for number in range(1, times):
        for one in families:
            when = one.file.when.model_copy(deep=True)
            never = type(when).model_validate({"of": "text", "contains": [f"copy {number} of {one.name}"]})
            both = type(when).model_validate({"all": [when, never]})
            file = one.file.model_copy(update={"when": both})
            copies.append(build_family(f"{one.name}-{number}", file, book))
    return (*copies, *families)
