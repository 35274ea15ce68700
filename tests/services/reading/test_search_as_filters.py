"""What a search finds, a filter with the same words finds, and so do words that a person follows. In all scripts."""

import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.filters import matching as filters
from bot.filters.terms import Prepared
from bot.jobs.posting import private_messages
from bot.model import Article, Entry, Follow, FollowKind, NewArticle, Scope
from bot.store import Store
from bot.store.reading.search_query import parse
from bot.words.folding import words
from tests.builders import EVERY, START, new, read_outcome
from tests.opening import open_store

NUMBERS = itertools.count(1)

# A text, what finds it, and what does not.
TABLE: list[tuple[str, str, str]] = [
    # German, with a soft hyphen, and capitals that have no ß
    ("Soft\u00adware-Update für die Große Straße", "software grosse STRASSE straße GROẞE fur update soft\u00adware", "soft ware gross"),
    ("NEUE STRASSE IN MÜNCHEN", "straße münchen Munchen mu\u0308nchen neue", "muenchen strass"),
    # French, Spanish, Portuguese, Czech
    ("L’œuvre naïve de l'été", "oeuvre œuvre naive NAÏVE ete l’été", "oeuvr"),
    ("El niño en São Paulo, coração", "nino NIÑO sao coracao coração", "nin sa"),
    ("Příliš žluťoučký kůň", "prilis zlutoucky KŮŇ kun", "ku"),
    # Polish, Icelandic, Turkish, Vietnamese
    ("Łódź i Gdańsk", "lodz Łódź ŁÓDŹ gdansk", "odz"),
    ("Þór og Æsir", "thor Þór aesir æsir", "hor"),
    ("İstanbul ve Diyarbakır ışık", "istanbul İSTANBUL diyarbakir isik ışık", "stanbul"),
    ("Đường phố Việt Nam", "duong ĐƯỜNG viet việt", "duon"),
    # Greek, with both sigmas, composed and decomposed
    ("Η Αθήνα σήμερα: ο δρόμος", "ΑΘΗΝΑ αθήνα αθηνα Αθη\u0301να ΔΡΟΜΟΣ δρομοσ δρόμος σήμερα", "αθην δρομο"),
    ("Η ΑΘΗΝΑ\u0301 ΚΑΙ Η ΟΔΟΣ", "οδος οδός ΟΔΟΣ αθηνά", "οδο"),
    # Russian, Ukrainian; й and ї are letters of their own
    ("Китаи\u0306 и Россия: ещё новости", "китай КИТАЙ Китаи\u0306 еще ЕЩЁ россия новости", "китаи росси"),
    ("Україна, Київ і м’ята", "україна киі\u0308в КИЇВ м'ята мʼята", "киiв мята"),
    # Hebrew and Arabic, with and without points; Persian
    ("שָׁלוֹם עולם", "שלום שָׁלוֹם עולם", "שלו"),
    ("مَكْتَب جديد في القاهرة ٢٠٢٦", "مكتب مَكْتَب القاهرة 2026 ٢٠٢٦", "قاهرة 202"),
    ("کتاب‌خانه تهران ۱۴۰۵", "کتابخانه کتاب‌خانه تهران 1405", "کتاب"),
    # Hindi, Bengali, Tamil: marks belong to their letters
    ("हिंदी समाचार दिल्ली", "हिंदी समाचार दिल्ली", "हिंद दिल"),
    ("বাংলা খবর", "বাংলা খবর", "বাংল"),
    ("தமிழ் செய்திகள்", "தமிழ் செய்திகள்", "தமிழ"),
    # Thai, Lao, Burmese, Khmer: no spaces between words
    ("วันนี้กรุงเทพฝนตก", "กรุงเทพ ฝนตก วันนี้", "เชียงใหม่"),
    ("ຂ່າວວຽງຈັນມື້ນີ້", "ວຽງຈັນ ຂ່າວ", "ຫຼວງ"),
    ("မြန်မာသတင်း", "မြန်မာ သတင်း", "ရန်ကုန်"),
    ("ព័ត៌មានភ្នំពេញ", "ភ្នំពេញ", "សៀមរាប"),
    # Chinese, Japanese, Korean, inside of sentences, full and half width
    ("昨天北京发生网络故障。", "北京 网络 故障 网络故障 昨天", "上海 络网"),
    ("東京タワーと東京都知事、ネットワーク障害", "東京 東京タワー 障害 ﾈｯﾄﾜｰｸ ネットワーク 都知事", "京東 大阪"),
    ("新しいｉＰｈｏｎｅを発表", "iphone iPhone ｉｐｈｏｎｅ 発表", "phone"),
    ("오늘 서울에서 회의", "서울 \u1109\u1165\u110b\u116e\u11af 회의 서울에서", "부산"),
    # Armenian, Georgian, Ethiopic
    ("Երևան և Գյումրի", "երևան ԵՐԵՒԱՆ գյումրի", "երև"),
    ("თბილისი დღეს", "თბილისი ᲗᲑᲘᲚᲘᲡᲘ დღეს", "თბილი"),
    ("አዲስ አበባ ዜና", "አዲስ አበባ ዜና", "አበ"),
    # Ligatures, fractions, squares, trade marks, letters for formulas
    ("The ﬁne ﬂow of oﬃce", "fine ﬁne flow office", "fin"),
    ("½ of the 20 m² in № 5", "½ 1/2 m2 m² №", "m"),
    ("Acme™ and Foo® by 𝐁𝐨𝐥𝐝 Inc.", "acme foo bold inc inc.", "acmetm"),
    # Names with signs
    ("C++ and C# beat .NET at AT&T", "c++ C++ c# C .net .NET net at&t AT&T", "c+++ .ne"),
    ("Objective-C, F# and Notepad++", "objective-c F# f notepad++ notepad", "objectivec"),
    ("node.js and Vue.js run TCP/IP 24/7", "node.js Node.JS vue.js js node tcp/ip ip 24/7 7", "node.j"),
    ("A List<String> in snake_case", "list list<string> string snake_case", "snake case"),
    ("#OpenSource by @riverpost costs $5 or 5€", "#opensource opensource @riverpost riverpost $5 5€ 5", "$55"),
    ("R&D: new zero-day, don’t wait", "r&d zero-day don’t don't wait", "zeroday dont"),
    # Numbers, versions, addresses
    ("CVE-2025-1234 fixed in v1.2.3-rc.1", "CVE-2025-1234 cve-2025-1234 cve v1.2.3 v1.2.3-rc.1 1234", "CVE-2025-123 1.2"),
    ("Python 3.11.7 and 3.12", "3.11 3.11.7 3.12 python", "3.1 .111"),
    ("Block 192.168.0.0/16 and 10.1.2.3", "192.168.0.0/16 192.168.0.0 10.1.2.3 10.1", "192.168.0.0/1 0.1.2.33"),
    ("Route 2001:db8::/32 by AS64496", "2001:db8::/32 AS64496 as64496", "as6449 db"),
    ("See https://example.com/a/b?x=1#top today", "https://example.com/a/b?x=1#top example.com example.com/a/b", "xample.com example.co"),
    ("Mail ann@example.org about it.", "ann@example.org example.org ann it it.", "nn@example.org"),
    ("Launch 🚀 and ❤️ 👩‍💻 today", "🚀 ❤ ❤️ 👩‍💻 👩 launch", "🚁"),
    ("At 10:30, 5 % of 1,000 and 1.000,50", "10:30 1,000 1.000,50 5 1.000", "100"),
]  # fmt: skip
WANTED = [(query, text) for text, found, _ in TABLE for query in found.split(" ")]
UNWANTED = [(query, text) for text, _, others in TABLE for query in others.split(" ")]
PHRASES = [
    ('"zero day"', True),
    ('"day zero"', False),
    ('"AT&T"', True),
    ('"große straße"', True),
    ('"北京发生"', True),
    ('"Η Αθήνα"', True),
    ('"ネットワーク 障害"', True),
    ("-software grosse", False),
    ("software -grosse", False),
    ("istanbul OR athens", True),
    ("cve-2025-1234 fixed", True),
    ("netw* OR lau*", True),
    ("снова OR ещё", True),
    ("東京*", True),
    ("c++*", True),
]


def test_the_table_is_as_large_as_it_is_meant_to_be() -> None:
    assert len({query for query, _ in WANTED}) >= 150
    assert len(TABLE) >= 40


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[tuple[Store, dict[int, Article]]]:
    """Every text of the table as an article: as a title, or as a text, by turns."""
    store = await open_store(f"sqlite:///{tmp_path}/a.db", default_backfill=0)
    yield store, await stored(store, [text for text, _, _ in TABLE])
    await store.close()


async def stored(store: Store, texts: list[str]) -> dict[int, Article]:
    """The newest articles of a feed that is followed, these texts among them."""
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    if (topic := await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)) is not None:
        await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    listed = []
    for number, text in enumerate(texts):
        made = new(next(NUMBERS))
        shown = {"title": text, "text": ""} if number % 2 == 0 else {"title": "", "text": text}
        listed.append(replace(made, entry=replace(made.entry, **shown)))  # type: ignore[arg-type]  # two texts
    await store.entries.apply(read_outcome(feed, *listed))
    return {each.entry_id: each for each in await store.entries.newest(feed.id, len(texts))}


async def searched(store: Store, typed: str) -> set[str]:
    """The texts that a search finds."""
    places = await store.search.places(Scope(1, EVERY), parse(typed), since=None, most=1_000)
    return {each.title + each.text for each in await store.search.at(places)}


def filtered(articles: dict[int, Article], typed: str) -> set[str]:
    wanted = filters.parse(typed)
    return {each.title + each.text for each in articles.values() if wanted.decide(each).wanted}


def followed(articles: dict[int, Article], typed: str) -> set[str]:
    """The texts that a person gets who follows these words."""
    follow = Follow(1, 7, 1, FollowKind.WORDS, daily=False, created_at=START, name=typed)
    found = set()
    for article in articles.values():
        arrived = NewArticle(1, 1, 1, article, START, 0)
        if private_messages.matching(arrived, [follow], Prepared(article), {}):
            found.add(article.title + article.text)
    return found


async def test_search_filters_and_personal_words_give_the_same_answers(
    archive: tuple[Store, dict[int, Article]],
) -> None:
    store, articles = archive
    wrong = []
    for query, text, there in [(*each, True) for each in WANTED] + [(*each, False) for each in UNWANTED]:
        answers = (await searched(store, query), filtered(articles, query), followed(articles, query))
        if not answers[0] == answers[1] == answers[2] or (text in answers[0]) is not there:
            wrong.append((query, text, *answers))
    assert not wrong, wrong[:5]


async def test_so_do_phrases_alternatives_and_exclusions(archive: tuple[Store, dict[int, Article]]) -> None:
    store, articles = archive
    for query, there in PHRASES:
        answers = (await searched(store, query), filtered(articles, query), followed(articles, query))
        assert answers[0] == answers[1] == answers[2], query
        assert bool(answers[0]) is there, query


async def test_authors_and_categories_are_found_as_filters_find_them(store: Store) -> None:
    feed = await store.feeds.ensure("https://blog.example/feed", now=START)
    topic = await store.topics.create(guild_id=1, name="news", channel_id=10, now=START)
    assert topic is not None
    await store.topics.subscribe(topic.id, feed.id, added_by=None, now=START)
    made = new(1)
    assert isinstance(made.entry, Entry)
    made = replace(made, entry=replace(made.entry, author="Ada Lovelace", categories=("Cloud native", "Large news")))
    await store.entries.apply(read_outcome(feed, made))
    [article] = await store.entries.newest(feed.id)
    for query in (
        "lovelace",
        '"ada lovelace"',
        '"cloud native"',
        "cloud",
        '"native large"',
        '"lovelace cloud"',
        "lace",
    ):
        assert bool(await searched(store, query)) is filters.parse(query).decide(article).wanted, query


LETTERS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from("aBc .+#/_'’-日本ไกิक्ष\u00ad\u0301\u0308\ufb01ßΣςй한\u1112\u1161ｶﾞ①½"),
)


SIGNS = re.compile(r'["“”„«»]|^[-*|&]|^(OR|AND|NOT)$|\*$')
"""What means something in a search."""


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(alphabet=LETTERS, min_size=1, max_size=40), min_size=1, max_size=8))
async def test_every_word_of_every_stored_text_finds_it(store: Store, texts: list[str]) -> None:
    articles = await stored(store, texts)
    for number, article in articles.items():
        for piece in (article.title + article.text).split():
            if words(piece) and not SIGNS.search(piece):
                places = await store.search.places(Scope(1, EVERY), parse(piece), since=None, most=10_000)
                assert number in {each.entry_id for each in await store.search.at(places)}, (article, piece)
