"""Guesses the encoding of a text that nobody says anything of and that is not UTF-8.

As the detectors of web browsers do it: an encoding is likely if the bytes come out as the letters that its languages
use most. Measured by benchmarks/encodings.py, where it is as good as the detector of Firefox.
"""

import re
from collections import Counter
from collections.abc import Mapping

SAMPLE = 60_000
"""Bytes of words with something above 127 in them that are looked at, from the beginning."""
WESTERN = "cp1252"
LEAST = 0.3
"""A guess that is worse than this is none: it is a western text then, as most are."""
FEWEST = 8
"""Bytes above 127; fewer of them prove nothing."""
_ADVANTAGE = 0.1
"""What speaks for a western text before it is looked at."""

_WORDS = re.compile(
    rb"[A-Za-z]*[\x80-\xff](?:[\x40-\x7e]?[\x80-\xff]|[A-Za-z@\[-`{-~](?=[\x80-\xff]|[A-Za-z]))*[A-Za-z]*"
)
_KANA = frozenset(map(chr, [*range(0x3041, 0x3094), *range(0x30A1, 0x30FB), 0x30FC, 0x3001, 0x3002]))
_HANGUL = frozenset("이다는의에을가한고하지로사은를도자시어기인리그서대있아나일수정스해제부주장보것여들라전")
_HAN = (
    "的一是不了在人有我他大中上和到以要就出也你生能而子那得下自之年用道行所然家成方多去法如都同看起定天分好小部其些主理心本前"
    "但因只日新文公司市民月高最全第信息的。，、《》"
)
_DOUBLE: Mapping[str, tuple[frozenset[str], float]] = {
    # What fills half of a text, and the share of a usual text that it is.
    "cp932": (_KANA, 0.6),
    "euc_jp": (_KANA, 0.6),
    "cp949": (_HANGUL, 0.5),
    "gb18030": (
        frozenset(
            _HAN + "这个们来为国地说时会可对着过发后里种事经么学现当没动面还进样开从想实报网者关请图点此电于作“”"
        ),
        0.4,
    ),
    "big5hkscs": (
        frozenset(
            _HAN + "這個們來為國地說時會可對著過發後裡種事經麼學現當沒動面還進樣開從想實報網者關請圖點此電於作「」"
        ),
        0.4,
    ),
}
_ALPHABETS: Mapping[str, str] = {
    # By how often they are used.
    "cyrillic": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґў",
    "greek": "αοιετσνηυρπκμλςόίάγέδήωχθύφβώξζψϊΐϋΰ",
    "hebrew": "יוהלאמתברשנדעקפחסגטזצכםןךץף",
    "arabic": "اليمنترورهبدعفسكحقجشطصخةىأذزضغظإئءثؤآ",
    "thai": "านรอกเงมยลวดทสตะปบคหแจพชขใไโผศซณถภฐธญษิี่้ัืู์็ึุํๆำ",
    # What stands between ASCII letters, in the west of Europe and its neighbours.
    "western": "éèàçêâôîûùëïäöüßñáíóúãõåøæœìò’“”‘–—«»…•€°®©\xa0",
    "turkish": "ışğüöçİŞÖÇÜĞâîû’“”‘–—«»…",
    "central": "áéíýěščřžůúóńęąłśżźćőűöüäťďňțșşţăîâôčđ’“”„–—…»«",
}
_LATIN = {_ALPHABETS[name] for name in ("western", "turkish", "central")}
_SINGLE: Mapping[str, str] = {
    "cp1252": "western", "cp1254": "turkish", "cp1250": "central", "iso8859-2": "central", "cp1251": "cyrillic",
    "koi8-r": "cyrillic", "iso8859-5": "cyrillic", "cp866": "cyrillic", "cp1253": "greek", "iso8859-7": "greek",
    "cp1255": "hebrew", "cp1256": "arabic", "cp874": "thai",
}  # fmt: skip


def encoding(body: bytes) -> str:
    """Python's name of the likeliest encoding; `WESTERN` where nothing speaks for another."""
    words: list[bytes] = []
    size = 0
    for match in _WORDS.finditer(body):
        words.append(match[0])
        size += len(match[0])
        if size > SAMPLE:
            break
    sample = b" ".join(words)
    if sum(map((0x80).__le__, sample)) < FEWEST:
        return WESTERN
    scores = {name: _double(sample, name, *of) for name, of in _DOUBLE.items()}
    scores |= {name: _single(sample, name, _ALPHABETS[of]) for name, of in _SINGLE.items()}
    scores[WESTERN] += _ADVANTAGE
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= LEAST else WESTERN


def _double(sample: bytes, name: str, everyday: frozenset[str], usual: float) -> float:
    """1.0 for a usual text of this kind; less by what cannot be read."""
    text = sample.decode(name, "replace")
    found = Counter(character for character in text if character > "\x7f")
    total = found.total()
    if not total:
        return 0.0
    share = sum(found[character] for character in everyday) / total
    return min(1.0, share / usual) - 10 * found["\ufffd"] / total


def _single(sample: bytes, name: str, alphabet: str) -> float:
    """About 1.0 for a usual text: letters by their rank, less for what no word has in it."""
    text = sample.decode(name, "replace")
    worth = {letter: 1.0 - 0.5 * rank / len(alphabet) for rank, letter in enumerate(alphabet)}
    latin = alphabet in _LATIN
    total = score = 0.0
    before = " "
    for character in text:
        if character > "\x7f":
            total += 1
            lower = character.lower()
            if character in worth:
                score += worth[character]
            elif lower in worth:
                # A capital within a word is a sign of another encoding.
                score += -0.5 if before.islower() else 0.7 * worth[lower]
            else:
                score += 0.1 if character.isalpha() else -0.5
        if before.isalpha() and character.isalpha():
            # Only Latin words mix letters below and above 127, and they are mostly below.
            mixed = (before > "\x7f") != (character > "\x7f")
            score -= 0.3 if mixed != latin and (mixed or character > "\x7f") else 0
        before = character
    return score / total if total else 0.0
