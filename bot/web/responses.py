"""What goes with an answer: validators, caching, security headers."""

from email.utils import format_datetime

from aiohttp import web

from bot.web.page_cache import Answer

MAX_AGE = 60
"""Seconds for which browsers and proxies may keep a page. What is taken back is kept no longer by them."""
SECURITY = {
    "Server": "Riverpost",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src https: http:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def answered(
    request: web.Request, answer: Answer, *, is_listed: bool, is_indexed: bool, max_age: int = MAX_AGE
) -> web.Response:
    """The answer in the encoding that the client likes best, or 304 where the client has it."""
    kept = "public" if is_listed else "private"
    headers = {
        "ETag": f'W/"{answer.etag}"',
        "Last-Modified": format_datetime(answer.changed_at, usegmt=True),
        "Cache-Control": f"{kept}, max-age={max_age}, must-revalidate",
        "Vary": "Accept-Encoding",
    }
    if not is_indexed:
        headers["X-Robots-Tag"] = "noindex"
    if _has_it(request, answer):
        return web.Response(status=304, headers=headers)
    accepted = {each.split(";")[0].strip() for each in request.headers.get("Accept-Encoding", "").lower().split(",")}
    body = answer.body
    if answer.brotli is not None and "br" in accepted:
        body, headers["Content-Encoding"] = answer.brotli, "br"
    elif answer.gzip is not None and "gzip" in accepted:
        body, headers["Content-Encoding"] = answer.gzip, "gzip"
    return web.Response(body=body, headers=headers | {"Content-Type": answer.content_type})


def _has_it(request: web.Request, answer: Answer) -> bool:
    """RFC 9110, 13.2.2: If-None-Match goes before If-Modified-Since."""
    if "If-None-Match" in request.headers:
        known = [each.strip().removeprefix("W/") for each in request.headers["If-None-Match"].split(",")]
        return "*" in known or f'"{answer.etag}"' in known
    since = request.if_modified_since
    return since is not None and answer.changed_at <= since
