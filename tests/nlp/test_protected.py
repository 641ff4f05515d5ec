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
    (ProtectedKind.REFERENCE, "link birch-and-brook", "birch-and-brook"),
    (ProtectedKind.REFERENCE, "link <@U02ABCDEF> cedar-kettle", "cedar-kettle"),
    (ProtectedKind.SKU, "sku: blue-widget", "blue-widget"),
    (ProtectedKind.SKU, "PILLOW-Q-WHT for each", "PILLOW-Q-WHT"),
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
    (ProtectedKind.ORDER_ID, "ORDER#113-1234567-7654321!!", "113-1234567-7654321"),
    (ProtectedKind.ORDER_ID, "(113-1234567-7654321)", "113-1234567-7654321"),
    (ProtectedKind.ORDER_ID, "*113-1234567-7654321*,", "113-1234567-7654321"),
    (ProtectedKind.ORDER_ID, "113 1234567 7654321", "113 1234567 7654321"),
    (ProtectedKind.TRACKING, "1z999aa10123456784.", "1z999aa10123456784"),
    (ProtectedKind.TRACKING, "`1Z 999 AA1 01 2345 6784`", "1Z 999 AA1 01 2345 6784"),
    (ProtectedKind.TRACKING, "TBA 123456789012", "TBA 123456789012"),
    (ProtectedKind.TRACKING, "C11031500001879", "C11031500001879"),
    (ProtectedKind.TRACKING, "package 986578788855 is late", "986578788855"),
    (ProtectedKind.TRACKING, "the parcel 041441760228964", "041441760228964"),
    (ProtectedKind.TRACKING, "RB 473 124 829 US", "RB 473 124 829 US"),
    (ProtectedKind.TRACKING, "JJD000390007812345678", "JJD000390007812345678"),
    (ProtectedKind.TRACKING, "UPS,1Z999AA10123456784;", "1Z999AA10123456784"),
    (
        ProtectedKind.TRACKING,
        "9622001560000000000000123456789012 fedex",
        "9622001560000000000000123456789012",
    ),
    (ProtectedKind.ASIN, "b08n5wrwnw?", "b08n5wrwnw"),
    (ProtectedKind.ASIN, "X001ABCDEF", "X001ABCDEF"),
    (ProtectedKind.ASIN, "asin 0306406152", "0306406152"),
    (ProtectedKind.REFERENCE, "RMA#88120", "RMA#88120"),
    (ProtectedKind.REFERENCE, "FBA15DKXYZ12", "FBA15DKXYZ12"),
    (ProtectedKind.REFERENCE, "LPNRRAB12345", "LPNRRAB12345"),
    (ProtectedKind.REFERENCE, "WRO 4412", "WRO 4412"),
    (ProtectedKind.REFERENCE, "invoice: 2024-0817", "2024-0817"),
    (ProtectedKind.SKU, "SKU:AB_501.XL", "AB_501.XL"),
    (ProtectedKind.SKU, "BLU-WIDGET-12!", "BLU-WIDGET-12"),
    (ProtectedKind.ZIP, "AUSTIN TX 78701", "78701"),
    (ProtectedKind.ZIP, "New Jersey 07030", "07030"),
    (ProtectedKind.ZIP, "k1a 0b1", "k1a 0b1"),
    (ProtectedKind.ZIP, "EC1A 1BB", "EC1A 1BB"),
    (ProtectedKind.DATE, "5th of June", "5th of June"),
    (ProtectedKind.DATE, "2024-05-17T10:00:00Z", "2024-05-17T10:00:00Z"),
    (ProtectedKind.DATE, "17.05.2024", "17.05.2024"),
    (ProtectedKind.DATE, "3:30 pm", "3:30 pm"),
    (ProtectedKind.PRICE, "£12", "£12"),
    (ProtectedKind.PRICE, "15%", "15%"),
    (ProtectedKind.PRICE, "usd 25", "usd 25"),
    (ProtectedKind.QUANTITY, "24ct", "24ct"),
    (ProtectedKind.QUANTITY, "qty: 4", "qty: 4"),
    (ProtectedKind.QUANTITY, "3 pallets", "3 pallets"),
    (ProtectedKind.MENTION, "<#C03XYZ123>", "<#C03XYZ123>"),
    (ProtectedKind.MENTION, "<!subteam^S012|@ops>", "<!subteam^S012|@ops>"),
    (ProtectedKind.COMPANY, "LEVI'S jeans", "LEVI'S"),
    (ProtectedKind.COMPANY, "Jordan 1 sneakers", "Jordan 1"),
    (ProtectedKind.COMPANY, "air jordan", "air jordan"),
    (ProtectedKind.COMPANY, "trader joe's", "trader joe's"),
    (ProtectedKind.COMPANY, "*FedEx*", "FedEx"),
    (ProtectedKind.COMPANY, "ups", "ups"),
    (ProtectedKind.PLACE, "TEXAS", "TEXAS"),
    (ProtectedKind.PLACE, "st. louis", "st. louis"),
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
        "skunk",
        "zip for maria",
        "my number is 2125550147",
        "account 986578788855",
        "4111 1111 1111 1111",
        "passport C01234567",
    ],
)
def test_not_protected(text: str) -> None:
    """Nothing of a person is protected."""
    assert protected_spans(text) == ()


def test_order_ids() -> None:
    """Order ids come in the order of the text, each once; other long numbers are none."""
    text = "114-7654321-1234567, 113-1111111-2222222 and 114-7654321-1234567; 1113-1111111-22222223"

    assert order_ids(text) == ("114-7654321-1234567", "113-1111111-2222222")
