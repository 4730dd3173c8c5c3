"""Which language a letter speaks: that of the notice, and then the same for the whole track."""

from __future__ import annotations

from datetime import timedelta

from tests.stories.mails import german_notice, notice, reply
from tests.stories.stage import MONDAY, Stage

DAY = timedelta(days=1)


def test_a_german_notice_gives_a_german_letter_and_german_reminders(stage: Stage) -> None:
    stage.arrives(german_notice("17425561930", MONDAY))
    assert stage.case().facts.marketplace == "amazon.de"
    letter = stage.sends_out()
    assert (letter.language, letter.step) == ("de", "inquiry")
    assert "Beschwerde" in letter.body
    assert letter.cc == ("notice-dispute@amazon.de",)

    stage.changes(languages=("en",))  # chosen once per track: the thread does not change its language
    steps = []
    for days in (3, 7, 11):
        stage.passes(days * DAY)
        sent = stage.sends_out()
        steps.append((sent.step, sent.language))
    assert steps == [("reminder-1", "de"), ("reminder-2", "de"), ("escalation", "de")]


def test_an_english_notice_gives_an_english_letter(stage: Stage) -> None:
    stage.arrives(notice("17340981265", MONDAY))
    assert stage.draft().language == "en"


def test_notices_in_two_languages_by_one_owner_are_two_letters(stage: Stage) -> None:
    stage.arrives(german_notice("17425561930", MONDAY), notice("17340981265", MONDAY))
    assert sorted(letter.language for letter in stage.store.letters()) == ["de", "en"]


def test_an_answer_in_german_holds_an_english_track_that_stays_english(stage: Stage) -> None:
    letter = stage.inquires()
    answer = "Bitte senden Sie uns zuerst Ihre Rechnungen, dann sehen wir weiter.\n"
    stage.arrives(reply(letter.message_id, stage.now, answer))
    stage.resumes()
    assert stage.draft().language == "en"
