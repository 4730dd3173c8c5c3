"""A language near to one that we read is none that we read."""

from __future__ import annotations

import pytest

from bot.notice.labels import LabelsFile
from bot.notice.languages import UNKNOWN_LANGUAGE, Neighbour, build_tongues, language_of
from bot.reading.rules import ReadingRules

#: Language → two sentences of a notice, as such a mail would say them.
NEIGHBOURS = {
    "pt": "Olá, removemos o seu anúncio porque o titular dos direitos nos informou que este produto "
    "infringe a sua marca. Não precisa de responder a esta mensagem, mas pode contactar o "
    "titular para pedir que retire a denúncia. Se não recebermos uma resposta no prazo de 90 "
    "dias, o inventário poderá ser eliminado.",
    "pt-br": "Oi, tiramos do ar a sua oferta porque recebemos uma denúncia de violação de marca. Você "
    "pode falar com o dono da marca e pedir que ele retire a reclamação. Envie a nota fiscal em "
    "até 90 dias.",
    "gl": "Ola, retiramos a súa oferta porque o titular dos dereitos comunicounos que este produto "
    "infrinxe a súa marca. Pode poñerse en contacto co titular para que retire a reclamación. "
    "Se non temos noticias súas nun prazo de 90 días, o inventario será eliminado.",
    "ca": "Hola, hem retirat la vostra oferta perquè el titular dels drets ens ha comunicat que "
    "aquest producte infringeix la seva marca. Podeu posar-vos en contacte amb el titular "
    "perquè retiri la reclamació. Si no rebem cap resposta en el termini de 90 dies, eliminarem "
    "l'inventari.",
    "da": "Hej, vi har fjernet din vare, fordi rettighedshaveren har oplyst, at den krænker et "
    "varemærke. Du kan kontakte rettighedshaveren og bede om, at klagen trækkes tilbage. Hvis "
    "vi ikke hører fra dig inden for 90 dage, kan varelageret blive fjernet.",
    "no": "Hei, vi har fjernet oppføringen din fordi rettighetshaveren har meldt fra om at varen "
    "krenker et varemerke. Du kan ta kontakt med rettighetshaveren og be om at klagen blir "
    "trukket. Hvis vi ikke hører fra deg innen 90 dager, kan varelageret bli fjernet.",
    "af": "Hallo, ons het u aanbieding verwyder omdat die eienaar van die regte gesê het dat hierdie "
    "produk inbreuk maak op sy handelsmerk. U kan met die eienaar in verbinding tree en vra dat "
    "die klagte teruggetrek word. As ons nie binne 90 dae van u hoor nie, sal die voorraad "
    "vernietig word.",
    "cs": "Dobrý den, odstranili jsme vaši nabídku, protože majitel práv oznámil, že tento výrobek "
    "porušuje jeho ochrannou známku. Můžete se obrátit na majitele práv a požádat ho, aby "
    "stížnost stáhl. Pokud od vás do 90 dnů neobdržíme odpověď, zásoby budou zlikvidovány.",
    "cs-ascii": "Dobry den, odstranili jsme vasi nabidku, protoze majitel prav oznamil, ze tento vyrobek "
    "porusuje jeho ochrannou znamku. Muzete se obratit na majitele prav a pozadat ho, aby "
    "stiznost stahl. Pokud od vas do 90 dnu neobdrzime odpoved, zasoby budou zlikvidovany.",
    "sk": "Dobrý deň, odstránili sme vašu ponuku, pretože majiteľ práv oznámil, že tento výrobok "
    "porušuje jeho ochrannú známku. Môžete sa obrátiť na majiteľa práv a požiadať ho, aby "
    "sťažnosť stiahol. Ak od vás do 90 dní nedostaneme odpoveď, zásoby budú zlikvidované.",
    "az": "Salam, hüquq sahibi bu məhsulun onun əmtəə nişanını pozduğunu bildirdiyi üçün elanınızı "
    "sildik. Hüquq sahibi ilə əlaqə saxlayıb şikayətin geri götürülməsini xahiş edə bilərsiniz. "
    "90 gün ərzində cavab almasaq, mallar məhv ediləcək.",
    "ro": "Bună ziua, am eliminat oferta dumneavoastră deoarece titularul drepturilor ne-a informat "
    "că acest produs îi încalcă marca. Puteți lua legătura cu titularul pentru a cere "
    "retragerea reclamației. Dacă nu primim un răspuns în termen de 90 de zile, stocul va fi "
    "distrus.",
    "ro-ascii": "Buna ziua, am eliminat oferta dumneavoastra deoarece titularul drepturilor ne-a informat "
    "ca acest produs ii incalca marca. Puteti lua legatura cu titularul pentru a cere "
    "retragerea reclamatiei. Daca nu primim un raspuns in termen de 90 de zile, stocul va fi "
    "distrus.",
    "ko": "안녕하세요. 권리자가 이 상품이 상표권을 침해한다고 신고하여 귀하의 상품을 삭제했습니다.",
    "fi": "Hei, poistimme tarjouksesi, koska oikeudenhaltija ilmoitti, että tuote loukkaa hänen "
    "tavaramerkkiään. Voit ottaa yhteyttä oikeudenhaltijaan ja pyytää valituksen peruuttamista. "
    "Jos emme saa vastausta 90 päivän kuluessa, varasto voidaan hävittää.",
    "hu": "Üdvözöljük! Eltávolítottuk az ajánlatát, mert a jogtulajdonos bejelentette, hogy a termék "
    "sérti a védjegyét. Kérheti a jogtulajdonostól, hogy vonja vissza a panaszt.",
    "hr": "Poštovani, uklonili smo vašu ponudu jer je nositelj prava prijavio da ovaj proizvod krši "
    "njegov žig. Možete se obratiti nositelju prava i zatražiti da povuče pritužbu. Ako od vas "
    "ne dobijemo odgovor u roku od 90 dana, zalihe će biti uništene.",
    "sl": "Pozdravljeni, odstranili smo vašo ponudbo, ker je imetnik pravic prijavil, da ta izdelek "
    "krši njegovo znamko. Lahko se obrnete na imetnika pravic in ga prosite, da umakne "
    "pritožbo. Če od vas v 90 dneh ne prejmemo odgovora, bo zaloga uničena.",
    "id": "Halo, kami telah menghapus penawaran Anda karena pemilik hak melaporkan bahwa produk ini "
    "melanggar mereknya. Anda dapat menghubungi pemilik hak dan meminta agar keluhan itu "
    "ditarik. Jika kami tidak menerima jawaban dalam 90 hari, persediaan akan dimusnahkan.",
    "vi": "Xin chào, chúng tôi đã gỡ sản phẩm của bạn vì chủ sở hữu quyền báo rằng sản phẩm này xâm "
    "phạm nhãn hiệu của họ. Bạn có thể liên hệ với chủ sở hữu và yêu cầu rút khiếu nại. Nếu "
    "không nhận được trả lời trong 90 ngày, hàng tồn kho có thể bị tiêu hủy.",
    "ru": "Здравствуйте! Мы удалили ваше предложение, так как правообладатель сообщил, что этот товар "
    "нарушает его товарный знак.",
    "el": "Γεια σας, αφαιρέσαμε την καταχώρισή σας επειδή ο κάτοχος των δικαιωμάτων ανέφερε ότι το "
    "προϊόν παραβιάζει το σήμα του.",
    "lb": "Moien, mir hunn Är Offer ewechgeholl, well de Rechtsinhaber gemellt huet, datt dëst "
    "Produit seng Mark verletzt. Dir kënnt de Rechtsinhaber kontaktéieren a froen, datt "
    "d'Reklamatioun zréckgezu gëtt.",
    "ms": "Helo, kami telah mengalih keluar tawaran anda kerana pemilik hak melaporkan bahawa produk "
    "ini melanggar tanda dagangannya. Anda boleh menghubungi pemilik hak dan meminta supaya "
    "aduan itu ditarik balik.",
    "et": "Tere, eemaldasime teie pakkumise, sest õiguste omanik teatas, et see toode rikub tema "
    "kaubamärki. Võite võtta ühendust õiguste omanikuga ja paluda kaebus tagasi võtta. Kui me "
    "90 päeva jooksul vastust ei saa, võidakse laovaru hävitada.",
    "lt": "Sveiki, pašalinome jūsų pasiūlymą, nes teisių turėtojas pranešė, kad ši prekė pažeidžia jo "
    "prekių ženklą. Galite susisiekti su teisių turėtoju ir paprašyti atsiimti skundą. Jei per "
    "90 dienų negausime atsakymo, atsargos gali būti sunaikintos.",
    "lv": "Labdien, mēs esam noņēmuši jūsu piedāvājumu, jo tiesību īpašnieks ziņoja, ka šī prece "
    "pārkāpj viņa preču zīmi. Jūs varat sazināties ar tiesību īpašnieku un lūgt atsaukt "
    "sūdzību. Ja 90 dienu laikā nesaņemsim atbildi, krājumi var tikt iznīcināti.",
}
KNOWN = {
    "en": "Hello, we removed your listing because the rights owner told us that this product is not genuine.",
    "de": "Guten Tag, wir haben Ihr Angebot entfernt, weil der Inhaber der Rechte das so wollte.",
    "fr": "Bonjour, nous avons retiré votre offre à la demande du titulaire des droits.",
    "it": "Buongiorno, abbiamo rimosso la tua offerta dopo una segnalazione del titolare dei diritti.",
    "es": "Hola, hemos retirado su oferta porque el titular de los derechos nos lo pidió.",
    "nl": "Beste verkoper, wij hebben uw aanbieding verwijderd omdat de rechthebbende daarom vroeg.",
    "sv": "Hej, vi har tagit bort din produkt eftersom rättighetsinnehavaren inte har gett sitt tillstånd.",
    "pl": "Dzień dobry, usunęliśmy Twoją ofertę, ponieważ właściciel praw nie wyraził zgody.",
    "tr": "Merhaba, hak sahibi izin vermediği için bu ürünü satıştan kaldırdık.",
    "ja": "出品者様、権利者からの連絡により、この商品の出品を取り消しました。",
    "zh": "您好，因權利人檢舉，我們移除了您的商品資訊。",
}
#: Two words do not make a language: what nothing speaks for clearly stays with the one we read.
SHORT = {
    "es": "No retiramos la reclamación.",
    "nl": "Wij trekken de klacht niet in.",
    "sv": "Vi drar tillbaka anmälan, hej då.",
    "pl": "Nie wycofamy skargi.",
    "it": "Non ritiriamo il reclamo.",
    "tr": "Şikâyetimizi geri çektik.",
    "de": "Wir ziehen die Beschwerde zurück.",
}


@pytest.mark.parametrize("tag", NEIGHBOURS)
def test_a_neighbour_is_told_from_the_language_that_we_read(tag: str, rules: ReadingRules) -> None:
    assert language_of(NEIGHBOURS[tag], rules.lexicon.tongues) == UNKNOWN_LANGUAGE


@pytest.mark.parametrize("tag", KNOWN)
def test_a_language_that_we_read_is_none_of_its_neighbours(tag: str, rules: ReadingRules) -> None:
    assert language_of(KNOWN[tag], rules.lexicon.tongues) == tag


@pytest.mark.parametrize("tag", SHORT)
def test_in_doubt_it_is_the_language_that_we_read(tag: str, rules: ReadingRules) -> None:
    assert language_of(SHORT[tag], rules.lexicon.tongues) == tag


def test_a_foreign_product_name_does_not_make_the_mail_foreign(rules: ReadingRules) -> None:
    text = KNOWN["en"] + " Title: " + NEIGHBOURS["ko"][:40]
    assert language_of(text, rules.lexicon.tongues) == "en"
    assert language_of(KNOWN["es"] + " Título: Cesto de vime da avó", rules.lexicon.tongues) == "es"


def test_a_neighbour_with_a_label_file_is_read() -> None:
    frequent = [f"word{n}" for n in range(19)]
    neighbour = Neighbour(words=["não", *frequent])
    own = LabelsFile.model_validate({"language": "pt-BR", "words": ["você"]})
    other = LabelsFile.model_validate({"language": "es", "words": ["usted"]})
    text = "não não não"
    assert language_of(text, build_tongues([other], {"pt": neighbour})) == UNKNOWN_LANGUAGE
    assert language_of(text, build_tongues([other, own], {"pt": neighbour})) == "pt-BR"
