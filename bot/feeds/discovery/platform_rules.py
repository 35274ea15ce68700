"""What is known of platforms: which hosts are theirs, how their pages give them away, where their feeds are.

A rule is a pattern for path and query (`/name?tab=x`), and the feeds it gives, best first, as templates with a label.
A template may use the pattern's groups, `{root}` (scheme and host of the page), `{host}`, and `{name}` (the host's
first part). The first rule that fits counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

Rules = tuple[tuple[re.Pattern[str], tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Platform:
    """A site, or software that many sites run."""

    hosts: re.Pattern[str] | None
    """Matches the whole host name; None for software without a known host."""
    rules: Rules
    marker: re.Pattern[str] | None = None
    """In the page, or what it says it was made with, where others run the same software."""
    shared: bool = True
    """Its front page is everybody's."""


_ONE = r"[^/?]+"
_QUERY = r"(?:\?.*)?"


def _platform(
    hosts: str | None,
    *rules: tuple[str, Sequence[tuple[str, str]]],
    marker: str | None = None,
    shared: bool = True,
) -> Platform:
    return Platform(
        hosts=re.compile(hosts) if hosts else None,
        rules=tuple((re.compile(pattern), tuple(feeds)) for pattern, feeds in rules),
        marker=re.compile(marker, re.IGNORECASE) if marker else None,
        shared=shared,
    )


_CHANNEL_FEED = "https://www.youtube.com/feeds/videos.xml?channel_id={id}"
_REPO = rf"/(?P<repo>{_ONE}/[^/?]+?)(?:\.git)?"
_GITHUB_PAGES = (
    "about|apps|codespaces|collections|customer-stories|enterprise|events|explore|features|issues|login|marketplace"
    "|new|notifications|orgs|pricing|pulls|readme|search|security|settings|signup|site|sponsors|stars|team|topics"
    "|trending|users"
)
_GITHUB_FEEDS = (
    ("https://github.com/{repo}/releases.atom", "Releases"),
    ("https://github.com/{repo}/tags.atom", "Tags"),
    ("https://github.com/{repo}/commits.atom", "Commits"),
)
_GITLAB_FEEDS = (
    ("{root}/{repo}/-/releases.atom", "Releases"),
    ("{root}/{repo}/-/tags?format=atom", "Tags"),
    ("{root}/{repo}.atom", "Activity"),
)
_FORGEJO_FEEDS = (
    ("{root}/{repo}/releases.rss", "Releases"),
    ("{root}/{repo}/tags.rss", "Tags"),
    ("{root}/{repo}.rss", "Activity"),
)
_FORGEJO_PAGES = "explore|user|org|api|admin|login|issues|pulls|milestones|notifications|search|assets|repo|-"
_STACK_HOSTS = (
    r"(?:[\w-]+\.)?(?:stackoverflow|serverfault|superuser|askubuntu|stackapps)\.com|mathoverflow\.net"
    r"|(?:[\w.-]+\.)?stackexchange\.com"
)

PLATFORMS: tuple[Platform, ...] = (
    # --- videos and podcasts -----------------------------------------------------------------------
    _platform(
        r"(?:www\.|m\.|music\.)?youtube\.com",
        (rf"/channel/(?P<id>UC[\w-]{{22}})(?:/[^?]*)?{_QUERY}", [(_CHANNEL_FEED, "Videos")]),
        (
            r"/(?:playlist|watch)\?(?:.*&)?list=(?P<id>(?:PL|UU|OL|FL)[\w-]+)(?:&.*)?",
            [("https://www.youtube.com/feeds/videos.xml?playlist_id={id}", "Playlist")],
        ),
        (
            rf"/user/(?P<user>{_ONE})(?:/[^?]*)?{_QUERY}",
            [("https://www.youtube.com/feeds/videos.xml?user={user}", "Videos")],
        ),
    ),
    _platform(
        r"(?:www\.)?vimeo\.com",
        (r"/(?:channels|groups)/(?P<name_>[^/?]+)/?", [("https://vimeo.com/channels/{name_}/videos/rss", "Videos")]),
        (r"/(?P<user>[a-z]\w+)(?:/videos)?/?", [("https://vimeo.com/{user}/videos/rss", "Videos")]),
    ),
    # --- code --------------------------------------------------------------------------------------
    _platform(
        r"(?:www\.)?github\.com",
        (
            rf"/(?:orgs/)?(?P<user>(?!(?:{_GITHUB_PAGES})(?:[/?]|$)){_ONE})/?{_QUERY}",
            [("https://github.com/{user}.atom", "Activity")],
        ),
        (
            rf"/(?!(?:{_GITHUB_PAGES})/){_REPO[1:]}/(?:commits|tree)/(?P<branch>{_ONE}(?:/[^?]+?)?)/?{_QUERY}",
            [("https://github.com/{repo}/commits/{branch}.atom", "Commits"), _GITHUB_FEEDS[0]],
        ),
        (
            rf"/(?!(?:{_GITHUB_PAGES})/){_REPO[1:]}/wiki(?:/[^?]*)?{_QUERY}",
            [("https://github.com/{repo}/wiki.atom", "Wiki"), _GITHUB_FEEDS[0]],
        ),
        (rf"/(?!(?:{_GITHUB_PAGES})/){_REPO[1:]}/commits/?{_QUERY}", [_GITHUB_FEEDS[2], _GITHUB_FEEDS[0]]),
        (rf"/(?!(?:{_GITHUB_PAGES})/){_REPO[1:]}(?:/[^?]*)?{_QUERY}", _GITHUB_FEEDS),
    ),
    _platform(
        r"gitlab\.com",
        (
            rf"/(?P<user>(?!explore|users|help|dashboard|search|-){_ONE})/?{_QUERY}",
            [("{root}/{user}.atom", "Activity")],
        ),
        (
            rf"/(?P<repo>{_ONE}(?:/(?!-/){_ONE})+)/-/(?:commits|tree)/(?P<branch>[^?]+?)/?{_QUERY}",
            [("{root}/{repo}/-/commits/{branch}?format=atom", "Commits"), _GITLAB_FEEDS[0]],
        ),
        (rf"/(?P<repo>(?!-/|explore/|users/|help/){_ONE}(?:/(?!-/){_ONE})+)(?:/-/.*|/)?{_QUERY}", _GITLAB_FEEDS),
        marker=r"<meta[^>]{1,300}?(?:content=[\"']GitLab[\"'][^>]{1,300}?og:site_name|og:site_name[\"'][^>]{1,300}?content=[\"']GitLab[\"'])",
    ),
    _platform(
        r"codeberg\.org|gitea\.com|code\.forgejo\.org",
        (rf"/(?P<user>(?!(?:{_FORGEJO_PAGES})(?:[/?]|$)){_ONE})/?{_QUERY}", [("{root}/{user}.rss", "Activity")]),
        (
            rf"/(?!(?:{_FORGEJO_PAGES})/){_REPO[1:]}/(?:src|commits)/branch/(?P<branch>[^?]+?)/?{_QUERY}",
            [("{root}/{repo}/rss/branch/{branch}", "Commits"), _FORGEJO_FEEDS[0]],
        ),
        (rf"/(?!(?:{_FORGEJO_PAGES})/){_REPO[1:]}(?:/[^?]*)?{_QUERY}", _FORGEJO_FEEDS),
        marker=r"<meta[^>]{1,300}?name=[\"'](?:author|keywords)[\"'][^>]{1,300}?content=[\"'][^\"']{0,300}(?:Gitea - Git with|forgejo|,gitea)",
    ),
    _platform(
        r"git\.sr\.ht",
        (
            rf"/(?P<repo>~{_ONE}/{_ONE})(?:/[^?]*)?{_QUERY}",
            [("{root}/{repo}/refs/rss.xml", "Releases"), ("{root}/{repo}/log/rss.xml", "Commits")],
        ),
    ),
    _platform(
        r"(?:www\.)?pypi\.org",
        (rf"/project/(?P<id>{_ONE})(?:/.*)?", [("https://pypi.org/rss/project/{id}/releases.xml", "Releases")]),
    ),
    # --- talk --------------------------------------------------------------------------------------
    _platform(
        r"(?:(?:www|old|new|np|sh|m|i)\.)?reddit\.com",
        (
            rf"/(?P<sub>(?:r/{_ONE}/)?)search/?\?(?P<query>.*\bq=.+)",
            [("https://www.reddit.com/{sub}search.rss?{query}", "Search")],
        ),
        (
            rf"/r/(?P<sub>{_ONE})/comments/(?P<id>\w+)(?:/[^?]*)?{_QUERY}",
            [
                ("https://www.reddit.com/r/{sub}/comments/{id}/.rss", "Comments on this post"),
                ("https://www.reddit.com/r/{sub}/.rss", "Posts"),
            ],
        ),
        (
            rf"/r/(?P<sub>{_ONE})/(?P<order>new|top|rising|hot|controversial)/?(?P<query>{_QUERY})",
            [("https://www.reddit.com/r/{sub}/{order}/.rss{query}", "Posts")],
        ),
        (rf"/r/(?P<sub>{_ONE})(?:/[^?]*)?{_QUERY}", [("https://www.reddit.com/r/{sub}/.rss", "Posts")]),
        (
            rf"/(?:u|user)/(?P<user>{_ONE})/m/(?P<multi>{_ONE})/?{_QUERY}",
            [("https://www.reddit.com/user/{user}/m/{multi}/.rss", "Posts")],
        ),
        (
            rf"/(?:u|user)/(?P<user>{_ONE})/submitted/?{_QUERY}",
            [("https://www.reddit.com/user/{user}/submitted/.rss", "Posts")],
        ),
        (
            rf"/(?:u|user)/(?P<user>{_ONE})(?:/[^?]*)?{_QUERY}",
            [("https://www.reddit.com/user/{user}/.rss", "Posts and comments")],
        ),
        (rf"/domain/(?P<domain>{_ONE})/?{_QUERY}", [("https://www.reddit.com/domain/{domain}/.rss", "Posts")]),
        (rf"/{_QUERY}", [("https://www.reddit.com/.rss", "Front page")]),
    ),
    _platform(
        None,
        (rf"/(?P<user>@[\w.]+)@(?P<home>[\w.-]+\.[\w-]+)(?:/[^?]*)?{_QUERY}", [("https://{home}/{user}.rss", "Posts")]),
        (rf"/(?P<user>@[\w.]+)(?:/[^?]*)?{_QUERY}", [("{root}/{user}.rss", "Posts")]),
        (rf"/users/(?P<user>[\w.]+)/?{_QUERY}", [("{root}/@{user}.rss", "Posts")]),
        (rf"/tags/(?P<tag>{_ONE})/?{_QUERY}", [("{root}/tags/{tag}.rss", "Posts with this tag")]),
        marker=r"id=[\"']?mastodon[\"'\s>]|^mastodon\b",
    ),
    _platform(
        r"(?:www\.)?bsky\.app",
        (rf"/profile/(?P<user>{_ONE})(?:/[^?]*)?{_QUERY}", [("https://bsky.app/profile/{user}/rss", "Posts")]),
    ),
    _platform(
        r"news\.ycombinator\.com",
        (
            rf"/(?P<list>newest|ask|show|best|jobs|newcomments)/?{_QUERY}",
            [("https://hnrss.org/{list}", "Through hnrss.org")],
        ),
        (r"/user\?id=(?P<user>[\w-]+)", [("https://hnrss.org/submitted?id={user}", "Submissions, through hnrss.org")]),
        (r"/item\?id=(?P<item>\d+)", [("https://hnrss.org/item?id={item}", "Comments, through hnrss.org")]),
        (rf"/(?:news|front)?{_QUERY}", [("https://news.ycombinator.com/rss", "Front page")]),
    ),
    _platform(
        _STACK_HOSTS,
        (
            rf"/questions/tagged/(?P<tags>[^/?+]+)/?{_QUERY}",
            [("{root}/feeds/tag?tagnames={tags}&sort=newest", "Questions with this tag")],
        ),
        (
            rf"/questions/tagged/(?P<one>[^/?+]+)\+(?P<two>[^/?+]+)/?{_QUERY}",
            [("{root}/feeds/tag?tagnames={one}+and+{two}&sort=newest", "Questions with both tags")],
        ),
        (rf"/questions/(?P<id>\d+)(?:/[^?]*)?{_QUERY}", [("{root}/feeds/question/{id}", "Answers to this question")]),
        (rf"/users/(?P<id>\d+)(?:/[^?]*)?{_QUERY}", [("{root}/feeds/user/{id}", "What this person writes")]),
        (rf"/(?:questions/?)?{_QUERY}", [("{root}/feeds", "Newest questions")]),
    ),
    _platform(
        None,
        (
            rf"/t/(?P<topic>[^/?]+/\d+|\d+)(?:/[^?]*)?{_QUERY}",
            [("{root}/t/{topic}.rss", "Replies in this topic"), ("{root}/latest.rss", "Newest topics")],
        ),
        (
            rf"/c/(?P<category>[^?]+?)(?:/l/\w+)?/?{_QUERY}",
            [("{root}/c/{category}.rss", "Topics of this category"), ("{root}/latest.rss", "Newest topics")],
        ),
        (rf"/tag/(?P<tag>{_ONE})(?:/[^?]*)?{_QUERY}", [("{root}/tag/{tag}.rss", "Topics with this tag")]),
        (rf"/u/(?P<user>{_ONE})(?:/[^?]*)?{_QUERY}", [("{root}/u/{user}/activity.rss", "What this person writes")]),
        (r"/.*", [("{root}/latest.rss", "Newest topics")]),
        marker=r"^discourse\b",
    ),
    # --- writing -----------------------------------------------------------------------------------
    _platform(
        r"(?:www\.)?medium\.com",
        (rf"/(?P<user>@[\w.-]+)(?:/[^?]*)?{_QUERY}", [("https://medium.com/feed/{user}", "Articles")]),
        (
            rf"/tag/(?P<tag>{_ONE})(?:/[^?]*)?{_QUERY}",
            [("https://medium.com/feed/tag/{tag}", "Articles with this tag")],
        ),
        (
            rf"/(?P<pub>{_ONE})/tagged/(?P<tag>{_ONE})/?{_QUERY}",
            [
                ("https://medium.com/feed/{pub}/tagged/{tag}", "Articles with this tag"),
                ("https://medium.com/feed/{pub}", "All articles"),
            ],
        ),
        (
            rf"/(?P<pub>(?!(?:m|me|search|about|plans|feed|p|explore-topics)(?:[/?]|$)){_ONE})(?:/[^?]*)?{_QUERY}",
            [("https://medium.com/feed/{pub}", "Articles")],
        ),
    ),
    _platform(
        r"(?!www\.|help\.|about\.)[\w-]+\.medium\.com",
        (r"/.*", [("{root}/feed", "Articles")]),
        marker=r"com\.medium\.reader",
        shared=False,
    ),
    _platform(
        r"open\.substack\.com",
        (rf"/pub/(?P<pub>{_ONE})(?:/[^?]*)?{_QUERY}", [("https://{pub}.substack.com/feed", "Posts")]),
    ),
    _platform(r"(?!www\.|on\.|support\.)[\w-]+\.substack\.com", (r"/.*", [("{root}/feed", "Posts")]), shared=False),
    _platform(
        r"(?!www\.|en\.)[\w-]+\.wordpress\.com",
        (
            rf"/(?P<kind>category|tag|author)/(?P<what>[^?]+?)/?{_QUERY}",
            [("{root}/{kind}/{what}/feed/", "This part only"), ("{root}/feed/", "All posts")],
        ),
        (r"/.*", [("{root}/feed/", "All posts")]),
        shared=False,
    ),
    _platform(
        r"[\w-]+\.blogspot\.(?:com?\.)?\w{2,3}",
        (
            rf"/search/label/(?P<label>{_ONE})/?{_QUERY}",
            [
                ("{root}/feeds/posts/default/-/{label}", "Posts with this label"),
                ("{root}/feeds/posts/default", "All posts"),
            ],
        ),
        (r"/.*", [("{root}/feeds/posts/default", "All posts")]),
        shared=False,
    ),
    _platform(
        r"(?:www\.)?tumblr\.com",
        (
            rf"/(?:blog/(?:view/)?)?(?P<blog>(?!(?:explore|tagged|search|login|register|dashboard|about|policy)(?:[/?]|$))[\w-]+)(?:/[^?]*)?{_QUERY}",
            [("https://{blog}.tumblr.com/rss", "Posts")],
        ),
    ),
    _platform(
        r"(?!www\.|assets\.|api\.)[\w-]+\.tumblr\.com",
        (
            rf"/tagged/(?P<tag>{_ONE})/?{_QUERY}",
            [("{root}/tagged/{tag}/rss", "Posts with this tag"), ("{root}/rss", "All posts")],
        ),
        (r"/.*", [("{root}/rss", "All posts")]),
        shared=False,
    ),
    _platform(
        r"(?:www\.)?dev\.to",
        (rf"/t/(?P<tag>{_ONE})(?:/[^?]*)?{_QUERY}", [("https://dev.to/feed/tag/{tag}", "Posts with this tag")]),
        (
            rf"/(?P<user>(?!(?:search|about|enter|settings|top|latest|feed)(?:[/?]|$)){_ONE})(?:/[^?]*)?{_QUERY}",
            [("https://dev.to/feed/{user}", "Posts")],
        ),
        (rf"/{_QUERY}", [("https://dev.to/feed", "Posts")]),
    ),
    # --- science, news, games ------------------------------------------------------------------------
    _platform(
        r"(?:www\.)?arxiv\.org",
        (
            rf"/(?:list|archive)/(?P<area>[\w-]+(?:\.[\w-]+)?)(?:/[^?]*)?{_QUERY}",
            [("https://rss.arxiv.org/rss/{area}", "New papers")],
        ),
    ),
    _platform(
        r"news\.google\.com",
        (r"/(?P<what>(?:search|topics/[^?]+)(?:\?.*)?)", [("https://news.google.com/rss/{what}", "News")]),
        (r"/(?:home|topstories)?(?P<query>(?:\?.*)?)", [("https://news.google.com/rss{query}", "News")]),
    ),
    _platform(
        r"store\.steampowered\.com",
        (r"/(?:news/)?app/(?P<id>\d+)(?:[/?].*)?", [("https://store.steampowered.com/feeds/news/app/{id}/", "News")]),
    ),
)

MADE_WITH: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ghost", ("/rss/",)),
    ("blogger", ("/feeds/posts/default",)),
    ("hugo", ("/index.xml",)),
    ("jekyll", ("/feed.xml",)),
    ("hexo", ("/atom.xml",)),
    ("zola", ("/atom.xml", "/rss.xml")),
    ("pelican", ("/feeds/all.atom.xml",)),
    ("eleventy", ("/feed.xml", "/feed/feed.xml")),
    ("astro", ("/rss.xml",)),
    ("gatsby", ("/rss.xml",)),
    ("docusaurus", ("/blog/rss.xml", "/rss.xml")),
    ("mkdocs", ("/feed_rss_created.xml",)),
    ("squarespace", ("?format=rss",)),
    ("wix.com", ("/blog-feed.xml",)),
    ("drupal", ("/rss.xml",)),
    ("joomla", ("?format=feed&type=rss",)),
    ("mediawiki", ("/index.php?title=Special:RecentChanges&feed=atom",)),
    ("movable type", ("/atom.xml", "/index.xml")),
    ("movabletype", ("/atom.xml", "/index.rdf")),
    ("typepad", ("/atom.xml",)),
    ("writefreely", ("/feed/",)),
    ("publii", ("/feed.xml",)),
)
"""What a page says it was made with, and where that puts the feed. `?x` is the page itself."""
