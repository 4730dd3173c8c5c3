"""Label files: what is confirmed stands in the file, and what a text says is found in every language."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.mail.text import fold
from bot.notice.labels import LabelsFile
from bot.notice.lexicon import build_lexicon, says_in


def test_a_confirmed_word_that_stands_nowhere_else_is_refused_with_the_nearest() -> None:
    file = {"language": "pt", "labels": {"complaint_id": ["ID da reclamação"]}}
    assert LabelsFile.model_validate(file | {"confirmed": ["ID da reclamação"]}).confirmed
    with pytest.raises(ValidationError, match=r"stands nowhere.*did you mean 'ID da reclamação'"):
        LabelsFile.model_validate(file | {"confirmed": ["ID da reclamacao"]})


def test_what_a_text_says_has_one_name_in_all_languages() -> None:
    files = [
        LabelsFile.model_validate({"language": "en", "says": {"court": ["court order"]}}),
        LabelsFile.model_validate({"language": "nl", "says": {"court": ["gerechtelijk bevel"]}}),
    ]
    lexicon = build_lexicon(files)
    for text in ("by Court Order", "op grond van een gerechtelijk\nbevel"):
        assert says_in(fold(text).flow, lexicon) == {"court"}
    assert says_in(fold("order of parts").flow, lexicon) == frozenset()


def test_every_phrase_counts_in_both_forms_of_its_letters() -> None:
    file = {"language": "zh", "variants": {"权": "權"}, "labels": {"owner": ["权利人", "投诉人"]}}
    made = LabelsFile.model_validate(file)
    assert made.labels["owner"] == ["权利人", "投诉人", "權利人"]
    assert LabelsFile.model_validate(made.model_dump()) == made
