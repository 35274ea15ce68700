"""Takes secrets out of texts: of one address out of what its feed says, and of any address out of any text. Pure."""

import html
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

from bot.addresses import secret_names
from bot.addresses.masking import MASK, secrets_in, shown, unescaped
from bot.addresses.random_tokens import looks_random

NOWHERE = "about:blank"
"""Instead of a link that cannot do without a secret: no address of the web, so nothing links there."""
HIDDEN = "[hidden]@"
"""Where a user and password stood that somebody took out before."""
_SHORTEST = 3
_IN_TEXT = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}:)?//[^\s\"'<>`|\\\u00ab\u00bb\u201c\u201d]+", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(=\s*)(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>]+))")
_TRAILING = ".,;:!?)]}'\u2026"

_NAMED = ("token", "secret", "pass", "pwd", "key", "auth", "signature", "credential", "jwt", "basic", "bearer")
_LOOSE_NAME = (
    r"(?:[\w-]*(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|signature|credential|jwt)[\w-]*"
    r"|auth(?:orization)?|pwd)"
)
_LOOSE = re.compile(
    rf"\b({_LOOSE_NAME}[\"']?\s*[=:]\s*[\"']?(?:(?:Basic|Bearer|Token|Digest)\s+)?)([^\s&\"',;<>()\[\]{{}}\\]{{4,}})",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT) (/[^\s\"'<>\\]*)")
_PARAMETER = re.compile(r"([?&;]([\w.\[\]%-]{1,60})=)([^\s&;\"'<>\\]+)")
_BASIC = re.compile(r"\b(Basic|Bearer)\s+([\w+/=.~-]{8,})", re.IGNORECASE)
_USER = re.compile(r"(?<![\w/@])[\w.%+-]{1,64}:[^\s/@\"'<>\\]{1,128}@(?=[\w-]+(?:\.[\w-]+)*(?::\d+)?(?:[/?#\s]|$))")


def redacted(text: str) -> str:
    """Any text without what looks like a secret in an address, or like a value of a name that has secrets."""
    if "//" in text or "%2f" in text.lower():
        text = _IN_TEXT.sub(lambda match: _shown_in_text(match[0]), text)
    if " /" in text:
        text = _REQUEST.sub(lambda match: f"{match[1]} {shown(match[2])}", text)
    if "=" in text and ("?" in text or "&" in text or ";" in text):
        text = _PARAMETER.sub(_without_value, text)
    if "@" in text:
        text = _USER.sub("", text)
    # Most texts name nothing of the kind, which is told at once.
    plain = text.casefold()
    if any(name in plain for name in _NAMED):
        text = _LOOSE.sub(
            lambda match: match[0] if match[2].startswith(("[hidden", MASK)) else f"{match[1]}{MASK}", text
        )
        text = _BASIC.sub(rf"\1 {MASK}", text)
    return text


def _without_value(match: re.Match[str]) -> str:
    value = unescaped(match[3])
    hides = secret_names.is_secret(unescaped(match[2])) or (
        looks_random(value) and not secret_names.PUBLIC.fullmatch(value)
    )
    return f"{match[1]}{MASK}" if hides else match[0]


def _shown_in_text(found: str) -> str:
    address = found.rstrip(_TRAILING)
    before, hidden, rest = address.partition(HIDDEN)
    if hidden:
        return f"{before}{hidden}{shown(f'//{rest}')[2:]}{found[len(address) :]}"
    if not secrets_in(address) and "@" not in address.partition("//")[2].partition("/")[0]:
        return found
    return shown(address) + found[len(address) :]


class Scrubber:
    """Takes the secrets of some addresses out of what is said there.

    What a host says with its own secrets in it is its own matter; what others read is not.
    """

    def __init__(self, *addresses: str) -> None:
        found = dict.fromkeys(secret for address in addresses for secret in secrets_in(address))
        strong = [secret for secret in found if is_strong(secret)]
        weak = [secret for secret in found if secret not in strong and len(secret) >= _SHORTEST]
        self._secrets = frozenset(found)
        # The longest first, so that one that contains another goes whole.
        strong.sort(key=len, reverse=True)
        self._strong = _any_of(map(_spelled, strong))
        ends = r"(?=$|[\s&\"'<>#;,)\]])"
        self._weak = _any_of(rf"(?<==){_spelled(each)}{ends}|(?<=:){_spelled(each)}(?=@)" for each in weak)
        self._users = frozenset(_user_of(address) for address in addresses) - {""}

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to take out."""
        return not self._secrets

    def link(self, url: str | None) -> str | None:
        """The address without the secrets; None where it cannot do without."""
        if url is None or not self._holds(url):
            return url
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        netloc = parts.netloc
        user, at, host = netloc.rpartition("@")
        if at and (self._holds(f":{user}@") or unescaped(user) in self._users):
            netloc = host
        pairs = re.split(r"([&;])", parts.query)
        kept = [pair for pair in pairs[::2] if not self._in_pair(pair)]
        left = urlunsplit(
            parts._replace(
                netloc=netloc,
                query="&".join(kept) if len(kept) < len(pairs[::2]) else parts.query,
                fragment="" if self._in_pair(parts.fragment) else parts.fragment,
            )
        )
        return None if self._holds(left) else left

    def text(self, text: str) -> str:
        """Plain text without the secrets."""
        if not self._holds(text):
            return text
        return self._without(_IN_TEXT.sub(lambda match: self._in_text(match[0]), text))

    def html(self, text: str) -> str:
        """The same for HTML; links that cannot do without a secret lead nowhere."""
        if not self._holds(text):
            return text
        return self.text(_ATTRIBUTE.sub(self._attribute, text))

    def _attribute(self, match: re.Match[str]) -> str:
        raw = next(value for value in match.groups()[1:] if value is not None)
        if not self._holds(raw):
            return match[0]
        value = html.unescape(raw)
        if "//" not in value and "?" not in value:
            return f'{match[1]}"{NOWHERE}"'
        return f'{match[1]}"{html.escape(self.link(value) or NOWHERE)}"'

    def _in_text(self, found: str) -> str:
        if not self._holds(found):
            return found
        address = found.rstrip(_TRAILING)
        return (self.link(address) or MASK) + found[len(address) :]

    def _in_pair(self, pair: str) -> bool:
        value = unescaped(pair.partition("=")[2] or pair)
        return value in self._secrets or self._holds(pair)

    def _without(self, text: str) -> str:
        for pattern in (self._strong, self._weak):
            if pattern is not None:
                text = pattern.sub(MASK, text)
        return text

    def _holds(self, text: str) -> bool:
        return any(pattern is not None and pattern.search(text) for pattern in (self._strong, self._weak)) or any(
            f"{user}@" in text for user in self._users
        )


def is_strong(secret: str) -> bool:
    """Whether the secret is no word that a text may hold by chance: hiding a plain word would tell more than leaving it."""
    if len(secret) < 6:
        return False
    if secret.isdigit():
        return len(secret) >= 10
    has_digit, has_letter = any(map(str.isdigit, secret)), any(map(str.isalpha, secret))
    has_sign = any(not (character.isalnum() or character in " -_.") for character in secret)
    return (has_digit and has_letter) or has_sign or len(secret) >= 16 or looks_random(secret)


def _user_of(address: str) -> str:
    """User and password as the address has them, without escapes."""
    try:
        user, at, _host = urlsplit(address).netloc.rpartition("@")
    except ValueError:
        return ""
    return unescaped(user) if at else ""


def _any_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    found = list(patterns)
    return re.compile("|".join(found), re.IGNORECASE) if found else None


@lru_cache(maxsize=1_000)
def _spelled(secret: str) -> str:
    """The secret as a pattern, each of its characters as it is or under any escape of addresses, HTML, JSON."""
    return "".join(map(_character, secret))


def _character(character: str) -> str:
    number = ord(character)
    escaped = "".join(rf"%(?:25)*{byte:02x}" for byte in character.encode("utf-8", "replace"))
    ways = [re.escape(character), escaped, rf"&#0*{number};?", rf"&#x0*{number:x};?", rf"\\u{number:04x}"]
    named = html.escape(character)
    if named != character:
        ways.append(re.escape(named))
    if character == " ":
        ways.append(r"\+")
    if quote(character, safe="") == character and character.isalnum():
        # Most texts hold none of them: one character, and escapes begin with three signs only.
        return f"(?:{ways[0]}|[%&\\\\](?:{'|'.join(way[2:] if way.startswith(chr(92) * 2) else way[1:] for way in ways[1:])}))"
    return f"(?:{'|'.join(ways)})"
