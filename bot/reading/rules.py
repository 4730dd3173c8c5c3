"""All rule data that reading needs, built from already-parsed YAML documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from bot.mail.matching import Phrasebook
from bot.notice.answers import AnswersFile
from bot.notice.labels import LabelsFile
from bot.notice.languages import NeighboursFile
from bot.notice.lexicon import Lexicon, build_lexicon
from bot.reading.families import Family, FamilyFile, in_order
from bot.reading.senders import SendersFile
from bot.reading.sieve import Sieve


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRules:
    """Senders, words of all languages, and families in the order they are asked."""

    senders: SendersFile
    lexicon: Lexicon
    families: tuple[Family, ...]
    sieve: Sieve


def model_of(path: str) -> type[BaseModel] | None:
    """The model of a file under rules/, by its path there; None for files of other rooms."""
    if path == "senders.yaml":
        return SendersFile
    if path == "neighbours.yaml":
        return NeighboursFile
    if path.startswith("labels/"):
        return LabelsFile
    if path.startswith("answers/"):
        return AnswersFile
    return FamilyFile if path.startswith("families/") else None


def build_rules(documents: Mapping[str, object]) -> ReadingRules:
    """Build from documents keyed by path under rules/, such as `families/trademark.yaml`.

    Other paths are ignored. Raises pydantic.ValidationError when one does not fit its model, and KeyError
    when `senders.yaml` is missing.
    """
    senders = SendersFile.model_validate(documents["senders.yaml"])
    labels = [
        LabelsFile.model_validate(document)
        for path, document in sorted(documents.items())
        if path.startswith("labels/")
    ]
    answers = [
        AnswersFile.model_validate(document)
        for path, document in sorted(documents.items())
        if path.startswith("answers/")
    ]
    families = {
        path.removeprefix("families/").removesuffix(".yaml"): FamilyFile.model_validate(document)
        for path, document in documents.items()
        if path.startswith("families/")
    }
    # English first: where two languages use one label, the English meaning stands.
    labels.sort(key=lambda file: (file.language != "en", file.language))
    answers.sort(key=lambda file: (file.language != "en", file.language))
    book = Phrasebook()  # one for all: a text is looked through once
    ordered = in_order(families, book)
    neighbours = NeighboursFile.model_validate(documents.get("neighbours.yaml", {}))
    lexicon = build_lexicon(labels, answers, neighbours.root, book)
    return ReadingRules(senders=senders, lexicon=lexicon, families=ordered, sieve=Sieve(ordered, book))
