"""Keys from a name server on loopback: had, missing, slow, lying; remembered, and never waited for long."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import dns.message
import dns.rcode
import dns.rrset
import pytest

from bot.edge.dns import DnsKeys
from bot.edge.worker import ReaderProcess
from bot.mail.authentication import Proof
from bot.reading.model import Notice, Suspect, Understood
from bot.reading.prepare import ReadingPlan
from tests.mail.signing import KEYS, NAME, signed
from tests.shipped import documents
from tests.stories.mails import AUTHSERV, SELLER, notice
from tests.stories.stage import MONDAY


class NameServer(asyncio.DatagramProtocol):
    """Answers TXT questions out of a dict; a name it does not know does not exist."""

    def __init__(self, records: dict[str, bytes], *, silent: bool = False) -> None:
        self.asked: Counter[str] = Counter()
        self._records, self._silent = records, silent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        name = question.question[0].name.to_text().rstrip(".")
        self.asked[name] += 1
        if self._silent:
            return
        answer = dns.message.make_response(question)
        record = self._records.get(name)
        if record is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            strings = " ".join(f'"{record[at : at + 200].decode()}"' for at in range(0, len(record), 200))
            answer.answer.append(dns.rrset.from_text(f"{name}.", 300, "IN", "TXT", strings))
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def serving(
    records: dict[str, bytes], *, silent: bool = False, patience: float = 2.0
) -> AsyncIterator[tuple[NameServer, DnsKeys]]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(
        lambda: NameServer(records, silent=silent), local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    try:
        yield server, DnsKeys(nameservers=["127.0.0.1"], port=port, patience=patience)
    finally:
        transport.close()


def test_keys_are_had_once_and_missing_ones_are_no_error() -> None:
    async def go() -> None:
        async with serving(KEYS) as (server, resolver):
            names = (NAME, "none._domainkey.amazon.com")
            said = KEYS | {names[1]: b""}
            assert await asyncio.gather(resolver.keys(names), resolver.keys(names)) == [said, said]
            assert await resolver.keys(names) == said
            assert server.asked == Counter(names)

    asyncio.run(go())


def test_a_silent_server_costs_little_and_only_once() -> None:
    async def go() -> float:
        async with serving(KEYS, silent=True, patience=0.3) as (server, resolver):
            assert await resolver.keys((NAME,)) == {}
            asked = server.asked[NAME]
            began = asyncio.get_running_loop().time()
            assert await resolver.keys((NAME,)) == {}
            assert server.asked[NAME] == asked
            return asyncio.get_running_loop().time() - began

    assert asyncio.run(go()) < 0.2


def read_with(
    records: dict[str, bytes],
    change: Callable[[bytes], bytes],
    *,
    pinned: str = AUTHSERV,
    silent: bool = False,
) -> tuple[Understood, Counter[str]]:
    """A signed notice, changed or not, through the real worker with keys from the name server."""
    raw = change(signed(notice("17340981265", MONDAY)))
    plan = ReadingPlan(documents=documents(), own_addresses=frozenset({SELLER}), pinned_authserv=pinned)

    async def go() -> tuple[Understood, Counter[str]]:
        async with serving(records, silent=silent, patience=0.3) as (server, resolver):
            reader = ReaderProcess(
                plan,
                prepare="bot.reading.prepare.prepare",
                resolver=resolver,
                key_domains=("amazon.com",),
            )
            try:
                return await reader.read(raw), server.asked
            finally:
                await reader.close()

    return asyncio.run(go())


def test_a_signed_notice_is_believed_and_a_changed_one_is_not() -> None:
    whole, asked = read_with(KEYS, lambda raw: raw)
    assert isinstance(whole.reading, Notice)
    assert asked == Counter([NAME])
    changed, _ = read_with(
        KEYS, lambda raw: raw.replace(b"ip@ferrowick.example", b"victim@bystander.example")
    )
    assert isinstance(changed.reading, Suspect)
    assert changed.verdict
    assert changed.verdict.proof is Proof.SIGNATURE_BROKEN
    without, _ = read_with({}, lambda raw: raw.replace(b"ip@ferrowick.example", b"victim@bystander.example"))
    assert isinstance(without.reading, Notice)  # the provider alone decides then


def _without_signature(raw: bytes) -> bytes:
    return raw.replace(b"DKIM-Signature:", b"X-Signature:")


FORGED: dict[str, Callable[[bytes], bytes]] = {
    "no signature": _without_signature,
    "a key that does not exist": lambda raw: raw.replace(b"s=sel1", b"s=sel2"),
    "a key that cannot exist": lambda raw: raw.replace(b"s=sel1", b"s=" + b"s" * 70),
    "no key": lambda raw: raw.replace(b"s=sel1", b"s=."),
    "another way of signing": lambda raw: raw.replace(b"a=rsa-sha256", b"a=ed25519-sha256"),
    "another's signature": lambda raw: raw.replace(b"d=amazon.com", b"d=evil.example"),
    "many keys in front": lambda raw: (
        b"".join(b"ARC-Seal: i=1; d=amazon.com; s=s%d\r\n" % number for number in range(9)) + raw
    ),
}


@pytest.mark.parametrize("forged", FORGED)
def test_where_any_name_below_a_domain_is_pinned_a_notice_needs_a_signature(forged: str) -> None:
    pinned = f"*.{AUTHSERV.partition('.')[2]}"
    genuine, _ = read_with(KEYS, lambda raw: raw, pinned=pinned)
    assert isinstance(genuine.reading, Notice)
    fake, _ = read_with(KEYS, FORGED[forged], pinned=pinned)
    assert fake.verdict
    assert (type(fake.reading), fake.verdict.proof) == (Suspect, Proof.UNSIGNED)
    by_name, _ = read_with(KEYS, FORGED[forged])
    assert isinstance(by_name.reading, Notice)  # a provider removes what was forged under its very name


def test_a_silent_name_server_makes_no_suspects() -> None:
    pinned = f"*.{AUTHSERV.partition('.')[2]}"
    unknown, _ = read_with({}, lambda raw: raw, pinned=pinned, silent=True)
    assert isinstance(unknown.reading, Notice)
    unsigned, _ = read_with({}, _without_signature, pinned=pinned, silent=True)
    assert isinstance(unsigned.reading, Suspect)
