"""A shipped letter has nothing to find; each thing that can go wrong is found by its name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.case.model import NumberFact, PartyRole
from bot.draft.lint import ERRORS, WARNINGS, WORD_CATEGORIES, LintRules, errors, lint
from bot.draft.model import Letter
from bot.draft.write import write_letter
from tests.draft.letters import PROFILE, TEMPLATES, case, escalation, request, several
from tests.draft.test_write import SAMPLES

RULES_FOLDER = Path(__file__).parents[2] / "rules"
WORDS = YAML(typ="safe").load((RULES_FOLDER / "words.yaml").read_text("utf-8"))
RULES = LintRules(
    words=WORDS,
    own_addresses=(PROFILE.sending_address, "kopie@nordlicht.example"),
    denied=("stopped@brindlecove.example",),
    amazon_domains=("amazon.example",),
)


def letter(**changes: object) -> Letter:
    written = write_letter(request())
    assert isinstance(written, Letter)
    return replace(written, **changes)  # type: ignore[arg-type]


def names(one: Letter, cases: tuple = (case(),)) -> set[str]:
    return {finding.name for finding in lint(one, cases, RULES)}


@pytest.mark.parametrize("tag", ["en", "de"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_shipped_letters_have_no_findings(sample, tag):
    wanted = SAMPLES[sample](tag)
    written = write_letter(wanted)
    assert isinstance(written, Letter)
    found = lint(written, [member.case for member in wanted.cases], RULES)
    without_amazon = {"no-copy-to-amazon"} if wanted.cases[0].case.facts.amazon_address is None else set()
    assert {finding.name for finding in found} == without_amazon


def test_the_words_file_has_every_category_in_every_language():
    assert set(WORDS) == {path.stem for path in (RULES_FOLDER / "labels").glob("*.yaml")}
    assert set(WORDS) >= set(TEMPLATES.languages)
    assert all(set(categories) == WORD_CATEGORIES for categories in WORDS.values())
    assert set(WARNINGS) >= WORD_CATEGORIES


BODY = letter().body
WRONG = {
    "empty-field": {"subject": " "},
    "unfilled-field": {"body": BODY + "Dear {{ name }}"},
    "control-character": {"subject": "a\x07b"},
    "bidi-character": {"body": BODY + "\u202egnp.exe"},
    "link": {"body": BODY + "see https://nordlicht.example/x"},
    "complaint-id-unknown": {"body": BODY + "Complaint ID: 99999999999"},
    "complaint-id-missing": {"body": BODY.replace("17340981265", "")},
    "asin-unknown": {"body": BODY + "B0AAAAAAAA"},
    "recipient-not-in-notice": {"to": "else@brindlecove.example"},
    "copy-not-in-notice": {"cc": ("boss@brindlecove.example",)},
    "recipient-denied": {"to": "stopped@brindlecove.example"},
    "no-copy-to-amazon": {"cc": ()},
    "long-line": {"body": BODY + "x" * 999},
    "admission": {"body": BODY + "We admit it."},
    "apology": {"body": BODY + "Das tut uns\nleid."},
    "undertaking": {"body": BODY + "We undertake to stop."},
    "supplier": {"body": BODY + "Our supplier is in Poland."},
    "accusation": {"body": BODY + "Your false report"},
    "threat": {"body": BODY + "Wir behalten uns rechtliche Schritte vor."},
    "money": {"body": BODY + "a settlement"},
    "attachment": {"body": BODY + "Please find attached"},
}


def test_every_finding_is_tried():
    assert set(WRONG) == {*ERRORS, *WARNINGS}


@pytest.mark.parametrize("name", WRONG)
def test_each_finding_is_found(name):
    found = [finding for finding in lint(letter(**WRONG[name]), [case()], RULES) if finding.name == name]
    assert found
    assert found[0].error is (name in ERRORS)
    assert found[0].sentence.startswith((ERRORS | WARNINGS)[name])
    blocking = errors(letter(**WRONG[name]), [case()], RULES)
    assert [finding for finding in blocking if finding.name == name] == (found if name in ERRORS else [])


@pytest.mark.parametrize(
    "address",
    [
        "amazon@nordlicht.example",
        "Amazon@Nordlicht.example",
        "no-reply@brindlecove.example",
        "brand-bounces@brindlecove.example",
        "x@host.invalid",
        "notice@amazon.example",
        "notice@eu.amazon.example",
    ],
)
def test_addresses_that_may_not_be_written_to(address):
    assert "recipient-denied" in names(letter(to=address))


def test_amazon_may_be_written_to_as_amazon():
    wanted = escalation()
    written = write_letter(wanted)
    assert isinstance(written, Letter)
    assert written.party is PartyRole.AMAZON
    assert lint(written, [wanted.cases[0].case], RULES) == ()


def test_one_of_several_ids_missing():
    wanted = request(cases=several())
    written = write_letter(wanted)
    assert isinstance(written, Letter)
    cut = replace(written, body=written.body.replace("17340981267", "…"))
    assert [finding.detail for finding in lint(cut, several(), RULES)] == ["17340981267"]


def test_a_phone_number_is_no_complaint_id():
    assert names(letter(body=BODY + "Tel. +49 40 123456789\n")) == set()


def test_the_number_of_the_right_is_no_complaint_id():
    cases = (case(numbers=(NumberFact(kind="trademark", number="018 123 456", office=None),)),)
    assert names(letter(body=BODY + "Complaint ID 17340981265, no. 018123456\n"), cases) == set()


def test_errors_come_first():
    found = lint(letter(body=BODY + "We admit it, see www.nordlicht.example"), [case()], RULES)
    assert [finding.error for finding in found] == [True, False]


PHRASES = [
    (tag, category, phrase)
    for tag, categories in WORDS.items()
    for category, phrases in categories.items()
    for phrase in phrases
]


@pytest.mark.parametrize("tag", WORDS)
def test_every_phrase_is_found_in_a_letter(tag):
    unspaced = tag in ("ja", "zh")
    for category, phrase in [(category, phrase) for of, category, phrase in PHRASES if of == tag]:
        said = phrase.replace("*", "xyz")
        body = f"{BODY}因{said}故" if unspaced else f"{BODY}Abc {said.capitalize()}, def"
        assert category in names(letter(body=body)), phrase


#: What somebody might write without thinking: a sentence, and all that is found in it.
MEANT = {
    "fr": [
        ("Nous reconnaissons notre erreur et vous prions d'accepter nos excuses.", {"admission", "apology"}),
        ("Notre fournisseur nous a remis la facture ci-jointe.", {"supplier", "attachment"}),
        ("À défaut de réponse, nous saisirons le tribunal.", {"threat"}),
        ("Nous nous engageons à ne plus vendre ce produit.", {"undertaking"}),
        ("Votre plainte est abusive et faite de mauvaise foi.", {"accusation"}),
    ],
    "it": [
        ("È stata colpa nostra? No, ma ci scusiamo per il disguido.", {"apology"}),
        ("Riconosciamo il nostro errore.", {"admission"}),
        ("Il nostro fornitore ci ha inviato la fattura in allegato.", {"supplier", "attachment"}),
        ("In difetto adiremo le vie legali.", {"threat"}),
        ("Ci impegniamo a non farlo più.", {"undertaking"}),
    ],
    "es": [
        ("Reconocemos que fue nuestro error y lo sentimos.", {"admission", "apology"}),
        ("Adjuntamos la factura de nuestro proveedor.", {"supplier", "attachment"}),
        ("De lo contrario emprenderemos acciones legales.", {"threat"}),
        ("Su denuncia falsa es un abuso.", {"accusation"}),
    ],
    "nl": [
        ("Wij erkennen onze fout en het spijt ons.", {"admission", "apology"}),
        ("In de bijlage vindt u de factuur van onze leverancier.", {"supplier", "attachment"}),
        ("Anders zullen wij juridische stappen ondernemen.", {"threat"}),
        ("Wij beloven dat dit niet meer gebeurt.", {"undertaking"}),
    ],
    "sv": [
        ("Vi erkänner vårt misstag och ber om ursäkt.", {"admission", "apology"}),
        ("Fakturan från vår leverantör bifogas.", {"supplier", "attachment"}),
        ("I annat fall går vi till domstol.", {"threat"}),
    ],
    "pl": [
        ("Przyznajemy, że to nasz błąd, i przepraszamy.", {"admission", "apology"}),
        ("W załączniku przesyłamy faktury od naszego dostawcy.", {"supplier", "attachment"}),
        ("W przeciwnym razie podejmiemy kroki prawne.", {"threat"}),
        ("Zobowiązujemy się nie sprzedawać tego towaru.", {"undertaking"}),
    ],
    "tr": [
        ("Bizim hatamız olduğunu kabul ediyoruz, özür dileriz.", {"admission", "apology"}),
        ("Tedarikçimizden aldığımız fatura ektedir.", {"supplier"}),
        ("Aksi takdirde mahkemeye başvuracağız.", {"threat"}),
    ],
    "ja": [
        ("誠に申し訳ございません。当社の過失です。", {"admission", "apology"}),
        ("仕入先の請求書を添付いたします。", {"supplier", "attachment"}),
        ("応じない場合は法的措置をとります。", {"threat"}),
    ],
    "zh": [
        ("我们承认是我们的错误，非常抱歉。", {"admission", "apology"}),
        ("附件是我们供应商的发票。", {"supplier", "attachment"}),
        ("否则我们将起诉。", {"threat"}),
        ("我們承諾不再銷售該商品。", {"undertaking"}),
    ],
}


@pytest.mark.parametrize(("tag", "at"), [(tag, at) for tag in MEANT for at in range(len(MEANT[tag]))])
def test_a_sentence_that_a_person_adds_in_another_language_is_warned_of(tag, at):
    sentence, found = MEANT[tag][at]
    assert names(letter(body=BODY + sentence)) == found


#: A first letter as it should be, in the language of the other side.
HARMLESS = {
    "fr": (
        "Madame, Monsieur, Amazon nous informe que vous avez déposé une plainte au sujet du produit "
        "ci-dessus. Pourriez-vous nous dire sur quel droit elle repose et ce qui, dans notre offre, "
        "vous semble y porter atteinte ?"
    ),
    "it": (
        "Gentili Signori, Amazon ci informa che avete presentato un reclamo sul prodotto indicato "
        "sopra. Vi preghiamo di dirci su quale diritto si fonda e quale elemento della nostra offerta "
        "ritenete lo violi."
    ),
    "es": (
        "Estimados señores: Amazon nos comunica que han presentado una reclamación sobre el producto "
        "arriba indicado. Les rogamos que nos digan en qué derecho se basa y qué elemento de nuestra "
        "oferta lo vulnera a su juicio."
    ),
    "nl": (
        "Geachte heer, mevrouw, Amazon laat ons weten dat u een klacht hebt ingediend over het "
        "bovengenoemde product. Kunt u ons zeggen op welk recht deze berust en welk onderdeel van onze "
        "aanbieding daar volgens u in strijd mee is?"
    ),
    "sv": (
        "Hej, Amazon meddelar att ni har lämnat in ett klagomål om varan ovan. Vill ni vara vänliga att "
        "tala om vilken rättighet det grundar sig på och vilken del av vår annons ni anser strider mot "
        "den?"
    ),
    "pl": (
        "Szanowni Państwo, Amazon informuje nas o Państwa skardze dotyczącej powyższego produktu. "
        "Prosimy o wskazanie, na jakim prawie się ona opiera i który element naszej oferty Państwa "
        "zdaniem je narusza."
    ),
    "tr": (
        "Sayın Yetkili, Amazon yukarıdaki ürün hakkında bir şikâyette bulunduğunuzu bildirdi. "
        "Şikâyetinizin hangi hakka dayandığını ve ilanımızın hangi unsurunun bu hakla çeliştiğini "
        "yazmanızı rica ederiz."
    ),
    "ja": (
        "ご担当者様。Amazonより、上記の商品について貴社から申し立てがあったとの連絡を受けました。どの権"
        "利に基づくものか、当店の商品ページのどの部分が該当するのか、お知らせいただけますでしょうか。"
    ),
    "zh": (
        "您好，亚马逊通知我们，贵方就上述商品提出了投诉。请告知该投诉依据何种权利，以及我们商品页面的哪"
        "一部分与此有关。"
    ),
}


@pytest.mark.parametrize("tag", HARMLESS)
def test_a_plain_inquiry_in_another_language_is_not_warned_of(tag):
    assert names(letter(body=BODY + HARMLESS[tag])) == set()
