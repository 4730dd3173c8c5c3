"""Facts of a notice: each in its layout, each with its place, none for the wrong party."""

from __future__ import annotations

import pytest

from bot.notice.extract import Facts, Surroundings, extract
from bot.notice.facts import Complainant, Role
from bot.notice.identifiers import asins_in
from bot.notice.source import source_of
from bot.reading.look import surroundings
from bot.reading.rules import ReadingRules


@pytest.fixture(scope="session")
def around(rules: ReadingRules) -> Surroundings:
    return surroundings(rules, frozenset({"shop@marwen.example"}), "amazon.com")


def facts_of(text: str, around: Surroundings) -> Facts:
    return extract(source_of("1", text), around)


def owner_of(text: str, around: Surroundings) -> Complainant:
    """Who complains, in a text with one complaint by somebody."""
    owner = facts_of(text, around).complaints[0].complainant
    assert owner is not None
    return owner


@pytest.mark.parametrize(
    "text",
    [
        "ASIN: B0AAAAAAA1\nComplaint ID: 17600000001",
        "ASIN:B0AAAAAAA1 Complaint ID:#17600000001",
        "ASIN - B0AAAAAAA1\nComplaint reference - 17600000001",
        "ASIN:\n  B0AAAAAAA1\n\nComplaint ID:\n  17600000001",
        "ASIN | Complaint ID\nB0AAAAAAA1 | 17600000001",
        "Complaint ID\n17600000001\nASIN\nB0AAAAAAA1",
        "-- ASIN：B0AAAAAAA1\n-- Complaint\u00a0ID：17600000001",
        "Betroffene ASINs: B0AAAAAAA1\nBeschwerde-ID: 17600000001",
        "**ASIN:** B0AAAAAAA1\n**Complaint ID:** 17600000001",
        "【ASIN】B0AAAAAAA1\n【申告番号】17600000001",
        "ŞİKAYET NUMARASI: 17600000001\nASIN: B0AAAAAAA1",
    ],
)
def test_layouts_of_one_complaint(text: str, around: Surroundings) -> None:
    facts = facts_of(text, around)
    assert [found.value for found in facts.complaint_ids] == ["17600000001"]
    assert [found.value for found in facts.asins] == ["B0AAAAAAA1"]
    for found in (*facts.complaint_ids, *facts.asins):
        assert text[found.span.start : found.span.end] == found.span.text


@pytest.mark.parametrize(
    "text",
    [
        "Case ID: 16550921884",
        "Order ID: 113-4409127-8861035",
        "[CASE 16550921884] complaint",
        "Call 17600000001",
        "Docket: 1:25-cv-09984",
    ],
)
def test_other_numbers_are_no_complaints(text: str, around: Surroundings) -> None:
    assert facts_of(text, around).complaint_ids == ()


def test_each_complaint_keeps_its_own_listings_and_party(around: Surroundings) -> None:
    text = (
        "ASIN: B0AAAAAAA1\nComplaint ID: 17600000001\nRights owner: Ada Quill\n"
        "Rights owner email: ada@quill.example\n\n"
        "ASIN: B0AAAAAAA2 B0AAAAAAA3\nComplaint ID: 17600000002\nRights "
        "owner: Orrin Ltd\nRights owner email: ip@orrin.example\n"
    )
    got = [
        (
            c.complaint_id and c.complaint_id.value,
            [listing.asin.value for listing in c.listings],
            c.complainant and [found.value for found in c.complainant.addresses],
        )
        for c in facts_of(text, around).complaints
    ]
    assert got == [
        ("17600000001", ["B0AAAAAAA1"], ["ada@quill.example"]),
        ("17600000002", ["B0AAAAAAA2", "B0AAAAAAA3"], ["ip@orrin.example"]),
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Contact the rights owner:\n-- Ada Quill\n-- ada (at) quill (dot) example", "ada@quill.example"),
        ("The patent owner is Quill & Sons, ip@quill.example.", "ip@quill.example"),
        ("Rights owner: Ada Quill, ada＠quill.example", "ada@quill.example"),
        ("-- Quill Brands\n-- ip@quill.example", "ip@quill.example"),
    ],
)
def test_where_a_complainant_is_named(text: str, address: str, around: Surroundings) -> None:
    complaints = facts_of(text + "\n\nASIN: B0AAAAAAA1\nComplaint ID: 17600000001", around).complaints
    assert complaints[0].complainant is not None
    assert [found.value for found in complaints[0].complainant.addresses] == [address]


@pytest.mark.parametrize(
    "text",
    [
        "Our translation service provider: help@lingua.example",
        "Your seller account email: me@shop.example",
        "Another seller, rival@shop.example, offers this product.",
        "-- Other sellers: rival@shop.example",
        "Questions? Write to someone@press.example",
        "Rights owner email: notice-dispute@amazon.com",
        "Rights owner email: shop@marwen.example",
    ],
)
def test_nobody_else_is_an_addressee(text: str, around: Surroundings) -> None:
    facts = facts_of(text + "\n\nASIN: B0AAAAAAA1\nComplaint ID: 17600000001", around)
    assert [c.complainant.addresses for c in facts.complaints if c.complainant] in ([], [()])


def test_counsel_stands_before_the_client(around: Surroundings) -> None:
    text = (
        "RO Contact info:\nDunlow Toys, Inc.\nc/o Everhart Dunne LLP\nAttn: "
        "Malcolm Everhart\nEmail: me@everhartdunne.example\n"
    )
    person = owner_of(text, around)
    assert (person.role, person.name and person.name.value) == (Role.COUNSEL, "Malcolm Everhart")
    assert person.organisation is not None
    assert person.organisation.value == "Everhart Dunne LLP"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Answer within 17 days.", (17, False)),
        ("Answer within ten (10) business days.", (10, True)),
        ("Please respond within the next three weeks.", (21, False)),
        ("Confirm within 24 hours.", (1, False)),
        ("Bitte antworten Sie innerhalb von 7 Werktagen.", (7, True)),
        ("It can take up to 24 hours until it is visible.", None),
        ("The record stays on your account for 180 days.", None),
        ("Send invoices from the last 90 days.", None),
        ("The money should arrive within 3 business days.", None),
        ("We will respond within 2 business days.", None),
    ],
)
def test_only_limits_set_to_us_count(text: str, days: tuple[int, bool] | None, around: Surroundings) -> None:
    deadline = facts_of(text, around).deadline
    assert (deadline and (deadline.days, deadline.business)) == days


def test_an_isbn_is_an_asin_only_behind_the_label_and_with_its_check_digit() -> None:
    source = source_of("1", "0306406152 0306406153")
    assert list(asins_in(source)) == []
    assert [found.value for found in asins_in(source, labelled=True)] == ["0306406152"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Mme Clémence d’Hauteville", "Clémence d’Hauteville"),
        ("Carla dell'Orto", "Carla dell'Orto"),
        ("水野 沙織 様", "水野 沙織"),
        ("藤堂 亮介", "藤堂 亮介"),
        ("王小明先生", "王小明"),
    ],
)
def test_names_with_particles_and_honorifics(line: str, name: str, around: Surroundings) -> None:
    owner = owner_of(
        f"Rights owner's contact details:\n-- Aldous Optics Ltd\n-- {line}\n-- ip@aldous.example\n\n"
        "ASIN: B0AAAAAAA1\nComplaint ID: 17600000001\n",
        around,
    )
    assert owner.name is not None
    assert owner.organisation is not None
    assert (owner.name.value, owner.organisation.value) == (name, "Aldous Optics Ltd")


@pytest.mark.parametrize("firm", ["堀川 製作所", "藤堂 商店"])
def test_two_words_of_which_one_is_a_trade_are_a_firm(firm: str, around: Surroundings) -> None:
    owner = owner_of(f"権利者：{firm}\nメール：ip@aldous.example\n申し立て番号：17600000001\n", around)
    assert owner.organisation is not None
    assert owner.organisation.value == firm


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("la marque de l’Union européenne n° 017884203, non épuisée", "017884203"),
        ("il marchio dell'Unione europea n. 017884203", "017884203"),
        ("la marca de la Unión Europea núm. 017884203", "017884203"),
        ("naszego unijnego znaku, znak towarowy unijny nr 017884203", "017884203"),
        ("Designnummer: 40 2021 201 334-0003", "40 2021 201 334-0003"),
    ],
)
def test_numbers_of_rights_as_their_countries_write_them(
    text: str, number: str, around: Surroundings
) -> None:
    facts = facts_of(f"{text}\n\nASIN: B0AAAAAAA1\nComplaint ID: 17600000001\n", around)
    assert [found.number.value for found in facts.complaints[0].numbers] == [number]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("Rights owner: Holm Illustration\nTitle: Artwork Poster", False),
        ("Message of the rights owner: the seller uses our mark on goods that we never made.", True),
    ],
)
def test_a_name_is_no_reason(text: str, stated: bool, around: Surroundings) -> None:
    facts = facts_of(f"ASIN: B0AAAAAAA1\nComplaint ID: 17600000001\n{text}\n", around)
    assert facts.reason_stated is stated


def test_the_number_of_a_patent_is_no_telephone(around: Surroundings) -> None:
    owner = owner_of(
        "ASIN: B0AAAAAAA1\nComplaint ID: 17600000001\n"
        "Rights owner: Aldous Optics Ltd, ip@aldous.example, 020 7946 0144, European patent EP 3 402 118\n",
        around,
    )
    assert [phone.value for phone in owner.phones] == ["020 7946 0144"]


def test_a_contact_between_the_lines_of_an_item_is_no_product(around: Surroundings) -> None:
    owner = owner_of(
        "Reason: complaint of Aldous Optics Ltd (contact: Rhona Aldous, ip@aldous.example)\n"
        "Complaint ID: 17600000001\nASIN: B0AAAAAAA1\n",
        around,
    )
    assert [address.value for address in owner.addresses] == ["ip@aldous.example"]


def test_who_complains_of_parallel_imports_names_a_mark_first(around: Surroundings) -> None:
    facts = facts_of("The trademark owner says that they are parallel imports.\nASIN: B0AAAAAAA1\n", around)
    assert facts.spoken_right == "parallel_import"


def test_a_form_with_gaps_instead_of_colons(around: Surroundings) -> None:
    text = (
        "Notification 1 about a trademark\n  Reference     17600000001\n  Offers        B0AAAAAAA1\n"
        "  Submitted by  Birchgate Toys Ltd <ip@birchgate.example>\n"
    )
    facts = facts_of(text, around)
    assert [found.value for found in facts.complaint_ids] == ["17600000001"]
    owner = owner_of(text, around)
    assert owner.organisation is not None
    assert (owner.organisation.value, owner.addresses[0].value) == (
        "Birchgate Toys Ltd",
        "ip@birchgate.example",
    )


def test_a_reference_is_the_complaints_only_where_nothing_else_is(around: Surroundings) -> None:
    alone = facts_of("Your trademark case\nReference: 17600000001\nASIN: B0AAAAAAA1", around)
    assert not facts_of("Your payment\nReference: 17600000001", around).complaint_ids
    assert [found.value for found in alone.complaint_ids] == ["17600000001"]
    beside = facts_of("Reference: 16500000002\nComplaint ID: 17600000001\nASIN: B0AAAAAAA1", around)
    assert [found.value for found in beside.complaint_ids] == ["17600000001"]


def test_a_number_that_letters_stand_at_is_no_complaint(around: Surroundings) -> None:
    assert not facts_of("This is an infringement of UK00003455129 by B0AAAAAAA1.", around).complaint_ids


def test_each_line_of_a_list_is_a_complaint_of_its_own(around: Surroundings) -> None:
    text = (
        "1) Trademark - ASIN B0AAAAAAA1 - Complaint ID 17600000001\n"
        "2) Copyright - ASIN B0AAAAAAA2 - Complaint ID 17600000002\n"
    )
    told = [
        (one.complaint_id and one.complaint_id.value, [each.asin.value for each in one.listings])
        for one in facts_of(text, around).complaints
    ]
    assert told == [("17600000001", ["B0AAAAAAA1"]), ("17600000002", ["B0AAAAAAA2"])]


@pytest.mark.parametrize(
    ("line", "name", "organisation"),
    [
        ("Rights owner: Ann Oak (photographer), ann@oak.example", "Ann Oak", None),
        (
            "Submitted by: Pine Agency, on behalf of Ann Oak <claims@pineagency.example>",
            "Ann Oak",
            "Pine Agency",
        ),
        ("Rights owner: Oakfield Ltd\nAttorney: Ann Pine, pine@law.example", "Ann Pine", "Oakfield Ltd"),
        ("Submitted by: Ann Oak\nFor: Oakfield Ltd\nEmail: ann@oak.example", "Ann Oak", "Oakfield Ltd"),
        (
            "投诉人：陈思远\n公司：云岫科技（深圳）有限公司\n邮箱：ip@yunxiu.example",
            "陈思远",
            "云岫科技（深圳）有限公司",
        ),
        (
            "申告者：株式会社みなと工房 法務部\n担当：小野寺 千尋\nメール：ip@minato.example",
            "小野寺 千尋",
            "株式会社みなと工房",
        ),
    ],
)
def test_who_somebody_is_and_for_whom(
    line: str, name: str | None, organisation: str | None, around: Surroundings
) -> None:
    owner = owner_of(f"{line}\n\nASIN: B0AAAAAAA1\nComplaint ID: 17600000001", around)
    assert (owner.name and owner.name.value, owner.organisation and owner.organisation.value) == (
        name,
        organisation,
    )


def test_the_head_of_a_mail_that_was_passed_on_names_no_client(around: Surroundings) -> None:
    facts = facts_of("For: kim@other.example\n\nASIN: B0AAAAAAA1\nComplaint ID: 17600000001", around)
    assert facts.complaints[0].complainant is None


def test_the_age_of_papers_beside_a_time_limit(around: Surroundings) -> None:
    text = "Envoyez sous 17 jours un plan d'action et vos factures des 365 derniers jours."
    deadline = facts_of(text, around).deadline
    assert deadline is not None
    assert deadline.days == 17


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ('They say: "There is no batch code inside the cap and the card has another font."', True),
        ('Read "Amazon Utility Patent Neutral Evaluation Procedure and Agreement of Participants".', False),
    ],
)
def test_what_somebody_is_quoted_with_is_a_reason(text: str, stated: bool, around: Surroundings) -> None:
    assert facts_of(text, around).reason_stated is stated


def test_a_form_with_dashes_is_no_form_without_separators_as_well(around: Surroundings) -> None:
    text = (
        "Complaint reference - 17600000001\nASIN - B0AAAAAAA1\nProduct name - Drying rack, 3 tier\n"
        "ASIN - B0AAAAAAA2\n"
    )
    listings = facts_of(text, around).complaints[0].listings
    assert [one.asin.value for one in listings] == ["B0AAAAAAA1", "B0AAAAAAA2"]
    assert [one.title.value if one.title else None for one in listings] == ["Drying rack, 3 tier", None]


def test_a_form_with_nothing_between_label_and_value(around: Surroundings) -> None:
    text = (
        "ASIN B0AAAAAAA1\nReport number 17600000001\nReported by Birchgate Toys Ltd\n"
        "Contact person Ann Oak\nEmail ann@birchgate.example\n\nReport the matter soon."
    )
    facts = facts_of(text, around)
    assert [found.value for found in facts.complaint_ids] == ["17600000001"]
    owner = owner_of(text, around)
    assert owner.name is not None
    assert owner.organisation is not None
    assert (owner.name.value, owner.organisation.value) == ("Ann Oak", "Birchgate Toys Ltd")


def test_an_address_in_words_of_other_languages(around: Surroundings) -> None:
    text = (
        "Plaignant : Ilan Perez, ilan (arobase) perez (point) example\n"
        "ASIN: B0AAAAAAA1\nN° de plainte : 17600000001"
    )
    assert owner_of(text, around).addresses[0].value == "ilan@perez.example"
