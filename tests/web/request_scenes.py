"""Demands, organizations and nominees as the walkers of pages and forms see them."""

from models import Agreement, CourseDemand, Nominee, Organization, SkillStandard, WorkshopStandard, db
from services import demands
from services.demands import Ask
from tests import attachments, make


def own(world) -> CourseDemand:
    """The trainee of the world waits for something that is not open."""
    return make.first(CourseDemand, person_id=world.trainee.id, state="open") or wanted(world, world.trainee)


def wanted(world, person, title: str | None = None) -> CourseDemand:
    standard = rare(world, title or "تعمیر ساعت")
    demands.ask(person.id, Ask(standard.code, world.unit.county.code))
    return make.first(CourseDemand, person_id=person.id, standard_id=standard.id)


def rare(world, title: str = "تعمیر ساعت") -> SkillStandard:
    """A standard that the workshop of the course could host and of which nothing is open."""
    found = make.first(SkillStandard, title=title)
    if found is None:
        found = make.standard(title=title)
        make.save(WorkshopStandard(workshop_id=world.course.workshop_id, standard_id=found.id))
    return found


def organization(world) -> Organization:
    return make.first(Organization) or make.organization(world.unit.province)


def agreement(world) -> Agreement:
    return make.first(Agreement) or make.agreement(organization(world))


def nominee(world) -> Nominee:
    """Somebody named for the course of the world, under a contract."""
    world.course.agreement_id = agreement(world).id
    db.session.commit()
    return make.nominee(world.course, world.staff["center"])


def grown(world, n: int) -> None:
    make.agreement(organization(world), number=f"1405/{n}")
    make.organization(world.unit.province)
    nominee(world)
    wanted(world, make.person())
    wanted(world, world.trainee, f"تعمیر رادیو {n}")


# -- Forms -------------------------------------------------------------------------


def sent(world):
    rare(world, "تعمیر نایاب")
    page = f"/demand?q=نایاب&province={world.unit.province.code}"
    typed = {"county": world.unit.county.code, "national_code": make.national_code(), "mobile": "09113700001"}
    return page, {}, typed


def withdrawn(world):
    return "/trainee/demands", {"demand_id": own(world).id}


def opened(level: str):
    def scene(world):
        row = own(world)
        values = {"standard_id": row.standard_id, "county_id": row.county_id}
        typed = {"unit": str(world.unit.id)}
        return f"/{level}/demand/{row.standard_id}/{row.county_id}", values, typed

    return scene


PAGE = "/province/organizations"


def written(world):
    typed = {"title": f"شرکت نمونه {make.national_code()}", "legal_id": make.legal_id()}
    return f"{PAGE}/new", {}, typed


def edited(world):
    row = organization(world)
    return f"{PAGE}/{row.id}/edit", {"organization_id": row.id}, {"contact": "مدیر آموزش"}


def contracted(world):
    row = organization(world)
    typed = {"number": make.national_code(), "signed_on-d": "۱", "signed_on-m": "مهر", "signed_on-y": "۱۴۰۵"}
    return f"{PAGE}/{row.id}", {"organization_id": row.id}, typed


def contract_edited(world):
    row = agreement(world)
    return f"/province/agreements/{row.id}", {"agreement_id": row.id}, {"subject": "آموزش کارکنان"}


def document_sent(world):
    row = agreement(world)
    page = f"/province/agreements/{row.id}"
    return page, {"agreement_id": row.id}, {}, "", None, (("file", "قرارداد.jpg", attachments.jpeg()),)


def document_removed(world):
    row = agreement(world)
    file = attachments.ready(world.staff["province"], world.unit)
    file.owner_kind, file.owner_id, file.unit_id = "agreement", row.id, None
    # A browser that asks for small pictures writes down that it saw them, while the next page is being prepared.
    file.kind, file.mime, file.pages = "pdf", "application/pdf", 1
    row.document_id = make.save(file).id
    make.save(row)
    return f"/province/agreements/{row.id}", {"agreement_id": row.id}


def taken_off(world):
    row = nominee(world)
    values = {"course_id": row.course_id, "nominee_id": row.id}
    return f"/center/courses/{row.course_id}/nominees", values


SCENES = {
    "province.organization_create": written,
    "province.organization_save": edited,
    "province.agreement_add": contracted,
    "province.agreement_save": contract_edited,
    "province.agreement_document": document_sent,
    "province.agreement_document_remove": document_removed,
    "center.course_nominee_remove": taken_off,
    "public.demand_send": sent,
    "trainee.demand_withdraw": withdrawn,
    "center.demand_open": opened("center"),
    "province.demand_open": opened("province"),
}
