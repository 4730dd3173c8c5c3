"""`rejoinder backup`, `verify` and `restore`: copies of a home, and whether they can be trusted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.progress import Progress
from bot.cli.screen import Bit, print_json
from bot.cli.session import Quiet, Session, common, now
from bot.cli.text import harmless

if TYPE_CHECKING:
    from bot.edge.backup.verify import Report


@click.command(
    short_help="Copy the home.", epilog='Example: rejoinder backup "/mnt/backup/$(date +%F).tar.gz"'
)
@common
@click.option("--force", is_flag=True, help="Replace a backup of this name.")
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE.tar.gz|DIR")
@click.pass_obj
def backup(session: Session, target: Path, force: bool) -> None:
    """Copy settings, rules, templates and state; also while the daemon runs. Never a password file.

    A name ending in .tar.gz or .tgz makes one file, any other a folder, in which mails take no room again
    when it lies on the same disk. It appears only when it is whole. A restored copy starts in safe mode.
    """
    from bot import __version__
    from bot.edge.backup.write import write_backup
    from bot.edge.files import load_settings

    settings = load_settings(session.home())
    with Progress("mails copied") as say:
        written = write_backup(settings, target, version=__version__, now=now, force=force, say=say)
    if session.json:
        print_json(written)
    else:
        session.screen.line(Bit("Written.", "good"), f" {written.path}")
        session.screen.facts([("mails", str(written.mails)), ("size", _size(written.size))])
    for problem in written.problems:
        click.echo(f"rejoinder: {problem}", err=True)
    if written.problems:
        sys.exit(1)


@click.command(short_help="Check state or backup.", epilog="Example: rejoinder verify backup.tar.gz")
@common
@click.argument("backup", required=False, type=click.Path(path_type=Path), metavar="[BACKUP]")
@click.pass_obj
def verify(session: Session, backup: Path | None) -> None:
    """Check the state of this home, or a backup, from end to end; changes nothing.

    The database, every diary's chain, every diary against its case, and every mail against its hash; of a
    backup also every file against the manifest. Exit status 1 when something is wrong.
    """
    from bot.edge.backup.verify import verify_backup, verify_state
    from bot.edge.files import load_settings

    with Progress("files checked") as say:
        if backup is not None:
            report = verify_backup(backup.expanduser().absolute(), say=say)
        else:
            report = verify_state(load_settings(session.home()).state, say=say)
    if session.json:
        print_json({"sound": report.sound, "report": report})
    else:
        _print(session, report)
    if not report.sound:
        sys.exit(1)


@click.command(short_help="Restore a backup.", epilog="Example: rejoinder restore backup.tar.gz ~/restored")
@common
@click.option("--force", is_flag=True, help="Move aside what lies at DIR.")
@click.argument("backup", type=click.Path(path_type=Path), metavar="BACKUP")
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR")
@click.pass_obj
def restore(session: Session, backup: Path, target: Path, force: bool) -> None:
    """Make a home at DIR out of a backup, after checking it. DIR must be missing or empty.

    The restored copy starts in safe mode: the original may have sent letters since, so its approvals are void
    and letters on the line are in doubt. `rejoinder restored` says what to check and ends it.
    """
    from bot.edge.backup.manifest import STATE
    from bot.edge.backup.restore import restore as restore_home
    from bot.edge.files import load_settings
    from bot.wiring import open_house

    with Progress("files restored") as say:
        restored = restore_home(backup.expanduser().absolute(), target, now=now(), force=force, say=say)
    elsewhere = load_settings(restored.home).state != restored.home / STATE
    if not elsewhere:
        # Opening it once makes its approvals void and says at once when its files no longer load.
        with open_house(restored.home, notifier=Quiet(), check=False, light=True):
            pass
    if session.json:
        print_json(restored)
        return
    screen = session.screen
    screen.line(Bit("Restored.", "good"), f" {restored.home}")
    if restored.moved is not None:
        screen.paragraph(f"What lay there before is now {restored.moved}.", indent=2)
    if restored.state_line_changed:
        screen.paragraph("`state:` in rejoinder.yaml now names the restored state.", indent=2)
    if elsewhere:
        screen.paragraph(
            "REJOINDER_STATE is set and names another state than the restored one; unset it first.",
            indent=2,
            look="bad",
        )
    screen.paragraph("Password files are never in a backup; put them back yourself.", indent=2)
    screen.paragraph(
        f"It starts in safe mode. Next: rejoinder restored --home {restored.home}", indent=2, look="warn"
    )


def _print(session: Session, report: Report) -> None:
    screen = session.screen
    head = Bit("Sound.", "good") if report.sound else Bit(f"{len(report.findings)} faults.", "bad")
    screen.line(head, f" {report.place}")
    rows = [("made", f"{report.made_at:%Y-%m-%d %H:%M} UTC")] if report.made_at else []
    rows += [("cases", f"{report.cases} with {report.diary_lines} diary lines")]
    rows += [("letters", str(report.letters)), ("mails", str(report.mails))]
    screen.facts(rows)
    for finding in report.findings:
        click.echo(f"rejoinder: {harmless(finding.where)}: {harmless(finding.text)}", err=True)


def _size(octets: int) -> str:
    size = float(octets)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
