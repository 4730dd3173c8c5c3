"""Withdrawals in free words: the verb, what it is about, and what turns it round."""

from __future__ import annotations

import pytest

from bot.mail.text import fold
from bot.reading.others import phrases_of
from bot.reading.rules import ReadingRules
from bot.reply.disposition import judge


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I've told Amazon to drop the whole case.", "retracted"),
        ("Our agent pulled the report an hour ago.", "retracted"),
        ("No problem, the claim was called off today.", "retracted"),
        ("After a look at your invoice we have taken down the notice.", "retracted"),
        ("Hab die Meldung heut früh wieder rausgenommen.", "retracted"),
        ("Wir haben Amazon gebeten, die Beschwerde zu löschen.", "retracted"),
        ("J'ai fait annuler le signalement hier soir.", "retracted"),
        ("Abbiamo chiesto ad Amazon di cancellare la segnalazione.", "retracted"),
        ("Ya hemos dado de baja la denuncia.", "retracted"),
        ("De melding is er net afgehaald.", "retracted"),
        ("Vi har plockat bort anmälan.", "retracted"),
        ("Anulowaliśmy zgłoszenie dziś rano.", "retracted"),
        ("Başvurumuzu bu sabah iptal ettirdik.", "retracted"),
        ("I'll get the team to pull the claim and will write once that is done.", "promised"),
        ("Morgen mache ich die Meldung rückgängig.", "promised"),
        ("On s'occupe d'annuler le signalement.", "promised"),
        ("We are not going to lift the complaint.", "refused"),
        ("Vi kommer inte att ta bort anmälan.", "refused"),
    ],
)
def test_free_words(text: str, name: str, rules: ReadingRules) -> None:
    judged = judge(fold(text), phrases_of(rules.lexicon))
    assert judged is not None
    assert judged.name == name


@pytest.mark.parametrize(
    "text",
    [
        "Following our complaint Amazon removed the listing.",
        "You asked to have the complaint cancelled.",
        "Our client is prepared to have the report lifted, provided that you behave.",
        "The complaint can be withdrawn by the owner alone.",
        "If the report has been pulled, tell us.",
        "Have you cancelled the report?",
        "We have not pulled the report.",
        "Wir haben Ihre Bestellung storniert, die Beschwerde liegt hier.",
        "Sie möchten, dass die Meldung gelöscht wird.",
        "Vi tar bort anmälan så snart vår chef är tillbaka.",
    ],
)
def test_nothing_is_withdrawn_by_these(text: str, rules: ReadingRules) -> None:
    judged = judge(fold(text), phrases_of(rules.lexicon))
    assert judged is None or judged.name not in ("retracted", "promised")
