"""createRestrictedDataToken, model tokens_2021-03-01.json.

What the body holds besides is ignored: python-amazon-sp-api sends its own arguments along.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.sandbox.amazon.answers import Refused, Reply
from bot.sandbox.amazon.asked import Asked, Handler
from bot.sandbox.amazon.operations import OPERATIONS
from bot.sandbox.amazon.rendering_v0 import (
    BUYER_INFO,
    ELEMENTS,
    SHIPPING_ADDRESS,
    TAX_INFORMATION,
)
from bot.sandbox.amazon.tokens import Resource

MOST_RESOURCES: Final = 50
_METHODS: Final = ("GET", "PUT", "POST", "DELETE")
_ROLES: Final[Mapping[str, str]] = {
    BUYER_INFO: "buyer",
    SHIPPING_ADDRESS: "shipping",
    TAX_INFORMATION: "tax",
}
_IMPLIED: Final[Mapping[str, frozenset[str]]] = {
    "getOrderBuyerInfoV0": frozenset({BUYER_INFO}),
    "getOrderAddressV0": frozenset({SHIPPING_ADDRESS}),
}


def create_restricted_data_token(asked: Asked) -> Reply:
    """Return a token for the resources that are asked for, where the roles cover them all."""
    given = asked.body.get("restrictedResources")
    if not isinstance(given, list) or not given:
        raise Refused(400, "restrictedResources is needed.")
    if len(given) > MOST_RESOURCES:
        raise Refused(400, f"restrictedResources takes at most {MOST_RESOURCES}.")
    resources = [_resource(one) for one in given]
    for resource in resources:
        if any(_ROLES[element] not in asked.seller.roles for element in resource.elements):
            raise Refused(403)
    token = asked.world.tokens.lend(asked.seller, asked.now, resources)
    lifetime = asked.world.tokens.seconds
    return Reply(body={"restrictedDataToken": token, "expiresIn": lifetime})


def _resource(given: object) -> Resource:
    if not isinstance(given, dict):
        raise Refused(400, "A restricted resource is not an object.")
    method, path = given.get("method"), given.get("path")
    elements = given.get("dataElements", [])
    if method not in _METHODS or not isinstance(path, str):
        raise Refused(400, "A restricted resource needs a method and a path.")
    if not isinstance(elements, list) or not all(one in ELEMENTS for one in map(str, elements)):
        raise Refused(400, "dataElements has a value that is not known.")
    named = [
        one
        for one in OPERATIONS.values()
        if one.restricted and one.method == method and one.pattern.fullmatch(path)
    ]
    if not named:
        raise Refused(400, "The path is no restricted resource.")
    implied = _IMPLIED.get(named[0].name)
    if implied is None and not elements:
        raise Refused(400, "dataElements is needed for this path.")
    return Resource(method=method, path=path, elements=implied or frozenset(elements))


RESTRICTED: Final[Mapping[str, Handler]] = {
    "createRestrictedDataToken": create_restricted_data_token
}
