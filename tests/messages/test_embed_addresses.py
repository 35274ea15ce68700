"""Addresses that Discord takes in embeds, and messages without those that it refused."""

from dataclasses import replace
from typing import Any

import pytest

from bot.messages import embed_addresses, refused_addresses
from bot.model import MessagePayload, SendKind, SendResult, WebhookIdentity

PAGE = "https://blog.example/page"


@pytest.mark.parametrize(
    "url",
    [
        PAGE,
        "http://10.0.0.5/a.png",
        "http://[2001:db8::1]/a.png",
        "https://bücher.example/ä.png",
        "https://blog.example./a",
        "https://xn--bcher-kva.example/",
        "https://blog.example:8443/a",
        "https://a-b.blog.example/a_b.png",
        "https://4chan.example/",
    ],
)
def test_an_address_is_taken_as_it_is(url: str) -> None:
    assert embed_addresses.accepted(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://wiki:8000/page",
        "http://localhost:3000/a.png",
        "https://llama_cats.example.com/a.png",
        "https://_dmarc.example.com/a.png",
    ],
)
def test_an_address_that_no_embed_may_have_can_stand_in_the_text(url: str) -> None:
    assert embed_addresses.accepted(url) is None
    assert embed_addresses.readable(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://https://blog.example/a.png",
        "https://blog.example:99999/a",
        "https://blog.example:0/a",
        "https://blog.example:/a",
        "https://.blog.example/a",
        "https://blog..example/a",
        "https://xn--/a",
        "https://-blog.example/",
        "https://blog.example\\a.png",
        "https://bl%20og.example/a",
        "https://blog.example/my picture.png",
        "//blog.example/a.png",
        "data:image/png;base64,AA",
        "tag:blog.example,2026:1",
        f"https://{'a' * 64}.example/",
        f"https://blog.example/{'a' * 2048}",
    ],
)
def test_what_is_no_address_is_left_out(url: str | None) -> None:
    assert embed_addresses.accepted(url) is None
    assert embed_addresses.readable(url) is None


@pytest.mark.parametrize("url", ["https://10.0.0/a", "https://blog.e/a", "https://blog.123/"])
def test_a_host_whose_last_part_is_no_name_is_not_taken(url: str) -> None:
    assert embed_addresses.accepted(url) is None


def message(**embed: Any) -> MessagePayload:
    return MessagePayload(({"title": "A", "url": PAGE} | embed,))


def refusal(*named: str, code: int | None = 50035) -> SendResult:
    return SendResult(SendKind.REFUSED, code=code, named=named)


def test_only_what_is_named_goes() -> None:
    picture = {"url": "https://odd.example/a"}
    payload = message(image=picture, author={"name": "Blog", "url": PAGE, "icon_url": "https://odd.example/i"})
    result = refusal("embeds.0.image.url", "embeds.0.author.icon_url")
    without = refused_addresses.without_refused(payload, result, single=True)
    assert without is not None
    assert list(without.embeds) == [{"title": "A", "url": PAGE, "author": {"name": "Blog", "url": PAGE}}]


@pytest.mark.parametrize("named", [("embeds.0.title",), ("components",), ("embeds.1.url",)])
def test_a_refusal_of_something_else_changes_nothing(named: tuple[str, ...]) -> None:
    assert refused_addresses.without_refused(message(), refusal(*named), single=True) is None


def test_a_refusal_that_names_nothing_is_about_all_addresses_of_a_single_article() -> None:
    result = refusal(code=None)
    without = refused_addresses.without_refused(message(description="Text"), result, single=True)
    assert without is not None
    assert list(without.embeds) == [{"title": "A", "description": f"Text\n\n{PAGE}"}]
    assert refused_addresses.without_refused(without, result, single=True) is None, "that is all there is to try"
    assert refused_addresses.without_refused(message(), result, single=False) is None, "which article is not known"


def test_the_picture_of_a_webhook_goes_alone() -> None:
    payload = replace(message(), webhook=WebhookIdentity("B", PAGE))
    without = refused_addresses.without_refused(payload, refusal("avatar_url"), single=True)
    assert without is not None
    assert without.webhook == WebhookIdentity("B")
    assert without.embeds[0]["url"] == PAGE


@pytest.mark.parametrize("result", [SendResult(SendKind.REFUSED, code=200000), SendResult(SendKind.NOT_SENT)])
def test_other_answers_are_about_no_address(result: SendResult) -> None:
    assert refused_addresses.without_refused(message(), result, single=True) is None
