"""What each recognizer finds and what it leaves."""

from __future__ import annotations

import pytest

from nlp.detection.entities import ENTITY_TYPES, PERSON
from nlp.detection.patterns import checks
from nlp.recognizers import RuleRecognizer, recognizers

FOUND = {
    "EMAIL_ADDRESS": [
        ("write jo@example.com now", "jo@example.com"),
        ("jo+shop@mail.example.org,", "jo+shop@mail.example.org"),
        ("o'brien@example.museum", "o'brien@example.museum"),
        ("relay qx7h2k9@marketplace.example.com", "qx7h2k9@marketplace.example.com"),
        ("jo at mail dot com", "jo at mail dot com"),
        ("dana dot poole at mail dot com", "dana dot poole at mail dot com"),
        ("jane.doe [at] example [dot] org", "jane.doe [at] example [dot] org"),
        ("jo (at) example.com", "jo (at) example.com"),
        ("sara at gmail.com please", "sara at gmail.com"),
        ("https://x.example/?email=jo@example.com&x=1", "jo@example.com"),
        ("https://x.example/?e=jo%40example.com", "jo%40example.com"),
        ("jo@192.0.2.7", "jo@192.0.2.7"),
        ("müller@exämple.de", "müller@exämple.de"),
        ("abc123xyz@marketplace.amazon.com", "abc123xyz@marketplace.amazon.com"),
        ("buyer abc123xyz@marketplace.amazon.co.uk.", "abc123xyz@marketplace.amazon.co.uk"),
        ("JO.SMITH@EXAMPLE.ORG!!", "JO.SMITH@EXAMPLE.ORG"),
        ("jo_smith-1@sub.mail.example", "jo_smith-1@sub.mail.example"),
        ("email:jo@example.photography", "jo@example.photography"),
        ("jo@example.org's order", "jo@example.org"),
        ("(jo@example.net)", "jo@example.net"),
        ("*jo@example.com*", "jo@example.com"),
        ('"jo smith"@example.com', '"jo smith"@example.com'),
        ("jo@gmail .com please", "jo@gmail .com"),
        ("jo@yahoo", "jo@yahoo"),
        ("jo @ example . com", "jo @ example . com"),
        ("jo(at)mail(dot)com", "jo(at)mail(dot)com"),
        ("SARA AT MAIL DOT COM", "SARA AT MAIL DOT COM"),
        ("jo@exam-ple.co.uk", "jo@exam-ple.co.uk"),
    ],
    "PHONE_NUMBER": [
        ("+44 20 7946 0018", "+44 20 7946 0018"),
        ("+1 (555) 555-0100", "+1 (555) 555-0100"),
        ("(212) 555-0147 ext 12", "(212) 555-0147 ext 12"),
        ("212.555.0147", "212.555.0147"),
        ("1-212-555-0147x9", "1-212-555-0147x9"),
        ("212 555 0147", "212 555 0147"),
        ("phone 2125550147", "2125550147"),
        ("2125550147 is her cell", "2125550147"),
        ("his cell is 555-0142", "555-0142"),
        ("06 12 34 56 78", "06 12 34 56 78"),
        ("07700 900123", "07700 900123"),
        ("call 612 345 678", "612 345 678"),
        ("Austin\n2125550147\n", "2125550147"),
        ("five five five oh one four seven", "five five five oh one four seven"),
        ("(212)555-0147", "(212)555-0147"),
        ("(212) 5550147", "(212) 5550147"),
        ("1 (212) 555-0147", "1 (212) 555-0147"),
        ("+12125550147", "+12125550147"),
        ("0049 30 901820", "0049 30 901820"),
        ("+49 (0)30 901820", "+49 (0)30 901820"),
        ("+33 6 12 34 56 78", "+33 6 12 34 56 78"),
        ("030/901820-0", "030/901820-0"),
        ("212-555-0147 x12", "212-555-0147 x12"),
        ("PHONE:2125550147", "2125550147"),
        ("Tel.: 020 7946 0018", "020 7946 0018"),
        ("my number is 2125550147 order", "2125550147"),
        ("text 98765 43210", "98765 43210"),
        ("case 212-555-0147", "212-555-0147"),
        ("*212-555-0147*", "212-555-0147"),
    ],
    "CREDIT_CARD": [
        ("4111 1111 1111 1111", "4111 1111 1111 1111"),
        ("12 4111-1111-1111-1111 exp", "4111-1111-1111-1111"),
        ("378282246310005", "378282246310005"),
        ("6011111111111117.", "6011111111111117"),
        ("card:4111111111111111", "4111111111111111"),
        ("5555-5555-5555-4444", "5555-5555-5555-4444"),
        ("3782 822463 10005", "3782 822463 10005"),
    ],
    "IBAN_CODE": [
        ("DE89 3704 0044 0532 0130 00 and more", "DE89 3704 0044 0532 0130 00"),
        ("gb82west12345698765432", "gb82west12345698765432"),
        ("IBAN: FR1420041010050500013M02606 thanks", "FR1420041010050500013M02606"),
        ("NL91-ABNA-0417-1643-00", "NL91-ABNA-0417-1643-00"),
    ],
    "US_SSN": [
        ("219-09-9999", "219-09-9999"),
        ("ssn 219099999", "219099999"),
        ("social security number: 219 09 9999", "219 09 9999"),
        ("SSN:219099999", "219099999"),
        ("ssn ending in 9999", "9999"),
        ("219-09-9999.", "219-09-9999"),
    ],
    "US_ITIN": [
        ("912-70-1234", "912-70-1234"),
        ("itin 912701234", "912701234"),
        ("tax id 912 70 1234", "912 70 1234"),
    ],
    "US_PASSPORT": [
        ("passport number is C01234567", "C01234567"),
        ("Passport: 512345678", "512345678"),
        ("C01234567 is his passport", "C01234567"),
    ],
    "US_DRIVER_LICENSE": [
        ("driver's license: D1234567", "D1234567"),
        ("DL# X123-4567-8901", "X123-4567-8901"),
        ("drivers license number D1234567", "D1234567"),
        ("CA driver license: D1234567", "D1234567"),
    ],
    "US_BANK_NUMBER": [
        ("account number 123456789012", "123456789012"),
        ("routing 021000021", "021000021"),
        ("bank account: 1234 5678 9012", "1234 5678 9012"),
        ("acct # 00123456", "00123456"),
    ],
    "IP_ADDRESS": [
        ("from 203.0.113.9.", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("ip=203.0.113.9", "203.0.113.9"),
        ("2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:0DB8:0000:0000:0000:0000:0000:0001"),
    ],
    "DATE_OF_BIRTH": [
        ("dob 04/12/1985", "04/12/1985"),
        ("born on May 5, 1990", "May 5, 1990"),
        ("her birthday is 3 March", "3 March"),
        ("date of birth: 1985-04-12", "1985-04-12"),
        ("DOB:04/12/1985", "04/12/1985"),
        ("birthday 3 March", "3 March"),
        ("b-day April 5, 1990", "April 5, 1990"),
        ("04/12/1985 is her date of birth", "04/12/1985"),
        ("born in 1985", "1985"),
    ],
    "STREET_ADDRESS": [
        ("12 Elm Street Apt 4, Austin", "12 Elm Street Apt 4"),
        ("1600 Pennsylvania Ave NW, Washington", "1600 Pennsylvania Ave NW"),
        ("it lives at 9 maple ct, boise", "9 maple ct"),
        ("12-14 High Street", "12-14 High Street"),
        ("37-21 85th St", "37-21 85th St"),
        ("350 5th Ave, Floor 21, New York", "350 5th Ave, Floor 21"),
        ("1500 Broadway, Suite 200", "1500 Broadway, Suite 200"),
        ("1234 S 500 W", "1234 S 500 W"),
        ("4500 State Route 7", "4500 State Route 7"),
        ("One Elmwood Way", "One Elmwood Way"),
        ("14 Orchard Road", "14 Orchard Road"),
        ("Rose Cottage, Mill Lane", "Rose Cottage, Mill Lane"),
        ("3/45 George St", "3/45 George St"),
        ("1055 Rue Saint-Denis, Montréal", "1055 Rue Saint-Denis"),
        ("Hauptstraße 5, 10969 Berlin", "Hauptstraße 5"),
        ("Unter den Linden 77", "Unter den Linden 77"),
        ("Prinsengracht 263", "Prinsengracht 263"),
        ("Rue de la Paix 12, Paris", "Rue de la Paix 12"),
        ("12 rue de la Paix, 75002 Paris", "12 rue de la Paix"),
        ("Calle Mayor 3", "Calle Mayor 3"),
        ("Via Roma 12, Milano", "Via Roma 12"),
        ("ul. Długa 5", "ul. Długa 5"),
        ("P.O. Box 1234", "P.O. Box 1234"),
        ("po box 55", "po box 55"),
        ("RR 2 Box 15", "RR 2 Box 15"),
        ("PSC 1234, Box 5678, APO AE 09012", "PSC 1234, Box 5678"),
        ("leave it at apt 4b", "apt 4b"),
        ('"AddressLine1": "88 Sunset Parade 4"', "88 Sunset Parade 4"),
        ("Apt 3, Rua das Flores 12", "Apt 3, Rua das Flores 12"),
        ("Rua das Flores 12, Apt 3", "Rua das Flores 12, Apt 3"),
        ("5 Main, Apt 3", "5 Main, Apt 3"),
        ("8800 Lakeshore, Cleveland, OH 44101", "8800 Lakeshore"),
        ("5 Main Austin TX 78701", "5 Main"),
        ("she lives at 5 main", "5 main"),
        ("the address is 8800 Lakeshore, thanks", "8800 Lakeshore"),
        ("ship to 12 Fairview, please", "12 Fairview"),
        ("12 ELM STREET APT 4", "12 ELM STREET APT 4"),
        ("*12 Elm Street*", "12 Elm Street"),
        ("12 Elm Street.", "12 Elm Street"),
        ("12 N. Elm St., Unit 4B", "12 N. Elm St., Unit 4B"),
        ("221 1/2 Elm Street", "221 1/2 Elm Street"),
        ("12B Elm Street", "12B Elm Street"),
        ("350 5th Avenue 21st Floor", "350 5th Avenue 21st Floor"),
        ("P O Box 1234", "P O Box 1234"),
        ("POBox 55", "POBox 55"),
        ("PO BOX: 1234-5", "PO BOX: 1234-5"),
        ("HC 1 Box 15A", "HC 1 Box 15A"),
        ("CMR 414 Box 2034", "CMR 414 Box 2034"),
        ("c/o 14 Harbour Terrace", "14 Harbour Terrace"),
        ("Suite 200, 14 Orchard Road", "14 Orchard Road"),
        ("10 Rue des Lilas", "10 Rue des Lilas"),
        ("Straße des 17. Juni 135", "Straße des 17. Juni 135"),
        ("Lange Str. 12a", "Lange Str. 12a"),
        ("Kirchweg 4", "Kirchweg 4"),
        ("Storgatan 12", "Storgatan 12"),
        ("Calle de Alcalá, 42", "Calle de Alcalá, 42"),
        ("Avenida da Liberdade 110", "Avenida da Liberdade 110"),
        ("Piazza San Marco 1", "Piazza San Marco 1"),
    ],
}

LEFT = {
    "EMAIL_ADDRESS": [
        "look at example dot com for it",
        "meet at noon. com",
        "2 @ 5.99 each",
        "<@U02ABCDEF>",
        "@jo can you look",
        "5@ each",
        "it is at mail",
        "rate 4 @ 12.50",
    ],
    "PHONE_NUMBER": [
        "113-1234567-7654321",
        "order 1234567890",
        "case 2125550147 call later",
        "PO Box 5550142",
        "78701-1234",
        "$2125550147",
        "1,212,555,014 units",
        "2024-05-17 14:30",
        "10 to 20 days",
        "version 2.12.555",
        "1Z999AA10123456784",
        "9400111201080805483016",
        "tracking number 123456789012",
        "fedex 771234567890",
        "B08N5WRWNW",
        "12/24/2024",
        "qty 1234567",
        "SKU 5550142-01",
        "192.0.2.17",
        "invoice 20240517-33",
        "WRO-5550142",
    ],
    "CREDIT_CARD": [
        "4111 1111 1111 1112",
        "9400111899223397622910",
        "1234567890123456",
        "0" * 16,
        "113-1234567-7654321",
        "1Z4111111111111111",
        "$4111111111111111",
    ],
    "IBAN_CODE": [
        "DE89 3704 0044 0532 0130 01",
        "B08N5WRWNW",
        "LX33815845 but tracking",
        "RB688493869US but tracking has",
        "TBA123456789012",
    ],
    "US_SSN": [
        "666-09-9999",
        "000-09-9999",
        "219-00-9999",
        "219099999",
        "78701-1234",
        "social media 2024",
        "113-45-67890",
    ],
    "US_ITIN": [
        "912-45-1234",
        "912701234",
        "912-70-12345",
    ],
    "US_PASSPORT": [
        "C01234567",
        "SKU C01234567",
        "order C01234567",
    ],
    "US_DRIVER_LICENSE": [
        "D1234567",
        "license is needed for item 4",
        "software license for 12 seats",
        "dl the report 2024",
    ],
    "US_BANK_NUMBER": [
        "123456789012",
        "my account has 3 orders",
        "account for order 113",
        "bank of 12 orders",
    ],
    "IP_ADDRESS": [
        "1.2.3.4.5",
        "999.1.1.1",
        "at 10:30:15",
        "::",
        "v1.2.3.4",
        "12:30",
        "14:30:15:22",
    ],
    "DATE_OF_BIRTH": [
        "delivered 04/12/2024",
        "birthday gift ordered 05/01/2024",
        "order placed on May 5, 2024",
        "05/17/2024",
        "on March 3",
        "born to ship",
    ],
    "STREET_ADDRESS": [
        "I have 3 items on the way",
        "12 Fine Point Markers, 24 ct",
        "500 GB hard drive",
        "send 3 boxes to st louis",
        "1 more place to check",
        "20 units at this point",
        "shipped via UPS 2 day",
        "Spring 2024, during 3 days",
        "ip address: 192.0.2.1",
        "2 of the 5 lanes",
        "5 star rating in the drive",
        "I called 3 times",
        "Austin, TX 78701",
        "RMA-42687",
        "RMA-42687\nUnit price is 4.50",
        "350 orders, St. Louis",
        "send to 2 addresses",
        "ship to 12 states",
        "lives at home",
        "address is wrong",
        "the address: 5 working days",
        "we sent 24 ct of it",
        "2 places left",
        "in 3 ways",
        "qty 4, case 12",
        "order 12 Drive bays",
        "Rua 'n calle",
        "via UPS 2",
        "Main account 5",
        "7 x 24 support way",
    ],
}


@pytest.fixture(scope="module")
def recognizer() -> RuleRecognizer:
    """The recognizer of all that has a form."""
    (one,) = recognizers()
    return one


def found(recognizer: RuleRecognizer, entity_type: str, text: str) -> set[str]:
    """What the recognizer finds that is at all sure."""
    return {
        text[result.start : result.end]
        for result in recognizer.analyze(text, [entity_type])
        if result.score >= 0.5
    }


@pytest.mark.parametrize(
    ("entity_type", "text", "value"),
    [(entity_type, *case) for entity_type, cases in FOUND.items() for case in cases],
)
def test_found(recognizer: RuleRecognizer, entity_type: str, text: str, value: str) -> None:
    """Each form is found from its first to its last character."""
    assert max(found(recognizer, entity_type, text), key=len, default="") == value


@pytest.mark.parametrize(
    ("entity_type", "text"),
    [(entity_type, text) for entity_type, texts in LEFT.items() for text in texts],
)
def test_left(recognizer: RuleRecognizer, entity_type: str, text: str) -> None:
    """What looks alike but is no PII is left."""
    assert found(recognizer, entity_type, text) == set()


def test_every_kind_has_rules(recognizer: RuleRecognizer) -> None:
    """Every entity type of the contract but PERSON has rules, and every one is in these tables."""
    kinds = set(ENTITY_TYPES) - {PERSON}

    assert set(recognizer.supported_entities) == set(FOUND) == set(LEFT) == kinds


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.usps, "9400111201080805483016", "9400111201080805483017"),
        (checks.postal_union, "RB473124829US", "RB473124828US"),
        (checks.iban, "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 33"),
        (checks.card, "5555555555554444", "5555555555554443"),
        (checks.ssn, "219-09-9999", "900-09-9999"),
        (checks.itin, "912-70-1234", "912-93-1234"),
        (checks.ip_address, "2001:db8::1", "2001:db8:::1"),
    ],
)
def test_check_digits(check: object, good: str, bad: str) -> None:
    """A check takes the right number and refuses the one beside it."""
    assert callable(check)
    assert (check(good), check(bad)) == (True, False)


def test_street_stops_before_the_city(recognizer: RuleRecognizer) -> None:
    """City, state and zip are no part of a street."""
    text = "ship to 48 Quarry Hill Road, Unit 2, Tulsa, OK 74105"

    streets = found(recognizer, "STREET_ADDRESS", text)

    assert max(streets, key=len) == "48 Quarry Hill Road, Unit 2"
