"""Measures what our care costs: SmtpSender against bare aiosmtplib, one kept connection each.

The value is our mails a second divided by bare aiosmtplib's, the median over rounds that
take turns, so that a busy moment of the machine hits both. The server is Postfix's smtp-sink where it is
found (it costs almost nothing, so our own share shows), else aiosmtpd in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import aiosmtplib

from benchmarks.ground import Result
from bot.edge.smtp.sender import SmtpSender
from bot.edge.smtp.settings import SmtpSettings
from bot.mail.envelope import Envelope, Recipient, RecipientRole
from bot.ports import SubmissionAccepted

MAILS = 300  #: in each round
ROUNDS = 7
SELLER = "seller@brindlecove.example"
RECIPIENTS = (
    Recipient(address="ip@harrowgate.example", role=RecipientRole.TO),
    Recipient(address="counsel@harrowgate.example", role=RecipientRole.CC),
    Recipient(address=SELLER, role=RecipientRole.OWN_COPY),
)
LETTER = (
    b"From: seller@brindlecove.example\r\nTo: ip@harrowgate.example\r\nSubject: Your complaint\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
    + b"We ask you to name the right you rely on and the product you bought.\r\n"
    * 60
)


def main() -> None:
    """Run the rounds and print the line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS, help="mails in each round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--serve", type=int, metavar="PORT", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        _serve_with_aiosmtpd(chosen.serve)
        return
    for result in measure(chosen.mails, chosen.rounds):
        result.tell()


def measure(mails: int = MAILS, rounds: int = ROUNDS) -> list[Result]:
    """One result: our mails a second divided by the bare ones; no aim of its own but that of `outbox`."""
    with _server() as (name, port):
        ours, bare = asyncio.run(_measure(port, mails, rounds))
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    sentence = (
        f"the sender alone, without the store: {statistics.median(ours):.0f} mails/s, {ratio:.2f} of bare "
        f"aiosmtplib's {statistics.median(bare):.0f}/s ({name})"
    )
    facts = {
        "server": name,
        "recipients": len(RECIPIENTS),
        "octets": len(LETTER),
        "mails": mails,
        "rounds": rounds,
        "ours_per_second": round(statistics.median(ours)),
        "bare_per_second": round(statistics.median(bare)),
    }
    return [
        Result(name="submission", sentence=sentence, value=ratio, aim=0.2, more_is_better=True, facts=facts)
    ]


async def _measure(port: int, mails: int, rounds: int) -> tuple[list[float], list[float]]:
    """Mails a second of every round: ours, bare."""
    sender = SmtpSender(SmtpSettings(host="127.0.0.1", port=port, security="none", auth="none"))
    envelope = Envelope(mail_from=SELLER, recipients=RECIPIENTS)
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="[127.0.0.1]")
    await client.connect()

    async def yes() -> bool:
        return True

    async def ours() -> None:
        outcome = await sender.submit(envelope, LETTER, body_may_begin=yes)
        if not isinstance(outcome, SubmissionAccepted):
            raise RuntimeError(f"the server did not take the mail: {outcome}")

    async def bare() -> None:
        await client.sendmail(SELLER, [r.address for r in RECIPIENTS], LETTER)

    results: tuple[list[float], list[float]] = ([], [])
    try:
        await _rate(ours, mails // 10 + 1)
        await _rate(bare, mails // 10 + 1)
        for number in range(rounds):
            both = [(results[0], ours), (results[1], bare)]
            for rates, send in both if number % 2 else reversed(both):
                rates.append(await _rate(send, mails))
    finally:
        await sender.close()
        await client.quit()
    return results


async def _rate(send: Callable[[], Awaitable[None]], mails: int) -> float:
    began = time.perf_counter()
    for _ in range(mails):
        await send()
    return mails / (time.perf_counter() - began)


@contextlib.contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """A server in another process, by name and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    sink = shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if sink:
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [sink, *user, f"127.0.0.1:{port}", "100"]
    else:
        command = [sys.executable, __file__, "--serve", str(port)]
    process = subprocess.Popen(command)  # noqa: S603 -- our own words only
    try:
        _wait_until_it_listens(process, port)
        yield ("smtp-sink" if sink else "aiosmtpd"), port
    finally:
        process.terminate()
        process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(500):
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            raise RuntimeError("the server ended before it listened")
        time.sleep(0.02)
    raise RuntimeError("the server did not listen within 10 s")


def _serve_with_aiosmtpd(port: int) -> None:
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Sink

    Controller(Sink(), hostname="127.0.0.1", port=port).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
