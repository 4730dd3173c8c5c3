"""Whether every account's mail is read in time: what a heartbeat tells the world outside."""

from __future__ import annotations

from datetime import timedelta

from bot.runner.office import Office

#: The daemon reads every five minutes; after three misses something is wrong.
FRESH = timedelta(minutes=15)


def all_fresh(office: Office, within: timedelta = FRESH) -> bool:
    """True when every watched mailbox of every account was read to its end so recently."""
    now = office.clock.now()
    for practice in office.practices.values():
        read = {row.mailbox: row.reconciled_at for row in office.store.mailboxes(practice.account_id)}
        for mailbox in practice.listened_to or practice.mailboxes:
            at = read.get(mailbox)
            if at is None or abs(now - at) > within:  # in the future: the clock was set back
                return False
    return bool(office.practices)
