"""The pages for people: systems and their switches, the people known, the phones, the newest payments."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from sandbox import people, switches
from sandbox.store import store
from sandbox.systems import BY_CODE, SYSTEMS, sms, sso
from sandbox.systems.banks import ledger

blueprint = Blueprint("pages", __name__)
FEW = 8
PAGE = 25


@blueprint.get("/")
def index() -> str:
    asked = switches.counts()
    return render_template(
        "index.html",
        systems=[(system, switches.get(system.code), sum(asked.get(system.code, {}).values())) for system in SYSTEMS],
        userinfo_jwt=bool(store().meta(sso.USERINFO_AS_JWT)),
        people=people.search(store(), "", FEW),
        people_count=people.count(store()),
        phones=sms.phones()[:FEW],
        payments=ledger.shown(FEW),
        states=ledger.STATES,
    )


@blueprint.post("/switch")
def switch() -> Any:
    """One system, or all of them together when none is named."""
    code, mode = request.form.get("system", ""), request.form.get("mode", "up")
    try:
        for one in [code] if code in BY_CODE else BY_CODE:
            switches.turn(one, mode, float(request.form.get("seconds", "5")))
    except ValueError:
        abort(400)
    return redirect(url_for("pages.index") + (f"#{code}" if code in BY_CODE else ""), 303)


@blueprint.post("/userinfo")
def userinfo() -> Any:
    store().set_meta(sso.USERINFO_AS_JWT, request.form.get("jwt", ""))
    return redirect(url_for("pages.index") + "#sso", 303)


@blueprint.post("/reset")
def reset() -> Any:
    store().forget()
    return redirect(url_for("pages.index"), 303)


@blueprint.route("/people", methods=["GET", "POST"])
def all_people() -> str:
    """Searching is a POST, so that no national code gets into an address."""
    text = request.form.get("text", "")
    page = max(request.form.get("page", 0, type=int), 0)
    found = people.search(store(), text, PAGE + 1, page * PAGE)
    more = len(found) > PAGE
    return render_template("people.html", people=found[:PAGE], text=text, page=page, more=more)


@blueprint.get("/phones")
def phones() -> str:
    return render_template("phones.html", phones=sms.phones())


@blueprint.get("/phones/<mobile>")
def phone(mobile: str) -> str:
    return render_template("phone.html", mobile=mobile, messages=sms.messages(mobile))
