"""A person's own words: every mailer's way to quote, in every language, and never a word of theirs lost."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.mail.flatten import flatten
from bot.mail.quoting import Quoting, words_of
from bot.reading.rules import ReadingRules

OURS = "Please tell us which right is concerned.\nWe would be grateful for a retraction.\n"
MARKED = "".join(f"> {line}\n" for line in OURS.splitlines())


@pytest.fixture(scope="module")
def quoting(rules: ReadingRules) -> Quoting:
    return rules.lexicon.quoting


# ruff: noqa: E501 - a style in a line reads better
#: name → what introduces the quotation in that style; the quoted lines are marked where `True`.
STYLES: dict[str, tuple[str, bool]] = {
    "gmail-en": ("On Mon, Mar 2, 2026 at 9:00 AM Marwen Shop <shop@marwen.example> wrote:\n\n", True),
    "gmail-en-wrapped": ("On Mon, Mar 2, 2026 at 9:00 AM Marwen Shop\n<shop@marwen.example> wrote:\n\n", True),
    "gmail-de": ("Am Mo., 2. März 2026 um 09:00 Uhr schrieb Marwen Shop <\nshop@marwen.example>:\n\n", True),
    "gmail-fr": ("Le lun. 2 mars 2026 à 09:00, Marwen Shop <shop@marwen.example> a écrit :\n\n", True),
    "gmail-it": (
        "Il giorno lun 2 mar 2026 alle ore 09:00 Marwen Shop <\nshop@marwen.example> ha scritto:\n\n", True,
    ),
    "gmail-es": ("El lun, 2 mar 2026 a las 9:00, Marwen Shop (<shop@marwen.example>) escribió:\n\n", True),
    "gmail-nl": ("Op ma 2 mrt 2026 om 09:00 schreef Marwen Shop <shop@marwen.example>:\n\n", True),
    "gmail-sv": ("Den mån 2 mars 2026 kl 09:00 skrev Marwen Shop <shop@marwen.example>:\n\n", True),
    "gmail-pl": ("pon., 2 mar 2026 o 09:00 Marwen Shop <shop@marwen.example> napisał(a):\n\n", True),
    "gmail-tr": ("Marwen Shop <shop@marwen.example>, 2 Mar 2026 Pzt, 09:00 tarihinde şunu yazdı:\n\n", True),
    "gmail-ja": ("2026年3月2日(月) 17:00 Marwen Shop <shop@marwen.example>:\n\n", True),
    "gmail-zh": ("Marwen Shop <shop@marwen.example> 于2026年3月2日周一 16:00写道：\n\n", True),
    "thunderbird-en": ("On 02.03.2026 09:00, Marwen Shop wrote:\n", True),
    "thunderbird-de": ("Am 02.03.26 um 09:00 schrieb Marwen Shop:\n", True),
    "thunderbird-fr": ("Le 02/03/2026 à 09:00, Marwen Shop a écrit :\n", True),
    "thunderbird-it": ("Il 02/03/2026 09:00, Marwen Shop ha scritto:\n", True),
    "thunderbird-es": ("El 2/3/26 a las 9:00, Marwen Shop escribió:\n", True),
    "thunderbird-nl": ("Op 02-03-2026 om 09:00 schreef Marwen Shop:\n", True),
    "thunderbird-sv": ("Den 2026-03-02 kl. 09:00, skrev Marwen Shop:\n", True),
    "thunderbird-pl": ("W dniu 2.03.2026 o 09:00, Marwen Shop pisze:\n", True),
    "thunderbird-tr": ("2.03.2026 09:00 tarihinde Marwen Shop yazdı:\n", True),
    "apple-en": ("On 2 Mar 2026, at 09:00, Marwen Shop <shop@marwen.example> wrote:\n\n", True),
    "apple-de": ("Am 02.03.2026 um 09:00 schrieb Marwen Shop <shop@marwen.example>:\n\n", True),
    "apple-marked": ("> On 2 Mar 2026, at 09:00, Marwen Shop <shop@marwen.example> wrote:\n> \n", True),
    "apple-fr": ("Le 2 mars 2026 à 09:00, Marwen Shop <shop@marwen.example> a écrit :\n\n", True),
    "apple-zh": ("2026年3月2日 09:00，Marwen Shop <shop@marwen.example> 写道：\n\n", True),
    "gnus": ("Marwen Shop <shop@marwen.example> writes:\n\n", True),
    "mutt": ("On Mon, Mar 02, 2026 at 09:00:00AM +0100, Marwen Shop wrote:\n", True),
    "name-only": ("Marwen Shop schrieb:\n", True),
    "yahoo": (
        "On Monday, March 2, 2026 at 09:00:00 AM GMT+1, Marwen Shop <shop@marwen.example> wrote:\n\n", False,
    ),
    "zoho": ("---- On Mon, 02 Mar 2026 09:00:00 +0100 shop@marwen.example wrote ----\n\n", False),
    "proton": (
        "-------- Original Message --------\nOn Monday, 03/02/26 at 09:00 Marwen Shop "
        "<shop@marwen.example> wrote:\n\n", True,
    ),
    "outlook-en": (
        "From: Marwen Shop <shop@marwen.example>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Ines Talvera\n"
        "Subject: Your complaint\n\n", False,
    ),
    "outlook-en-bars": (
        "________________________________\nFrom: Marwen Shop <shop@marwen.example>\nSent: Monday, March 2, "
        "2026 9:00 AM\nTo: Ines Talvera <ines@talvera.example>\nSubject: Your complaint\n\n", False,
    ),
    "outlook-old": (
        "-----Original Message-----\nFrom: Marwen Shop [mailto:shop@marwen.example]\nSent: 02 March 2026 09:00\n"
        "To: Ines Talvera\nSubject: Your complaint\n\n", False,
    ),
    "outlook-de": (
        "Von: Marwen Shop <shop@marwen.example>\nGesendet: Montag, 2. März 2026 09:00\nAn: Ines Talvera\n"
        "Betreff: Ihre Beschwerde\n\n", False,
    ),
    "outlook-fr": (
        "De : Marwen Shop <shop@marwen.example>\nEnvoyé : lundi 2 mars 2026 09:00\nÀ : Ines Talvera\n"
        "Objet : Votre plainte\n\n", False,
    ),
    "outlook-it": (
        "Da: Marwen Shop <shop@marwen.example>\nInviato: lunedì 2 marzo 2026 09:00\nA: Ines Talvera\n"
        "Oggetto: Il reclamo\n\n", False,
    ),
    "outlook-es": (
        "De: Marwen Shop <shop@marwen.example>\nEnviado el: lunes, 2 de marzo de 2026 9:00\nPara: Ines Talvera\n"
        "Asunto: Su reclamación\n\n", False,
    ),
    "outlook-nl": (
        "Van: Marwen Shop <shop@marwen.example>\nVerzonden: maandag 2 maart 2026 09:00\nAan: Ines Talvera\n"
        "Onderwerp: Uw klacht\n\n", False,
    ),
    "outlook-sv": (
        "Från: Marwen Shop <shop@marwen.example>\nSkickat: den 2 mars 2026 09:00\nTill: Ines Talvera\n"
        "Ämne: Er anmälan\n\n", False,
    ),
    "outlook-pl": (
        "Od: Marwen Shop <shop@marwen.example>\nWysłano: poniedziałek, 2 marca 2026 09:00\nDo: Ines Talvera\n"
        "Temat: Skarga\n\n", False,
    ),
    "outlook-tr": (
        "Kimden: Marwen Shop <shop@marwen.example>\nGönderildi: 2 Mart 2026 Pazartesi 09:00\nKime: Ines Talvera\n"
        "Konu: Şikâyetiniz\n\n", False,
    ),
    "outlook-ja": (
        "差出人: Marwen Shop <shop@marwen.example>\n送信日時: 2026年3月2日 17:00\n宛先: Ines Talvera\n"
        "件名: 申し立てについて\n\n", False,
    ),
    "outlook-zh": (
        "发件人: Marwen Shop <shop@marwen.example>\n发送时间: 2026年3月2日 16:00\n收件人: Ines Talvera\n"
        "主题: 您的投诉\n\n", False,
    ),
    "outlook-bold": (
        "*From:* Marwen Shop <shop@marwen.example>\n*Sent:* Monday, March 2, 2026\n*To:* Ines\n*Subject:* x\n\n",
        False,
    ),
    "outlook-telephone": (
        "Get Outlook for Android\n________________________________\nFrom: Marwen Shop <shop@marwen.example>\n"
        "Sent: Monday, March 2, 2026 9:00:00 AM\nTo: Ines Talvera\nSubject: Your complaint\n\n", False,
    ),
    "qq": (
        "------------------ 原始邮件 ------------------\n发件人: \"Marwen Shop\" <shop@marwen.example>;\n"
        "发送时间: 2026年3月2日(星期一) 下午4:00\n收件人: \"Ines\"<ines@talvera.example>;\n主题: 您的投诉\n\n", False,
    ),
    "163": ("在 2026-03-02 16:00:00，\"Marwen Shop\" <shop@marwen.example> 写道：\n\n", True),
    "gmx": (
        "Gesendet: Montag, 02. März 2026 um 09:00 Uhr\nVon: \"Marwen Shop\" <shop@marwen.example>\n"
        "An: ines@talvera.example\nBetreff: Ihre Beschwerde\n\n", False,
    ),
    "notes": (
        "-----Marwen Shop <shop@marwen.example> schrieb am 02.03.2026 09:00: -----\n\n", False,
    ),
}  # fmt: skip

OWN = "We have looked into it.\n\nThe complaint stands.\n\nInes Talvera\n"


@pytest.mark.parametrize("style", STYLES)
def test_an_answer_above(style: str, quoting: Quoting) -> None:
    lead, marked = STYLES[style]
    text = OWN + "\n" + lead + (MARKED if marked else OURS)
    words = words_of(text, quoting)
    assert len(words.own) == len(text)
    assert words.said.split() == OWN.split()


@pytest.mark.parametrize("style", [name for name, (_, marked) in STYLES.items() if marked])
def test_an_answer_below_and_between(style: str, quoting: Quoting) -> None:
    lead, _ = STYLES[style]
    first, second = MARKED.splitlines(keepends=True)
    assert words_of(lead + MARKED + "\n" + OWN, quoting).said.split() == OWN.split()
    between = lead + first + "\nOur trade mark.\n\n" + second + "\nNo, sorry.\n"
    assert words_of(between, quoting).said.split() == ["Our", "trade", "mark.", "No,", "sorry."]


@pytest.mark.parametrize("style", [name for name, (_, marked) in STYLES.items() if not marked])
def test_an_answer_below_what_is_not_marked_is_kept(style: str, quoting: Quoting) -> None:
    """Nobody can tell whose these lines are: in doubt they are the person's."""
    own = words_of(STYLES[style][0] + OURS + "\n" + OWN, quoting).own
    assert set(OWN.split()) <= set(own.split())


def test_an_answer_between_lines_that_are_not_marked_is_kept_when_it_says_so(quoting: Quoting) -> None:
    text = "See my answers below in red.\n\n" + STYLES["outlook-en"][0] + OURS + "It is our trade mark.\n"
    assert "It is our trade mark." in words_of(text, quoting).own


@pytest.mark.parametrize(
    "text",
    [
        "On 3 March our lawyer wrote:\nthe complaint stands.\n",
        "Please note:\nFrom: Leeds we deliver\nto all of Europe.\n",
        "We bought it from: Kestrel Ltd\nWe sold it to: you\n",
        "Our reasons:\n-----\n1. the mark\n-----\n2. the shape\n",
        "Done. On Mon, 2 Mar 2026 at 09:00 Shop <a@b.example> wrote:\n",
        "Thanks, see you then\nOn Mon, 2 Mar 2026 at 09:00, Marwen Shop <shop@marwen.example> wrote:\n> x\n",
        "We met at 10:30. Our counsel at law@firm.example writes:\nno.\n",
        "Das Original-Schreiben liegt bei: siehe Anlage\n",
        "| Marke | Nummer |\n| Blau | 123 |\n",
    ],
)
def test_what_only_resembles_a_quotation_is_kept(text: str, quoting: Quoting) -> None:
    own = words_of(text, quoting).own
    for line in text.splitlines():
        if not line.startswith((">", "On Mon")):
            assert line in own


def test_signature_device_and_disclaimer_are_own_but_not_said(quoting: Quoting) -> None:
    text = (
        "We withdraw.\n\n-- \nInes Talvera\nTalvera Ltd\n\nSent from my iPhone\n\n"
        "This e-mail and any attachments are confidential. Without our permission nobody may use it.\n"
    )
    words = words_of(text, quoting)
    assert words.said.split() == ["We", "withdraw."]
    assert "Talvera Ltd" in words.own
    assert "permission" in words.own


@pytest.mark.parametrize(
    ("html", "said"),
    [
        (
            '<div dir="ltr">We refuse.</div><div class="gmail_quote"><div class="gmail_attr">On Mon, Mar 2, 2026 '
            'at 9:00 AM Shop &lt;<a href="mailto:a@b.example">a@b.example</a>&gt; wrote:<br></div>'
            '<blockquote class="gmail_quote">Will you withdraw?</blockquote></div>',
            "We refuse.",
        ),
        (
            '<p>We refuse.</p><div style="border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Shop '
            "&lt;a@b.example&gt;<br><b>Sent:</b> Monday<br><b>To:</b> Ines<br><b>Subject:</b> x</p></div>"
            "<p>Will you withdraw?</p>",
            "We refuse.",
        ),
        (
            '<blockquote type="cite">Will you withdraw?</blockquote><p>No.</p><blockquote type="cite">Why?'
            "</blockquote><p>It is ours.</p>",
            "No. It is ours.",
        ),
    ],
    ids=["gmail", "outlook", "apple-between"],
)
def test_quotations_in_html(html: str, said: str, quoting: Quoting) -> None:
    assert words_of(flatten(html), quoting).said.split() == said.split()


#: A line of a person: words, never a mark at its beginning, and no colon at its end.
LINES = st.lists(
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda line: line and line[0] not in ">＞" and line[-1] not in ":："),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(above=LINES, below=LINES, style=st.sampled_from(sorted(STYLES)))
@example(above=["a -- b", "--"], below=["c"], style="outlook-en")
def test_no_word_of_the_person_is_lost(
    quoting: Quoting, above: list[str], below: list[str], style: str
) -> None:
    lead, marked = STYLES[style]
    text = "\n".join(above) + "\n\n" + lead + (MARKED if marked else OURS)
    if marked:
        text += "\n" + "\n".join(below)
    own = words_of(text, quoting).own.split("\n")
    for line in [*above, *(below if marked else [])]:
        assert line in own


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_keeps_its_length_and_what_is_kept_stands_where_it_stood(
    quoting: Quoting, text: str
) -> None:
    words = words_of(text, quoting)
    for kept in (words.own, words.said):
        assert len(kept) == len(text)
        assert all(one in (other, " ") for one, other in zip(kept, text, strict=True))


HOSTILE = {
    "lines": "\n",
    "attribution": "On a a a a ",
    "wrote": "On 1 wrote:\n",
    "header": "From: a@b.example\n",
    "bars": "-----\n",
    "inline": "see below\nOn 2 Mar 2026 at 9:00 X <a@b.example> wrote:\n",
    "marks": "> ",
    "colons": ":",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_is_linear(piece: str, quoting: Quoting) -> None:
    def seconds(octets: int) -> float:
        text = piece * (octets // len(piece))
        begun = time.process_time()
        words_of(text, quoting)
        return time.process_time() - begun

    small = min(seconds(20_000) for _ in range(3))
    large = min(seconds(160_000) for _ in range(2))
    assert large < 8 * 3 * small + 0.05
