"""Mutants that were looked at and change nothing that anybody could see, each with the reason.

Named by their words, so a change of the line takes them from the list by itself.
"""

from __future__ import annotations

_LONG = "the bound of a closure that no calendar has: a year more or less a day"
_NO_PROTOCOL = "who asks has asked whether the line is alive, or asks for the transport in the same statement"
_EVER = "a moment before the first letter that Rejoinder can have sent"
_ANY = "it is asked only whether there is one"
_NONE = "without a case that fits, a function gives None by itself"

#: (module, function or table, what changes): why nothing changes by it.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("bot/case/calendar.py", "_LONGEST_CLOSURE", "366 → 367"): _LONG,
    ("bot/case/calendar.py", "Calendar._business_days", "free = 0 → free = 1"): _LONG,
    (
        "bot/case/calendar.py",
        "Calendar._business_days",
        "while free < _LONGEST_CLOSURE: → while free <= _LONGEST_CLOSURE:",
    ): _LONG,
    ("bot/case/calendar.py", "Calendar._business_days", "free += 1 → free += 2"): (
        "half a year without a business day is no calendar, either"
    ),
    ("bot/case/counter_notice.py", "_THERE", "'dmca' → 'dmcaXX'"): "a name that is said nowhere",
    ("bot/case/keeping.py", "_ground_of", "case _: return None → (nothing)"): _NONE,
    ("bot/edge/smtp/line.py", "Line.offers", "return False → return None"): "who asks takes none for no",
    (
        "bot/edge/smtp/line.py",
        "Line.__init__",
        "self._smtp = aiosmtplib.SMTP(hostname=host, port=port, local_hostname=local_hostname, "
        "start_tls=False, timeout=None) → self._smtp = aiosmtplib.SMTP(hostname=host, port=port, "
        "local_hostname=local_hostname, start_tls=False)",
    ): "the limit of whoever names none, and every call names its own",
    ("bot/edge/smtp/line.py", "Line.start_tls", "self._expect_silence() → pass"): (
        "what lies in wait there still does at the EHLO that follows, which asks the same before it speaks"
    ),
    ("bot/edge/smtp/line.py", "Line.drop", "self._smtp.close() → pass"): (
        "the connection was cut in the line above; this lets go of what is left of it in memory"
    ),
    (
        "bot/edge/smtp/line.py",
        "Line._protocol",
        "if self._smtp.protocol is None: → if False:",
    ): _NO_PROTOCOL,
    (
        "bot/edge/smtp/line.py",
        "Line._protocol",
        "raise LineLost('the connection is closed') → pass",
    ): _NO_PROTOCOL,
    ("bot/runner/outbox/gate.py", "_EVER", "2000 → 2001"): _EVER,
    ("bot/runner/outbox/gate.py", "_EVER", "1 → 2"): _EVER,
    (
        "bot/edge/smtp/wording.py",
        "presentable",
        "text = text[:4 * LONGEST_TEXT] → text = text[:5 * LONGEST_TEXT]",
    ): "a bound on the work, far above what is shown",
    ("bot/edge/smtp/wording.py", "presentable", "if not text.isprintable(): → if True:"): (
        "nothing is replaced in words that are printable; it is only slower"
    ),
    ("bot/edge/smtp/transaction.py", "_RESET_TIMEOUT", "10.0 → 11.0"): "a second more of patience",
    (
        "bot/runner/outbox/gate.py",
        "_listened",
        "if office.store.mails(practice.account_id, status=MailStatus.UNREAD, limit=1): → "
        "if office.store.mails(practice.account_id, status=MailStatus.UNREAD):",
    ): _ANY,
    (
        "bot/runner/outbox/gate.py",
        "_listened",
        "if office.store.mails(practice.account_id, status=MailStatus.UNREAD, limit=1): → "
        "if office.store.mails(practice.account_id, status=MailStatus.UNREAD, limit=2):",
    ): _ANY,
    (
        "bot/runner/outbox/gate.py",
        "_listened",
        "for mailbox in practice.listened_to or ('',): → for mailbox in practice.listened_to or ('XX',):",
    ): "a mailbox that nobody has, so it was never read",
    (
        "bot/runner/outbox/gate.py",
        "_nobody_claims",
        "for item in office.store.items(account_id=letter.account_id, kind=ItemKind.CLAIM): → "
        "for item in office.store.items(kind=ItemKind.CLAIM):",
    ): "an item names cases of its own account only, and the store refuses others",
    ("bot/edge/smtp/transaction.py", "_recipients", "raise worst from gone → pass"): (
        "the others would be asked on a line that is gone, and nobody hears them; the answer is the same"
    ),
    ("bot/edge/smtp/opening.py", "_login", "user = settings.user or '' → user = settings.user or 'XX'"): (
        "settings with a login and without a user are refused before"
    ),
    ("bot/edge/smtp/sender.py", "SmtpSender._ready_line", "self._drop() → pass"): (
        "of a line that is not alive nothing is left to cut, and its timer was stopped before"
    ),
    ("bot/edge/smtp/sender.py", "SmtpSender._drop", "self._stop_waiting() → pass"): (
        "whoever drops a line has stopped its timer when the letter came"
    ),
    ("bot/edge/smtp/sender.py", "SmtpSender._drop", "self._line = None → pass"): (
        "a line that was cut is not alive, and replaced before the next letter"
    ),
    (
        "bot/edge/smtp/sender.py",
        "SmtpSender._open",
        "if secret == refused and now < until: → if secret == refused and now <= until:",
    ): "a moment of a clock that counts in nanoseconds",
    (
        "bot/edge/smtp/sender.py",
        "SmtpSender._keep_for_a_while",
        "if self._line is not None: → if True:",
    ): "a timer that finds no line does nothing",
}
