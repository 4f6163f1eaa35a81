"""Response headers: security, caching with weak ETags, compression."""

import gzip
import hashlib
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import brotli
from flask import Flask, Response, current_app, g, request
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

_PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=5),
    "gzip": partial(gzip.compress, compresslevel=6, mtime=0),
}
# What these say is of the content of an answer alone.
OF_CONTENT = ("Content-Security-Policy", "X-Content-Type-Options", "Permissions-Policy")
SIGN_IN_COOKIES = ("doreh_staff", "doreh_trainee")


def init_app(app: Flask) -> None:
    """Add the headers to every answer. After-request functions run last first: compression comes at the end."""
    app.config["SECURITY_HEADERS"] = _security_headers(app)
    app.config.setdefault("COMPRESS_ALGORITHM", ["br", "gzip"])
    app.config.setdefault("COMPRESS_BR_LEVEL", 5)
    app.config.setdefault("COMPRESS_STREAMS", False)
    app.config.setdefault("COMPRESS_EVALUATE_CONDITIONAL_REQUEST", False)
    Compress(app)
    app.after_request(_pack_refusal)
    app.after_request(_finish)
    if proxies := app.config.get("TRUSTED_PROXIES"):
        # The address alone is taken from them: it tells one guesser from another.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]


def content_security_policy(form_action_origins: list[str]) -> str:
    """The policy; Chromium refuses a form whose answer redirects to an origin that `form-action` does not list."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "font-src 'self'",
            " ".join(("form-action 'self'", *form_action_origins)),
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "manifest-src 'self'",
        )
    )


def _security_headers(app: Flask) -> dict[str, str]:
    headers = {
        "Content-Security-Policy": content_security_policy(app.config.get("FORM_ACTION_ORIGINS", [])),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if urlsplit(app.config.get("BASE_URL", "")).scheme == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _finish(response: Response) -> Response:
    if request.endpoint == "assets.serve" and response.status_code == 200:
        return response  # on a slow line every byte counts, and these headers protect pages only
    if response.mimetype == "text/html":
        _cache(response)
    if response.status_code != 304:  # a browser keeps the headers of the page that it has
        for name, value in current_app.config["SECURITY_HEADERS"].items():
            if name not in OF_CONTENT or not _is_bare(response):
                response.headers.setdefault(name, value)
    return response


def _is_bare(response: Response) -> bool:
    """A step from one page to the next has nothing in it to be protected, and on a slow line every byte counts."""
    return response.status_code == 303 and response.calculate_content_length() == 0


def _pack_refusal(response: Response) -> Response:
    """A refused form is a page that a slow line brings twice; the library packs successes only."""
    accepted = request.accept_encodings
    packing = next((each for each in _PACKINGS if accepted.quality(each)), None)
    if response.status_code < 400 or response.mimetype != "text/html" or packing is None:
        return response
    if response.is_streamed or response.content_encoding:
        return response
    response.set_data(_PACKINGS[packing](response.get_data()))
    response.content_encoding = packing
    return response


def _cache(response: Response) -> None:
    """Let browsers keep a page but ask each time whether it is still the same."""
    if not response.headers.get("Cache-Control"):
        response.headers["Cache-Control"] = "private, no-cache" if _is_private(response) else "no-cache"
    response.vary.add("Cookie")
    asks = request.method in ("GET", "HEAD") and response.status_code == 200
    if asks and not response.is_streamed and not response.cache_control.no_store:
        response.set_etag(_fingerprint(response), weak=True)
        response.make_conditional(request)


def _is_private(response: Response) -> bool:
    """Whether the page may show somebody's own data: they are signed in, or are being signed in or out."""
    names = [name.removeprefix("__Host-") for name in request.cookies]
    return any(name.startswith(SIGN_IN_COOKIES) for name in names) or "Set-Cookie" in response.headers


def _fingerprint(response: Response) -> str:
    """A hash of what a person sees, without what is new at each rendering and as good when it is old.

    That is the request's reference and the CSRF token's time and signature (its first part says whose it is). A form's
    own one-time key stays in, so a page with such a form is sent anew each time.
    """
    body = response.get_data()
    if token := g.get("csrf_token"):
        body = body.replace(token.encode(), token.rsplit(".", 2)[0].encode())
    if reference := g.get("reference"):
        body = body.replace(reference.encode(), b"")
    return hashlib.blake2b(body, digest_size=9).hexdigest()
