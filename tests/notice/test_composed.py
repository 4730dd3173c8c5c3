"""Labels that no list has are understood by their words, and those of other things are not."""

from __future__ import annotations

import pytest

from bot.mail.text import fold_words
from bot.reading.rules import ReadingRules


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Identifier of the infringement notification", "complaint_id"),
        ("Identifikationsnummer der Beschwerde", None),  # "Identifikation" is no word of ours
        ("Kennziffer der Rechtsverletzungsmeldung", "complaint_id"),
        ("Beanstandungskennzeichen", "complaint_id"),
        ("Référence de la notification d'atteinte", "complaint_id"),
        ("Codice identificativo della notifica di violazione", "complaint_id"),
        ("Código de la notificación", "complaint_id"),
        ("Volgnummer van de kennisgeving", "complaint_id"),
        ("Klagomålets beteckning", "complaint_id"),
        ("Oznaczenie zawiadomienia o naruszeniu", "complaint_id"),
        ("Bildirimin kimlik numarası", "complaint_id"),
        ("侵害通報の管理番号", "complaint_id"),
        ("侵权举报的参考号", "complaint_id"),
        ("Adres e-mail pełnomocnika", "address"),
        ("Courriel de la plaignante", "address"),
        ("Elektronische Adresse der Beschwerdeführerin", "address"),
        ("Mobile number of the complainant", "phone"),
        ("Nature of the reported infringement", "right"),
        ("Meldende Firma", "organisation"),
        ("Persona che", None),
        ("Registered design numbers", "design_number"),
        ("Order number", None),
        ("Your complaint number", None),
        ("Case reference", None),
        ("Number of items sold", None),
        ("Complaint: 5", None),
        ("and", None),
    ],
)
def test_a_label_means_what_its_words_mean(label: str, field: str | None, rules: ReadingRules) -> None:
    assert rules.lexicon.composed.field_of(fold_words(label)) == field
