"""Boilerplate goes, and what only looks like it stays: a named case for each kind, in both directions."""

import pytest

from bot.excerpts.cleanup.boilerplate import strip
from bot.excerpts.excerpt import markdown
from bot.excerpts.html_reader import read

TITLE = "Five ways to name a router"
LINK = "https://blog.example.test/five"
MORE = f" [Continue reading]({LINK})"
TEXT = "<p>The ring is complete.</p>"

GOES = {
    "appeared first on": "<p>The post <a href='/five'>Five ways</a> appeared first on <a href='/'>Cables</a>.</p>",
    "first appeared": "<p>This post first appeared on <a href='/'>Cables</a></p>",
    "appeared first on, in German": "<p>Der Beitrag <a href='/five'>Namen</a> erschien zuerst auf <a href='/'>Kabel</a>.</p>",
    "appeared first on, in French": "<p>L’article <a href='/five'>Cinq</a> est apparu en premier sur <a href='/'>C</a>.</p>",  # noqa: RUF001
    "appeared first on, in Spanish": "<p>La entrada <a href='/five'>Cinco</a> se publicó primero en <a href='/'>C</a>.</p>",
    "appeared first on, in Italian": "<p>L'articolo <a href='/five'>Cinque</a> proviene da <a href='/'>C</a>.</p>",
    "appeared first on, in Portuguese": "<p>O post <a href='/five'>Cinco</a> apareceu primeiro em <a href='/'>C</a>.</p>",
    "appeared first on, in Dutch": "<p>Het bericht <a href='/five'>Vijf</a> verscheen eerst op <a href='/'>C</a>.</p>",
    "appeared first on, in Polish": "<p>Artykuł <a href='/five'>Pięć</a> pochodzi z serwisu <a href='/'>C</a>.</p>",
    "appeared first on, in Japanese": "<p>投稿 <a href='/five'>五つ</a> は <a href='/'>C</a> に最初に表示されました。</p>",
    "written by, at": f"<p>{TITLE} was written by Ann at <a href='/'>Cables</a>.</p>",
    "Medium": "<p><a href='/f'>Five</a> was originally published in <a href='/c'>C</a> on Medium, where people are continuing the conversation by highlighting and responding to this story.</p>",
    "share bar": "<p>Share: <a href='/1'>Twitter</a> | <a href='/2'>Facebook</a> | <a href='/3'>Email</a></p>",
    "share label": "<p>Share this:</p>",
    "like label": "<p>Like this:Like Loading...</p>",
    "old link bar": "<p><a href='/1'>Permalink</a> | <a href='/2'>Email this</a> | <a href='/3'>Comments</a></p>",
    "bookmarks": "<p><a href='/1'>Digg This</a> • <a href='/2'>Add to del.icio.us</a></p>",
    "comment count": "<p><a href='/c'>12 Comments</a></p>",
    "no comments": "<p>No comments yet.</p>",
    "discussion": "<p><a href='/c'>Discuss on Hacker News</a></p>",
    "Hacker News, address": "<p>Comments URL: <a href='https://n.example.test/1'>https://n.example.test/1</a></p>",
    "Hacker News, points": "<p>Points: 61</p><p># Comments: 12</p>",
    "Reddit": "<p>submitted by <a href='/u/x'> /u/x </a> <br> <span><a href='/1'>[link]</a></span> <span><a href='/2'>[comments]</a></span></p>",
    "newsletter": "<p>Sign up for our weekly newsletter and never miss a ring.</p>",
    "inbox": "<p>Get the latest cables delivered straight to your inbox.</p>",
    "Substack": "<p>Thanks for reading Cables! Subscribe for free to receive new posts and support my work.</p>",
    "subscribe button": "<p><a href='/s'>Subscribe now</a></p>",
    "if you liked this": "<p>If you enjoyed this post, consider subscribing to my RSS feed!</p>",
    "follow me": "<p>You can follow me on Twitter at @ann.</p>",
    "sponsored by": "<p>Sponsored by <a href='/s'>Cable Soup</a></p>",
    "this episode is sponsored": "<p>This episode is sponsored by Cable Soup, the soup for all who splice. Go to soup.example.test.</p>",
    "thanks to a sponsor": "<p>Thanks to our sponsors at Cable Soup!</p>",
    "discount": "<p>Use code RING for 20% off at checkout.</p>",
    "advertisement": "<p>ADVERTISEMENT</p>",
    "listen": "<p>Listen to this episode on Apple Podcasts, Spotify, or Overcast</p>",
    "player": "<p>Podcast: Play in new window | Download (Duration: 47:25 — 43.4MB) | Embed</p>",
    "Acast": "<p>Hosted on Acast. See acast.com/privacy for more information.</p>",
    "Megaphone": "<p>Learn more about your ad choices. Visit megaphone.fm/adchoices</p>",
    "Omny": "<p>See omnystudio.com/listener for privacy information.</p>",
    "chapters": "<p>Chapters:<br>00:00 Hello<br>03:10 The ship<br>1:02:00 The knot</p>",
    "chapters in brackets": "<ul><li>(00:00) Hello</li><li>(03:10) The ship</li></ul>",
    "wall of addresses": "<p>Follow me:<br>► Site: https://a.example.test<br>► Shop: https://b.example.test/x</p>",
    "hashtags": "<p>#fibre #splicing #rain</p>",
    "filed under": "<p>Filed under: Cables, Routers</p>",
    "posted in": "<p>This entry was posted in Cables on Monday. Bookmark the permalink.</p>",
    "reading time": "<p>5 min read</p>",
    "copyright": "<p>© 2026 Cables Ltd. All rights reserved.</p>",
    "arXiv": "<p>arXiv:2611.01234v1 Announce Type: new</p>",
    "photo credit": "<p>Photo by Ann on Unsplash</p>",
    "related posts": "<div class='yarpp-related'><h3>Related posts</h3><ul><li><a href='/x'>Six ways</a></li></ul></div>",
    "share buttons": "<div class='sharedaddy'><a href='/x'>Click to share</a></div>",
    "share link": "<p><a href='https://www.facebook.com/sharer.php?u=1'>Post it there</a></p>",
    "pixel": "<img src='https://p.example.test/p.gif' width='1' height='1' alt='a pixel of no use'>",
    "table of contents": "<div id='toc_container'><p>Contents</p><ol><li><a href='#a'>One</a></li></ol></div>",
    "newsletter under its heading": "<h3>One more thing</h3><p>Subscribe to the newsletter.</p>",
}

POINTS_ON = {
    "read more": "<p><a href='/five'>Read more »</a></p>",
    "read more in the paragraph": "<p>So far. <a href='/five'>Read more</a></p>",
    "continue reading": "<p><a href='/five'>Continue reading “Five ways to name a router”</a></p>",
    "read the full story": "<p><a href='/five'>Read the full story at Cables</a></p>",
    "in German": "<p><a href='/five'>Weiterlesen</a></p>",
    "in Japanese": "<p><a href='/five'>続きを読む</a></p>",
    "Slashdot": "<p>Read more of this story at Slashdot.</p>",
    "cut mark": "<p>And then […]</p>",
    "cut mark in dots": "<p>And then [...]</p>",
}

STAYS = {
    "a sentence about writing": "<p>The standard was written by Ann at night.</p>",
    "a sentence about publishing": "<p>It was originally published on paper, and that is why it is short.</p>",
    "the post that a sentence tells of": "<p>I liked the post that appeared first on Monday, and the post after it.</p>",
    "a sentence that begins with read more": "<p>Read more slowly and you will see it.</p>",
    "a sentence with read the full": "<p>Read the full log before you pull the cable out.</p>",
    "a link in the middle of its sentence": "<p>You can <a href='https://x.example.test/'>read more about rings</a> in the library.</p>",
    "a link at the end of its sentence": "<p>How it began is told <a href='https://x.example.test/'>here</a></p>",
    "details that are more": "<p>More details are in the appendix, on page nine.</p>",
    "comments that are meant": "<p>Comments are the part of a program that nobody compiles.</p>",
    "a number of comments in a sentence": "<p>12 comments were enough to change the plan.</p>",
    "sharing that is told": "<p>Share the cable with the neighbour, and print the map.</p>",
    "a list of social networks with words": "<p>Facebook and Twitter went dark for six hours.</p>",
    "one word that is a button elsewhere": "<p>Email</p>",
    "a bill that is sponsored": "<p>Sponsored by Senator Flint, the bill would make every ring of the country public by the end of the year.</p>",
    "signing up for something else": "<p>Sign up for the beta by Friday if you own a ring.</p>",
    "subscribing in a program": "<p>Subscribe to the topic before you publish to it.</p>",
    "one time of day": "<p>10:30 The ring is opened.</p>",
    "one address": "<p>Paper: https://papers.example.test/1</p>",
    "links with words": "<ul><li><a href='https://x.example.test/1'>The map</a></li><li><a href='https://x.example.test/2'>The log</a></li></ul>",
    "a list of addresses": "<ul><li>https://x.example.test/1</li><li>https://x.example.test/2</li></ul>",
    "the times of a day": "<ul><li>10:00 - 10:30 Welcome</li><li>10:30 - 11:00 The map</li><li>1:00 Lunch</li></ul>",
    "what happened when": "<table><tr><td>00:04</td><td>The ring opens</td></tr><tr><td>00:09</td><td>It closes</td></tr></table>",
    "tags that do something": "<p>Tags make every ring a searchable one.</p>",
    "something that is posted": "<p>Posted in the hall is a list of all rings; nobody reads it.</p>",
    "a listening person": "<p>Listen to the fan before you touch it.</p>",
    "a title in a sentence": "<p>Five ways to name a router are not enough for Ann.</p>",
    "a photograph in a sentence": "<p>Photo by photo the wall filled up, and by noon there was no room for the map.</p>",
    "a heading with text": "<h3>Share this</h3><p>The ring belongs to all.</p>",
    "copyright that is discussed": "<p>Copyright law does not know what a ring is.</p>",
    "points that are made": "<p>Points: there are three, and they follow below in no order.</p>",
    "a contents page that is told": "<p>Contents may be hot.</p>",
    "related work": "<p>Related work is found in the library.</p>",
    "an ad that is a word": "<p>Ad hoc rings are open rings.</p>",
    "by a person in a sentence": "<p>By Tuesday Ann Had Lost Her Patience, and said so.</p>",
    "code with comments": "<pre>3 comments\nRead more</pre>",
    "unsubscribing in a program": "<p>To unsubscribe, send the same topic again.</p>",
}


def excerpt(html: str, limit: int = 600) -> str:
    return markdown(html, base_url="https://blog.example.test/p/1", title=TITLE, limit=limit, link=LINK)


@pytest.mark.parametrize("html", GOES.values(), ids=GOES.keys())
def test_after_an_article_goes(html: str) -> None:
    assert excerpt(TEXT + html) == "The ring is complete."


_ONLY_AT_THE_END = {"written by, at", "newsletter under its heading"}


@pytest.mark.parametrize("name", [name for name in GOES if name not in _ONLY_AT_THE_END])
def test_between_two_paragraphs_goes(name: str) -> None:
    assert excerpt(TEXT + GOES[name] + "<p>It carries light.</p>") == "The ring is complete.\n\nIt carries light."


@pytest.mark.parametrize("html", POINTS_ON.values(), ids=POINTS_ON.keys())
def test_becomes_a_link_of_ours(html: str) -> None:
    text = excerpt(TEXT + html)
    assert text.startswith("The ring is complete.")
    assert text.endswith(MORE)
    assert text.count("[") == 1


@pytest.mark.parametrize("html", STAYS.values(), ids=STAYS.keys())
def test_among_text_stays(html: str) -> None:
    words = excerpt(html)
    assert words
    assert excerpt(TEXT + html + "<p>It carries light.</p>") == f"The ring is complete.\n\n{words}\n\nIt carries light."


@pytest.mark.parametrize("html", STAYS.values(), ids=STAYS.keys())
def test_alone_stays(html: str) -> None:
    said = "".join(word for line in read(html, None).lines for word in line.plain.split())
    kept, _ = strip(read(html, None).lines, TITLE)
    assert "".join(word for line in kept for word in line.plain.split()) == said


@pytest.mark.parametrize("html", [*GOES.values(), *POINTS_ON.values(), *STAYS.values()])
def test_what_was_stripped_is_not_stripped_again(html: str) -> None:
    once, _ = strip(read(TEXT + html, None).lines, TITLE)
    before = [line.plain for line in once]
    twice, _ = strip(once, TITLE)
    assert [line.plain for line in twice] == before


def test_only_the_credit_itself_goes_from_a_paragraph_that_speaks_of_a_post() -> None:
    html = "<p>The post office is dark. The post <a href='/five'>Five ways</a> appeared first on <a href='/'>C</a>.</p>"
    assert excerpt(html) == "The post office is dark."


def test_what_says_nothing_else_is_kept() -> None:
    assert excerpt("<p>This episode is sponsored by Cable Soup.</p>") == "This episode is sponsored by Cable Soup."


@pytest.mark.parametrize(
    "mark", ["...", "…", "(more…)", "(more...)", "( more )", "(continued)", "[...]", "[+12 chars]"]
)
@pytest.mark.parametrize("gap", ["", " ", "&nbsp;"])
def test_of_a_mark_that_the_feed_cut_here_nothing_is_left(gap: str, mark: str) -> None:
    assert markdown(f"<p>A ring of light{gap}{mark}</p>", base_url=None, title=TITLE, limit=200, link=LINK) == (
        f"A ring of light…{MORE}"
    )


def test_what_follows_read_more_was_not_cut() -> None:
    assert excerpt(TEXT + "<p><a href='/x'>Read more</a></p><p>It carries light.</p>").endswith("It carries light.")


TITLES = {
    "with other punctuation and capitals": ("<p><b>Five ways, to name a Router!</b><br>Text</p>", TITLE, "Text"),
    "with the site's name in the feed": ("<p>Five ways to name a router</p><p>Text</p>", f"{TITLE} | Cables", "Text"),
    "with the site's name in the text": (f"<h1>{TITLE} – Cables &amp; Co</h1><p>Text</p>", TITLE, "Text"),  # noqa: RUF001
    "as page and heading": (f"<h1>{TITLE} - Cables</h1><h2>{TITLE}</h2><p>Text</p>", TITLE, "Text"),
    "as a sentence": (f"<p>{TITLE}. Text follows.</p>", TITLE, "Text follows."),
    "before a dash": (f"<p>{TITLE} — text follows.</p>", TITLE, "text follows."),
    "cut": (
        "<p>Five ways to name a router that nobody has seen.</p>",
        "Five ways to name a…",
        "…router that nobody has seen.",
    ),
    "cut in a word": (
        "<p>Five ways to name a router that blinks.</p>",
        "Five ways to name a rou...",
        "…router that blinks.",
    ),
    "over two lines": (
        "<h2>Five ways</h2><p>to name a router that blinks</p>",
        "Five ways to name a...",
        "…router that blinks",
    ),
    "whole over two lines": ("<p>Five ways</p><p>to name a router</p>", TITLE, ""),
    "whole and nothing else": (f"<p>{TITLE}</p>", TITLE, ""),
    "with a link": (
        "<p><a href='/v'>Five ways</a> to name a router: text.</p>",
        f"{TITLE}:",
        "[Five ways](https://blog.example.test/v) … text.",
    ),
    "as a part of a sentence": (f"<p>{TITLE} are enough.</p>", TITLE, f"{TITLE} are enough."),
    "as a short word": ("<p>Rings are round.</p>", "Rings", "Rings are round."),
    "in code": (f"<pre>{TITLE}</pre>", TITLE, f"```\n{TITLE}\n```"),
}


@pytest.mark.parametrize(("html", "title", "expected"), TITLES.values(), ids=TITLES.keys())
def test_a_title_in_the_text(html: str, title: str, expected: str) -> None:
    assert markdown(html, base_url="https://blog.example.test/p/1", title=title, limit=350, link=LINK) == expected
