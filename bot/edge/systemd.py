"""The systemd unit of a home: what the daemon may do and nothing else; see systemd.exec(5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from bot.edge.secrets import secrets_named_in
from bot.errors import NotPossible
from bot.settings.values import Settings

#: The first line of a unit of ours; only such a file is written over.
SIGNATURE = "# Written by `rejoinder service unit`; written again, it is replaced."
#: The server may take ten minutes to answer the final dot (RFC 5321 §4.5.3.2.6), and we wait for it.
STOP_SECONDS = 660
#: Octets in MiB: the daemon itself, and each account's two readers with their own limits of 512.
DAEMON_MEMORY, READER_MEMORY = 512, 2 * 640
#: Hidden from the daemon unless something it needs lies there.
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108

_COMMON = """\
NoNewPrivileges=yes
PrivateUsers=yes
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
UMask=0077
"""

#: An ordinary user's manager may not or need not grant these.
_SYSTEM_ONLY = """\
CapabilityBoundingSet=
AmbientCapabilities=
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
KeyringMode=private
RemoveIPC=yes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What a unit is made from."""

    program: tuple[str, ...]  #: how rejoinder is started, an absolute path first
    settings: Settings
    owner: str | None  #: who runs it; None in a user's own manager


def unit_text(unit: Unit) -> str:
    """The unit file. Raises NotPossible for a path that cannot stand in one."""
    settings = unit.settings
    command = (*unit.program, "run", "--home", str(settings.home))
    memory = DAEMON_MEMORY + READER_MEMORY * max(1, len(settings.accounts))
    lines = [
        SIGNATURE,
        "[Unit]",
        "Description=Rejoinder answers intellectual-property notices",
        *(("Wants=network-online.target", "After=network-online.target") if unit.owner else ()),
        "",
        "[Service]",
        "Type=exec",
        *((f"User={unit.owner}",) if unit.owner else ()),
        "ExecStart=" + " ".join(_word(part).replace("$", "$$") for part in command),
        "ExecReload=/bin/kill -HUP $MAINPID",
        "# A mistake in a file ends with 2: a person must act, trying again is of no use.",
        "Restart=on-failure",
        "RestartSec=30",
        "RestartPreventExitStatus=2",
        "# Only the daemon is asked to stop; it finishes the letter on the line and ends its readers itself.",
        "KillMode=mixed",
        "KillSignal=SIGTERM",
        f"TimeoutStopSec={STOP_SECONDS}",
        "",
        *_secrets(settings),
        "",
        f"ReadWritePaths={_word(str(settings.state))}",
        f"ProtectHome={'read-only' if _within(_HOMES, _needed(unit)) else 'yes'}",
        f"PrivateTmp={'no' if _within(_TEMPORARY, _needed(unit)) else 'yes'}",
        *_COMMON.splitlines(),
        *(_SYSTEM_ONLY.splitlines() if unit.owner else ()),
        f"MemoryMax={memory}M",
        "TasksMax=256",
        "",
        "[Install]",
        f"WantedBy={'multi-user' if unit.owner else 'default'}.target",
    ]
    return "\n".join(lines) + "\n"


def _secrets(settings: Settings) -> Iterator[str]:
    """How a password comes in without lying in the home: systemd.exec(5), Credentials."""
    yield "# A password that only root can read: put it into a file of root's, take the # away below, and"
    yield "# write into rejoinder.yaml: password: { file: /run/credentials/rejoinder.service/NAME }"
    for account in settings.accounts:
        yield f"#LoadCredential={_word(f'{account.name}:/etc/rejoinder/{account.name}.password')}"
    for name in sorted({one.env for one in secrets_named_in(settings) if one.env is not None}):
        yield f"# rejoinder.yaml takes a secret from {name}, which nobody sets here; use a file instead."


def _needed(unit: Unit) -> Iterator[Path]:
    yield from (unit.settings.home, unit.settings.state, Path(unit.program[0]))
    yield Path(unit.program[0]).resolve()
    yield from (one.file for one in secrets_named_in(unit.settings) if one.file is not None)
    for account in unit.settings.accounts:
        yield from (server.ca_file for server in (account.imap, account.smtp) if server.ca_file is not None)


def _within(places: Iterable[Path], paths: Iterable[Path]) -> bool:
    return any(path.is_relative_to(place) for place, path in product(places, paths))


def _word(text: str) -> str:
    """One word of a unit file, quoted when it must be; `%` would begin a specifier."""
    if not text.isprintable():
        raise NotPossible(f"{text!r} holds a control character and cannot stand in a unit; rename it")
    text = text.replace("%", "%%")
    if not any(character in text for character in " \"'\\;#"):
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'
