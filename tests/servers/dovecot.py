"""A private Dovecot on loopback, with TLS and without; any user name logs in with the password `pw`."""

from __future__ import annotations

import base64
import contextlib
import grp
import imaplib
import itertools
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers.certificate import write_certificate
from tests.servers.programs import program

PASSWORD = "pw"
#: Shared secret of the tokens that XOAUTH2 accepts (HS256, signed by the test).
TOKEN_SECRET = b"a secret of 32 bytes for testing"

_SEEN = "(\\Seen)"
_numbers = itertools.count(1)

_CONFIG = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain xoauth2
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:~/mail
mail_max_userip_connections = 200
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {base}/oauth2.conf
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/home/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service imap {{
  service_count = 1000
}}
service auth {{
  unix_listener {base}/sasl {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dovecot:
    """A running server and what a test does behind the back of the code it tests."""

    host: str  #: "127.0.0.1", also a name in the certificate
    port: int  #: plain text, offers STARTTLS
    tls_port: int
    ca_file: Path
    base: Path
    master: int = field(repr=False)  #: process id

    def new_user(self) -> str:
        """A user name nobody used before, so that its mailboxes are empty."""
        return f"user{next(_numbers)}"

    def deliver(self, user: str, raw: bytes, mailbox: str = "INBOX") -> None:
        """Put one mail into a mailbox."""
        self.deliver_all(user, [raw], mailbox)

    def deliver_all(self, user: str, raws: Iterable[bytes], mailbox: str = "INBOX") -> None:
        """Put mails into a mailbox, in order, over one connection."""
        with self.session(user) as session:
            for raw in raws:
                _ok(session.append(f'"{mailbox}"', "", "", raw))

    def messages(self, user: str, mailbox: str) -> list[bytes]:
        """Every mail of a mailbox, oldest first."""
        with self.session(user) as session:
            _ok(session.select(f'"{mailbox}"', readonly=True))
            _, found = session.search(None, "ALL")
            numbers = found[0].split()
            if not numbers:
                return []
            _, data = session.fetch(b",".join(numbers).decode(), "(BODY.PEEK[])")
        return [part[1] for part in data if isinstance(part, tuple)]

    def mailboxes(self, user: str) -> set[str]:
        """Names of all mailboxes of a user."""
        with self.session(user) as session:
            _, lines = session.list()
        return {line.decode().rsplit(" ", 1)[1].strip('"') for line in lines if isinstance(line, bytes)}

    def create(self, user: str, mailbox: str) -> None:
        """CREATE a mailbox."""
        with self.session(user) as session:
            _ok(session.create(f'"{mailbox}"'))

    def recreate(self, user: str, mailbox: str) -> None:
        """DELETE and CREATE a mailbox, which changes its UIDVALIDITY."""
        with self.session(user) as session:
            _ok(session.delete(f'"{mailbox}"'))
            _ok(session.create(f'"{mailbox}"'))

    def drop_connections(self) -> None:
        """Kill every session of every user, as a server that restarts would."""
        for pid in self._session_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @contextlib.contextmanager
    def session(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A plain imaplib session of this user."""
        session = imaplib.IMAP4(self.host, self.port, timeout=20)
        with contextlib.closing(session.sock), session:
            session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _ok(session.login(user, PASSWORD))
            yield session

    def _session_processes(self) -> list[int]:
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                name, _, rest = status.read_text().partition("(")[2].rpartition(")")
                if name == "imap" and int(rest.split()[1]) == self.master:
                    found.append(int(status.parent.name))
        return found


def _ok(answer: tuple[str, object]) -> None:
    assert answer[0] == "OK", answer


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One Dovecot for the whole test run; take `dovecot.new_user()` for a mailbox of your own."""
    with running_dovecot() as server:
        yield server


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """A Dovecot of our own until the block ends."""
    binary = program("dovecot", "dovecot-imapd")
    # Not tmp_path: the path of a unix socket may have 108 characters at most.
    base = Path(tempfile.mkdtemp(prefix="rj-", dir="/tmp"))
    try:
        port, tls_port = _free_ports(2)
        _write_configuration(base, port=port, tls_port=tls_port)
        # Output into a file: the daemon's children keep an inherited pipe open.
        with (base / "output").open("wb") as output:
            process = subprocess.Popen(
                [binary, "-F", "-c", str(base / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            _until_it_greets(process, base, port)
            yield Dovecot(
                host="127.0.0.1",
                port=port,
                tls_port=tls_port,
                ca_file=base / "cert.pem",
                base=base,
                master=process.pid,
            )
        finally:
            process.terminate()
            process.wait(timeout=20)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _write_configuration(base: Path, *, port: int, tls_port: int) -> None:
    # Mail must not belong to root, and Dovecot insists on that; as an ordinary user it is ours.
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    base.chmod(0o755)
    for name in ("run", "state", "home"):
        (base / name).mkdir()
    key_folder = base / "keys" / "default" / "HS256"
    key_folder.mkdir(parents=True)
    (key_folder / "default").write_bytes(base64.b64encode(TOKEN_SECRET))
    (base / "oauth2.conf").write_text(
        "introspection_mode = local\n"
        f"local_validation_key_dict = fs:posix:prefix={base}/keys/\n"
        "username_attribute = email\n"
    )
    write_certificate(base / "cert.pem", base / "key.pem")
    if os.geteuid() == 0:
        os.chown(base / "home", account.pw_uid, account.pw_gid)
    (base / "dovecot.conf").write_text(
        _CONFIG.format(
            base=base,
            user=account.pw_name,
            group=grp.getgrgid(account.pw_gid).gr_name,
            password=PASSWORD,
            port=port,
            tls_port=tls_port,
        )
    )


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _until_it_greets(process: subprocess.Popen[bytes], base: Path, port: int) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, imaplib.IMAP4.error, ssl.SSLError):
            imaplib.IMAP4("127.0.0.1", port, timeout=5).shutdown()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
    said = "\n".join(path.read_text() for path in (base / "output", base / "log") if path.exists())
    process.kill()
    process.wait(timeout=20)
    pytest.fail(f"Dovecot did not start:\n{said}")
