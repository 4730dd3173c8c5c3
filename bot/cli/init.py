"""`rejoinder init`: a home of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common
from bot.errors import NotPossible

#: What a new home begins with; `rejoinder check` accepts it as it is.
SETTINGS = """\
# The settings of this home; `rejoinder check` reads them. Take the # off the account and make it yours.
#
# accounts:
#   shop:
#     address: ip@shop.example          # the address tied to your seller account
#     imap: { host: imap.shop.example }
#     smtp: { host: smtp.shop.example }
#     password: { env: SHOP_PASSWORD }  # or file: … or command: [program, argument]
#     # First word after Authentication-Results: of a mail received there; without it no notice opens a case.
#     authserv_id: mx.shop.example
#     time_zone: Europe/Berlin
#     country: DE
#     profile:
#       legal_name: Shop GmbH
#       signatory: Alex Beispiel
#       postal_address: [Musterweg 1, 12345 Musterstadt]
#       stores: { amazon.de: Shop }

accounts: {}

safe_mode: true # letters go to yourself only, and every screen says TEST, until you switch this off
undo_window: 10 min
"""


@click.command(short_help="Make a home.", epilog="Example: rejoinder init ~/rejoinder")
@common
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.pass_obj
def init(session: Session, folder: Path) -> None:
    """Make a home: rejoinder.yaml with an account to fill in, and folders for your own rules and templates.

    What is there already is left as it is.
    """
    from bot.edge.files import SETTINGS_FILE

    settings = folder / SETTINGS_FILE
    if settings.exists():
        raise NotPossible(f"{folder} is a home already: edit its {SETTINGS_FILE}; nothing was changed")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("rules", "templates"):
        (folder / name).mkdir(exist_ok=True)
    settings.write_text(SETTINGS, encoding="utf-8")
    settings.chmod(0o600)
    if session.json:
        print_json({"home": folder.absolute(), "settings": settings.absolute()})
        return
    screen = session.screen
    screen.line(Bit("Made a home", "good"), f" in {folder}")
    screen.facts(
        [
            ("1", f"fill in the account in {settings}"),
            ("2", f"rejoinder check --home {folder}"),
            ("3", f"rejoinder once --home {folder}"),
        ]
    )
