"""Every mail of the corpus is paired with an expectation, and every expectation holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.mail.parse import parse_message
from bot.reading.label import label
from bot.reading.read import ReadingContext, read

HERE = Path(__file__).parent
STEMS = sorted({path.stem for path in HERE.iterdir() if path.suffix in (".eml", ".json")})


def test_nothing_is_unpaired_and_the_set_is_large_enough() -> None:
    mails = {path.stem for path in HERE.glob("*.eml")}
    expectations = {path.stem for path in HERE.glob("*.json")}
    assert mails == expectations
    assert len(mails) >= 150


def test_lines_end_as_in_the_wire_format() -> None:
    for path in HERE.glob("*.eml"):
        raw = path.read_bytes()
        assert raw.count(b"\n") == raw.count(b"\r\n"), path.name


@pytest.mark.parametrize("stem", STEMS)
def test_expectation_holds(stem: str, of_file: ReadingContext) -> None:
    wanted = json.loads((HERE / f"{stem}.json").read_text("utf-8"))
    got = label(read((HERE / f"{stem}.eml").read_bytes(), of_file))
    if wanted["kind"] == "phishing":
        assert (got["kind"], got["authentic"], got["may_open_case"]) == ("phishing", False, False)
        return
    wanted.pop("notes", None)
    addresses = wanted.pop("addresses", None)
    if addresses is not None:
        assert sorted(one for owner in got["rights_owners"] for one in owner["emails"]) == addresses
    assert {key: _plain(key, got.get(key)) for key in wanted} == {
        key: _plain(key, value) for key, value in wanted.items()
    }


def _plain(key: str, value: Any) -> Any:
    """Sets of values do not depend on their order."""
    if key in ("complaint_ids", "asins"):
        return sorted(value)
    if key == "ip_numbers":
        return sorted((number["kind"], number["number"]) for number in value)
    return value


@pytest.mark.parametrize("stem", STEMS)
def test_every_value_stands_where_its_source_says(stem: str, of_file: ReadingContext) -> None:
    raw = (HERE / f"{stem}.eml").read_bytes()
    message = parse_message(raw)
    texts = {part.number: part.text or "" for mail in (message, *message.nested) for part in mail.parts}
    texts["header:subject"] = message.head.subject
    texts["header:from"] = next(iter(message.all("From")), "")
    texts |= {
        f"{m.parts[0].number.rpartition('.')[0]}:header:subject": m.head.subject for m in message.nested
    }
    for places in label(read(raw, of_file))["sources"].values():
        for place in places:
            assert texts[place["part"]][place["start"] : place["end"]] == place["text"]
            assert 0 < place["confidence"] <= 1
