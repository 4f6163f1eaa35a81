"""Sign-in of trainees and instructors at the national window: where to send the browser, and who came back."""

import threading
from dataclasses import dataclass

from sqlalchemy import select

import gateways
from gateways.errors import GatewayError, Refused, SsoRefused
from gateways.sso import NationalWindow, SsoRequest
from gateways.sso_claims import SsoPerson
from models import Role, User, db
from services import access, audit, outside, sessions, sso_people
from services.errors import DomainError, NotAllowed
from services.transaction import atomic

# While the window hangs each sign-in holds a thread for seconds; more than these of one process may never wait for it.
AT_ONCE = 2
_room = threading.BoundedSemaphore(AT_ONCE)


class WindowAway(DomainError):
    """The national window did not answer, or is switched off here."""

    status = 503


class WindowBusy(WindowAway):
    """Too many wait for the window already; it was not asked, so the same way back can be gone again."""


class WindowRefused(DomainError):
    """The window answered, but not with a person."""

    status = 400


AWAY = "پنجره ملی دولت هوشمند پاسخ نداد و ورود انجام نشد."
OFF = "ورود از پنجره ملی دولت هوشمند اکنون در این سامانه بسته است."
BUSY = "پنجره ملی دولت هوشمند دیر پاسخ می‌دهد و افراد زیادی منتظر آن‌اند. ورود انجام نشد."
REFUSED = "پنجره ملی این ورود را نپذیرفت. شاید زمان آن گذشته یا پیش از این به کار رفته است."
NO_ACCOUNT = (
    "شما در این سامانه حساب مربی ندارید. مدیر مرکز یا آموزشگاهی که در آن درس می‌دهید آن را می‌سازد؛ "
    "اگر حسابی با نقش‌های دیگر دارید، با نام کاربری و گذرواژه وارد شوید."
)
NOBODY = "پنجره ملی کد ملی شما را به ما نداد و ورود انجام نشد."


@dataclass(frozen=True, repr=False)
class Arrival:
    """Who has signed in: the token of the new session, and what the window wants back at sign-out."""

    token: str
    id_token: str


def is_open() -> bool:
    return _window() is not None


def begin(redirect_uri: str) -> SsoRequest:
    """Where to send the browser, and what to keep with it; calls nobody."""
    window = _window()
    if window is None:
        raise WindowAway(OFF)
    return window.begin(redirect_uri)


def finish(redirect_uri: str, code: str, kept: dict[str, str], *, browser: str = "", address: str = "") -> Arrival:
    """Exchange the code for the person and open their session; the gateway answers or gives up within 6 seconds.

    Raises:
        WindowBusy: too many wait for an answer already.
        WindowAway: no answer; signing in again later may work.
        WindowRefused: the code is used up, forged, or brings no national code.
    """
    facts = _ask(redirect_uri, code, kept)
    with atomic():
        person = sso_people.sign_in(facts)
        audit.record("signed_in", "person", person.id, actor_person_id=person.id)
        return Arrival(sessions.open_trainee(person.id, browser, address), facts.id_token)


def finish_instructor(
    redirect_uri: str, code: str, kept: dict[str, str], *, browser: str = "", address: str = ""
) -> Arrival:
    """The same for an instructor, who enters with the own staff account; nothing of a stranger is kept.

    Raises:
        NotAllowed: this person has no account that is an instructor's alone.
        WindowBusy, WindowAway, WindowRefused: as `finish`.

    Source: docs/rules.md R-276.
    """
    facts = _ask(redirect_uri, code, kept)
    with atomic():
        user = _instructor(sso_people.sign_in(facts).id)
        if user is None:
            raise NotAllowed(NO_ACCOUNT)
        audit.record("signed_in", "user", user.id, actor_id=user.id, by="sso")
        return Arrival(sessions.open_staff(user.id, browser, address), facts.id_token)


def logout_url(id_token: str | None, back_to: str) -> str:
    """Where to leave the window itself; `back_to` when it is switched off."""
    window = _window()
    return window.logout_url(id_token, back_to) if window else back_to


# -- Support -----------------------------------------------------------------------


def _window() -> NationalWindow | None:
    """The window while it is asked; an operator may have switched it off."""
    return gateways.window() if outside.is_online("sso") else None


def _ask(redirect_uri: str, code: str, kept: dict[str, str]) -> SsoPerson:
    """What the window knows of whoever brings the code."""
    window = _window()
    if window is None:
        raise WindowAway(OFF)
    if not _room.acquire(blocking=False):
        raise WindowBusy(BUSY)
    try:
        return outside.call("sso", lambda: window.finish(redirect_uri, code, kept["nonce"], kept["verifier"]))
    except SsoRefused as error:
        raise WindowRefused(REFUSED) from error
    except Refused as error:
        raise WindowRefused(NOBODY) from error
    except (GatewayError, outside.Resting) as error:
        raise WindowAway(AWAY) from error
    finally:
        _room.release()


def _instructor(person_id: int) -> User | None:
    """The account of a person that holds the role of an instructor and no other: the rest is for a password."""
    query = select(User).where(User.person_id == person_id, User.disabled_at.is_(None)).order_by(User.id)
    for user in db.session.scalars(query):
        if {role.role for role in access.roles_of(user.id)} == {Role.INSTRUCTOR}:
            return user
    return None
