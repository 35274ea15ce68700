"""The names under which addresses carry secrets, and ids that look like secrets and are none. Pure tables."""

import re

_EXACT = frozenset(
    {
        "auth", "authenticated", "bearer", "code", "cred", "creds", "digest", "email", "hash", "hdnts", "hmac", "invite",
        "jwt", "key", "license", "licence", "login", "magic", "mail", "nonce", "otp", "pass", "passcode", "pin", "policy",
        "psw", "pw", "pwd", "salt", "sas", "sess", "share", "sid", "sig", "sign", "tkn", "ticket", "tok", "unlock",
        "userpass", "webhook",
    }
)  # fmt: skip
_PARTS = ("token", "secret", "passw", "passphrase", "session", "sessid", "signature", "credential", "oauth", "apikey", "jwt",
          "bearer", "authkey", "authent", "authoriz")  # fmt: skip
_ENDS = ("key", "auth", "hash", "pwd", "sig")
_HARMLESS = frozenset({"keyword", "author", "authors", "monkey", "turkey", "hockey", "jockey", "whiskey", "sessions"})
_SWITCHES = frozenset({"yes", "no", "on", "off", "true", "false", "0", "1", "none", "null", "rss", "atom", "feed"})
_STRICT = frozenset(
    {"token", "tokens", "secret", "secrets", "key", "keys", "auth", "apikey", "accesskey", "accesstoken", "feedtoken",
     "feedkey", "rsstoken", "rsskey", "signature", "sig", "password", "jwt", "session", "invite", "privatetoken"}
)  # fmt: skip
_SOFT = frozenset(
    {"private", "privaterss", "privatefeed", "member", "members", "premium", "patron", "patrons", "subscriber", "subscribers",
     "subscription", "personal", "secure", "protected", "exclusive", "hidden", "internal", "plus", "vip", "magic"}
)  # fmt: skip
FEED_WORDS = frozenset(
    {"", "rss", "rss2", "atom", "feed", "feeds", "xml", "json", "index", "podcast", "podcasts", "news", "blog", "all", "latest",
     "list", "public", "audio", "video", "posts", "articles", "comments", "default", "main", "show", "shows", "v1", "v2"}
)  # fmt: skip

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")

PUBLIC = re.compile(
    r"UC[\w-]{22}|(?:PL|UU|OL|FL|LL|RD)[\w-]{10,48}"  # YouTube's channels and lists
    r"|did:(?:plc|web):[\w.:%-]+|npub1[a-z0-9]{20,}|@[\w.@-]+|id\d{6,12}",
)
"""Ids that everybody may know, whatever they look like."""

_PUBLIC_PLACES = re.compile(
    r"(?:.*\.)?(?:youtube\.com|youtu\.be|omnycontent\.com|omny\.fm|megaphone\.fm|simplecast\.com|redcircle\.com|art19\.com"
    r"|campaign-archive\d*\.com|news\.google\.com|soundcloud\.com|spreaker\.com|buzzsprout\.com|ausha\.co|podigee\.io)"
    r"|feeds\.acast\.com/public(?:/|$).*",
    re.IGNORECASE,
)
"""Hosts whose paths and unnamed parameters hold ids of what is published for everybody."""


def plain(name: str) -> str:
    """A name without capitals and what is between its words."""
    return _NOT_LETTERS.sub("", name.lower())


def is_secret(name: str) -> bool:
    """Whether a parameter of this name has a secret as its value."""
    short = plain(name)
    if short in _HARMLESS:
        return False
    return short in _EXACT or short.endswith(_ENDS) or any(part in short for part in _PARTS)


def is_harmless(value: str) -> bool:
    """Whether a value is none that anybody would keep secret, whatever it is called."""
    return value.strip().lower() in _SWITCHES


def announces(segment: str) -> bool:
    """Whether what follows this part of a path is a secret, whatever it looks like."""
    return plain(segment) in _STRICT


def hints_at(segment: str) -> bool:
    """Whether what follows this part of a path is a secret unless it is a word."""
    return plain(segment) in _SOFT


def is_public_place(host: str, path: str) -> bool:
    """Whether what looks like a secret in the path is known to everybody."""
    return _PUBLIC_PLACES.fullmatch(host) is not None or _PUBLIC_PLACES.fullmatch(f"{host}{path}") is not None
