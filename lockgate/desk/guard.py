"""The guard of the desk: it answers on its own origin to its own pages, and lets a page do nothing but its work."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as Answer

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
DATA_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), "
    "microphone=(), geolocation=(), payment=(), usb=()",
}


def guarded(app: Flask, origin: str) -> None:
    """Puts the guard before every route, and the headers on every answer."""
    app.before_request(lambda: _guard(origin))
    app.after_request(lambda answer: _protected(answer, origin))


def _guard(origin: str) -> Answer | tuple[dict[str, str], int] | None:
    host = urlsplit(origin).netloc
    if request.host != host:
        if request.method == "GET" and request.host == host.replace("localhost", "127.0.0.1", 1):
            return redirect(origin + request.full_path.rstrip("?"), 307)
        return _said("misdirected", f"The approval desk is at {origin}, not at this name."), 421
    came, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    foreign = came is not None and came != origin
    called = request.path.startswith("/api/") and site not in (None, "same-origin", "none")
    if foreign or called or (request.method not in ("GET", "HEAD") and came != origin):
        return _said("other-page", "The approval desk answers its own pages only."), 403
    if request.method == "POST" and request.mimetype != "application/json":
        return _said("other-form", "The approval desk takes JSON."), 415
    return None


def _said(error: str, sentence: str) -> dict[str, str]:
    return {"error": error, "sentence": sentence}


def _protected(answer: Response, origin: str) -> Response:
    page = answer.mimetype == "text/html"
    answer.headers["Content-Security-Policy"] = PAGE_POLICY if page else DATA_POLICY
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    answer.headers.setdefault("Cache-Control", "no-store")
    if origin.startswith("https://"):
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    return answer
