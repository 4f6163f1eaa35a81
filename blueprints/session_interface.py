"""What Flask takes for its session: it holds the seed of the form tokens and nothing else, and sets no cookie of Flask.

The seed names whose form it is and is bound to that user's password, not to a session, so that a form survives a new
sign-in, any number of tabs, and is refused for anybody else. Visitors have a random seed in a cookie of its own.
"""

import secrets
from typing import Any

from flask import Flask, Request, Response, g
from flask.sessions import SessionInterface, SessionMixin

from blueprints import cookies, guards
from services import seals

FIELD = "csrf_token"
SEED_COOKIE = "doreh_seed"


class SeedOnly(SessionMixin, dict[str, Any]):
    """Asked for the seed only when a page has a form: a page without one costs no look-up and sets no cookie."""

    def __contains__(self, name: object) -> bool:
        return name == FIELD

    def __getitem__(self, name: str) -> str:
        if name != FIELD:
            raise KeyError(name)
        return seed()


class OwnSessions(SessionInterface):
    def open_session(self, app: Flask, request: Request) -> SeedOnly:
        guards.forget()
        g.pop("new_seed", None)
        return SeedOnly()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing to save."""


def init_app(app: Flask) -> None:
    app.session_interface = OwnSessions()
    app.after_request(_hand_out_seed)


def _hand_out_seed(response: Response) -> Response:
    if fresh := g.pop("new_seed", ""):
        cookies.put(response, SEED_COOKIE, fresh)
    return response


def seed() -> str:
    """The seed for this side of the product: `s.` of a staff user, `t.` of a trainee, `a.` of a visitor."""
    side = guards.side()
    signed_in = guards.staff() if side == "staff" else None
    if signed_in is not None:
        user = signed_in.user
        return f"s.{user.id}.{seals.mark('form', f'staff:{user.id}:{user.password_epoch}')[:32]}"
    visitor = guards.visitor() if side == "trainee" else None
    if visitor is not None:
        return f"t.{visitor.person.id}.{seals.mark('form', f'trainee:{visitor.person.id}')[:32]}"
    return f"a.{_visitor_seed()}"


def _visitor_seed() -> str:
    known = cookies.read(SEED_COOKIE)
    if 20 <= len(known) <= 100:
        return known
    if "new_seed" not in g:
        g.new_seed = secrets.token_urlsafe(24)
    return str(g.new_seed)
