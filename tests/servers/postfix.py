"""A private Postfix on loopback that signs people in by Dovecot and delivers into Dovecot's mailboxes.

Whatever domain a mail is for, it lies in the mailbox of that address afterwards; nothing can leave the
machine. Its name vouches for every mail, as a provider's receiving server does.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.programs import needs_root, program

#: What it writes into the Authentication-Results of what it receives.
AUTHSERV = "mx.brindlecove.example"

_MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {base}/mail.log
maillog_file_prefixes = {base}
myhostname = {authserv}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = maildir
maildir_destination_recipient_limit = 1
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_sasl_security_options = noanonymous
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sender_restrictions = check_sender_access static:{{PREPEND Authentication-Results: {authserv};
  dkim=pass header.d=brindlecove.example; spf=pass smtp.mailfrom=brindlecove.example;
  dmarc=pass header.from=brindlecove.example}}
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
maildir unix - n n - 1 pipe flags=DR user=nobody argv={base}/deliver {homes}/${{recipient}}/mail
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


#: Into a Maildir, as delivery agents do: whole in tmp, then moved.
_DELIVER = """\
#!/bin/sh
set -e
mkdir -p "$1/tmp" "$1/new" "$1/cur"
name="$(date +%s).$$.mx"
cat >"$1/tmp/$name"
mv "$1/tmp/$name" "$1/new/$name"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postfix:
    """A running server; certificate and passwords are Dovecot's."""

    host: str
    port: int  #: plain text, offers STARTTLS
    tls_port: int


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    """One Postfix for the whole test run."""
    with running_postfix(dovecot) as server:
        yield server


@contextlib.contextmanager
def running_postfix(dovecot: Dovecot, place: str = "/tmp", more: str = "") -> Iterator[Postfix]:
    """A Postfix of our own until the block ends, below `place`; `more` comes last in its main.cf."""
    binary = program("postfix", "postfix")
    needs_root("postfix")
    base = Path(tempfile.mkdtemp(prefix="rj-pf-", dir=place))
    try:
        server = _write_configuration(base, dovecot, more)
        command = [binary, "-c", str(base)]
        with (base / "output").open("wb") as output:
            subprocess.run([*command, "start"], stdout=output, stderr=output, check=False, timeout=30)
        try:
            _until_it_greets(server, base)
            yield server
        finally:
            subprocess.run([*command, "stop"], capture_output=True, check=False, timeout=30)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _write_configuration(base: Path, dovecot: Dovecot, more: str) -> Postfix:
    base.chmod(0o755)
    owner = pwd.getpwnam("postfix")
    (base / "queue").mkdir()
    (base / "data").mkdir()
    os.chown(base / "data", owner.pw_uid, owner.pw_gid)
    ports = []
    with contextlib.ExitStack() as stack:
        for _ in range(2):
            free = stack.enter_context(socket.socket())
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    main = _MAIN.format(
        base=base,
        authserv=AUTHSERV,
        cert=dovecot.base / "cert.pem",
        key=dovecot.base / "key.pem",
        sasl=dovecot.base / "sasl",
    )
    (base / "deliver").write_text(_DELIVER, encoding="utf-8")
    (base / "deliver").chmod(0o755)
    (base / "main.cf").write_text(main + more, encoding="utf-8")
    (base / "master.cf").write_text(
        _MASTER.format(base=base, homes=dovecot.base / "home", port=ports[0], tls_port=ports[1]),
        encoding="utf-8",
    )
    return Postfix(host="127.0.0.1", port=ports[0], tls_port=ports[1])


def _until_it_greets(server: Postfix, base: Path) -> None:
    pause = threading.Event()
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection((server.host, server.port), 5) as line:
            if line.recv(100).startswith(b"220"):
                return
        pause.wait(0.05)
    said = "\n".join(path.read_text() for path in (base / "output", base / "mail.log") if path.exists())
    pytest.fail(f"Postfix did not start:\n{said}")
