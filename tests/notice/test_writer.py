"""Who signs: persons, desks and firms below greetings of many languages."""

from __future__ import annotations

import pytest

from bot.mail.message import Address
from bot.notice.source import source_of
from bot.notice.writer import writer_of
from bot.reading.rules import ReadingRules

SAID = "We looked into it and withdrew it.\n\n"


@pytest.mark.parametrize(
    ("display", "domain", "signed", "name", "firm"),
    [
        ("Support Team", "acmeware", "Best Regards\nJane Roe\nAcmeware Ltd", "Jane Roe", "Acmeware Ltd"),
        (
            "Vertrieb Lohmann",
            "lohmann",
            "MfG\ni.A. Silke Pohl\nLohmann Keramik GmbH",
            "Silke Pohl",
            "Lohmann Keramik GmbH",
        ),
        ("Info", "granhult", "Mvh Linnea Sund\nGranhult Form AB", "Linnea Sund", "Granhult Form AB"),
        ("Kundtjänst", "granhult", "/Pernilla Berg, Granhult Form AB", "Pernilla Berg", "Granhult Form AB"),
        ("Biuro", "wid", "Z poważaniem\nz up. Jan Kos\nWid sp. z o.o.", "Jan Kos", "Wid sp. z o.o."),
        ("Müller GmbH", "mueller", "Viele Grüße\n\nMüller GmbH\ni. V. Karl Lang", "Karl Lang", "Müller GmbH"),
        (
            "Ufficio Legale Brentani",
            "brentani",
            "Distinti saluti\nUfficio Legale\nBrentani S.p.A.",
            "Ufficio Legale",
            "Brentani S.p.A.",
        ),
        (
            "Baptiste Lacombe",
            "lacombe",
            "Bien à vous\nBaptiste Lacombe\nLacombe Avocats - Toque P 412",
            "Baptiste Lacombe",
            "Lacombe Avocats",
        ),
        ("佐藤", "kobo", "株式会社工房\n営業部 佐藤 花子", "佐藤 花子", "株式会社工房"),
        ("Kobo 知財", "kobo", "株式会社こぼう\n法務部 部長 田中 一郎", "田中 一郎", "株式会社こぼう"),
        (
            "Brand Protection",
            "zed",
            "Sincerely,\n\nZed Brand Protection Team",
            "Brand Protection",
            "Zed",
        ),
        (
            "Markenabteilung",
            "tollkirsche",
            "Markenabteilung Tollkirsche Mode",
            "Markenabteilung",
            "Tollkirsche Mode",
        ),
        ("Eva Lund", "lund", "Thanks!", "Eva Lund", None),
    ],
)
def test_signed(
    display: str, domain: str, signed: str, name: str, firm: str | None, rules: ReadingRules
) -> None:
    address = Address(display_name=display, addr_spec=f"post@{domain}.example")
    writer = writer_of(source_of("1", SAID + signed), [address], "", rules.lexicon)
    assert writer is not None
    assert writer.name is not None
    assert writer.name.value == name
    assert (writer.organisation.value if writer.organisation else None) == firm
