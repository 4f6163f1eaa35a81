"""Who signed in at the national window: the person, found or made, with what was empty filled in."""

from gateways.sso_claims import SsoPerson
from models import Gender, MobileStatus, Person, db
from services import codes, deciles, mobiles, official, own_data, people
from services.errors import DomainError
from services.official import Facts
from services.people import SSO
from services.transaction import atomic


def sign_in(facts: SsoPerson, *, takes_mobile: bool = False) -> Person:
    """The person of this national code, found or made, with what was empty filled in.

    A different value is left as it is and becomes a task for a reviewer. Found by national code only: a mobile or a
    name may belong to two people.

    Args:
        takes_mobile: the person came to have the window's mobile taken, in the place of any other.
    """
    code = codes.national_code(facts.national_code)
    if code is None:
        raise DomainError("کد ملی‌ای که پنجره ملی فرستاد درست نیست و ورود انجام نشد.")
    with atomic():
        person = people.find_or_create(code)
        official.take_in(person, _known(facts))
        _take_mobile(person, codes.mobile(facts.mobile), is_wanted=takes_mobile)
        deciles.owe(person)
    return person


def _known(facts: SsoPerson) -> Facts:
    return Facts(
        source=SSO,
        first_name=facts.first_name,
        last_name=facts.last_name,
        father_name=facts.father_name,
        gender=Gender(facts.gender) if facts.gender else None,
        birth_date=facts.birth_date,
        shenasname_no=facts.shenasname_no,
    )


def _take_mobile(person: Person, mobile: str | None, *, is_wanted: bool) -> None:
    """The window's mobile is its owner's, without a second check; only another one matched not long ago stays.

    Source: docs/rules.md R-31, R-724.
    """
    is_ours_good = person.mobile_status is MobileStatus.MATCHED and not mobiles.is_old(person)
    if mobile is None or (person.mobile != mobile and is_ours_good and not is_wanted):
        return
    if (person.mobile, person.mobile_status) != (mobile, MobileStatus.MATCHED):
        person.version += 1
    is_new = mobiles.put(person, mobile, SSO)
    db.session.flush()
    if is_new and is_wanted:
        own_data.tell_changed(person)
