"""ASINs, complaint numbers and numbers of rights; a label or a word beside it tells which it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.notice.facts import Found, RightNumber
from bot.notice.lexicon import Lexicon
from bot.notice.source import Source

_ASIN = re.compile(r"(?<![A-Za-z0-9])(B0[A-Z0-9]{8})(?![A-Za-z0-9])")
_ASIN_ANY_CASE = re.compile(r"(?<![A-Za-z0-9])([Bb]0[A-Za-z0-9]{8})(?![A-Za-z0-9])")
_ISBN = re.compile(r"(?<![A-Za-z0-9-])(\d{9}[\dXx])(?![A-Za-z0-9-])")
_COMPLAINT = re.compile(r"(?<![\w-])#?(\d{6,14})(?![\w-])")
_GAP_MEANS_OTHER = re.compile(
    r"\b(?:case|order|ticket|fall|bestellung|commande|ordine|pedido|docket|invoice|rechnung|reimbursement"
    r"|bestelling|bestelnummer|beställning|ordernummer|zamówienia|sipariş|facture|fattura|factura|factuur)\b"
)

_US_PATENT = (
    r"(?:U\.? ?S\.? ?)?\d{1,2},\d{3},\d{3}(?: ?[AB]\d)?|US ?\d{7,8}(?: ?[AB]\d)?"
    r"|EP ?\d(?: ?\d{3}){2}(?: ?[AB]\d)?|特許第 ?\d{6,8} ?号"
    r"|(?:DE|GB|FR|CN|JP|WO|EP|KR|ES|IT|NL|PL|SE|TR|CA|AU|IN|MX|BR) ?\d[\d ,/.]{4,14}\d(?: ?[ABCUY]\d?)?"
    r"|\d{7,8}"
)
_US_DESIGN = r"(?:US ?)?D ?\d{3},?\d{3}(?: ?S\d?)?|USD\d{6}(?: ?S\d?)?"
_EU_DESIGN = r"\d{9}-\d{4}|\d{6,9}-\d{1,4}|(?:DE ?)?40 ?(?:19|20)\d{2} ?\d{3} ?\d{3}(?:-\d{4})?"
#: No letter stands behind a number; behind one that its own counter closes, a Japanese sentence goes on.
_ENDS = r"(?:(?<=号)|(?![\w-]))"
_PATTERNS: dict[str, re.Pattern[str]] = {
    "patent_number": re.compile(rf"(?<![\w,])(?:{_US_DESIGN}|{_US_PATENT})(?![\w,]*\d)", re.I),
    "design_number": re.compile(
        rf"(?<![\w,-])(?:{_EU_DESIGN}|{_US_DESIGN}|(?:DE|GB|UK|FR|DM|第)? ?\d[\d,./ -]{{3,20}}\d号?"
        rf"|\d{{5,9}})(?![\w-])",
        re.I,
    ),
    "trademark_number": re.compile(
        r"(?:第 ?\d{5,8} ?号|(?<![\w,./-])(?:(?:DE ?)?30 ?(?:19|20)\d{2} ?\d{3} ?\d{3}"
        r"|(?:UK|EU|WO|DE|M|IR|N|JP|FR|IT"
        r"|TM)?[ -]?0{0,2}\d{1,3}(?:[,.]\d{3}){1,3}"
        r"|(?:UK|EU|WO|DE|M|IR|N|R\.? ?|JP|FR|IT|TM)?-?\d{6,15}"
        r"|(?:19|20)\d{2}[ /]\d{4,6}|\d{1,3}(?: \d{3}){1,3}"
        rf"|\d{{2}}/\d{{3}},?\d{{3}}|\d{{10,12}}/\d{{2}}){_ENDS})"
    ),
    "copyright_number": re.compile(
        r"(?<!\w)(?:VA|TX|PA|SR|VAu|TXu|PAu) ?-?\d[\d-]{4,12}\d(?!\w)|(?<!\w)\d{4}-[A-Za-z]+-\d{6,9}"
    ),
}
_FREE = (
    (
        "design_number",
        re.compile(r"(?<![\w,])(?:US ?)?D ?\d{3},\d{3}(?: ?S\d?)?(?!\w)|(?<!\w)USD\d{6}(?: ?S\d?)?(?!\w)"),
    ),
    ("design_number", re.compile(r"(?<![\w-])0\d{8}-\d{4}(?![\w-])")),
    ("trademark_number", re.compile(r"(?<![\w-])UK ?0{2,4}\d{7,8}(?![\w-])")),
    (
        "patent_number",
        re.compile(
            r"(?<![\w,$])(?:U\.? ?S\.? )\d{1,2},\d{3},\d{3}(?: [AB]\d)?(?!\w)"
            r"|(?<!\w)US ?\d{7,8} ?[AB]\d(?!\w)|(?<!\w)US ?\d{8}(?!\w)"
            r"|(?<!\w)EP ?\d(?: ?\d{3}){2}(?: ?[AB]\d)?(?!\w)"
        ),
    ),
)
_NUMBER_WORDS = (
    r"(?:[\s(\"']*(?:registration|reg\.?|serial|application|number|numbers"
    r"|no\.?|nos\.?|nr\.?|nummer|num\.?|núm\.?|numéro|número|numero|n°|nº|n\.|#|号|registernummer"
    r"|register|inschrijvingsnummer|inschrijving|inscripción|registro|registrazione|enregistrement|dépôt|eintragung|registrering|rejestracja|tescil|numer|numarası|registreringsnummer|registratienummer|rejestracji|登録番号|注册号|is|:|-|\(|\"[^\"\n]{1,40}\"|'[^'\n]{1,40}'|„[^“\n]{1,40}“"
    r"|«[^»\n]{1,40}»|“[^”\n]{1,40}”|「[^」\n]{1,40}」)){0,5}"
)
#: What a trademark is called, and the words for where it holds that may stand before its number.
_MARK_WORDS = (
    r"marks?|marken?|marque|marchio|marca|merk|eutm|varumärket?|znak(?:u|iem)? towarow(?:y|ego|ym)"
    r"|marka(?:sı|mız)?|商標|商标"
)
_OF_WHERE = (
    r"(?: (?:française|allemande|italiana|española|polska|communautaire|comunitari[ao]|unijn(?:y|ego)"
    r"|italiano|europe[ao]|européenne|internazionale|internacional|internationale|francese|tedesc[ao]|español"
    r"|registrad[ao]|registrat[ao]|enregistrée|déposée|verbale|denominativa"
    r"|(?:de l|dell)['’](?:union|unione|ue)(?: (?:européenne|europea))?"
    r"|de la (?:unión europea|ue)|van de europese unie|unii europejskiej))*"
)
#: The word for a right with its number behind it: how the last part of the word begins, which is found
#: quickly because its first letter is a set of characters, and what is matched from there.
_NEAR = (
    (
        "design_number",
        re.compile(r"[DdMm意外](?i:es(?:ign|sin)|is[eé](?:gn|ñ)|uster|匠|观)"),
        re.compile(
            r"(?:design patents?|design rights?|designs?|(?<=geschmacks)musters?"
            r"|dessins? (?:ou|et) modèles?|diseños?|disegn[oi](?: o modello)?"
            rf"|意匠(?:登録|権)?|外观设计(?:专利)?){_NUMBER_WORDS}[\s(:]*({_EU_DESIGN}|{_US_DESIGN}"
            rf"|第 ?\d{{5,8}} ?号|\d{{7,9}}){_ENDS}",
            re.I,
        ),
    ),
    (
        "design_number",  # short numbers of national offices, only where they are called numbers
        re.compile(r"[MmWwTt](?i:önster|zór|zoru|asarım)"),
        re.compile(
            r"(?:mönster(?:s|et|skydd|registrering)?|wz(?:ór|oru)(?: przemysłow(?:y|ego))?|tasarım(?:ı|ın)?)"
            r"(?: med)?"
            rf" (?:reg\.?-?)?(?:nr|nummer|numer|no|numarası)\.?[ :]*(\d{{5,9}}(?:-\d{{1,4}})?){_ENDS}",
            re.I,
        ),
    ),
    (
        "patent_number",
        re.compile(r"[PpBbOo专特](?i:atent|revet|ctroo|利|許)"),
        re.compile(
            rf"(?:patents?|patentschrift|brevet|brevetto|patente|octrooi|patentu|专利|特許)"
            rf"{_NUMBER_WORDS}[\s(:]*({_US_PATENT}){_ENDS}",
            re.I,
        ),
    ),
    (
        "trademark_number",
        re.compile(r"[MmEeVvZz商](?i:ar[ckq]|erk|utm|arum|nak|標|标)"),
        re.compile(
            rf"(?:{_MARK_WORDS}){_OF_WHERE}{_NUMBER_WORDS}[\s(:：]*({_PATTERNS['trademark_number'].pattern})",
            re.I,
        ),
    ),
    (
        "trademark_number",
        re.compile(r"[mv](?:ar[ckq]|erk|arum)"),
        re.compile(
            r"(?:mark|marke|marque(?: française)?|marchio|marca|merk|varumärket?)s?"
            rf"\s[A-Z0-9&'\" -]{{2,40}}?[,\s]*\(?"
            rf"(?:reg(?:istration|\.)?|serial)?{_NUMBER_WORDS}\s*({_PATTERNS['trademark_number'].pattern})"
        ),
    ),
    (
        "trademark_number",
        re.compile(r"[RrSs](?i:eg|erial)"),
        re.compile(
            rf"(?<!\w)(?:reg(?:istration|istered|\.)|serial)\s+(?:number|no\.?|nr\.?)?[\s:]*({_PATTERNS['trademark_number'].pattern})",
            re.I,
        ),
    ),
)


def asins_in(
    source: Source, start: int = 0, end: int | None = None, *, labelled: bool = False
) -> Iterator[Found]:
    """ASINs in a range; behind a label also in lower case and as ISBN-10 with a right check digit."""
    stop = len(source.text) if end is None else end
    pattern = _ASIN_ANY_CASE if labelled else _ASIN
    for match in pattern.finditer(source.text, start, stop):
        if labelled and not any(char.isdigit() for char in match[1][2:]) and match[1].islower():
            continue
        yield source.found(*match.span(1), match[1].upper())
    if labelled:
        for match in _ISBN.finditer(source.text, start, stop):
            if _is_isbn(match[1]):
                yield source.found(*match.span(1), match[1].upper())


def _is_isbn(text: str) -> bool:
    digits = [10 if char in "Xx" else int(char) for char in text]
    return sum((10 - place) * digit for place, digit in enumerate(digits)) % 11 == 0


def complaint_ids_behind(source: Source, start: int, end: int) -> Iterator[Found]:
    """Complaint numbers in the value of a label; order and docket numbers have hyphens and do not match."""
    for match in _COMPLAINT.finditer(source.text, start, end):
        yield source.found(*match.span(1))


def complaint_ids_in_words(source: Source, lexicon: Lexicon) -> Iterator[Found]:
    """Numbers that running text or a subject calls a complaint, a report or a notice."""
    for gap, start, end in lexicon.complaint_numbers.in_flow(source.folded.flow):
        if not _GAP_MEANS_OTHER.search(gap):
            yield source.found_folded(start, end)


def numbers_behind(
    source: Source, field: str, start: int, end: int, right_hint: str | None
) -> Iterator[RightNumber]:
    """Numbers of rights in the value of a label such as `Trademark number:`."""
    pattern = _PATTERNS[field]
    for match in pattern.finditer(source.text, start, end):
        if len(re.sub(r"\D", "", match[0])) < 5:
            continue
        found = source.found(*match.span())
        yield RightNumber(kind=kind_of(field, found.value, right_hint), number=found, office=None)


_FIGURES = re.compile(r"\d[\d ,./-]{2,}")
#: What each number that has a form of its own has in it, found more quickly than the number.
_SIGNS = (
    re.compile(r"D ?\d"),
    re.compile(r"0\d{8}-"),
    re.compile(r"UK ?0"),
    re.compile(r"(?:S\.?|EP) ?\d"),
)


def numbers_in_words(source: Source, end: int | None = None) -> Iterator[RightNumber]:
    """Numbers of rights in running text: by a form that nothing else has, or by the word before them."""
    stop = len(source.text) if end is None else end
    if _FIGURES.search(source.text, 0, stop) is None:
        return
    taken: list[tuple[int, int]] = []
    for field, start, finish in _numbers(source.text, stop):
        if any(start < other_end and finish > other for other, other_end in taken):
            continue
        if len(re.sub(r"\D", "", source.text[start:finish])) < 5:
            continue
        taken.append((start, finish))
        found = source.found(start, finish)
        yield RightNumber(kind=kind_of(field, found.value, None), number=found, office=None)


def _numbers(text: str, stop: int) -> Iterator[tuple[str, int, int]]:
    """Field and range of each number, those with a form of their own first."""
    for (field, form), sign in zip(_FREE, _SIGNS, strict=True):
        if sign.search(text, 0, stop) is not None:
            yield from ((field, *match.span()) for match in form.finditer(text, 0, stop))
    for field, word, behind in _NEAR:
        for begin in word.finditer(text, 0, stop):
            match = behind.match(text, begin.start(), stop)
            if match is not None:
                yield field, *match.span(1)


def kind_of(field: str, number: str, right_hint: str | None) -> str:
    """trademark | utility_patent | design_patent | registered_design | copyright."""
    if field == "trademark_number":
        return "trademark"
    if field == "copyright_number":
        return "copyright"
    if re.match(r"(?:US ?)?D ?\d|USD\d", number, re.I):
        return "design_patent"
    if field == "design_number":
        return "registered_design"
    return "design_patent" if right_hint == "design_patent" else "utility_patent"


_OFFICES = {
    "amazon.com": "USPTO",
    "amazon.ca": "CIPO",
    "amazon.com.mx": "IMPI",
    "amazon.co.uk": "UKIPO",
    "amazon.de": "DPMA",
    "amazon.fr": "INPI",
    "amazon.it": "UIBM",
    "amazon.es": "OEPM",
    "amazon.co.jp": "JPO",
}


def office_of(number: RightNumber, marketplace: str | None) -> str | None:
    """The office, from the form of the number, else from the shop's country."""
    text = number.number.value.upper().replace(" ", "").replace(",", "").replace(".", "")
    if text.startswith("UK"):
        return "UKIPO"
    if text.startswith("EP"):
        return "EPO"
    if text.startswith("WO"):
        return "WIPO"
    if text.startswith(("US", "D")) and number.kind != "trademark" and not text.startswith("DE"):
        return "USPTO"
    if number.kind == "registered_design" and re.fullmatch(r"0\d{8}-\d{4}", text):
        return "EUIPO"
    if number.kind == "trademark" and re.fullmatch(r"(?:EU)?01\d{7}", text):
        return "EUIPO"
    if re.fullmatch(r"30\d{10}|30\d{7,8}", text):
        return "DPMA"
    return _OFFICES.get(marketplace or "")
