"""What must survive is known before anything is taken out."""

from __future__ import annotations

import pytest

from nlp.protected import ProtectedKind, order_ids, protected_spans

CASES = [
    (ProtectedKind.ORDER_ID, "order 113-1234567-7654321 is late", "113-1234567-7654321"),
    (ProtectedKind.ORDER_ID, "S01-1234567-7654321", "S01-1234567-7654321"),
    (ProtectedKind.TRACKING, "1Z999AA10123456784", "1Z999AA10123456784"),
    (ProtectedKind.TRACKING, "9400111201080805483016", "9400111201080805483016"),
    (ProtectedKind.TRACKING, "9400 1112 0108 0805 4830 16", "9400 1112 0108 0805 4830 16"),
    (ProtectedKind.TRACKING, "RB473124829US", "RB473124829US"),
    (ProtectedKind.TRACKING, "fedex 771234567890", "771234567890"),
    (ProtectedKind.TRACKING, "DHL tracking is 1234567890", "1234567890"),
    (ProtectedKind.TRACKING, "tracking number: 123456789012345", "123456789012345"),
    (ProtectedKind.TRACKING, "TBA123456789012", "TBA123456789012"),
    (ProtectedKind.TRACKING, "LX12345678", "LX12345678"),
    (ProtectedKind.ASIN, "asin B08N5WRWNW", "B08N5WRWNW"),
    (ProtectedKind.REFERENCE, "WRO-123 arrived", "WRO-123"),
    (ProtectedKind.REFERENCE, "RMA-88120", "RMA-88120"),
    (ProtectedKind.REFERENCE, "case id 15522334451", "15522334451"),
    (ProtectedKind.REFERENCE, "PO #44512", "PO #44512"),
    (ProtectedKind.SKU, "sku: blue-widget", "blue-widget"),
    (ProtectedKind.SKU, "12 of AB-501-XL", "AB-501-XL"),
    (ProtectedKind.ZIP, "Austin, TX 78701-1234", "78701-1234"),
    (ProtectedKind.ZIP, "zip 30301", "30301"),
    (ProtectedKind.ZIP, "Leeds LS1 4AP", "LS1 4AP"),
    (ProtectedKind.ZIP, "Toronto M5V 2T6", "M5V 2T6"),
    (ProtectedKind.DATE, "by 2024-05-17", "2024-05-17"),
    (ProtectedKind.DATE, "on April 5, 2024", "April 5, 2024"),
    (ProtectedKind.DATE, "at 14:30", "14:30"),
    (ProtectedKind.PRICE, "from $1,024.99", "$1,024.99"),
    (ProtectedKind.PRICE, "25 USD", "25 USD"),
    (ProtectedKind.QUANTITY, "we sent 1,200 units", "1,200 units"),
    (ProtectedKind.MENTION, "ask <@U02ABCDEF> now", "<@U02ABCDEF>"),
    (ProtectedKind.MENTION, "<#C03XYZ123|merchant-acme>", "<#C03XYZ123|merchant-acme>"),
    (ProtectedKind.MENTION, "<!here>", "<!here>"),
    (ProtectedKind.URL, "<https://shop.example/a?b=1|shop>", "https://shop.example/a?b=1"),
    (ProtectedKind.COMPANY, "via FedEx", "FedEx"),
    (ProtectedKind.COMPANY, "Calvin Klein bags", "Calvin Klein"),
    (ProtectedKind.PLACE, "in New Jersey", "New Jersey"),
    (ProtectedKind.PLACE, "to Germany", "Germany"),
]


@pytest.mark.parametrize(("kind", "text", "value"), CASES)
def test_protected(kind: ProtectedKind, text: str, value: str) -> None:
    """Each form is protected from its first to its last character."""
    assert value in {
        text[span.start : span.end] for span in protected_spans(text) if span.kind is kind
    }


@pytest.mark.parametrize(
    "text",
    [
        "jo@example.com",
        "call 212-555-0147",
        "219-09-9999",
        "reference 219-09-9999",
        "case 212-555-0147",
        "maria lopez",
        "12 elm drive",
    ],
)
def test_not_protected(text: str) -> None:
    """Nothing of a person is protected."""
    assert protected_spans(text) == ()


def test_order_ids() -> None:
    """Order ids come in the order of the text, each once; other long numbers are none."""
    text = "114-7654321-1234567, 113-1111111-2222222 and 114-7654321-1234567; 1113-1111111-22222223"

    assert order_ids(text) == ("114-7654321-1234567", "113-1111111-2222222")
