"""Who may teach what, as the walkers of pages and forms see it."""

from models import InstructorRule, SkillStandard
from tests import fit_cases, make

TITLE = "استانداردی با شرایط مربی"
WAY = {"min_degree": "master", "study_fields": "مکانیک", "experience_years": "3"}
Scene = tuple[str, dict, dict]


def standing(world) -> SkillStandard:
    """The one that grows with `grown`."""
    return make.first(SkillStandard, title=TITLE) or make.standard(title=TITLE, instructor_requirement="کارشناسی")


def rule(world) -> InstructorRule:
    return fit_cases.rule(make.standard())


def grown(world, n: int) -> None:
    fit_cases.rule(standing(world), experience_years=n + 1)


def written(world) -> Scene:
    row = standing(world)
    return f"/hq/standards/{row.id}/instructors", {"standard_id": row.id}, WAY


def taken_away(world) -> Scene:
    row = rule(world)
    values = {"standard_id": row.standard_id, "rule_id": row.id}
    return f"/hq/standards/{row.standard_id}/instructors", values, {}


SCENES = {"hq.rule_save": written, "hq.rule_remove": taken_away}
