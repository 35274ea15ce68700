"""Shows addresses without their secrets: user and password, tokens in the query, opaque parts of the path. Pure.

What cannot be read as an address is masked rather than shown.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from bot.addresses import secret_names
from bot.addresses.random_tokens import looks_random

MASK = "…"
MAX_ESCAPES = 6
"""How often escapes are undone: `%2525…` says the same as `%`."""
_DEEPEST = 4
"""Addresses within addresses."""

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]{0,30}):(/*)")
_PORT = re.compile(r"\d{1,5}(?=[/?#]|$)")
_NESTED = re.compile(r"(?:https?|feed|ftp|webcal)(?::|%(?:25)*3a)(?:/|%(?:25)*2f)+", re.IGNORECASE)
_HOST = re.compile(r"[\w.-]*(?::\d{0,5})?|\[[0-9a-fA-F:.%\w]*\](?::\d{0,5})?")
_PAIRS = re.compile(r"([&;?])")
_EXTENSION = re.compile(r"\.(?:xml|rss|atom|rdf|json|php|aspx?|ics|txt|mp3|html?|jsp|cgi)$", re.IGNORECASE)
_ODD = re.compile(r"[\s\x00-\x1f\x7f]+")


def shown(url: str) -> str:
    """The address as anybody may read it; without user and password, other secrets as `…`."""
    return _shown(url)


@lru_cache(maxsize=4_000)
def _shown(url: str) -> str:
    return _Masker().address(url)


def secrets_in(url: str) -> tuple[str, ...]:
    """What `shown` masks, with its escapes undone; each once."""
    return _secrets_in(url)


@lru_cache(maxsize=2_000)
def _secrets_in(url: str) -> tuple[str, ...]:
    masker = _Masker()
    masker.address(url)
    return tuple(dict.fromkeys(each for each in masker.secrets if each))


def has_secret(url: str) -> bool:
    """Whether the address holds anything that `shown` leaves out."""
    return bool(secrets_in(url))


def site_of(url: str) -> str:
    """The name of the host without `www.`, as a name for what has none."""
    return _site_of(url)


@lru_cache(maxsize=4_000)
def _site_of(url: str) -> str:
    found = shown(url).partition("://")
    host = re.split(r"[/?#]", found[2] or found[0], maxsplit=1)[0]
    return host.removeprefix("www.") or MASK


def unescaped(text: str) -> str:
    """With all levels of percent escapes undone."""
    for _ in range(MAX_ESCAPES):
        if "%" not in text:
            break
        text = unquote(text)
    return text


class _Masker:
    """Goes through one address and remembers what it left out."""

    def __init__(self, depth: int = 0) -> None:
        self._depth = depth
        self.secrets: list[str] = []
        self._is_public = False

    def address(self, url: str) -> str:
        text = _ODD.sub("", url.strip()).replace("\\", "/").replace("\uff20", "@")
        if text.startswith("//"):
            return self._hierarchical("//", text.lstrip("/"))
        match = _SCHEME.match(text)
        if match is None or (not match[2] and (_PORT.match(text, match.end()) or "@" in text[: _end(text, 0)])):
            # No scheme: `host:8080/feed`, `user:password@host/feed`, `/path?query`.
            return self._hierarchical("", text)
        rest = text[match.end() :]
        if match[2]:
            return self._hierarchical(f"{match[1]}://", rest)
        if _NESTED.match(rest):
            return f"{match[1]}:{self._nested(rest)}"
        self.secrets.append(unescaped(rest))
        return f"{match[1]}:{MASK}"

    def _hierarchical(self, scheme: str, rest: str) -> str:
        host, rest = self._authority(rest)
        before, hash_mark, fragment = rest.partition("#")
        path, question, query = before.partition("?")
        self._is_public = secret_names.is_public_place(host.partition(":")[0], path)
        if nested := _NESTED.search(path, 1):
            # A proxy that has the whole other address as its path; the query belongs to that one.
            inner = self._nested(before[nested.start() :])
            return f"{scheme}{host}{self._path(path[: nested.start()])}{inner}"
        shown_query = f"?{self._query(query)}" if question else ""
        return f"{scheme}{host}{self._path(path)}{shown_query}{self._fragment(fragment) if hash_mark else ''}"

    def _authority(self, rest: str) -> tuple[str, str]:
        """The host with its port, and what follows; user and password are left out."""
        end = _end(rest, 0)
        port = rest[:end].partition(":")[2]
        if (
            "@" in rest[end:]
            and ":" in rest[:end]
            and "@" not in rest[:end]
            and not port.isdigit()
            and "[" not in rest[:end]
        ):
            # A password with a raw slash or question mark, as people type it.
            end = _end(rest, rest.rindex("@"))
        authority = unescaped(rest[:end]).replace("\uff20", "@")
        user, at, host = authority.rpartition("@")
        if at:
            self._credentials(user)
        # Escapes in a host that hide where it ends.
        host = re.split(r"[/?#]", host, maxsplit=1)[0]
        if not _HOST.fullmatch(host):
            self.secrets.append(host)
            host = MASK
        return host, rest[end:]

    def _credentials(self, user: str) -> None:
        name, _colon, password = user.partition(":")
        # What stands alone, or beside a placeholder (`TOKEN:x-oauth-basic`), is itself the key.
        if not password or looks_random(name):
            self.secrets.append(name)
        self.secrets.append(password)

    def _path(self, path: str) -> str:
        segments = path.split("/")
        shown = []
        before = ""
        for segment in segments:
            shown.append(self._segment(segment, before) if segment else "")
            if segment:
                before = unescaped(segment)
        return "/".join(shown)

    def _segment(self, segment: str, before: str) -> str:
        name, *parameters = segment.split(";")
        plain = unescaped(name)
        if re.search(r"[=&?;#/]", plain) or ("@" in plain and ":" in plain.partition("@")[0] and plain[0] != "@"):
            shown = self._whole(name, plain)
        else:
            shown = self._name(name, plain, before)
        return ";".join([shown, *(self._pair(each) for each in parameters)])

    def _name(self, name: str, plain: str, before: str) -> str:
        extension = _EXTENSION.search(plain)
        end = extension[0] if extension else ""
        stem = plain.removesuffix(end)
        if secret_names.plain(stem) in secret_names.FEED_WORDS or secret_names.PUBLIC.fullmatch(stem):
            return name
        if secret_names.announces(before) or (secret_names.hints_at(before) and _is_no_word(stem)):
            return self._masked(stem, end)
        if not self._is_public and looks_random(stem):
            return self._masked(stem, end)
        return name

    def _whole(self, raw: str, plain: str) -> str:
        """Something with a structure of its own, hidden by escapes: shown only if nothing in it is a secret."""
        inner = _Masker(self._depth + 1)
        pairs = [inner._pair(each) if not _PAIRS.fullmatch(each) else each for each in re.split(r"([&;?#/])", plain)]
        if not inner.secrets:
            return raw
        self.secrets += inner.secrets
        if len(pairs) == 1 and "=" in pairs[0]:
            return pairs[0]
        return MASK

    def _query(self, query: str) -> str:
        return "".join(each if _PAIRS.fullmatch(each) else self._pair(each) for each in _PAIRS.split(query))

    def _pair(self, pair: str) -> str:
        raw_key, sign, raw_value = pair.partition("=")
        key, value = unescaped(raw_key), unescaped(raw_value.replace("+", " "))
        if not sign:
            return self._value(pair, key)
        if looks_random(key) and not secret_names.is_secret(key):
            self.secrets += [key, unescaped(raw_value)]
            return MASK
        if not value.strip():
            return pair
        if secret_names.is_secret(key):
            if secret_names.is_harmless(value):
                return pair
            self.secrets.append(unescaped(raw_value))
            if value != unescaped(raw_value):
                self.secrets.append(value)
            return f"{raw_key}={MASK}"
        return f"{raw_key}={self._value(raw_value, value)}"

    def _value(self, raw: str, value: str) -> str:
        if nested := _NESTED.search(value):
            inner = _Masker(self._depth + 1)
            shown = inner.address(value[nested.start() :]) if self._depth < _DEEPEST else MASK
            if nested.start() == 0 and self._depth < _DEEPEST and not inner.secrets:
                return raw
            self.secrets += inner.secrets or [value]
            scheme, mark, rest = shown.partition("://")
            return (
                f"{scheme}{mark}{rest.partition('/')[0].partition('?')[0]}/{MASK}"
                if nested.start() == 0 and mark
                else MASK
            )
        if "@" in value and not secret_names.PUBLIC.fullmatch(value):
            return self._masked(value)
        if re.search(r"[=&;]", value):
            return self._whole(raw, value)
        if secret_names.PUBLIC.fullmatch(value) or self._is_public or not looks_random(value):
            return raw
        return self._masked(value)

    def _fragment(self, fragment: str) -> str:
        plain = unescaped(fragment)
        if re.fullmatch(r"[\w.!/-]{0,60}", plain) and not looks_random(plain):
            return f"#{fragment}"
        self.secrets += list(_fragments(plain))
        return f"#{MASK}"

    def _nested(self, raw: str) -> str:
        if self._depth >= _DEEPEST:
            self.secrets.append(unescaped(raw))
            return MASK
        inner = _Masker(self._depth + 1)
        shown = inner.address(unescaped(raw) if "://" not in raw and ":/" not in raw else raw)
        self.secrets += inner.secrets
        return shown

    def _masked(self, secret: str, end: str = "") -> str:
        self.secrets.append(secret)
        return f"{MASK}{end}"


def _end(text: str, start: int) -> int:
    """Where the host ends that begins at `start`."""
    found = re.compile(r"[/?#]").search(text, start)
    return found.start() if found else len(text)


def _is_no_word(stem: str) -> bool:
    """What stands behind `/private/` and is neither a word nor a name made of words."""
    return len(stem) >= 4 and (
        any(character.isdigit() for character in stem) or looks_random(stem) or not (stem.islower() or stem.istitle())
    )


def _fragments(plain: str) -> Iterator[str]:
    for part in re.split(r"[&;?/]", plain):
        yield part.partition("=")[2] or part
