"""`rejoinder check` and `rejoinder schema`: the files a person edits."""

from __future__ import annotations

import click

from bot.cli.screen import Bit, print_json
from bot.cli.session import Session, common


@click.command(short_help="Check the files.", epilog="Example: rejoinder check --home ~/rejoinder")
@common
@click.pass_obj
def check(session: Session) -> None:
    """Read rejoinder.yaml, rules and templates and name every mistake with its file, line and column.

    Changes nothing and asks no server. Exit status 2 when there are mistakes.
    """
    from bot.edge.backup.mark import read_mark
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
    }
    if session.json:
        print_json({"problems": [], **told})
        return
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
        if account.authserv_id is None:
            screen.paragraph(
                f"Account {account.name} has no authserv_id: no notice can be proven, so none opens a case.",
                indent=4,
                first="  !",
                look="warn",
            )


def _safe_mode(switched_on: bool, *, restored: bool) -> str:
    if restored:
        return "on: this copy was restored from a backup; see `rejoinder restored`"
    return "on: letters go to yourself only" if switched_on else "off"


@click.command(
    short_help="Print a JSON Schema.", epilog="Example: rejoinder schema playbook > playbook.schema.json"
)
@common
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON Schema of a kind of file, for an editor that completes and checks YAML.

    Without NAME it lists the kinds there are.
    """
    import json

    from bot.settings.schema import MODELS
    from bot.settings.schema import schema as schema_of

    if name is None:
        click.echo("\n".join(MODELS))
        return
    if name not in MODELS:
        raise click.UsageError(f"There is no kind {name}; there are: {', '.join(MODELS)}.")
    click.echo(json.dumps(schema_of(name), indent=2))
