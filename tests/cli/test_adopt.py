"""`rejoinder import` and `adopt`, typed against a real Dovecot: the evening of the first day."""

from __future__ import annotations

import imaplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.cli.session import now
from tests.cli.conftest import AUTHSERV, Typed, notice, write_home
from tests.cli.terminal import Terminal
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.servers

OWNER = "ip@brindlecove.example"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seller:
    """A home whose mailbox is on the server."""

    typed: Typed
    user: str
    dovecot: Dovecot

    def had(self, raw: bytes, at: datetime, mailbox: str = "INBOX") -> None:
        """A mail that lay there before we came."""
        with self.dovecot.session(self.user) as session:
            date = imaplib.Time2Internaldate(at.timestamp())
            assert session.append(f'"{mailbox}"', "", date, raw)[0] == "OK"

    def waiting(self) -> list[dict[str, object]]:
        return list(self.typed("queue", "--json").json["items"])


@pytest.fixture
def seller(tmp_path: Path, dovecot: Dovecot) -> Seller:
    user = dovecot.new_user()
    (tmp_path / "secret").write_text("pw\n")
    (tmp_path / "secret").chmod(0o600)
    home = write_home(tmp_path / "home")
    file = home / "rejoinder.yaml"
    server = (
        f"imap: {{ host: localhost, port: {dovecot.tls_port}, security: tls, user: {user}, "
        f"ca_file: {dovecot.ca_file}, password: {{ file: {tmp_path / 'secret'} }} }}"
    )
    lines = [f"    {server}" if "imap:" in line else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines) + "\n")
    return Seller(Typed(home), user, dovecot)


def by_hand(at: datetime, to: str = OWNER, text: str = "Please call me about your report.\n") -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "ip@harborlane.example", to, "Your report"
    mail["Date"], mail["Message-ID"] = format_datetime(at), "<anna.1@harborlane.example>"
    mail.set_content(text)
    return mail.as_bytes()


def forwarded(complaint: str) -> bytes:
    inner = notice(complaint).decode().partition("\r\n\r\n")[2]
    mail = EmailMessage(policy=SMTP)
    mail["Authentication-Results"] = f"{AUTHSERV}; dmarc=pass header.from=harborlane.example"
    mail["From"], mail["To"] = "Lee <lee@harborlane.example>", "ip@harborlane.example"
    mail["Subject"], mail["Date"] = "Fwd: Notice: Policy Warning", format_datetime(now())
    mail["Message-ID"] = "<f.1@harborlane.example>"
    mail.set_content(
        'fyi\n\nBegin forwarded message:\n\nFrom: "Amazon.com" <notice@amazon.com>\n'
        f"Subject: Notice: Policy Warning\nTo: ip@harborlane.example\n\n{inner}"
    )
    return mail.as_bytes()


def test_from_an_inbox_full_of_the_past_to_the_right_reminder(seller: Seller) -> None:
    """Ten days ago Amazon wrote, nine days ago the seller did; tonight the reminder waits."""
    wrote_at = now() - 9 * DAY
    seller.had(notice("17340981265"), now() - 10 * DAY)
    seller.had(by_hand(wrote_at), wrote_at, "Sent")
    seller.had(by_hand(wrote_at, "friend@elsewhere.example"), wrote_at, "Sent")

    told = seller.typed("adopt", "--list", "--json").json
    (row,) = told["accounts"][0]["notices"]
    assert (row["complaint_ids"], row["proven"], row["cases"]) == (["17340981265"], True, [])
    assert seller.waiting() == [], "nothing follows from looking"

    done = seller.typed("adopt", str(row["mail"]), "--json")
    assert done.status == 0, done.err
    (adopted,) = done.json["adopted"]
    assert adopted["stands"] == "reminder-1 drafted"
    (item,) = seller.waiting()
    shown = seller.typed("show", str(item["number"]))
    assert f"To                Marta Oyelaran <{OWNER}>" in shown.out
    assert "Re: Your report" in shown.out
    page = " ".join(seller.typed("case", "show", adopted["case"]["case_id"]).out.split())
    assert "written by hand on" in page
    assert "taken on by a person — anna" in page
    again = seller.typed("adopt", str(row["mail"]))
    assert (again.status, "taken on before" in again.err) == (1, True)
    assert seller.typed("verify").status == 0


def test_the_dialogue_takes_one_on_and_leaves_the_rest(seller: Seller) -> None:
    wrote_at = now() - 9 * DAY
    seller.had(notice("17340981265"), now() - 10 * DAY)
    seller.had(notice("17340981266", asin="B0ZG04SJF4", owner="legal@ferrowick.example"), now() - 3 * DAY)
    seller.had(by_hand(wrote_at), wrote_at, "Sent")
    with Terminal("adopt", "--home", str(seller.typed.home)) as at:
        at.until("Notices since")
        at.answer("Which to take on? (numbers, all, or none) [2,1]:", "9")
        at.until("There is no mail 9 in the list.")
        at.answer("Which to take on? (numbers, all, or none) [2,1]:", "1")
        at.until("you wrote")
        at.answer("Does a lawyer of yours have it already? [y/N]:")
        at.answer("Is what you wrote about this complaint? [Y/n]:")
        at.answer("Did you file an appeal in Seller Central? The day, or Enter for no:", "tomorrow")
        at.until("still to come")
        at.answer("Did you file an appeal in Seller Central? The day, or Enter for no:")
        at.answer("Did you take the listing down yourself? [y/N]:")
        at.until("reminder-1 drafted")
        assert at.ended() == 0
    assert [item["kind"] for item in seller.waiting()] == ["draft"]


@pytest.mark.parametrize("question", ["Which to take on?", "Does a lawyer of yours"])
def test_ctrl_c_in_the_dialogue_takes_nothing_on_and_says_so(seller: Seller, question: str) -> None:
    seller.had(notice("17340981265"), now() - 10 * DAY)
    with Terminal("adopt", "--home", str(seller.typed.home)) as at:
        at.until("Which to take on?")
        if question != "Which to take on?":
            at.type("1")
            at.until(question)
            at.interrupt("You stopped at mail 1. `rejoinder adopt` asks again")
        else:
            at.interrupt("rejoinder: stopped")
        assert at.ended() == 1
        assert "Aborted" not in at.seen
        assert "\nrejoinder: stopped" in at.seen.replace("\r", "")
    assert seller.waiting() == []


def test_the_forwarded_notice_is_adopted_by_typing_what_seller_central_shows(seller: Seller) -> None:
    seller.had(forwarded("17340981265"), now() - DAY)
    (row,) = seller.typed("adopt", "--list", "--json").json["accounts"][0]["notices"]
    assert (row["proven"], row["doubt"], "complaint_ids" in row) == (False, "forwarded", False)
    bare = seller.typed("adopt", str(row["mail"]))
    assert (bare.status, "nothing proves" in bare.err) == (1, True)
    wrong = seller.typed("adopt", str(row["mail"]), "--complaint-id", "1", "--seen-in", "Account Health")
    assert (wrong.status, "not the one of mail" in wrong.err) == (1, True)

    with Terminal("adopt", "--home", str(seller.typed.home)) as at:
        at.until("Nothing proves that these are Amazon's")
        at.answer("Which to take on? (numbers, all, or none) [none]:", str(row["mail"]))
        at.until("why it is not believed")
        at.answer("Does the complaint stand there? [y/N]:", "y")
        at.answer("Type its complaint ID as Seller Central shows it:", "17340981266")
        at.until("That is not the number of the mail.")
        at.answer("Type its complaint ID as Seller Central shows it:", "17340981265")
        at.answer("Where did you see it? [Account Health]:")
        at.answer("Type the contact address that stands there (Enter: none):", "notice@amazon.com")
        at.until("is never a complainant's")
        at.answer("Type the contact address that stands there (Enter: none):", OWNER)
        at.answer("The day of the complaint there (Enter: when the mail came):")
        at.answer("Does a lawyer of yours have it already? [y/N]:")
        at.answer("Did you write to them from elsewhere? The day, or Enter for no:")
        at.answer("Did you file an appeal in Seller Central? The day, or Enter for no:")
        at.answer("Did you take the listing down yourself? [y/N]:")
        at.until("inquiry drafted")
        assert at.ended() == 0
        assert "17340981265" not in at.seen.partition("Which to take on?")[0]
    (item,) = seller.waiting()
    number = str(item["number"])
    shown = " ".join(seller.typed("show", number).out.split())
    assert "No mail proves this complaint: anna saw it in Seller Central." in shown
    assert f"rejoinder approve {number} --to ADDRESS" in shown
    assert seller.typed("approve", number).status == 1
    assert seller.typed("approve", "all", "--yes").status == 1
    with Terminal("approve", number, "--home", str(seller.typed.home)) as at:
        at.answer("Address:", OWNER)
        at.until("approved: inquiry to")
        assert at.ended() == 0


def test_import_only_fetches(seller: Seller) -> None:
    seller.had(notice("17340981265"), now() - 200 * DAY)
    assert "No notice" in seller.typed("adopt", "--list").out
    done = seller.typed("import", "--since", "300 days")
    assert done.status == 0, done.err
    assert "shop: 1 mail since then, 1 kept now" in done.out
    assert "Notices among it that are no case yet: 1." in done.out
    assert seller.waiting() == []
    again = seller.typed("import", "--since", "300 days", "--json").json["accounts"][0]
    assert (again["found"], again["kept"], again["notices"]) == (1, 0, 1)


def test_an_empty_mailbox_says_so(seller: Seller) -> None:
    with Terminal("adopt", "--home", str(seller.typed.home)) as at:
        at.until("Nothing to take on.")
        assert at.ended() == 0


def test_a_server_that_is_not_there_is_a_problem_and_offline_is_none(typed: Typed) -> None:
    done = typed("adopt", "--list")
    assert (done.status, "account shop" in done.err) == (1, True)
    assert typed("adopt", "--list", "--offline").status == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--list", "3"),
        ("--lawyer",),
        ("--since", "2199-01-01", "--list"),
        ("--account", "nobody", "--list"),
        ("three",),
    ],
)
def test_slips_of_the_pen(typed: Typed, words: tuple[str, ...]) -> None:
    assert typed("adopt", "--offline", *words).status == 2


def test_a_long_list_is_cut_in_the_dialogue_and_whole_in_the_list(seller: Seller) -> None:
    for number in range(45):
        seller.had(notice(f"173409{81200 + number}", asin=f"B0ZG04{number:04}"), now() - (50 - number) * DAY)
    told = seller.typed("adopt", "--list", "--json").json["accounts"][0]["notices"]
    assert len(told) == 45
    assert told[0]["complaint_ids"] == ["17340981244"], "the latest first"
    with Terminal("adopt", "--home", str(seller.typed.home)) as at:
        at.until("… and 5 older ones: `rejoinder adopt --list` shows all.")
        at.answer("Which to take on? (numbers, all, or none) [none]:", "none")
        assert at.ended() == 0
    assert seller.waiting() == []


def test_a_mailbox_that_cannot_be_asked_is_not_said_to_hold_nothing(typed: Typed) -> None:
    done = typed("adopt")
    assert done.status == 1
    assert "The mailbox could not be asked" in done.out
    assert "is proven to be one" not in done.out
    assert "cannot be reached" in done.err
    assert "is proven to be one" in typed("adopt", "--offline").out
