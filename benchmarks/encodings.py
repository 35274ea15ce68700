"""Guess encodings that nobody names, and compare with the detectors that happen to be installed.

    python benchmarks/encodings.py SHARED_FOLDER

Takes the undeclared documents of suites/made-encodings and real feeds transcoded to the encodings of their language. For the
others: a venv of its own with `chardet charset-normalizer chardetng_py`, run with PYTHONPATH at this project.
"""

import csv
import gzip
import importlib
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.feeds.encodings import guess

LANGUAGES = (
    (r"[\u3040-\u30ff]", ("cp932", "euc_jp")),
    (r"[\uac00-\ud7af]", ("euc_kr",)),
    (r"[\u0e00-\u0e7f]", ("cp874",)),
    (r"[这们为国说时会对过发个]", ("gb18030",)),
    (r"[這們為國說時會對過發個]", ("big5hkscs",)),
    (r"[\u0430-\u044f]", ("cp1251", "koi8-r", "iso8859-5")),
    (r"[\u03b1-\u03c9]", ("cp1253",)),
    (r"[א-ת]", ("cp1255",)),
    (r"[\u0621-\u064a]", ("cp1256",)),
    (r"[ğışĞİŞ]", ("cp1254",)),
    (r"[ąęłśżźćńčřšžěů]", ("cp1250", "iso8859-2")),
    (r"[äöüßéèàçñå]", ("cp1252",)),
)
MOST = 15
"""Documents of one encoding."""


def detectors() -> dict[str, Callable[[bytes], str | None]]:
    found: dict[str, Callable[[bytes], str | None]] = {"Riverpost": guess.encoding}
    for name, ask in {
        "chardet": lambda module, body: module.detect(body)["encoding"],
        "charset_normalizer": lambda module, body: module.from_bytes(body).best().encoding,
        "chardetng_py": lambda module, body: module.detect(body),
    }.items():
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        found[name] = lambda body, ask=ask, module=module: ask(module, body)  # type: ignore[misc]
    return found


def documents(corpus: Path) -> Iterator[tuple[str, bytes]]:
    made = corpus / "suites" / "made-encodings"
    for row in json.loads((made / "INDEX.json").read_text("utf-8")):
        if row["variant"] == "no-hint" and row["encoding"] != "iso-2022-jp":
            yield row["encoding"], (made / row["file"]).read_bytes()
    count: Counter[str] = Counter()
    with (corpus / "MANIFEST.tsv").open("r", encoding="utf-8", newline="") as manifest:
        rows = [
            row for row in csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE) if "REAL" in row["notes"]
        ]
    for row in rows:
        body = (corpus / row["path"]).read_bytes()
        try:
            text = (gzip.decompress(body) if row["path"].endswith(".raw.gz") else body).decode("utf-8")
        except UnicodeDecodeError:
            continue
        text = re.sub(r"^\s*<\?xml[^>]*>", "", text)
        letters, encodings = next((row for row in LANGUAGES if len(re.findall(row[0], text)) > 60), ("", ()))
        for encoding in encodings:
            # Only what the encoding has nearly all of: a Chinese feed in Big5 because of three characters is no test.
            if len(text.encode(encoding, "replace").decode(encoding)) and count[encoding] < MOST:
                missing = sum(1 for character in re.findall(letters, text) if not _has(encoding, character))
                if not missing:
                    count[encoding] += 1
                    yield encoding, text.encode(encoding, "xmlcharrefreplace")


def _has(encoding: str, character: str) -> bool:
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False


def same(body: bytes, guessed: str | None, true: str) -> bool:
    """Whether the guess gives the same letters; a superset of the encoding does."""
    try:
        return re.findall(r"\w", body.decode(guessed or "")) == re.findall(r"\w", body.decode(true))
    except (LookupError, UnicodeDecodeError):
        return False


def main() -> int:
    cases = list(documents(Path(sys.argv[1]) / "corpus"))
    print(f"{len(cases)} documents:", dict(Counter(encoding for encoding, _ in cases)))
    for name, ask in detectors().items():
        wrong: Counter[str] = Counter()
        started = time.process_time()
        for encoding, body in cases:
            try:
                guessed = ask(body)
            except AttributeError:  # charset_normalizer has no best guess
                guessed = None
            if not same(body, guessed, encoding):
                wrong[f"{encoding} as {guessed}"] += 1
        milliseconds = (time.process_time() - started) * 1000 / len(cases)
        print(f"{name:20} {len(cases) - wrong.total():4} right, {milliseconds:5.1f} ms each; wrong: {dict(wrong)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
