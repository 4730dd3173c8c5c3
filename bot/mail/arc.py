"""What a listed mail service vouches for in mail that it passed on (ARC, RFC 8617)."""

from __future__ import annotations

from collections.abc import Iterable

from bot.mail.address import ascii_form
from bot.mail.message import Message

#: RFC 8617 §4.2.1 allows fifty; a mail that went through so many listed services nobody has.
_LONGEST_CHAIN = 10


def vouched(message: Message, sealers: Iterable[str]) -> str | None:
    """The results that the first sealer saw, when every seal of a whole chain is by a listed domain.

    That the chain holds is not checked here. A field body of Authentication-Results, without its instance.
    """
    listed = {host for one in sealers if (host := ascii_form(one))}
    seals = [_tags(body) for body in message.all("ARC-Seal")]
    results = [_instance(body) for body in message.all("ARC-Authentication-Results")]
    chain = [str(number) for number in range(len(seals), 0, -1)]
    if not 0 < len(seals) <= _LONGEST_CHAIN or [seal.get("i") for seal in seals] != chain:
        return None
    if [instance for instance, _ in results] != chain:
        return None
    validity = ["none" if number == "1" else "pass" for number in chain]
    if [seal.get("cv") for seal in seals] != validity:
        return None
    if any(ascii_form(seal.get("d", "")) not in listed for seal in seals):
        return None
    return results[-1][1]


def _tags(body: str) -> dict[str, str]:
    pairs = (tag.partition("=") for tag in body.split(";"))
    return {name.strip(): "".join(value.split()) for name, equals, value in pairs if equals}


def _instance(body: str) -> tuple[str, str]:
    """`i=1; mx.example; dmarc=pass` → ("1", "mx.example; dmarc=pass")."""
    first, _, rest = body.partition(";")
    name, _, value = first.partition("=")
    return ("".join(value.split()) if name.strip() == "i" else ""), rest.strip()
