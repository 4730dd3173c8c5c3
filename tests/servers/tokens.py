"""Access tokens as an identity provider would give them: signed here, and believed by Dovecot."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from tests.servers.dovecot import TOKEN_SECRET


def token(user: str, *, key: bytes = TOKEN_SECRET, lasts: timedelta = timedelta(hours=1)) -> str:
    """A JSON Web Token (RFC 7519) for this user, signed with HS256."""
    now = datetime.now(UTC)  # noqa: TID251 -- the server compares with the real now
    since = now - timedelta(days=1)
    claims = {"sub": user, "email": user, "iat": since, "nbf": since, "exp": now + lasts}
    return jwt.encode(claims, key, algorithm="HS256")


def token_command(folder: Path, text: str) -> tuple[str, ...]:
    """A program that prints a token, as `oama access ADDRESS` does; what it prints can be changed later."""
    file = folder / "token"
    file.write_text(text + "\n", encoding="utf-8")
    return (sys.executable, "-c", "import sys; print(open(sys.argv[1]).read(), end='')", str(file))
