"""Whether a mail is what it claims: Authentication-Results (RFC 8601), DMARC alignment (RFC 7489)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.frozen import quick
from bot.mail.address import ascii_form, is_within, organisational_domain
from bot.mail.arc import vouched
from bot.mail.decode import header_text
from bot.mail.message import Message
from bot.mail.signatures import Opinion


class Proof(StrEnum):
    """Why a mail is or is not believed; a closed list, each with a sentence in `PROOF_TEXT`."""

    ALIGNED = "aligned"
    NO_RESULTS = "no-results"
    NOT_PINNED = "not-pinned"
    FOREIGN_AUTHSERV = "foreign-authserv"
    DMARC_FAILED = "dmarc-failed"
    NOT_ALIGNED = "not-aligned"
    SEVERAL_FROM = "several-from"
    NO_FROM = "no-from"
    LOOK_ALIKE = "look-alike"
    RELAY = "relay"
    FORWARDED = "forwarded"
    SEALED = "sealed"
    SEAL_BROKEN = "seal-broken"
    SIGNATURE_BROKEN = "signature-broken"
    UNSIGNED = "unsigned"


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What our own provider's results prove about the author domain of the one From address."""

    proven: bool  #: the author domain is proven by DMARC, or by an aligned DKIM or SPF pass
    proof: Proof
    domain: str | None  #: domain of the From address
    authserv_id: str | None  #: who says so


#: A sentence for a person, for each proof.
PROOF_TEXT: dict[Proof, str] = {
    Proof.ALIGNED: "your mail provider confirms that the author's domain sent this mail",
    Proof.NO_RESULTS: "your mail provider wrote no authentication results into this mail",
    Proof.NOT_PINNED: "no trusted mail provider is set for this account: set `authserv_id`",
    Proof.FOREIGN_AUTHSERV: "the authentication results in this mail were not written by your mail provider",
    Proof.DMARC_FAILED: "your mail provider says that the author's domain did not send it (DMARC failed)",
    Proof.NOT_ALIGNED: "what passed authentication is another domain than the author's",
    Proof.SEVERAL_FROM: "the mail names more than one author",
    Proof.NO_FROM: "the mail names no author",
    Proof.LOOK_ALIKE: "the author's domain only looks like the one it claims to be",
    Proof.RELAY: "the author's domain passes on what anybody writes",
    Proof.SEALED: "a mail service that you listed passed it on and vouches that the author's domain sent it",
    Proof.SEAL_BROKEN: "the seal of the mail service that passed it on does not fit the mail",
    Proof.SIGNATURE_BROKEN: "your mail provider believes it, but the signature of the author's domain does "
    "not fit the mail: it was changed on the way",
    Proof.UNSIGNED: "what seems to be your mail provider's word for it could be anybody's, and no signature "
    "of the author's domain in it holds",
    Proof.FORWARDED: "the mail was passed on by a colleague, which proves nothing about the mail inside",
}


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of a results field: `dkim=pass header.d=amazon.com`."""

    name: str  #: lower case: spf | dkim | dmarc | …
    result: str  #: lower case: pass | fail | none | …
    properties: tuple[tuple[str, str], ...]  #: ("header.d", "amazon.com"), names in lower case

    def get(self, name: str) -> str:
        """The property of this name, or ""."""
        return next((value for key, value in self.properties if key == name), "")


#: Characters of a field; a longer one might be cut in the middle of a name.
_LONGEST = 20_000


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One Authentication-Results field (RFC 8601 §2.2)."""

    authserv_id: str | None  #: lower case; None where the writer leaves it out, as Microsoft 365 does
    methods: tuple[Method, ...]


def parse_results(body: str) -> Results:
    """Read one field body, tolerant of what providers write; nothing raises.

    Of a field that is too long to be read, or that a local part of the sender's tore apart, nothing is taken.
    """
    first, *others = _without_comments(body[:_LONGEST]).split(";")
    head = first.split()
    has_id = bool(head) and "=" not in head[0]
    said = [_words(piece) for piece in (others if has_id else (first, *others))]
    whole = len(body) <= _LONGEST and not any(map(_is_torn, said))
    methods = [found for words in said if (found := _method(words)) is not None] if whole else []
    return Results(authserv_id=head[0].casefold().rstrip(".") if has_id else None, methods=tuple(methods))


def _is_torn(words: list[str]) -> bool:
    """Behind a semicolon in a local part, its rest: an address where the grammar wants `method=result`."""
    if words and words[0].casefold().startswith("envelope-from="):  # as Amazon's own WorkMail writes it
        return False
    return any("@" in word and (number == 0 or "=" not in word) for number, word in enumerate(words))


def _words(piece: str) -> list[str]:
    """The words of a piece between semicolons, with no space around "="."""
    words = piece.split()
    if any(word[0] == "=" or word[-1] == "=" for word in words):
        words = _EQUALS.sub("=", piece).split()
    return words


_EQUALS = re.compile(r"\s*=\s*")
#: Characters that mean something by themselves, one by one, and runs of others.
_RUNS = re.compile(r'[()"\\]|[^()"\\]+')
_IN_QUOTES = str.maketrans("; =", "___")


def _without_comments(body: str) -> str:
    """Comments (RFC 5322 §3.2.2) become spaces; an unclosed one swallows the rest, as it must."""
    if "(" not in body and '"' not in body and "\\" not in body:
        return body
    out: list[str] = []
    depth = 0
    quoted = escaped = False
    for run in _RUNS.findall(body):
        if escaped:
            escaped = False
            # Nor may a quoted pair: the sender chooses what stands in a local part.
            out.append(" " if depth else run[0].translate(_IN_QUOTES))
            run = run[1:]
        elif run == "\\":
            escaped = True
            continue
        if run == '"' and not depth:
            quoted = not quoted
        elif run == "(" and not quoted:
            depth += 1
        elif run == ")" and depth:
            depth -= 1
            out.append(" ")
        elif not depth:
            # A quoted semicolon or space must not start a new method.
            out.append(run.translate(_IN_QUOTES) if quoted else run)
    return "".join(out)


def _method(every: list[str]) -> Method | None:
    words = [word for word in every if "=" in word]
    if not words:
        return None
    name, _, result = words[0].partition("=")
    if result.casefold() == "pass" and len(words) < len(every):
        # The grammar knows no word without "=": it is the rest of a local part that held a semicolon.
        result = "malformed"
    properties = tuple(
        (key.casefold(), value) for key, _, value in (word.partition("=") for word in words[1:])
    )
    return Method(name=name.casefold().split("/")[0], result=result.casefold(), properties=properties)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What else may be asked beside the provider's results; nothing of it by default."""

    sealers: tuple[str, ...] = ()  #: domains whose ARC seals count
    signature: Opinion = Opinion.NONE  #: our own look at the signatures of the author's domain
    seals: Opinion = Opinion.NONE  #: our own look at the chain of seals


def verify(message: Message, pinned: str | None, checks: Checks | None = None) -> Verdict:
    """What the topmost results of the pinned authserv-id prove about the domain of the one From address.

    Our own look at the signatures can only take belief away.
    """
    froms = message.all("From")
    if not message.head.from_:
        return Verdict(proven=False, proof=Proof.NO_FROM, domain=None, authserv_id=pinned)
    domain = message.head.from_[0].domain
    if len(froms) != 1 or len(message.head.from_) != 1:
        return Verdict(proven=False, proof=Proof.SEVERAL_FROM, domain=domain, authserv_id=pinned)
    if not pinned:
        return Verdict(proven=False, proof=Proof.NOT_PINNED, domain=domain, authserv_id=None)
    chosen = topmost_results(message.fields)
    if chosen is None:
        return Verdict(proven=False, proof=Proof.NO_RESULTS, domain=domain, authserv_id=pinned)
    if not is_written_by(chosen.authserv_id, pinned):
        return Verdict(proven=False, proof=Proof.FOREIGN_AUTHSERV, domain=domain, authserv_id=pinned)
    checks = checks or Checks()
    proof = _judge(chosen.methods, domain)
    if proof is Proof.ALIGNED and checks.signature is Opinion.BROKEN:
        proof = Proof.SIGNATURE_BROKEN
    elif (
        proof is Proof.ALIGNED and checks.signature is Opinion.ABSENT and _could_be_anybodys(message, pinned)
    ):
        proof = Proof.UNSIGNED
    elif proof in (Proof.NOT_ALIGNED, Proof.DMARC_FAILED):
        proof = _sealed(message, chosen.methods, domain, checks) or proof
    return Verdict(
        proven=proof in (Proof.ALIGNED, Proof.SEALED),
        proof=proof,
        domain=domain,
        authserv_id=chosen.authserv_id or pinned,
    )


def _could_be_anybodys(message: Message, pinned: str) -> bool:
    """Whether a sender's own line might count, should the provider once write none of its own.

    RFC 8601 §5 has a provider remove lines under its name. Of a name that it never uses, or of none, it may
    not know that they are forged; and below a line that was passed over, the next could be the sender's.
    """
    on_top = next(iter(message.all("Authentication-Results")), "")
    return names_many(pinned) or _beside_the_author(parse_results(on_top))


def names_many(pinned: str) -> bool:
    """Whether results under many names, or under none (Microsoft's), count as the pinned provider's."""
    return pinned.startswith("*.") or is_within(pinned.casefold().rstrip("."), "outlook.com")


def _sealed(message: Message, methods: tuple[Method, ...], domain: str, checks: Checks) -> Proof | None:
    """Passed on by a listed service (RFC 8617 §7.2): our provider says that the chain holds, and every seal
    of it is by a listed domain, whose own results proved the author."""
    if [method.result for method in methods if method.name == "arc"] != ["pass"]:
        return None
    body = vouched(message, checks.sealers)
    if body is None or _judge(parse_results(body).methods, domain) is not Proof.ALIGNED:
        return None
    return Proof.SEAL_BROKEN if checks.seals is Opinion.BROKEN else Proof.SEALED


def topmost_results(fields: Iterable[tuple[str, str]]) -> Results | None:
    """What the last server said of the author, from the fields of a mail as they stand; None when nobody did.

    Whatever stands below it, even under the same name, may have come with the mail. Fastmail and iCloud write
    several fields, and those on top tell of other things (BIMI, ARC, `x-…`): these are passed over, while the
    next one is of the same provider and no other server took the mail in between.
    """
    above: Results | None = None
    for name, body in fields:
        field = name.casefold()
        if field == "received" and above is not None:
            return above
        if field != "authentication-results":
            continue
        found = parse_results(header_text(body))
        if above is not None and not _same_organisation(above.authserv_id, found.authserv_id):
            return above
        if not _beside_the_author(found):
            return found
        above = found
    return above


def _beside_the_author(results: Results) -> bool:
    names = {method.name for method in results.methods}
    return bool(names) and all(name in ("bimi", "arc") or name.startswith("x-") for name in names)


def is_written_by(authserv_id: str | None, pinned: str) -> bool:
    """Whether results under this name are the pinned provider's.

    Pinned as `*.provider.example`, any name below that domain is right, because Yahoo and Fastmail write the
    name of the very machine. Microsoft 365 writes no name at all.
    """
    wanted = pinned.casefold().rstrip(".")
    if wanted.startswith("*."):
        return authserv_id is not None and is_within(authserv_id, wanted[2:])
    if is_within(wanted, "outlook.com"):
        return authserv_id in (None, "", wanted) or is_within(authserv_id, "outlook.com")
    return authserv_id == wanted


def _judge(methods: tuple[Method, ...], domain: str) -> Proof:
    """RFC 7489 §3.1: a DMARC verdict decides; without one an aligned DKIM or SPF pass does.

    Where the provider asked DMARC and got no verdict (none, temperror), DKIM alone still proves the author;
    SPF only proves the way the mail took. A pass for another author than the one we read means that the
    provider and we read From differently, and then nothing is proven.
    """
    dmarc = [method for method in methods if method.name == "dmarc"]
    if any(method.result in ("fail", "reject", "quarantine") for method in dmarc):
        return Proof.DMARC_FAILED
    stated = [ascii_form(found.rpartition("@")[2]) for m in dmarc if (found := m.get("header.from"))]
    if len(dmarc) > 1 or any(not _same_organisation(author, domain) for author in stated):
        return Proof.NOT_ALIGNED
    if stated and dmarc[0].result == "pass" and "@" not in dmarc[0].get("header.from"):
        return Proof.ALIGNED
    names = ("dkim",) if dmarc else ("dkim", "spf")
    passed = [method for method in methods if method.result == "pass" and method.name in names]
    return Proof.ALIGNED if any(_aligned(method, domain) for method in passed) else Proof.NOT_ALIGNED


def _aligned(method: Method, domain: str) -> bool:
    names = ("header.d", "header.i") if method.name == "dkim" else ("smtp.mailfrom", "smtp.mail")
    stated = next((value for name in names if (value := method.get(name))), "")
    host = ascii_form(stated.rpartition("@")[2].strip("<>\"'"))
    return _same_organisation(host, domain)


def _same_organisation(one: str | None, other: str | None) -> bool:
    """RFC 7489 §3.1.1; some providers state the organisational domain where the author wrote one below it."""
    if one is None or other is None:
        return False
    return organisational_domain(one) == organisational_domain(other)


_BY = re.compile(r"\bby\s+([A-Za-z0-9.-]+)")
_FROM = re.compile(r"^\s*from\s", re.IGNORECASE)


def trusted_authserv_of_file(message: Message) -> str | None:
    """The receiving host of a file: the `by` of the topmost Received that has a `from` clause.

    Only for looking at a file by hand; a daemon pins the id it was told.
    """
    for body in message.all("Received"):
        if _FROM.match(body):
            by = _BY.search(_without_comments(body))
            return by[1].casefold().rstrip(".") if by else None
    return None
