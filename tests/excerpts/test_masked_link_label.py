"""The words of a link name no site but the link's own; what only looks like a site's name stays as it is."""

import pytest

from bot.excerpts import excerpt, links
from bot.messages.payload import webhook_name
from tests.messages.test_article_embed import ARTICLE

EVIL = "https://evil.example/x"


def shown(words: str, href: str = EVIL) -> str:
    html = f'<p>He said <a href="{href}">{words}</a> today, and nobody knew what it was about until then.</p>'
    return excerpt.markdown(html, base_url=None, title="", limit=300, link=None)


@pytest.mark.parametrize("words", [
    "login.bank.co.jp", "bank.ru", "bank．com", "bank。com", "bank｡com", "bank․com", "bank.bank", "bank.museum", "BANK.COM",
    "bаnk.com", "bank.соm", "пример.рф", "bank\u00ad.com", "ban\u200bk.com", "bücher.de", "xn--bcher-kva.de",
    "Sign in at bank.com now", "bank.com/login", "bank.com:443", "(bank.com)", "→ bank.com", "me@bank.com", "10.1.2.3", "main.py",
    "README.md of mine",
])  # fmt: skip
def test_words_that_name_another_site_are_not_masked(words: str) -> None:
    text = shown(words)
    assert "](https://evil.example/x)" in text
    label = text.rpartition("[")[2].partition("](")[0]
    assert label == "evil.example"


@pytest.mark.parametrize(("words", "href"), [
    ("node.js", EVIL), ("v1.2.3", EVIL), ("e.g. this", EVIL), ("U.S. troops", EVIL), ("1.5 million", EVIL), ("Ph.D. thesis", EVIL),
    ("3.11", EVIL), ("a.m.", EVIL), ("config.toml", EVIL), ("notes.txt", EVIL), ("Vue.js 3.4", EVIL), ("and so on...", EVIL),
    ("main.py", "https://code.example/a/blob/main.py"), ("README.md", "https://code.example/a/README.md#top"),
    ("read it at evil.example", EVIL), ("on bank.com", "https://www.bank.com/login"), ("news of bank.com", "https://news.bank.com/"),
    ("auf bücher.de", "https://xn--bcher-kva.de/x"),
])  # fmt: skip
def test_other_words_stay_the_words_of_their_link(words: str, href: str) -> None:
    assert f"]({href})" in shown(words, href)
    assert not links.names_another(words, href)


@pytest.mark.parametrize(("title", "href", "expected"), [
    ("Sign in at https://bank.com/login", EVIL, "Sign in at https:/\u200b/bank.com/login"),
    ("Sign in at HTTPS：//bank.com", EVIL, "Sign in at HTTPS:/\u200b/bank.com"),
    ("See https://evil.example/y", EVIL, "See https://evil.example/y"),
    ("Sign in at https://bank.com/login", None, "Sign in at https:/\u200b/bank.com/login"),
    ("No address: at all", EVIL, "No address: at all"),
])  # fmt: skip
def test_an_address_of_another_site_in_a_title_is_broken(title: str, href: str | None, expected: str) -> None:
    assert links.broken(title, href) == expected


@pytest.mark.parametrize(("name", "expected"), [
    ("Discord", "Dis-cord"), ("discоrd news", "dis-cord news"), ("Clyde", "Cly-de"), ("сlyde", "cly-de"), ("System", "System (feed)"),
    ("Sуstem", "System (feed)"), ("ｄｉｓｃｏｒｄ", "dis-cord"), ("everyоne", "everyone (feed)"), ("A blog", "A blog"),
    ("Хабр", "Хабр"), ("Ecosystem News", "Ecosystem News"), ("Z" + "\u0300" * 40 + "algo", "Z\u0300\u0300algo"),
])  # fmt: skip
def test_a_webhook_gets_no_name_that_deceives(name: str, expected: str) -> None:
    from dataclasses import replace

    assert webhook_name(replace(ARTICLE, source_title=name)) == expected
