"""Text from feeds and people in replies: nothing in it formats, mentions, or turns the text around it."""

import pytest

from cogs.ui.replies import linked, safe


@pytest.mark.parametrize(("text", "expected"), [
    ("\u202egnp.exe", "gnp.exe"), ("a\u200bb\u2060c\ufeff", "abc"), ("<t:0:R>", "\\<t:0:R>"), ("</cmd:1>", "\\</cmd:1>"),
    ("<#1>", "\\<#1>"), ("<@1>", "\\<@1>"), ("<:a:1>", "\\<\\:a:1>"), ("@everyone", "@\u200beveryone"), ("*a* _b_ ~~c~~", "\\*a\\* \\_b\\_ \\~\\~c\\~\\~"),
    ("[click](https://evil.example)", "\\[click\\](https://evil.example)"), ("\\[click", "\\\\\\[click"), ("# Head", "\\# Head"),
    ("> quote", "\\> quote"), ("plain text, really.", "plain text, really."), (":smile:", "\\:smile:"), ("||x||", "\\|\\|x\\|\\|"),
])  # fmt: skip
def test_one_escape_for_all(text: str, expected: str) -> None:
    assert safe(text) == expected


def test_it_is_cut_before_it_is_escaped() -> None:
    assert safe("*" * 10, 5) == "\\*" * 4 + "…"
    assert linked(safe("a [b]"), "https://x.example") == "[a [b]](<https://x.example>)"
