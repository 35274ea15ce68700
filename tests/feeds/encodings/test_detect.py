"""Documents in every encoding that feeds come in, declared, declared wrongly and not at all."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.encodings.detect import DECLARATION, as_utf8
from bot.feeds.parsing import feed_parser

URL = "https://feeds.example.test/feed"
JAPANESE = "川の便りは、毎朝とどきます。きょうの水位はきのうよりすこし高いそうです。"
CHINESE = "这条河的新闻每天早上都会来到，我们也可以在这里看到水位和天气的信息。"
TAIWANESE = "這條河的新聞每天早上都會來到，我們也可以在這裡看到水位和天氣的信息。"
KOREAN = "이 강의 소식은 아침마다 도착합니다. 오늘의 수위는 어제보다 조금 높다고 하는 것이 사실입니다."
RUSSIAN = "Новости реки приходят каждое утро. Сегодня уровень воды немного выше, чем был вчера."
GREEK = "Τα νέα του ποταμού έρχονται κάθε πρωί. Σήμερα η στάθμη του νερού είναι λίγο πιο ψηλά."
HEBREW = "החדשות של הנהר מגיעות בכל בוקר. היום המפלס גבוה קצת יותר מאשר היה אתמול."
ARABIC = "تصل أخبار النهر كل صباح، ومنسوب المياه اليوم أعلى قليلا مما كان عليه بالأمس."
THAI = "ข่าวของแม่น้ำมาถึงทุกเช้า วันนี้ระดับน้ำสูงกว่าเมื่อวานเล็กน้อย"
GERMAN = "Die Nachrichten vom Fluß kommen früh; über die Höhe des Wassers hören wir später, natürlich."
TURKISH = "Nehrin haberleri her sabah gelir; bugün suyun düzeyi dünkünden biraz yüksek, çünkü yağış çoğaldı."
POLISH = "Wieści z rzeki przychodzą każdego ranka; dziś poziom wody jest wyższy niż był wczoraj, bo padał śnieg i żal."
TEXTS = {
    "shift_jis": JAPANESE,
    "euc-jp": JAPANESE,
    "iso-2022-jp": JAPANESE,
    "gbk": CHINESE,
    "gb18030": CHINESE,
    "big5": TAIWANESE,
    "euc-kr": KOREAN,
    "iso-2022-kr": KOREAN,
    "windows-1251": RUSSIAN,
    "koi8-r": RUSSIAN,
    "iso-8859-5": RUSSIAN,
    "ibm866": RUSSIAN,
    "windows-1253": GREEK,
    "windows-1255": HEBREW,
    "windows-1256": ARABIC,
    "tis-620": THAI,
    "windows-1252": GERMAN,
    "windows-1254": TURKISH,
    "windows-1250": POLISH,
}


def feed(text: str, encoding: str, *, declared: str | None = None) -> bytes:
    said = f' encoding="{declared}"' if declared else ""
    return (
        f'<?xml version="1.0"{said}?><rss version="2.0"><channel><title>t</title>'
        f"<item><title>{text}</title></item></channel></rss>"
    ).encode(encoding)


def title(body: bytes, content_type: str | None = None) -> str:
    (entry,) = feed_parser.read(body, URL, content_type).entries
    return entry.title


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_declared_encoding_is_read(encoding: str) -> None:
    assert title(feed(TEXTS[encoding], encoding, declared=encoding)) == TEXTS[encoding]


@pytest.mark.parametrize("encoding", TEXTS)
def test_an_encoding_that_only_the_host_names_is_read(encoding: str) -> None:
    assert title(feed(TEXTS[encoding], encoding), f"text/xml; charset={encoding}") == TEXTS[encoding]


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_document_that_wrongly_says_utf_8_is_read_as_the_host_says(encoding: str) -> None:
    body = feed(TEXTS[encoding], encoding, declared="utf-8")
    assert title(body, f"application/xml; charset={encoding}") == TEXTS[encoding]


@pytest.mark.parametrize("encoding", TEXTS)
def test_an_encoding_that_nobody_names_is_guessed(encoding: str) -> None:
    assert title(feed(TEXTS[encoding], encoding)) == TEXTS[encoding]
    assert title(feed(TEXTS[encoding], encoding, declared="utf-8")) == TEXTS[encoding]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", [True, False], ids=["with a mark", "without a mark"])
def test_wide_encodings_are_read(encoding: str, *, mark: bool) -> None:
    assert title(("\ufeff".encode(encoding) if mark else b"") + feed(RUSSIAN, encoding)) == RUSSIAN


def test_ebcdic_is_read() -> None:
    assert title(feed("river", "cp037", declared="cp037")) == "river"


def test_the_document_counts_more_than_a_server_that_says_latin_1_of_everything() -> None:
    assert title(feed(RUSSIAN, "koi8-r", declared="koi8-r"), "text/xml; charset=iso-8859-1") == RUSSIAN
    assert title(feed(GERMAN, "latin-1", declared="nonsense"), "text/xml; charset=iso-8859-1") == GERMAN


def test_utf_8_is_utf_8_whatever_is_said() -> None:
    assert title(feed(RUSSIAN, "utf-8", declared="iso-8859-1"), "text/xml; charset=koi8-r") == RUSSIAN


def test_byte_order_marks_are_dropped_however_many() -> None:
    assert title(codecs.BOM_UTF8 * 2 + feed("x", "utf-8")) == "x"


def test_one_pasted_byte_does_not_spoil_the_rest() -> None:
    body = feed(RUSSIAN + " x", "utf-8", declared="utf-8").replace(b" x<", b" \x93x\x94<")
    assert title(body) == RUSSIAN + " “x”"
    body = feed(CHINESE + " x", "gb18030", declared="gb2312").replace(b" x<", b" \xff<")
    assert title(body) == CHINESE + " \ufffd"


def test_characters_in_two_halves_are_joined() -> None:
    halves = "\ud83d\ude00".encode("utf-8", "surrogatepass")
    assert title(feed("xé", "utf-8").replace(b"x", halves)) == "😀é"


def test_a_document_cut_within_a_character_is_read() -> None:
    body = feed("é", "utf-8").replace(b"</channel></rss>", "<item><title>wé".encode())[:-1]
    assert title(body) == "é"


def test_names_of_codecs_that_are_no_encodings_of_text_are_not_obeyed() -> None:
    for name in ("punycode", "unicode_escape", "idna", "utf-7", "rot13", "zlib", "base64", "no-such", "x" * 40):
        body = feed("caf\\u00e9 é", "latin-1", declared=name)
        assert "<title>caf\\u00e9 é</title>".encode() in as_utf8(body, f"text/xml; charset={name}")


def test_few_bytes_are_taken_as_western() -> None:
    assert title(feed("Microsoft® 10 £ España", "latin-1")) == "Microsoft® 10 £ España"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_utf_8_comes_back_as_it_is(text: str) -> None:
    body = DECLARATION + b"<rss>" + text.encode() + b"</rss>"
    assert as_utf8(body, "text/xml; charset=shift_jis") == body


@given(st.binary(max_size=300), st.sampled_from([None, "text/xml; charset=shift_jis", "text/xml; charset=utf-16"]))
def test_any_bytes_become_utf_8(body: bytes, content_type: str | None) -> None:
    as_utf8(body, content_type).decode("utf-8")
