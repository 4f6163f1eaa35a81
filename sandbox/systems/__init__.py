"""The list of outside systems the sandbox plays; a new one is a module and a line here."""

from sandbox.systems import address, banks, decile, registry, shahkar, sms, sso

SYSTEMS = (
    sso.SYSTEM,
    registry.SYSTEM,
    shahkar.SYSTEM,
    sms.SYSTEM,
    address.SYSTEM,
    decile.SYSTEM,
    *(bank.system for bank in banks.BANKS),
)
BY_CODE = {system.code: system for system in SYSTEMS}
