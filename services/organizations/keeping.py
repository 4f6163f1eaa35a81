"""Organizations and their contracts as planners and reviewers of a province keep them; each act is one audit row.

Source: docs/rules.md R-416, R-417.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import joinedload

from models import Agreement, Course, CourseStatus, Organization, Role, db, utcnow
from services import audit, late, submissions, text
from services.access import Actor, Level
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.organizations.values import LABEL, AgreementValues, OrganizationValues, show, tidy, tidy_agreement
from services.sql import add_once
from services.transaction import atomic

KEEPERS = (Role.PLANNER, Role.REVIEWER)
PAGE = 25
# Who to ask for and where is a person's: the trail keeps marks of it.
_WORDS = late.Words("organization", "organization_edited", "این سازمان", LABEL, show, late.marked)
_AGREEMENT_WORDS = late.Words("agreement", "agreement_edited", "این قرارداد", LABEL, show)
_TAKEN = "سازمانی با این شناسهٔ ملی در استان شما ثبت است؛ آن را در فهرست پیدا کنید"
_TAKEN_NUMBER = "قراردادی با این شماره برای این سازمان ثبت است"


def may_keep(actor: Actor) -> bool:
    return actor.level is Level.PROVINCE and actor.has(*KEEPERS)


def listing(
    actor: Actor, words: str = "", after: tuple[str, int] | None = None
) -> tuple[list[Row[Any]], tuple[str, int] | None]:
    """Organizations of the actor's provinces by title, each with its contracts and courses counted; one query."""
    contracts = select(func.count()).where(Agreement.organization_id == Organization.id, Agreement.is_active)
    held = select(func.count()).select_from(Course).join(Agreement, Agreement.id == Course.agreement_id)
    held = held.where(Agreement.organization_id == Organization.id, Course.status != CourseStatus.CANCELED)
    counts = (contracts.scalar_subquery().label("contracts"), held.scalar_subquery().label("courses"))
    query = select(Organization, *counts).where(Organization.province_id.in_(actor.provinces))
    for word in text.clean(words).split()[:6]:
        if wanted := text.key(word):
            found = Organization.title_key.contains(wanted, autoescape=True)
            query = query.where(found | Organization.legal_id.startswith(text.digits(word), autoescape=True))
    place = (Organization.title_sort, Organization.id)
    if after:
        query = query.where((place[0] > after[0]) | ((place[0] == after[0]) & (place[1] > after[1])))
    rows = list(db.session.execute(query.order_by(*place).limit(PAGE + 1)))
    last = rows[PAGE - 1].Organization if len(rows) > PAGE else None
    return rows[:PAGE], (last.title_sort, last.id) if last else None


def get(actor: Actor, organization_id: int, *, hold: bool = False) -> Organization:
    """One organization of the territory.

    Raises:
        NotFound, OutsideTerritory: there is none, or it is another province's.
    """
    query = select(Organization).where(Organization.id == organization_id)
    row = db.session.scalar((query.with_for_update() if hold else query).execution_options(populate_existing=True))
    if row is None:
        raise NotFound("این سازمان پیدا نشد.")
    if row.province_id not in actor.provinces:
        raise OutsideTerritory("organization", organization_id)
    return row


def get_agreement(actor: Actor, agreement_id: int, *, hold: bool = False) -> Agreement:
    """One contract of an organization of the territory; raises as `get`."""
    query = (
        select(Agreement)
        .where(Agreement.id == agreement_id)
        .options(joinedload(Agreement.organization), joinedload(Agreement.document))
    )
    query = query.with_for_update(of=Agreement) if hold else query
    row = db.session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("این قرارداد پیدا نشد.")
    if row.organization.province_id not in actor.provinces:
        raise OutsideTerritory("agreement", agreement_id)
    return row


def of_organization(organization_id: int) -> Sequence[Agreement]:
    """Its contracts with their documents, newest first."""
    query = select(Agreement).where(Agreement.organization_id == organization_id)
    query = query.options(joinedload(Agreement.document))
    return db.session.scalars(query.order_by(Agreement.signed_on.desc(), Agreement.id.desc())).all()


def values_of(row: Organization) -> OrganizationValues:
    return OrganizationValues(**{each.name: getattr(row, each.name) for each in fields(OrganizationValues)})


def values_of_agreement(row: Agreement) -> AgreementValues:
    return AgreementValues(**{each.name: getattr(row, each.name) for each in fields(AgreementValues)})


# -- Writing -----------------------------------------------------------------------


def create(actor: Actor, form_key: str, values: OrganizationValues) -> tuple[int, bool]:
    """A new organization of the actor's province: its id, and whether the same form had made it before.

    Raises:
        NotAllowed: the actor keeps none. DomainError: what is wrong with which field, or it is there already.
    """
    keeper(actor)
    with atomic():
        if earlier := submissions.begin(form_key, actor.user_id):
            return submissions.id_of(earlier, "organization"), True
        values, province_id = tidy(values), actor.acting(*KEEPERS).provinces[0]
        row_id = add_once(Organization, province_id=province_id, version=1, created_at=utcnow(), **_columns(values))
        if row_id is None:
            raise DomainError(_TAKEN, field="legal_id")
        audit.record("organization_created", "organization", row_id, actor_id=actor.user_id)
        submissions.finish(form_key, f"organization:{row_id}")
        return row_id, False


def edit(actor: Actor, organization_id: int, version: int, values: OrganizationValues) -> bool:
    """Save an organization; False when nothing differs.

    Raises:
        LateSaving: somebody has saved since. NotFound, OutsideTerritory, NotAllowed, DomainError: as above.
    """
    with atomic():
        row = get(actor, organization_id, hold=True)
        keeper(actor)
        values = tidy(values)
        if values == values_of(row):
            return False
        if version != row.version:
            raise late.refusal(_WORDS, row, actor, version, values)
        same = (Organization.province_id == row.province_id, Organization.legal_id == values.legal_id)
        if values.legal_id != row.legal_id and db.session.scalar(select(Organization.id).where(*same)):
            raise DomainError(_TAKEN, field="legal_id")
        late.write(_WORDS, actor, row, values, _columns(values))
    return True


def add_agreement(actor: Actor, organization_id: int, form_key: str, values: AgreementValues) -> bool:
    """A contract with an organization; False when the same form had added it before. Raises as `create` and `get`."""
    with atomic():
        row = get(actor, organization_id, hold=True)
        keeper(actor)
        if submissions.begin(form_key, actor.user_id):
            return False
        found = {each.name: getattr(tidy_agreement(values), each.name) for each in fields(values)}
        new_id = add_once(Agreement, organization_id=row.id, version=1, created_at=utcnow(), **found)
        if new_id is None:
            raise DomainError(_TAKEN_NUMBER, field="number")
        audit.record("agreement_created", "agreement", new_id, actor_id=actor.user_id)
        submissions.finish(form_key, f"agreement:{new_id}")
    return True


def edit_agreement(actor: Actor, agreement_id: int, version: int, values: AgreementValues) -> bool:
    """Save a contract; as `edit`."""
    with atomic():
        row = get_agreement(actor, agreement_id)
        get(actor, row.organization_id, hold=True)
        keeper(actor)
        values = tidy_agreement(values)
        db.session.refresh(row)
        if values == values_of_agreement(row):
            return False
        if version != row.version:
            raise late.refusal(_AGREEMENT_WORDS, row, actor, version, values)
        same = (Agreement.organization_id == row.organization_id, Agreement.number == values.number)
        if values.number != row.number and db.session.scalar(select(Agreement.id).where(*same)):
            raise DomainError(_TAKEN_NUMBER, field="number")
        late.write(_AGREEMENT_WORDS, actor, row, values, {e.name: getattr(values, e.name) for e in fields(values)})
    return True


def _columns(values: OrganizationValues) -> dict[str, Any]:
    keys = {"title_key": text.key(values.title), "title_sort": text.sort_key(values.title)}
    return {each.name: getattr(values, each.name) for each in fields(values)} | keys


def keeper(actor: Actor) -> None:
    """Let only those on who keep organizations.

    Raises:
        NotAllowed: the actor does not.
    """
    if not may_keep(actor):
        raise NotAllowed("سازمان‌ها و قراردادها را کارشناس برنامه‌ریزی و بررس استان ثبت می‌کنند.")
