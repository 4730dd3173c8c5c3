"""The circuit breaker: what should be impossible stops every letter of all accounts until a person looked."""

from __future__ import annotations

from bot.mail.authentication import Proof
from bot.mail.thread import is_alert, is_ours
from bot.ports import AlertKind, KeptMail
from bot.reading.model import OwnCopy, Understood
from bot.runner.office import Office

#: What stops all, each with the sentence that a person reads.
ANOTHER_HOME = (
    "a letter that another Rejoinder wrote lies in a mailbox of ours; two of them on one mailbox would "
    "answer everything twice"
)
MORE_THAN_THE_CAPS = "more letters left within a day than the limits allow"
UNKNOWN_REPLIES = "very many answers belong to no letter of ours; somebody may write in our name"


def break_circuit(office: Office, account_id: str, why: str) -> None:
    """Let nothing leave any more, in no account, and tell a person once."""
    if office.breaker.trip(why, office.clock.now()):
        text = f"nothing leaves any more: {why}. When you have looked into it: `rejoinder go-on`"
        office.notifier.tell(AlertKind.STOP_SWITCH, account_id, text)


def of_another_home(office: Office, reading: OwnCopy) -> bool:
    """A copy of a letter that none of our accounts wrote: somebody else writes as we do."""
    if not is_ours(reading.message_id) or is_alert(reading.message_id):
        return False
    return not any(office.store.letter_of_message_id(one, reading.message_id) for one in office.practices)


def is_believed(understood: Understood) -> bool:
    """Whether a mail in our name may be ours: whoever got a letter can write one like it, to stop us.

    Our provider vouches for it, or says nothing, as of mail that never left it. Whoever writes into the Sent
    mailbox has our password, so there nothing is asked.
    """
    verdict = understood.verdict
    return verdict is None or verdict.proven or verdict.proof in (Proof.NO_RESULTS, Proof.NOT_PINNED)


def watch_for_another_home(office: Office, mail: KeptMail) -> None:
    """Stop everything for it, but in a restored copy: there it is its own original, and nothing leaves."""
    if not office.restored:
        break_circuit(office, mail.account_id, ANOTHER_HOME)
