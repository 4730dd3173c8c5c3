"""What the people and machines of the sandbox write; invented texts, built like the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Final


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its `$names` filled in. Raises KeyError for a name without a value."""
    return Template(text).substitute(values)


SUBJECTS: Final[dict[str, str]] = {
    "trademark": "Notice: Policy Warning",
    "counterfeit": "Policy Warning",
    "copyright-image": "Warning: Notice of Intellectual Property Rights Infringement",
    "patent": "Important information about your listings on Amazon.com",
    "design": "Notice: Policy Warning",
    "warning": "Policy Warning",
    "no-contact": "Notice: Policy Warning",
    "marke": "Mitteilung: Verstoß gegen die Richtlinien",
    "retraction-confirmed": "Your listing has been reactivated",
    "reinstated": "Your Amazon Listings",
    "order": "Sold, ship now: $title",
}

_EVIDENCE: Final = """\
How do I reactivate my listing?
Please send us one of these documents:
-- An invoice that shows from whom you bought the goods
-- A letter of authorization or a licensing agreement from the manufacturer or the rights owner
We cannot open external links. Attachments may be .jpeg, .jpg, .pjpeg, .gif, .png or .tiff.

How do I submit this information?
Go to Received Intellectual Property Complaints in Account Health \
(https://sellercentral.amazon.com/performance/dashboard) and choose Appeal next to the listing.
"""

_RETRACTION: Final = """\
Have your listings been removed in error?
If you have never sold this product, tell us and we will look into it. If you believe that the rights \
owner made a mistake, contact the rights owner and ask for a retraction. The rights owner must send it \
to us directly, at notice-retraction@amazon.com. We do not accept forwarded or attached retractions.
"""

_LIMIT: Final = """\
What happens if I do not provide the information?
After 90 days without an answer we will ask you to remove the inventory of this listing.
"""

_FOOT: Final = """\
You can view your account performance at https://sellercentral.amazon.com/performance/dashboard.

Seller Performance Team
Amazon.com
"""

BODIES: Final[dict[str, str]] = {
    "trademark": f"""\
Hello,

We removed some of your listings because we received a report from a rights owner that they may infringe \
the rights owner's trademark. The listings are named at the bottom of this message.

Why did this happen?
A rights owner has told us that one or more of your listings may be infringing the intellectual property \
rights of others.

{_EVIDENCE}
{_RETRACTION}
These are the rights owner's contact details:
$contact

{_LIMIT}
ASIN: $asin
Title: $title
Infringement type: Trademark
Trademark asserted: $number
Complaint ID: $id

{_FOOT}""",
    "counterfeit": f"""\
Hello,

We have deactivated the product listing(s) mentioned at the end of this email.

Why did this happen?
We received a report from a rights owner that the products below are inauthentic.

{_EVIDENCE}
{_RETRACTION}
These are the rights owner's contact details:
$contact

{_LIMIT}
ASIN: $asin
Title: $title
Infringement type: Counterfeit
Complaint ID: $id

{_FOOT}""",
    "copyright-image": f"""\
Hello,

We removed some of your images because we received a report from a rights owner that they may infringe \
the rights owner's copyright. The images are named at the bottom of this message.

Why did this happen?
One or more images on the listing may be infringing the intellectual property rights of others.

How do I reactivate my image?
Send us a letter of authorization or a licensing agreement that shows that you may use the image.

{_RETRACTION}
These are the rights owner's contact details:
$contact

ASIN: $asin
Title: $title
Infringement type: Copyright Image
Complaint ID: $id

{_FOOT}""",
    "patent": """\
Hello,

We received a report from a rights owner that the items at the end of this email infringe their utility \
patent rights.

If you want to resolve this dispute, contact the rights owner:
-- $contact_line
-- Patent number: $number

Please work directly with the rights owner to resolve this matter. A retraction must be sent to \
notice-dispute@amazon.com by the rights owner.

ASIN: $asin
Title: $title
Infringement type: Patent
Complaint ID: $id

Sincerely,
Amazon.com
""",
    "design": f"""\
Hello,

We removed some of your listings because we received a report from a rights owner that they may infringe \
the rights owner's design patent. The listings are named at the bottom of this message.

Why did this happen?
A rights owner has told us that one or more of your listings may be infringing the intellectual property \
rights of others.

{_EVIDENCE}
{_RETRACTION}
These are the rights owner's contact details:
$contact

{_LIMIT}
ASIN: $asin
Title: $title
Infringement type: Design Patent
Patent number: $number
Complaint ID: $id

{_FOOT}""",
    "warning": """\
Hello,

We are contacting you because we received a report of trademark infringement on the product detail page \
associated with one or more of your listings.

Why did this happen?
A rights owner says that a trademarked term on the page may lead customers to take your product for \
another one.

Please modify the product detail page so that it does not infringe the trademark of the rights owner \
listed below. Your listing stays active for now.

If you think the rights owner made an error, ask for a retraction. The rights owner must send it to \
notice-dispute@amazon.com.

$contact

ASIN: $asin
Infringement type: Trademark
Trademark asserted: $number
Complaint ID: $id

Seller Performance Team
""",
    "no-contact": f"""\
Hello,

We removed some of your listings because we received a report from a rights owner that they may infringe \
the rights owner's trademark. The listings are named at the bottom of this message.

Why did this happen?
A rights owner has told us that one or more of your listings may be infringing the intellectual property \
rights of others.

{_EVIDENCE}
{_RETRACTION}
{_LIMIT}
ASIN: $asin
Title: $title
Infringement type: Trademark
Trademark asserted: $number
Complaint ID: $id

{_FOOT}""",
    "marke": """\
Guten Tag,

wir haben einige Ihrer Angebote entfernt, weil uns ein Rechteinhaber gemeldet hat, dass diese Artikel \
die folgende Marke verletzen. Die betroffenen Angebote stehen am Ende dieser Nachricht.

Warum ist das passiert?
Eines oder mehrere Ihrer Angebote verletzen möglicherweise die Rechte an geistigem Eigentum anderer.

Wie kann ich mein Angebot reaktivieren?
-- Rechnung, Vollmacht oder Lizenzvereinbarung des Herstellers oder Rechteinhabers. Externe Links können \
wir nicht öffnen. Dateiformate: .jpeg, .jpg, .pjpeg, .gif, .png und .tiff.

Wurden Ihre Angebote irrtümlich entfernt?
Wenden Sie sich an den Rechteinhaber und bitten Sie um Rücknahme der Meldung. Der Rechteinhaber muss die \
Rücknahme selbst an notice-dispute@amazon.de senden. Weitergeleitete Rücknahmen können wir nicht \
berücksichtigen.

Kontaktdaten des Rechteinhabers:
$contact

Wenn wir innerhalb von 90 Tagen nichts von Ihnen hören, müssen Sie den Lagerbestand entfernen lassen.

ASIN: $asin
Titel: $title
Art der Rechtsverletzung: Marke
Markennummer: $number
Beschwerde-ID: $id

Freundliche Grüße
Verkäuferleistung
Amazon.de
""",
    "phishing": """\
Dear Seller,

We removed some of your listings because we received a report from a rights owner that they may infringe \
the rights owner's trademark.

ASIN: $asin
Infringement type: Trademark
Complaint ID: $id

To keep your selling privileges you must confirm your account within 24 hours. Please get stated here:
https://sellercentral-amazon.policy-review.example/ap/signin?openid=1

Have your bank card and your password ready.

Amazon Seller Performance
""",
    "order": """\
Congratulations, you have a new order!

Order ID: $id
Please ship this order by 9 Jan 2026.
Item: $title
Quantity: 1

View order details: https://sellercentral.amazon.com/orders-v3/order/$id
""",
    "unattended": """\
Thank you for writing to Amazon. The address $to that you copied does not answer individual messages. \
Your message has been filed. To appeal, please use Account Health.
""",
    "retraction-confirmed": """\
Hello,

We received a retraction from the rights owner for the notice below. Your listing has been reactivated. \
It can take up to 24 hours until it is visible again.

ASIN: $asin
Complaint ID: $id

You do not need to do anything else.

Seller Performance Team
Amazon.com
""",
    "reinstated": """\
Hello,

Thank you for the information about the listing below. We have reviewed it and your listing has been \
reactivated.

ASIN: $asin
Complaint ID: $id

Seller Performance Team
Amazon.com
""",
}

#: What complainants answer: $id and $asin are those of the complaint.
ANSWERS: Final[dict[str, str]] = {
    "reason": """\
Dear Tidewell team,

our report rests on US trademark registration 6120457 "BRINDLE & COVE" for household goods. What we \
object to is the use of our mark in the first words of the title of $asin. If you remove it from the \
title, we will consider the matter settled.

Maren Ockley
Brindle & Cove Ltd.
""",
    "retraction": """\
To the Notice team,

Lumenarch Studio hereby withdraws the report with Complaint ID $id concerning ASIN $asin against the \
seller Tidewell Outfitters.

The report was submitted in error: the photograph is the seller's own.

Please restore the listing.

Bea Lindholm
Lumenarch Studio
""",
    "other-address": """\
Hello,

your mail to our legal mailbox was passed on to me. We will not withdraw the report. The shape of your \
product is protected by our design patent D987,654, and only authorised dealers may sell it.

Hollis Quarrington
Quarrington Home Goods Inc.
""",
    "out-of-office": """\
Vielen Dank für Ihre Nachricht. Ich bin bis zum 16. Januar 2026 nicht im Haus; Ihre Nachricht wird nicht \
weitergeleitet. Danach melde ich mich gern.

Tjark Nordhagen
Nordhagen Werkzeug GmbH
""",
}

BOUNCE: Final = """\
This is the mail system at host $host.

I'm sorry to have to inform you that your message could not be delivered to one or more recipients.

<$address>: host mx.$domain[203.0.113.25] said: 550 5.1.1 <$address>: Recipient address rejected: User \
unknown (in reply to RCPT TO command)
"""
