"""Sign-in of trainees and instructors at the national window: where to send the browser, and who came back."""

import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

import gateways
from gateways.errors import GatewayError, Refused, SsoRefused, SsoReused
from gateways.sso import NationalWindow, SsoRequest
from gateways.sso_claims import SsoPerson
from models import Role, User, db
from services import access, audit, catalog, outside, seals, sessions, sso_people, throttle
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


class UnderWay(WindowAway):
    """This very way back is being gone at the moment, by the page that was loaded before this one."""


class WindowRefused(DomainError):
    """The window answered, but not with a person."""

    status = 400


class WindowReused(WindowRefused):
    """The window brought whoever had signed in there before, who may be somebody else."""


AWAY = "پنجره ملی دولت هوشمند پاسخ نداد و ورود انجام نشد."
OFF = "ورود از پنجره ملی دولت هوشمند اکنون در این سامانه بسته است."
BUSY = "پنجره ملی دولت هوشمند دیر پاسخ می‌دهد و افراد زیادی منتظر آن‌اند. ورود انجام نشد."
UNDER_WAY = "ورود شما در حال انجام است. این صفحه خودش ادامه می‌دهد."
REUSED = (
    "پنجره ملی ورود تازه‌ای نخواست و ورود پیشین همین مرورگر را برگرداند. شاید آن ورود مال کس دیگری باشد، "
    "برای همین پذیرفته نشد. نخست از پنجره ملی خارج شوید و دوباره وارد شوید."
)
REFUSED = "پنجره ملی این ورود را نپذیرفت. شاید زمان آن گذشته یا پیش از این به کار رفته است."
NO_ACCOUNT = (
    "شما در این سامانه حساب مربی ندارید. مدیر مرکز یا آموزشگاهی که در آن درس می‌دهید آن را می‌سازد؛ "
    "اگر حسابی با نقش‌های دیگر دارید، با نام کاربری و گذرواژه وارد شوید."
)
NOBODY = "پنجره ملی کد ملی شما را به ما نداد و ورود انجام نشد."


# A way back that is gone for the second time is still under way for so long: the window's time, and our own part.
UNDER_WAY_S = 10
_COURSE = re.compile(r"/(?:courses|trainee/enroll)/([^/?#]+)")


@dataclass(frozen=True, repr=False)
class Kept:
    """What the browser keeps while it is at the window; `at` is when it went there, in Unix seconds.

    `takes_mobile`: it went there to have the window's mobile taken in the place of the one that stands here.
    """

    state: str
    nonce: str
    verifier: str
    at: float
    takes_mobile: bool = False

    @property
    def token(self) -> str:
        """The token of the session that this sign-in opens, always the same: a page loaded again finds the session."""
        return seals.mark("sign-in", f"{self.state} {self.verifier}")


@dataclass(frozen=True, repr=False)
class Arrival:
    """Who has signed in: the token of the new session, and what the window wants back at sign-out.

    The latter is empty when the page was loaded a second time. `has_mobile`: the window told one.
    """

    token: str
    id_token: str
    has_mobile: bool = True


def is_open() -> bool:
    return _window() is not None


def begin(redirect_uri: str) -> SsoRequest:
    """Where to send the browser, and what to keep with it; calls nobody."""
    window = _window()
    if window is None:
        raise WindowAway(OFF)
    return window.begin(redirect_uri)


def finish(redirect_uri: str, code: str, kept: Kept, *, browser: str = "", address: str = "") -> Arrival:
    """Exchange the code for the person and open their session; the gateway answers or gives up within 6 seconds.

    A code is sent once. Whoever loads the page again finds the session that was opened then.

    Raises:
        UnderWay: the answer to the first time is still out.
        WindowBusy: too many wait for an answer already, or the window is left alone just now.
        WindowAway: no answer; signing in again later may work.
        WindowRefused: the code is used up, forged, or brings no national code; as WindowReused, somebody from before.

    Source: docs/rules.md R-720, R-721.
    """
    with _once(kept) as is_first:
        if not is_first:
            return _second_time(kept, sessions.trainee(kept.token))
        facts = _ask(redirect_uri, code, kept)
    with atomic():
        person = sso_people.sign_in(facts, takes_mobile=kept.takes_mobile)
        audit.record("signed_in", "person", person.id, actor_person_id=person.id)
        token = sessions.open_trainee(person.id, browser, address, kept.token)
    return Arrival(token, facts.id_token, facts.mobile is not None)


def finish_instructor(redirect_uri: str, code: str, kept: Kept, *, browser: str = "", address: str = "") -> Arrival:
    """The same for an instructor, who enters with the own staff account; nothing of a stranger is kept.

    Raises:
        NotAllowed: this person has no account that is an instructor's alone.
        UnderWay, WindowBusy, WindowAway, WindowRefused: as `finish`.

    Source: docs/rules.md R-276.
    """
    with _once(kept) as is_first:
        if not is_first:
            return _second_time(kept, sessions.staff(kept.token))
        facts = _ask(redirect_uri, code, kept)
    with atomic():
        user = _instructor(sso_people.sign_in(facts).id)
        if user is None:
            raise NotAllowed(NO_ACCOUNT)
        audit.record("signed_in", "user", user.id, actor_id=user.id, by="sso")
        return Arrival(sessions.open_staff(user.id, browser, address, kept.token), facts.id_token)


def is_down() -> bool:
    """Whether the window has not answered for a while, so that whoever is sent there may not come back."""
    return outside.is_down("sso")


def center_of(path: str) -> tuple[str, str] | None:
    """Title and phone of the center whose course somebody wanted to go to, to call it while the window is away."""
    found = _COURSE.match(path)
    course = catalog.course(found[1]) if found else None
    return (course.unit_title, course.unit_phone) if course and course.unit_phone else None


def logout_url(id_token: str | None, back_to: str) -> str:
    """Where to leave the window itself; `back_to` when it is switched off."""
    window = _window()
    return window.logout_url(id_token, back_to) if window else back_to


# -- Support -----------------------------------------------------------------------


def _window() -> NationalWindow | None:
    """The window while it is asked; an operator may have switched it off."""
    return gateways.window() if outside.is_online("sso") else None


@contextlib.contextmanager
def _once(kept: Kept) -> Iterator[bool]:
    """Whether this is the first time that somebody comes back this way; unasked, it is the first time again."""
    way = f"way back {kept.state}"
    try:
        yield throttle.take_once(way)
    except WindowBusy:
        throttle.give_back(way)
        raise


def _second_time(kept: Kept, session: object) -> Arrival:
    if session is not None:
        return Arrival(kept.token, "")
    if throttle.taken_for(f"way back {kept.state}") < timedelta(seconds=UNDER_WAY_S):
        raise UnderWay(UNDER_WAY)
    raise WindowRefused(REFUSED)


def _ask(redirect_uri: str, code: str, kept: Kept) -> SsoPerson:
    """What the window knows of whoever brings the code."""
    window = _window()
    if window is None:
        raise WindowAway(OFF)
    if not _room.acquire(blocking=False):
        raise WindowBusy(BUSY)
    try:
        return outside.call("sso", lambda: window.finish(redirect_uri, code, kept.nonce, kept.verifier, kept.at))
    except SsoReused as error:
        raise WindowReused(REUSED) from error
    except SsoRefused as error:
        raise WindowRefused(REFUSED) from error
    except Refused as error:
        raise WindowRefused(NOBODY) from error
    except outside.Resting as error:
        raise WindowBusy(AWAY) from error
    except GatewayError as error:
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
