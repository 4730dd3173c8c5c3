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
        "We withdrew the complaint against another seller, not yours.",
        "The complaint against Bluefin Goods was withdrawn last week; yours stands.",
        "We had withdrawn the complaint in March. We have since filed it again.",
        "The report was withdrawn by mistake.",
        "You told us that the complaint had been withdrawn.",
        "We have withdrawn the complaint for ASIN B0AAAAAAA1 only, the other complaint remains.",
        "Pay 500 EUR and the complaint is withdrawn.",
        "Subject to payment, we withdraw our complaint.",
        "We refuse to have the complaint withdrawn.",
        "We have not, as of today, withdrawn the complaint.",
        "Your ticket regarding complaint 17340981265 has been closed.",
        "Had we withdrawn the complaint, you would know.",
        "Fast hätten wir die Meldung gelöscht.",
        "Die Meldung wurde versehentlich zurückgezogen und inzwischen erneut eingereicht.",
        "La plainte contre un autre vendeur a été retirée.",
        "Avremmo ritirato il reclamo.",
        "Habríamos retirado la denuncia.",
        "De klacht is ingetrokken, maar opnieuw ingediend.",
        "Vi har dragit tillbaka anmälan mot en annan säljare.",
        "Wycofaliśmy zgłoszenie przeciwko innemu sprzedawcy.",
        "Başka bir satıcıya karşı şikayeti geri çektik.",
        "別の出品者への申告は取り下げました。",
        "The complaint is withdrawn for now, pending your documents.",
        "In 2023 we withdrew a similar complaint.",
        "My assistant said the complaint got cancelled, which is incorrect.",
        "La plainte est retirée provisoirement.",
        "De klacht is voorlopig ingetrokken.",
        "申告は一時的に取り下げました。",
        "我们暂时撤回了投诉。",
    ],
)
def test_nothing_is_withdrawn_by_these(text: str, rules: ReadingRules) -> None:
    judged = judge(fold(text), phrases_of(rules.lexicon))
    assert judged is None or judged.name not in ("retracted", "promised")
