"""Why a track is held, a draft is void or a letter waits: a closed list, each with a sentence to show."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A named reason; stored with the case and explained on screen by `REASON_TEXT`."""

    # A track is held.
    ANSWERED = "answered"
    BOUNCED = "bounced"
    RETRACTION_SEEN = "retraction-seen"
    NOTICE_AGAIN = "notice-again"
    CONTACT_OUTSIDE = "contact-outside"
    NO_ADDRESS = "no-address"
    SEVERAL_ADDRESSES = "several-addresses"
    LETTER_UNREAD = "letter-unread"
    ADDRESS_DOUBTFUL = "address-doubtful"
    DEADLINE_UNCLEAR = "deadline-unclear"
    AUTOMATED_NOTICE = "automated-notice"
    PAGE_WARNING = "page-warning"
    ACCOUNT_LEVEL = "account-level"
    PATENT_EVALUATION = "patent-evaluation"
    COURT_MATTER = "court-matter"
    COUNSEL_NAMED = "counsel-named"
    NOT_ROUTED = "not-routed"
    PERHAPS_THE_SAME = "perhaps-the-same"
    PROFILE_INCOMPLETE = "profile-incomplete"
    DRAFT_INCOMPLETE = "draft-incomplete"
    REJECTED = "rejected"
    REFUSED_BY_SERVER = "refused-by-server"
    GAVE_UP = "gave-up"
    LETTER_LIMIT = "letter-limit"
    RECIPIENT_NOT_ALLOWED = "recipient-not-allowed"
    STOP_SWITCH = "stop-switch"
    REOPENED = "reopened"
    HELD_BY_YOU = "held-by-you"
    LAWYER = "lawyer"
    STORE_UNCLEAR = "store-unclear"

    # An approval is void, or a draft was written again.
    FACTS_CHANGED = "facts-changed"
    OUT_OF_DATE = "out-of-date"
    BYTES_DIFFER = "bytes-differ"
    SAFE_MODE_SWITCHED = "safe-mode-switched"
    CASE_LEFT_LETTER = "case-left-letter"
    WORLD_SPOKE = "world-spoke"
    COMPLAINT_JOINED = "complaint-joined"
    RESTORED = "restored"

    # An approved letter waits.
    UNDO_WINDOW = "undo-window"
    RETRY_LATER = "retry-later"
    NOT_RECONCILED = "not-reconciled"
    MAIL_UNREAD = "mail-unread"
    PARKED_MAIL_CITES_US = "parked-mail-cites-us"
    CLAIM_OPEN = "claim-open"
    DAILY_CAP = "daily-cap"
    CIRCUIT_OPEN = "circuit-open"
    CAP_OF_ALL = "cap-of-all"
    NEW_ADDRESS_CAP = "new-address-cap"


#: Kinds of mail that no letter of ours ever follows, whatever a rules file or a person lets go on.
NO_LETTER = frozenset({
    Reason.COURT_MATTER, Reason.PATENT_EVALUATION, Reason.ACCOUNT_LEVEL, Reason.AUTOMATED_NOTICE,
    Reason.PAGE_WARNING,
})  # fmt: skip

#: Holds that end when a person says whom to write to.
WANT_CONTACT = frozenset({
    Reason.NO_ADDRESS, Reason.SEVERAL_ADDRESSES, Reason.ADDRESS_DOUBTFUL, Reason.LETTER_UNREAD,
    Reason.BOUNCED,
})  # fmt: skip

REASON_TEXT: dict[Reason, str] = {
    Reason.ANSWERED: "they answered; read the answer and decide how to go on",
    Reason.BOUNCED: "our letter came back: the address does not accept mail; another contact is needed",
    Reason.RETRACTION_SEEN: "a retraction was seen; wait until Amazon confirms it and the listing is back",
    Reason.NOTICE_AGAIN: "Amazon sent a further notice for the same complaint",
    Reason.CONTACT_OUTSIDE: "somebody wrote or spoke to them outside Rejoinder",
    Reason.NO_ADDRESS: "the notice names no address of the complainant; look in Account Health",
    Reason.SEVERAL_ADDRESSES: "the notice names addresses of different owners for one complainant; make sure "
    "in Account Health which is theirs",
    Reason.LETTER_UNREAD: "the notice names no address, and an attached letter could not be read; open it",
    Reason.ADDRESS_DOUBTFUL: "the complainant's address stands without a label; compare it with the notice",
    Reason.DEADLINE_UNCLEAR: "the notice's deadline can be read as two dates; look which is meant",
    Reason.AUTOMATED_NOTICE: "Amazon's own automatic finding: nobody complained, so edit the page and appeal",
    Reason.PAGE_WARNING: "a warning about the page: edit the listing, nothing was removed",
    Reason.ACCOUNT_LEVEL: "this is about the whole account; answer in Seller Central, not by a letter",
    Reason.PATENT_EVALUATION: "a patent evaluation (APEX) runs against the clock; show it to a lawyer",
    Reason.COURT_MATTER: "a court is involved; write to nobody and show it to a lawyer now",
    Reason.COUNSEL_NAMED: "a lawyer acts for them; decide with yours who writes",
    Reason.NOT_ROUTED: "the rules do not let this kind of notice start an inquiry",
    Reason.PERHAPS_THE_SAME: "perhaps the same complaint as another case; compare the two",
    Reason.PROFILE_INCOMPLETE: "the seller profile lacks something that the letter needs",
    Reason.DRAFT_INCOMPLETE: "the letter cannot be written with what we know",
    Reason.REJECTED: "you rejected the draft",
    Reason.REFUSED_BY_SERVER: "the mail server refused the letter for good",
    Reason.GAVE_UP: "the mail server kept deferring the letter",
    Reason.LETTER_LIMIT: "three letters to this complainant are the most in one case",
    Reason.RECIPIENT_NOT_ALLOWED: "the recipient may not be written to",
    Reason.STOP_SWITCH: "something looked impossible (very many new cases at once); everything waits",
    Reason.REOPENED: "you opened it again; say how to go on",
    Reason.HELD_BY_YOU: "you held it; say how to go on",
    Reason.LAWYER: "your lawyer has this case: nothing is sent in it, and its clocks run on",
    Reason.STORE_UNCLEAR: "several stores share this mailbox, and it is not clear which one is meant",
    Reason.FACTS_CHANGED: "a fact that the letter uses has changed",
    Reason.OUT_OF_DATE: "the draft grew too old",
    Reason.BYTES_DIFFER: "what would leave is not what was approved",
    Reason.SAFE_MODE_SWITCHED: "safe mode was switched after the approval",
    Reason.CASE_LEFT_LETTER: "one of the complaints in this letter moved on by itself",
    Reason.WORLD_SPOKE: "something new arrived in this case",
    Reason.COMPLAINT_JOINED: "a further complaint of the same owner joined the letter",
    Reason.RESTORED: "this copy was restored from a backup: the letter may have left since; look into Sent",
    Reason.UNDO_WINDOW: "approved; can still be recalled",
    Reason.RETRY_LATER: "the mail server asked us to come back later",
    Reason.NOT_RECONCILED: "the mailbox has not been read since this step fell due",
    Reason.MAIL_UNREAD: "mail that arrived has not been understood yet",
    Reason.PARKED_MAIL_CITES_US: "a parked mail cites one of our letters; look at it first",
    Reason.CLAIM_OPEN: "a mail claims to belong to this case; say whether it does",
    Reason.CIRCUIT_OPEN: "the circuit breaker lets nothing leave; `rejoinder queue` says why",
    Reason.DAILY_CAP: "today's limit of letters is reached",
    Reason.CAP_OF_ALL: "today's limit of letters of all accounts together is reached",
    Reason.NEW_ADDRESS_CAP: "today's limit of addresses that were never written to before is reached",
}
