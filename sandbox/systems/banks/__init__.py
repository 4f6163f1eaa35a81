"""The four banks, each in its own wire format, over books and a page that they share."""

from sandbox.systems.banks import mellat, sadad, sep, zarinpal

BANKS = (sadad.BANK, sep.BANK, mellat.BANK, zarinpal.BANK)
BY_CODE = {bank.code: bank for bank in BANKS}
# Here a form of the merchant's page ends, so it comes from another site.
ENTRANCES = ("sep.onlinepg", "mellat.enter")
