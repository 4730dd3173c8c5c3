"""`rejoinder rules`: which files hold, a copy of one to change, and the schemas for editors."""

from __future__ import annotations

import click

from bot.cli.rules_check import check, test
from bot.cli.rules_explain import explain
from bot.cli.screen import Bit, Piece, print_json
from bot.cli.session import Session, common
from bot.errors import NotPossible


@click.group(
    short_help="Rules.", epilog="Example: rejoinder rules check   rejoinder rules explain notice.eml"
)
@common
def rules() -> None:
    """See, change, check and try the rules: what is a notice, and what follows from it."""


for _command in (check, test, explain):
    rules.add_command(_command)


@rules.command("list", short_help="Which files hold.", epilog="Example: rejoinder rules list")
@common
@click.option("--own", is_flag=True, help="Only what is yours.")
@click.pass_obj
def list_rules(session: Session, own: bool) -> None:
    """List every file under rules/ and templates/ with where it comes from: shipped, or your own.

    A file of your own goes before the shipped one of the same name, as a whole. `off: true` in it switches
    that file off.
    """
    from bot.edge.ruleset import rule_files

    files = [file for file in rule_files(session.home()) if file.own or not own]
    if session.json:
        print_json({"files": files})
        return
    if not files:
        session.screen.line("Nothing is yours: every shipped file holds. `rejoinder rules eject` copies one.")
        return
    rows: list[list[Piece]] = [
        [
            file.name,
            Bit("off", "warn") if file.off else Bit("yours", "good") if file.own else "shipped",
            file.about,
        ]
        for file in files
    ]
    session.screen.table(["FILE", "FROM", "SAYS"], rows, shrink={0: 24, 2: 12})


@rules.command(
    "eject", short_help="Copy a default to change it.", epilog="Example: rejoinder rules eject routing.yaml"
)
@common
@click.argument("names", nargs=-1, required=True, metavar="FILE...")
@click.pass_obj
def eject(session: Session, names: tuple[str, ...]) -> None:
    """Copy a shipped rule or template into your home, where you can change it.

    FILE is a name as `rejoinder rules list` shows it; the folder may be left out where only one file has that
    name. What is yours already is left as it is. From then on the copy holds, also after an upgrade.
    """
    from bot.edge.ruleset import copy_defaults

    copied = copy_defaults(session.home(), names)
    if session.json:
        print_json({"copied": copied})
        return
    for file in copied:
        session.screen.line(Bit("Copied", "good"), f" to {file}")
    session.screen.line("Change it, then: rejoinder check")


@rules.command(
    "schema",
    short_help="The JSON Schemas for editors.",
    epilog="Example: rejoinder rules schema playbook > playbook.schema.json",
)
@common
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write all of them into schemas/ of the home.")
@click.pass_obj
def schema(session: Session, name: str | None, write: bool) -> None:
    """Print the JSON Schema of a kind of file, for an editor that completes and checks YAML.

    Without NAME it lists the kinds there are. With --write the schemas of this version are put where the
    first line of your files (`# yaml-language-server: ...`) looks for them: do so after an upgrade.
    """
    import json

    from bot.settings.schema import MODELS
    from bot.settings.schema import schema as schema_of

    if write:
        if name is not None:
            raise click.UsageError("--write writes every schema; leave out NAME.")
        _write(session)
    elif name is None:
        if session.json:
            print_json({"kinds": list(MODELS)})
            return
        click.echo("\n".join(MODELS))
    elif name not in MODELS:
        raise click.UsageError(f"There is no kind {name}; there are: {', '.join(MODELS)}.")
    else:
        click.echo(json.dumps(schema_of(name), indent=2))


def _write(session: Session) -> None:
    from bot.edge.schemas import write_schemas

    home = session.home()
    try:
        written = write_schemas(home)
    except OSError as error:
        raise NotPossible(f"{error.filename or home} cannot be written: {error.strerror}") from error
    if session.json:
        print_json({"written": written})
        return
    session.screen.line(Bit(f"Wrote {len(written)} schemas", "good"), f" into {written[0].parent}")
