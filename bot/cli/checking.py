"""`rejoinder check`: the files a person edits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common

if TYPE_CHECKING:
    from bot.settings.values import Settings


@click.command(short_help="Check the files.", epilog="Example: rejoinder check --home ~/rejoinder")
@common
@click.option("--online", is_flag=True, help="Also ask the servers, as `rejoinder doctor` does.")
@click.pass_obj
def check(session: Session, online: bool) -> None:
    """Read rejoinder.yaml, rules and templates and name every mistake with its file, line and column.

    A gap, such as a seller profile that is not filled in, is no mistake; it is named, with what waits for it.
    Changes nothing, and asks no server without --online. Exit status 2 when there are mistakes in files,
    1 when a server is not as it should be.
    """
    from bot.edge.backup.mark import read_mark
    from bot.edge.gaps import gaps_of
    from bot.edge.home import load_home

    home = session.home()
    loaded = load_home(home)
    settings = loaded.settings
    restored = read_mark(settings.state) is not None
    told = {
        "home": home,
        "accounts": [account.name for account in settings.accounts],
        "rules": len(loaded.rules),
        "templates": len(loaded.template_texts),
        "rules_hash": loaded.rules_hash,
        "safe_mode": settings.safe_mode or restored,
        "restored": restored,
        "not_pinned": [account.name for account in settings.accounts if account.authserv_id is None],
        "gaps": [
            {"account": account.name, "gap": gap} for account in settings.accounts for gap in gaps_of(account)
        ],
    }
    if session.json:
        findings = list(_online(session, settings)) if online else []
        print_json({"problems": [], **told, **({"findings": findings} if online else {})})
        sys.exit(any(row["finding"].ok is False for row in findings))
    screen = session.screen
    screen.line(Bit("No mistakes.", "good"), f" {home}")
    screen.facts(
        [
            ("accounts", ", ".join(account.name for account in settings.accounts) or "none yet"),
            ("rules", f"{len(loaded.rules)} files, {len(loaded.template_texts)} templates"),
            ("safe mode", _safe_mode(settings.safe_mode, restored=restored)),
        ]
    )
    for account in settings.accounts:
        for gap in gaps_of(account):
            words = f"account {account.name} {gap.key}: {gap.sentence}."
            screen.paragraph(words, indent=4, first="  !", look="warn")
    if online and [row for row in _online(session, settings) if row["finding"].ok is False]:
        sys.exit(1)


def _online(session: Session, settings: Settings) -> Iterator[dict[str, Any]]:
    """Findings of every account, shown as they come unless they are to be JSON."""
    from bot.cli.doctor import of_servers, show_finding

    for account in settings.accounts:
        if not session.json:
            session.screen.rule(account.name)
        for finding in of_servers(account):
            if not session.json:
                show_finding(session, finding)
            yield {"account": account.name, "finding": finding}


def _safe_mode(switched_on: bool, *, restored: bool) -> str:
    if restored:
        return "on: this copy was restored from a backup; see `rejoinder restored`"
    return "on: letters go to yourself only" if switched_on else "off"
