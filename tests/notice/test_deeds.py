"""What was done is told by a thing and what became of it; what may be done is not done."""

from __future__ import annotations

import pytest

from bot.mail.text import fold, fold_words
from bot.notice.lexicon import says_in
from bot.reading.rules import ReadingRules


@pytest.mark.parametrize(
    ("text", "deed", "done"),
    [
        ("Your offers on the items below are no longer active.", "listing_removed", True),
        ("If you do not answer, the offers will be taken down.", "listing_removed", False),
        ("The goods can be returned. Nothing has been closed.", "listing_removed", False),
        ("Wir haben das Inserat vom Netz genommen.", "listing_removed", True),
        ("Andernfalls wird das Inserat vom Netz genommen.", "listing_removed", False),
        ("Nous avons retiré des photos de la fiche ci-dessous.", "image_removed", True),
        ("Le offerte non sono più disponibili.", "listing_removed", True),
        ("Desactivamos una publicación tuya.", "listing_removed", True),
        ("Anders wordt het artikel geblokkeerd.", "listing_removed", False),
        ("Dina utbetalningar hålls inne.", "funds_held", True),
        ("Oferta została zablokowana automatycznie.", "listing_removed", True),
        ("Jeśli nie otrzymamy odpowiedzi, oferta zostanie zablokowana.", "listing_removed", False),
        ("Ürün kaydınızı yayından kaldırdık.", "listing_removed", True),
        ("次の商品の出品を停止しました。", "listing_removed", True),
        ("修正がない場合は出品を停止しました。", "listing_removed", False),
        ("您的以下商品已停售。", "listing_removed", True),
        ("Il titolare ha ritirato il reclamo.", "retracted", True),
        ("The complaint has not been withdrawn.", "retracted", False),
        ("B0ZG04SJF3 retiré, droit d'auteur, plainte 17340981265.", "retracted", False),
        ("B0ZG04SJF3 was withdrawn after a complaint.", "retracted", False),
        ("The complaint about B0ZG04SJF3 was withdrawn.", "retracted", True),
        ("The listing stays down until the complaint is withdrawn.", "retracted", False),
    ],
)
def test_what_a_sentence_says_was_done(text: str, deed: str, done: bool, rules: ReadingRules) -> None:
    assert rules.lexicon.deeds.done_in(fold_words(text), deed) is done


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Il tuo account rischia la sospensione\n\nBuongiorno,", {"account_down"}),
        ("Rückgabe\n\nIhr Paket ist unterwegs.", set()),
        (
            "Beslut\n\nHej, vi har gått igenom din överklagan. Beslutet står fast.",
            {"answer", "answer_refused"},
        ),
        ("Re: 1\n\nWe have looked at your appeal. Your invoice is incomplete.", {"answer", "answer_more"}),
        ("Notice\n\nYour invoice is incomplete.", set()),
        (
            "Bericht\n\nDe klager trekt zijn melding in. Het artikel is weer te koop.",
            {"retracted", "reinstated"},
        ),
        ("Note\n\nThe complaint was taken back, but the offers remain blocked.", set()),
        ("Note\n\nYou write that the owner has withdrawn the complaint.", set()),
        ("Note\n\nThe rights owner withdrew the complaint. We could not confirm this.", set()),
        ("Note\n\nThe brand owner has withdrawn its authorisation for your offer.", set()),
        ("Note\n\nYour listing was reinstated in error.", set()),
        ("Note\n\nSellers whose listings were reinstated used this form.", set()),
        ("Note\n\nLe titulaire des droits a retiré son autorisation.", set()),
        ("Note\n\nSie schreiben, dass der Rechteinhaber die Beschwerde zurückgezogen hat.", set()),
        ("Note\n\nHak sahibi iznini geri çekti.", set()),
        ("Note\n\n权利人已撤回授权。", set()),
    ],
)
def test_what_becomes_of_an_account_an_appeal_and_a_complaint(
    text: str, said: set[str], rules: ReadingRules
) -> None:
    told = says_in(fold(text).flow, rules.lexicon)
    asked = {"account_down", "answer", "answer_refused", "answer_more", "retracted", "reinstated"}
    assert told & asked == said


def test_what_is_not_over_got_no_answer(rules: ReadingRules) -> None:
    text = fold("Re: 1\n\nWe have looked at your appeal. Your invoice is incomplete.").flow
    assert not says_in(text, rules.lexicon, over=False) & {"answer", "answer_more"}
