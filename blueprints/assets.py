"""Static files at names that carry their hash, held in memory as brotli, gzip and plain bytes."""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, abort, request, url_for

FOLDER = Path(__file__).resolve().parent.parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
PACKED = (".png", ".woff2")

blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file as it is sent; `bodies` is keyed by content coding, smallest first, and ends with the plain bytes."""

    name: str
    mimetype: str
    bodies: dict[str, bytes]


@cache
def assets(folder: Path = FOLDER) -> dict[str, Asset]:
    """Every servable file of the folder by its plain name; packed once in the life of a process."""
    return {path.name: _asset(path) for path in sorted(folder.iterdir()) if path.suffix in TYPES}


def _asset(path: Path) -> Asset:
    body = path.read_bytes() if path.suffix in PACKED else _thin(path.read_bytes())
    bodies = {} if path.suffix in PACKED else {"br": brotli.compress(body), "gzip": gzip.compress(body, mtime=0)}
    mark = hashlib.sha256(body).hexdigest()[:10]
    return Asset(f"{path.stem}.{mark}{path.suffix}", TYPES[path.suffix], bodies | {"identity": body})


def _thin(body: bytes) -> bytes:
    """The file without indentation, empty lines and comments that stand on lines of their own."""
    return re.sub(rb"(?m)^(/\*[^*]*\*/)?\n", b"", re.sub(rb"(?m)^[ ]+", b"", body))


def asset_url(name: str) -> str:
    """The address of a file of `static/`; an unknown name is a KeyError, so that a slip fails the page's test."""
    return url_for("assets.serve", name=assets()[name].name)


@cache
def _by_hashed_name() -> dict[str, Asset]:
    return {asset.name: asset for asset in assets().values()}


@blueprint.get("/static/<name>")
def serve(name: str) -> Response:
    asset = _by_hashed_name().get(name) or abort(404)
    coding = next((c for c in asset.bodies if c == "identity" or request.accept_encodings[c] > 0), "identity")
    response = Response(asset.bodies[coding], content_type=asset.mimetype)
    if coding != "identity":
        response.content_encoding = coding
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def init_app(app: Flask) -> None:
    """Serve the files and give templates `asset_url`. The app is created with `static_folder=None`."""
    assets()
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset_url"] = asset_url
