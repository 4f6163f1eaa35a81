"""Who may enter: each blueprint of staff or trainees is closed by one of the hooks made here."""

from collections.abc import Callable

from flask import Response, g, render_template, request, url_for

from blueprints import addresses, cookies
from blueprints.htmx import go, wants_fragment
from models import User, UserRole
from services import access, audit, labels, sessions
from services.access import Actor, Level, Visitor

Hook = Callable[[], Response | None]

# Blueprints of signed-in people; every other one is public (tests/architecture/test_guards.py keeps the list).
STAFF_SIDE = frozenset(
    {
        *(level.value for level in Level),
        "staff_account",
        "property_labels",
        "center_users",
        "province_users",
        "hq_users",
    }
)
TRAINEE_SIDE = frozenset({"trainee", "trainee_account"})
BOTH_SIDES = frozenset({"files"})  # for everybody who is signed in, as staff, as trainee or as both

# Who may enter a level, as the page of refusal says it.
MAY_ENTER = {
    Level.CENTER: ("clerk", "manager", "counselor", "counter"),
    Level.PROVINCE: ("reviewer", "planner", "director"),
    Level.HQ: ("reviewer", "admin"),
    Level.INSTRUCTOR: ("instructor",),
    Level.OPS: ("operator",),
}
TITLES = {
    Level.CENTER: "بخش مرکز",
    Level.PROVINCE: "بخش استان",
    Level.HQ: "بخش ستاد",
    Level.INSTRUCTOR: "بخش مربی",
    Level.OPS: "بخش فنی",
}
PLACES = {Level.CENTER: "یک مرکز یا آموزشگاه", Level.PROVINCE: "ادارهٔ کل یک استان", Level.HQ: "ستاد"}


# -- Hooks -------------------------------------------------------------------------


def require(level: Level | str) -> Hook:
    """The hook of a staff blueprint: signed in, and with a role exercised at this level."""
    wanted = Level(level)

    def check() -> Response | None:
        signed_in = staff()
        if signed_in is None:
            return to_sign_in()
        g.actor = access.actor(signed_in.user, wanted, roles())
        if g.actor and g.actor.stands_for:
            audit.stands_for(g.actor.stands_for)
        return None if g.actor else _wrong_role(wanted)

    return check


def require_staff() -> Response | None:
    """The hook for pages of every staff user."""
    return None if staff() else to_sign_in()


def require_trainee() -> Response | None:
    """The hook of the trainee's blueprint: `bp.before_request(guards.require_trainee)`."""
    return None if visitor() else to_sign_in()


def require_anybody() -> Response | None:
    """The hook for what staff and trainees share; what each may see there is decided row by row."""
    return None if staff() or visitor() else to_sign_in()


# -- Who is here -------------------------------------------------------------------


def me() -> Actor:
    """The staff user as the current blueprint sees them; only behind `require`."""
    actor: Actor = g.actor
    return actor


def actors() -> list[Actor]:
    """The signed-in staff user at every level where they act; nobody where none is signed in."""
    signed_in = staff()
    if signed_in is None:
        return []
    found = (access.actor(signed_in.user, level, roles()) for level in access.levels_of(roles()))
    return [each for each in found if each]


def user() -> User:
    """The signed-in staff user; only behind a staff guard."""
    signed_in = staff()
    if signed_in is None:
        raise RuntimeError("user() on a page without a staff guard")
    return signed_in.user


def trainee() -> Visitor:
    """The signed-in trainee; only behind `require_trainee`."""
    signed_in = visitor()
    if signed_in is None:
        raise RuntimeError("trainee() on a page without the trainee's guard")
    return signed_in.person


def who() -> tuple[int | None, int | None]:
    """User id and person id of those signed in on this side of the product; both None on public pages."""
    here = side()
    signed_in = staff() if here in ("staff", "both") else None
    visiting = visitor() if here in ("trainee", "both") else None
    return (signed_in.user.id if signed_in else None), (visiting.person.id if visiting else None)


def session_id() -> int | None:
    """The session that this request came in, on this side of the product; None on public pages."""
    here = side()
    signed_in = staff() if here == "staff" else visitor() if here == "trainee" else None
    return signed_in.session_id if signed_in else None


def side() -> str:
    """`staff`, `trainee`, `both` or `public`: whose page this request asks for."""
    blueprint = (request.blueprint or "").split(".")[0]
    if blueprint in STAFF_SIDE:
        return "staff"
    if blueprint in BOTH_SIDES:
        return "both"
    return "trainee" if blueprint in TRAINEE_SIDE else "public"


def staff() -> sessions.Staff | None:
    """The staff session of this browser, looked up once in a request."""
    if "staff" not in g:
        token = cookies.read(cookies.STAFF)
        g.staff = sessions.staff(token) if token else None
    found: sessions.Staff | None = g.staff
    return found


def visitor() -> sessions.Trainee | None:
    """The trainee session of this browser, looked up once in a request."""
    if "visitor" not in g:
        token = cookies.read(cookies.TRAINEE)
        g.visitor = sessions.trainee(token) if token else None
    found: sessions.Trainee | None = g.visitor
    return found


def roles() -> list[UserRole]:
    """Every role of the signed-in staff user, looked up once in a request."""
    if "roles" not in g:
        signed_in = staff()
        g.roles = access.roles_of(signed_in.user.id) if signed_in else []
    found: list[UserRole] = g.roles
    return found


def forget() -> None:
    """Forget who was found, at the beginning of a request."""
    for name in ("staff", "visitor", "roles", "actor", "csrf_token", "csrf_valid"):
        g.pop(name, None)


def staff_cookie() -> str:
    return cookies.name(cookies.STAFF)


def trainee_cookie() -> str:
    return cookies.name(cookies.TRAINEE)


# -- Refusals ----------------------------------------------------------------------


def to_sign_in() -> Response:
    """Nobody is signed in: a page is remembered by its address, a form is kept."""
    if request.method not in ("GET", "HEAD") and not wants_get_after():
        from blueprints.held import hold_for_sign_in

        return hold_for_sign_in()
    return go(sign_in_url(addresses.here()))


def wants_get_after() -> bool:
    """Whether this POST is about the session itself, and worth nothing once that has ended."""
    return (request.endpoint or "").split(".")[0] in ("staff_account", "trainee_account")


def sign_in_url(next_: str) -> str:
    """Where the people of this side sign in. `next_` is dropped when it is no plain path of ours."""
    endpoint = "sso.begin" if side() == "trainee" else "auth.sign_in"
    return url_for(endpoint, next=addresses.own_path(next_))


def homes() -> list[tuple[Level, str]]:
    """The levels that the signed-in staff user may enter and that have a first page."""
    return [(level, f"/{level}") for level in access.levels_of(roles()) if addresses.exists(f"/{level}")]


def _wrong_role(level: Level) -> Response:
    if wants_fragment():
        heading = "این بخش برای نقش شما نیست"
        html = render_template(
            "shared/_alert.html", status=403, heading=heading, message=heading, step="", reference=""
        )
        return Response(html, 403, {"HX-Retarget": "#alerts", "HX-Reswap": "innerHTML"})
    context = {"roles": [labels.ROLE[role] for role in MAY_ENTER[level]], "place": PLACES.get(level, "")}
    return Response(render_template("auth/wrong_role.html", homes=homes(), titles=TITLES, **context), 403)
