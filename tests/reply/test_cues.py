"""Answers that no phrase foresees are told by what one sentence speaks of."""

from __future__ import annotations

import pytest

from bot.mail.text import fold
from bot.reading.others import cues_of
from bot.reading.rules import ReadingRules
from bot.reply.cues import told_by_cues


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mind emailing over the receipt from your wholesaler?", "needs_info"),
        ("Können Sie belegen, von welchem Großhändler die Ware stammt?", "needs_info"),
        ("De hoofdfoto heb ik zelf gemaakt voor mijn webshop.", "reason_given"),
        ("La photo principale est la nôtre, prise dans notre atelier.", "reason_given"),
        ("Sorry, but there won't be any retraction from us.", "refused"),
        ("Şikayetimizi kesinlikle geri almayız.", "refused"),
        ("Ons besluit staat vast.", "refused"),
        ("Nobody here has ever reported anything to Amazon.", "never_filed"),
        ("Vi har inte skickat något till Amazon.", "never_filed"),
        ("Quella segnalazione non è partita da noi.", "never_filed"),
        ("Esto lo está llevando nuestra abogada, la señora Peña.", "represented"),
        ("Za 1000 zł i podpisane oświadczenie zamkniemy sprawę.", "settlement"),
        ("赔我们两万块，再写个保证书，这事就算了。", "settlement"),
        ("どちらの問屋から仕入れられたのでしょうか。", "needs_info"),
    ],
)
def test_told(text: str, name: str, rules: ReadingRules) -> None:
    told = told_by_cues(fold(text).flow, cues_of(rules.lexicon))
    assert told is not None
    assert told[0] == name


@pytest.mark.parametrize(
    "text",
    [
        "Hi, got your mail, will come back to you next week.",
        "I passed it on to our brand team.",
        "We have not withdrawn it yet.",
        "We will do without lawyers, no need for any.",
        "The boat costs 400 euros.",
        "Danke für Ihre Nachricht, ich melde mich.",
        "",
    ],
)
def test_not_told(text: str, rules: ReadingRules) -> None:
    assert told_by_cues(fold(text).flow, cues_of(rules.lexicon)) is None
