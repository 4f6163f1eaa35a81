"""The postal address of a postal code, from the post by way of the same broker as the civil registry.

The one public trace of the call is a state client of the broker "Tefas" (`POST api/PostOffice/Address {Postalcode}`;
domain 4.3); of its answer nothing public was found. We read the broker's usual envelope, `isSuccessful`, `code` and
`result`, and in `result` the parts of an address by the names in `PARTS`, of which any may be missing; or the whole in
`address`. `result` null with code 1 means that there is no such postal code.
"""

from dataclasses import dataclass, field

from gateways.errors import Temporary, Unanswered
from gateways.http import call

PATH = "/api/PostOffice/Address"
NOT_FOUND = "1"
PARTS = (
    "state",
    "townShip",
    "zone",
    "locality",
    "mainAvenue",
    "avenue",
    "alley",
    "building",
    "plaque",
    "floor",
    "unit",
)
LONGEST = 300


@dataclass(frozen=True)
class Address:
    url: str
    client_id: str = field(repr=False)
    timeout_s: float

    def of(self, postal_code: str) -> str | None:
        """The address in one line, or None when there is no such postal code.

        Raises:
            Temporary, Refused, Unanswered: nothing is known.
        """
        question = {"Postalcode": postal_code, "clientId": self.client_id}
        answer = call("POST", self.url.rstrip("/") + PATH, self.timeout_s, payload=question).document()
        code = str(answer.get("code"))
        if answer.get("isSuccessful") is not True:
            raise Temporary("address_failed")
        record = answer.get("result")
        if record is None and code == NOT_FOUND:
            return None
        if not isinstance(record, dict):
            raise Unanswered("no_record")
        if str(record.get("postalCode", postal_code)) != postal_code:
            raise Unanswered("other_code")
        whole = record.get("address") or "، ".join(str(record[name]) for name in PARTS if record.get(name))
        if not isinstance(whole, str) or not whole.strip():
            raise Unanswered("no_address")
        return whole.strip()[:LONGEST]
