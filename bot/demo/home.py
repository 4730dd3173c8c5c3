"""The home of the sandbox: an ordinary home whose servers are on loopback and whose seller is invented."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from bot.demo.post import Seller
from bot.demo.servers import LOOPBACK, PASSWORD, USER

ACCOUNT: Final = "tidewell"
REVIEWER: Final = "demo"


def write_home(home: Path, seller: Seller, *, imap_port: int, smtp_port: int) -> None:
    """Write rejoinder.yaml and the password file; rules and templates stay the defaults.

    Raises OSError when the folder cannot be written.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in ("rules", "templates"):
        (home / folder).mkdir(exist_ok=True)
    secret = home / "password.txt"
    secret.write_text(PASSWORD + "\n", encoding="utf-8")
    secret.chmod(0o600)
    out = StringIO()
    YAML().dump(_settings(seller, imap_port, smtp_port, secret.name), out)
    head = "# Written by `rejoinder demo`. Its servers live only as long as the demo runs.\n"
    (home / "rejoinder.yaml").write_text(head + out.getvalue(), encoding="utf-8")


def _settings(seller: Seller, imap_port: int, smtp_port: int, secret: str) -> dict[str, object]:
    def server(port: int) -> dict[str, object]:
        return {"host": LOOPBACK, "port": port, "security": "none", "user": USER}

    account = {
        "address": seller.address,
        "password": {"file": secret},
        "imap": server(imap_port),
        "smtp": server(smtp_port),
        "authserv_id": seller.host,
        "own_copy_to": seller.address,
        "first_run": "read_all",
        "time_zone": "Europe/London",
        "country": "GB",
        "languages": ["en", "de"],
        "profile": {
            "legal_name": f"{seller.name} Ltd",
            "postal_address": list(seller.postal_address),
            "signatory": seller.signatory,
            "stores": dict(seller.stores),
        },
    }
    return {"accounts": {ACCOUNT: account}, "reviewer": REVIEWER, "safe_mode": False}
