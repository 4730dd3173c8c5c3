"""`rejoinder service unit`: a hardened systemd unit for this home."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.cli.session import Session, common
from bot.errors import NotPossible


@click.group(short_help="Run it as a service.", epilog="Example: rejoinder service unit --user")
@common
def service() -> None:
    """What a computer needs to run the daemon by itself."""


@service.command(
    "unit",
    short_help="A systemd unit.",
    epilog="Example: rejoinder service unit --write /etc/systemd/system/rejoinder.service",
)
@common
@click.option("--user", is_flag=True, help="For your own manager (systemctl --user), not the system's.")
@click.option("--write", "target", type=click.Path(path_type=Path), metavar="PATH", help="Write it there.")
@click.pass_obj
def unit(session: Session, user: bool, target: Path | None) -> None:
    """Print a hardened systemd unit that runs the daemon on this home, as the owner of the home.

    Everything is read-only to it but the state folder. Starts nothing. --write replaces only a unit of ours.
    """
    from bot.edge.files import load_settings
    from bot.edge.systemd import Unit, unit_text

    settings = load_settings(session.home())
    owner = None if user else _owner(settings.home)
    text = unit_text(Unit(program=_program(), settings=settings, owner=owner))
    if owner == "root":
        _warn(f"{settings.home} belongs to root; give it to a user of its own, then write the unit again")
    if not settings.state.is_dir():
        as_whom = f" -o {owner}" if owner else ""
        _warn(f"make the state folder before you start it: install -d -m 700{as_whom} {settings.state}")
    if target is None:
        click.echo(text, nl=False)
        return
    _write(target, text)
    manager = "systemctl --user" if user else "systemctl"
    session.screen.line(f"Written. Next: {manager} daemon-reload && {manager} enable --now {target.name}")


def _program() -> tuple[str, ...]:
    """How this very program is started; a link to it, as pipx and uv make one, outlives upgrades."""
    called = Path(sys.argv[0])
    if called.name == "rejoinder" and called.is_file():
        return (str(called.absolute()),)
    return (sys.executable, "-m", "bot")


def _owner(home: Path) -> str:
    try:
        return home.owner()
    except KeyError:
        return str(home.stat().st_uid)


def _write(target: Path, text: str) -> None:
    from bot.edge.systemd import SIGNATURE

    if target.exists() and not target.read_text(encoding="utf-8", errors="replace").startswith(SIGNATURE):
        raise NotPossible(f"{target} was not written by Rejoinder, so it is left alone; name another path")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.write_text(text, encoding="utf-8")
    part.chmod(0o644)
    part.replace(target)


def _warn(words: str) -> None:
    click.echo(f"rejoinder: {words}", err=True)
