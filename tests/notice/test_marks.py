"""Labels are found from their separators backwards, in every way of writing them."""

from __future__ import annotations

import pytest

from bot.mail.text import fold
from bot.notice.marks import LabelIndex

LABELS = LabelIndex(
    {
        "complaint id": "complaint_id",
        "complaint": "complaint_id",
        "id": "other",
        "e-mail": "address",
        "e-mail address": "address",
        "asin": "asin",
        "numero di registrazione": "trademark_number",
        "reg. no": "trademark_number",
        "rights owner": "owner",
        "商標番号": "trademark_number",
    }
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Complaint ID: 5", [("complaint id", ":")]),
        ("ComplaintID : 5", [("complaintid", ":")]),
        ("complaint-IDs. (all of them): 5", [("complaint-id", ":")]),
        ("Rights Owner(s): A", [("rights owner", ":")]),
        ("**ASIN**: B0", [("asin", ":")]),
        ("asin***: B0", []),
        ("email: a@b.example", [("email", ":")]),
        ("e mail address = a@b.example", [("e mail address", "=")]),
        ("Numero di\nregistrazione: 5", [("numero di\nregistrazione", ":")]),
        ("Numero di\n\nregistrazione: 5", []),
        ("it is a rights\nowner: A", [("rights\nowner", ":")]),
        ("ASIN: complaint\nID: 5", [("asin", ":"), ("id", ":")]),
        ("complaint\nID: 5", [("complaint\nid", ":")]),
        ("reg. no: 5", [("reg. no", ":")]),
        ("reg no: 5", []),
        ("as in: 5", []),
        ("the basin: 5", []),
        ("complaint - id: 5", [("complaint - id", ":")]),
        ("complaint - 5, asin - B0", [("complaint", "-"), ("asin", "-")]),
        ("id..... 5", [("id", ".....")]),
        ("id | asin | x", [("id", "|"), ("asin", "|")]),
        ("ID #5", [("id", "#")]),
        ("本件の 商標番号：5", [("商標番号", ":")]),
        ("complaint id", []),
    ],
)
def test_each_way_of_writing_a_label(text: str, found: list[tuple[str, str]]) -> None:
    folded = fold(text).text
    assert [(folded[m.start : m.end], m.separator) for m in LABELS.marks_in(folded)] == found


def test_a_long_run_of_anything_is_read_in_linear_time() -> None:
    for piece in (" ", "id ", "id - ", "-", "*", "(", "id (", "e "):
        assert len(LABELS.marks_in(piece * 20_000 + ":")) <= 20_000
