"""Files handed out to whoever may see what they belong to; nobody else learns that they exist."""

from pathlib import PurePath
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from blueprints import guards
from models import FileKind
from services import files
from services.files import Viewer
from services.files.serving import THUMB, WHOLE

bp = Blueprint("files", __name__)
bp.before_request(guards.require_anybody)

KEPT_S = 3600  # so long a browser shows a picture again without asking
# Whatever is in a file, it runs nothing and reaches nothing.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@bp.get("/files/<key>")
def whole(key: str) -> Response:
    return _send(key, WHOLE)


@bp.get("/files/<key>/thumb")
def thumb(key: str) -> Response:
    return _send(key, THUMB)


def viewer() -> Viewer:
    """Who asks, at every level where they act."""
    visiting = guards.visitor()
    return Viewer(tuple(guards.actors()), visiting.person if visiting else None)


def _send(key: str, part: str) -> Response:
    file, stream = files.hand_out(viewer(), key, part)
    mime = "image/jpeg" if part == THUMB else file.mime
    response = Response(wrap_file(request.environ, stream), mimetype=mime, direct_passthrough=True)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    how = "inline" if file.kind is FileKind.IMAGE else "attachment"
    response.headers.set("Content-Disposition", how, **_named(file.name))
    response.headers["Cache-Control"] = f"private, max-age={KEPT_S}"
    response.vary.add("Cookie")
    response.set_etag(f"{file.sha256[:32]}-{part}")
    size = stream.seek(0, 2)
    stream.seek(0)
    response.content_length = size
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    return response


def _named(name: str) -> dict[str, str]:
    """The name for old browsers, in ASCII, and for all others as it is."""
    return {"filename": f"file{PurePath(name).suffix}", "filename*": f"UTF-8''{quote(name, safe='')}"}
