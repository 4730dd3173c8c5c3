"""What an answer comes to; an offer, a condition or a denial is no retraction."""

from __future__ import annotations

from datetime import date

import pytest

from bot.mail.text import fold
from bot.reading.others import phrases_of
from bot.reading.rules import ReadingRules
from bot.reply.dates import return_date
from bot.reply.disposition import Phrases, judge


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We have withdrawn the complaint this morning.", "retracted"),
        ("Wir haben die Beschwerde heute zurückgenommen.", "retracted"),
        ("I have asked Amazon to close the complaint.", "retracted"),
        ("We have not withdrawn the complaint.", None),
        ("If the complaint has been withdrawn, tell us.", None),
        ("Once you pay USD 500 the complaint will be withdrawn.", "settlement"),
        ("We will not withdraw the complaint.", "refused"),
        ("Wir halten an unserer Beschwerde fest.", "refused"),
        ("Please send us copies of your purchase invoices.", "needs_info"),
        ("The complaint rests on our trademark.", "reason_given"),
        ("We act for Dunlow Toys. Direct all further communication to us.", "represented"),
        ("We represent Dunlow Toys and demand payment of EUR 900.", "settlement"),
        ("Thank you for your message.", None),
        ("", None),
    ],
)
def test_disposition(text: str, name: str | None, rules: ReadingRules) -> None:
    judged = judge(fold(text), _phrases(rules))
    assert (judged.name if judged else None) == name


def _phrases(rules: ReadingRules) -> Phrases:
    return phrases_of(rules.lexicon)


#: language → retracted, promised, refused, asked for, "not ours"
SAID = {
    "en": ("We withdrew nothing yet, but today we have retracted the complaint.", "We will withdraw it next week.", "We will not withdraw.", "Could you send us the invoice?", "We did not file this complaint."),
    "de": ("Die Beschwerde wurde zurückgezogen.", "Wir werden die Beschwerde zurücknehmen.", "Wir nehmen sie nicht zurück, eine Rücknahme kommt nicht in Betracht.", "Bitte senden Sie uns Ihre Rechnung.", "Wir haben keine Beschwerde eingereicht."),
    "fr": ("Nous avons retiré la plainte.", "Nous allons retirer la plainte.", "Nous ne retirerons pas la plainte.", "Merci de nous transmettre vos factures.", "Nous n'avons déposé aucune plainte."),
    "it": ("Abbiamo ritirato il reclamo.", "Ritireremo il reclamo domani.", "Non ritireremo il reclamo.", "La preghiamo di inviarci la fattura.", "Non abbiamo presentato alcun reclamo."),
    "es": ("Hemos retirado la reclamación.", "Retiraremos la reclamación mañana.", "No retiraremos la reclamación.", "Le rogamos que nos envíe las facturas.", "Nunca hemos presentado esta reclamación."),
    "nl": ("De klacht is ingetrokken.", "Wij zullen de klacht intrekken.", "Wij zijn niet bereid de klacht in te trekken.", "Kunt u ons de facturen sturen?", "Deze klacht is niet van ons afkomstig."),
    "sv": ("Anmälan är återkallad.", "Vi kommer att dra tillbaka anmälan.", "Vi vidhåller vår anmälan.", "Kan ni skicka fakturan?", "Vi har aldrig anmält detta."),
    "pl": ("Skarga została wycofana.", "Wycofamy skargę jutro.", "Nie wycofamy skargi.", "Prosimy o przesłanie faktury.", "Nigdy nie złożyliśmy tej skargi."),
    "tr": ("Şikâyetimizi geri çektik.", "Şikâyetimizi geri çekeceğiz.", "Şikâyetimizi geri çekmeyeceğiz.", "Faturanızı gönderir misiniz?", "Böyle bir şikâyette bulunmadık."),
    "ja": ("申し立てを取り下げました。", "申し立ては取り下げる予定です。", "申し立ては取り下げません。", "請求書をご送付ください。", "弊社は申し立てをしておりません。"),
    "zh": ("我们已撤回投诉。", "我们将撤回投诉。", "我们不会撤回投诉。", "请提供采购发票。", "我们从未投诉过贵方。"),
}  # fmt: skip
# ruff: noqa: E501 - a language in a line reads better


@pytest.mark.parametrize("language", SAID)
def test_in_every_language(language: str, rules: ReadingRules) -> None:
    wanted = ("retracted", "promised", "refused", "needs_info", "never_filed")
    judged = [judge(fold(text), _phrases(rules)) for text in SAID[language]]
    assert tuple(found.name if found else None for found in judged) == wanted


AWAY = {
    "en": "I am away and will be back on Monday, 16 March 2026.",
    "de": "Ich bin bis einschließlich Montag, 16.03.2026, nicht erreichbar.",
    "fr": "Je serai absent jusqu'au lundi 16 mars.",
    "it": "Sono assente, rientrerò lunedì 16 marzo 2026.",
    "es": "Estoy fuera de la oficina hasta el lunes 16 de marzo.",
    "nl": "Ik ben afwezig tot en met maandag 16 maart.",
    "sv": "Jag är åter måndagen den 16 mars.",
    "pl": "Jestem na urlopie od 2.03.2026 do 16.03.2026.",
    "tr": "16 Mart 2026 tarihine kadar izindeyim.",
    "ja": "3月16日まで休暇をいただいております。",
    "zh": "我在3月16日之前不在办公室。",
}


@pytest.mark.parametrize("language", AWAY)
def test_return_dates_in_every_language(language: str, rules: ReadingRules) -> None:
    words = rules.lexicon
    found = return_date(
        fold(AWAY[language]).flow,
        words.dates.returns,
        words.dates.calendar,
        words.dates.orders.get(language),
        date(2026, 3, 2),
    )
    assert found == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("i am away until 3 november and", date(2025, 11, 3)),
        ("bis zum 16. januar nicht im büro", date(2026, 1, 16)),
        ("until 31 february", None),
        ("until further notice", None),
        ("back on 03/04/2026", None),  # which month?
        ("back on 2026-04-03", date(2026, 4, 3)),
    ],
)
def test_return_date(text: str, day: date | None, rules: ReadingRules) -> None:
    words = rules.lexicon
    assert return_date(text, words.dates.returns, words.dates.calendar, None, date(2025, 10, 27)) == day
