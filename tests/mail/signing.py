"""Signs mails as Amazon and as a forwarder would, with keys made for the tests."""

from __future__ import annotations

import base64
from functools import cache

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

NAME = "sel1._domainkey.amazon.com"


@cache
def key(number: int) -> tuple[bytes, bytes]:
    """Private key in PEM, and the TXT record of its public half."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


KEYS = {NAME: key(0)[1]}


def signed(raw: bytes, *, domain: str = "amazon.com", selector: str = "sel1", number: int = 0) -> bytes:
    """The mail with a signature on top; Authentication-Results stay above it, as a provider writes them."""
    lines = raw.split(b"\r\n")
    top = [line for line in lines if line.startswith(b"Authentication-Results:")]
    rest = b"\r\n".join(line for line in lines if line not in top)
    field = dkim.sign(
        rest, selector.encode(), domain.encode(), key(number)[0], canonicalize=(b"relaxed", b"relaxed")
    )
    return b"".join(line + b"\r\n" for line in top) + field + rest


def sealed(raw: bytes, *, domain: str = "lists.example", authserv_id: bytes = b"mx.lists.example") -> bytes:
    """The mail with a set of ARC fields of a forwarder, over what its own server had found."""
    fields = dkim.arc_sign(raw, b"arc", domain.encode(), key(7)[0], authserv_id)
    return b"".join(fields) + raw
