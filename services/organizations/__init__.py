"""Organizations that ask for courses: their contracts, whom they name, and what came of it."""

from services.organizations.keeping import (
    add_agreement,
    create,
    edit,
    edit_agreement,
    get,
    get_agreement,
    keeper,
    listing,
    may_keep,
    of_organization,
    values_of,
    values_of_agreement,
)
from services.organizations.nominees import courses_of, may_name, of_course, remove
from services.organizations.results import agreement_of, write
from services.organizations.values import AgreementValues, OrganizationValues

__all__ = [
    "AgreementValues",
    "Course",
    "OrganizationValues",
    "add_agreement",
    "agreement_of",
    "courses_of",
    "create",
    "edit",
    "edit_agreement",
    "get",
    "get_agreement",
    "keeper",
    "listing",
    "may_keep",
    "may_name",
    "named",
    "of_course",
    "of_organization",
    "remove",
    "values_of",
    "values_of_agreement",
    "write",
]
