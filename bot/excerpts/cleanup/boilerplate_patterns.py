"""The words by which publishing software is known. Each pattern is for one line of plain text, and says when it applies.

Whoever adds one adds a case of what it must take and of what it must leave to tests/excerpts/cleanup/test_boilerplate.py.
"""

import re
from collections.abc import Iterable


def _any(parts: Iterable[str]) -> str:
    return "(?:" + "|".join(parts) + ")"


def _compiled(*parts: str, end: str = "") -> re.Pattern[str]:
    return re.compile(_any(parts) + end, re.IGNORECASE)


CREDIT_START = re.compile(
    r"\b(?:(?:The|This) (?:post|article|entry|story)|(?:L[’']|Cet )?[Aa]rticle|Der Beitrag|La entrada|El artículo|L[’']articolo"  # noqa: RUF001 - feeds write it so
    r"|O post|A postagem|Het bericht|Artykuł|Wpis|Inlägget|Indlægget|Запись|Сообщение)\s|投稿|(?:The post )?《"
)
"""Where "The post … appeared first on …" may begin; its end decides."""
CREDIT_END = re.compile(
    r".{0,300}?\s?"
    r"(?:(?:appeared first (?:on|at|in)|first appeared (?:on|at|in)|est apparu en premier sur|erschien zuerst auf"
    r"|(?:se publicó|apareció|aparece) primero en|apareceu primeiro em|proviene da|sembra essere il primo su"
    r"|verscheen eerst op|pochodzi z serwisu|dök först upp på|впервые появи\w+ на|появились сначала на"
    r"|was (?:first|originally) published (?:on|at|in|by)|originally appeared (?:on|at|in))\s.{1,120}$"
    r"|は\s?.{1,100}に最初に表示されました。?$|》\s?最先出现在.{1,120}$)",
    re.IGNORECASE,
)

MEDIUM = re.compile(
    r".{0,400}\bwas originally published in .{1,200} on medium, where people are continuing the conversation\b.*$",
    re.IGNORECASE,
)

_MORE_WORDS = _any(
    (
        r"read (?:more|on)|continue reading|keep reading|click here (?:to|for) (?:read|more|the full)(?: \w+){0,4}",
        (
            r"read (?:the |this )?(?:full|whole|entire|complete|rest|original|article|story|post|entry|news|interview|review)"
            r"(?: (?:of )?(?:the |this )?(?:article|story|post|entry|text|piece|interview|review|announcement|news|report|paper|blog post))?"
            r"(?: (?:here|online)| (?:on|at) .{1,40}| for (?:the )?(?:latest|more|full) details)?"
        ),
        r"(?:view|see) (?:the )?(?:full|entire|original|rest)(?: (?:of )?(?:the )?(?:article|story|post|entry|text|site|page|list|image))?",
        r"(?:full|more) (?:story|article|details)|learn more|find out more",
        r"weiterlesen|mehr lesen|zum artikel|den vollständigen (?:artikel|beitrag)(?: lesen)?|lire la suite|en savoir plus",
        r"lire (?:l[’']article|plus)|leer más|seguir leyendo|continuar lendo|leia mais|continue lendo",  # noqa: RUF001
        r"leggi (?:tutto|di più)|continua a leggere|lees (?:verder|meer)|läs (?:mer|hela artikeln)|les mer|læs mere",
        r"czytaj (?:dalej|więcej)|читать (?:дальше|далее|полностью)|читайте далее|続きを読む|もっと読む|阅读(?:全文|更多)",
        r"繼續閱讀|閱讀全文|계속 읽기|더 보기|devamını oku|اقرأ المزيد|המשך קריאה",  # noqa: RUF001 - Turkish
    )
)
MORE_LINE = re.compile(
    rf"[\[(]?{_MORE_WORDS}(?:\s*[:\"“»→›…\])>&|⟶➜.-]+.{{0,150}}|\s*)$"  # noqa: RUF001 - feeds write it so
    r"|(?:continue reading|read more (?:of|at|on|about)(?: this (?:story|post|article))?(?: (?:at|on))?)\s.{1,150}(?:[»→›…]|at slashdot\.?)$",  # noqa: RUF001
    re.IGNORECASE,
)
MORE_LINK = re.compile(rf"[\[(]?(?:{_MORE_WORDS})\b.{{0,150}}$", re.IGNORECASE)
"""A link that is a line of its own, or the end of one after a whole sentence."""
SHORT_MORE_LINK = re.compile(
    r"[\[(]?(?:link|more|read|permalink|source|details|mehr|suite)\s*(?:\.{3})?[\])»→›….>]*$",  # noqa: RUF001
    re.IGNORECASE,
)
"""Likewise, for words that may mean something."""

_COMMENTS = (
    r"[\[(]?(?:\d[\d,.]* comments?|no comments?(?: yet)?|comments?(?: \(\d+\)|: ?\d+)?|leave a (?:comment|reply)|add (?:a )?comment"
    r"|view (?:all )?comments?|post a comment|\d* ?kommentare?|\d* ?commentaires?|\d* ?comentarios?|join the discussion"
    r"|discuss(?: this)?(?: (?:post|article|story))?(?: on (?:hacker news|lobste\.?rs|reddit|twitter|the forums?))?|\d+ (?:points|likes|retweets))[\])]?\.?$"
)
COMMENTS = re.compile(_COMMENTS, re.IGNORECASE)

HACKER_NEWS = re.compile(r"(?:(?:article|comments) url: ?https?://\S+|points: ?\d+|# comments: ?\d+)$", re.IGNORECASE)
REDDIT = re.compile(
    r"(?:\[link\]|\[comments\]|submitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?|\s)+(?:\[link\]|\[comments\]|\s)*$",
    re.IGNORECASE,
)

SHARE_WORDS = frozenset(
    [
        "share",
        "shared",
        "tweet",
        "tweets",
        "pin",
        "it",
        "email",
        "e-mail",
        "mail",
        "print",
        "like",
        "facebook",
        "twitter",
        "linkedin",
        "pinterest",
        "reddit",
        "whatsapp",
        "telegram",
        "mastodon",
        "bluesky",
        "threads",
        "x",
        "copy",
        "link",
        "this",
        "that",
        "on",
        "via",
        "to",
        "with",
        "and",
        "post",
        "article",
        "story",
        "permalink",
        "comments",
        "comment",
        "read",
        "digg",
        "del.icio.us",
        "delicious",
        "stumbleupon",
        "stumble",
        "buzz",
        "up",
        "google",
        "technorati",
        "newsvine",
        "slashdot",
        "subscribe",
        "rss",
        "feed",
        "linking",
        "blogs",
        "save",
        "add",
        "friend",
        "send",
        "a",
        "by",
        "facebook!",
        "google+",
        "instapaper",
        "pocket",
        "tumblr",
        "xing",
        "flipboard",
        "discuss",
        "more",
        "options",
    ]
)
"""A line of nothing else is a bar of buttons, if it has one of SHARE_HINT."""
SHARE_HINT = re.compile(
    r"share|tweet|pin it|facebook|twitter|linkedin|e-?mail this|permalink|del\.?icio|digg|reddit|stumble|linking blogs",
    re.IGNORECASE,
)
SHARE_LABELS = _compiled(
    r"(?:share|rate|like|spread) this(?: (?:post|article|story|page|entry|on))?:?",
    r"like this: ?(?:like)? ?(?:loading)?(?:…|\.{3})?",
    r"loading(?:…|\.{3})",
    r"related(?: (?:posts?|articles?|stories|reading))?:?",
    r"(?:teilen|partager|compartir|condividi|compartilhe)(?: (?:auf|sur|en|su|no) \w+)?:?",
    r"advertisements?|anzeige|publicité|publicidad|sponsored(?: (?:post|content))?|\(sponsored\)|ad",
    end="$",
)

ASKS = _compiled(
    r"(?:sign up|subscribe|register|join)\b.{0,80}\b(?:newsletter|mailing list|inbox|e-?mail (?:updates|list|digest)|weekly (?:email|digest))\b.{0,100}",
    r"(?:get|receive)\b.{0,80}\b(?:delivered|sent|straight|directly|right) (?:straight |directly |right )?to your (?:inbox|mailbox|email)\b.{0,80}",
    r"thanks for reading\b.{0,100}[!.] ?(?:subscribe|this post is public)\b.{0,150}|this post is public so feel free to share it\.?",
    r"(?:.{0,100} is a reader-supported publication\. )?to receive new posts and support my work,.{0,120}",
    r"(?:if you (?:enjoyed|liked|like)\b.{0,60}[, ] ?)?(?:please )?consider (?:becoming a|subscribing|sharing|supporting|buying me a coffee|donating)\b.{0,120}",
    r"if you (?:enjoyed|liked|like)\b.{0,80}\b(?:subscribe|newsletter|follow (?:me|us)|share it|buy me a coffee|rss feed)\b.{0,120}",
    r"subscribe(?: now| here| today| for free)?[!.]?|upgrade to paid|start a free trial|share [\w’' ]{1,40}|leave a comment|get \d+% off\b.{0,60}",  # noqa: RUF001
    r"(?:you can )?(?:follow|find|connect with|like) (?:me|us|him|her|them)\b.{0,30}\bon (?:twitter|x|facebook|instagram|linkedin|mastodon|bluesky|youtube|tiktok|threads)\b.{0,100}",
    r"(?:don[’']t forget to |please )?(?:like|subscribe)(?:,| and| &) ?(?:like|share|comment|subscribe)\b.{0,80}",  # noqa: RUF001
    r"view (?:this (?:email|post) )?in (?:your )?browser|unsubscribe\b.{0,60}|abonniere[n]?\b.{0,60}\bnewsletter\b.{0,60}",
    r"(?:s[’']abonner|abonnez-vous|inscrivez-vous|suscríbete|iscriviti)\b.{0,80}\bnewsletter\b.{0,60}",  # noqa: RUF001
    end="$",
)

SPONSOR = _compiled(
    r"(?:this (?:post|episode|article|video|issue|podcast|show|week[’']s (?:issue|episode))(?: of .{1,60})? (?:is|was) )?(?:brought to you|sponsored|supported|presented) by:?\s(?:\S+\s){0,7}\S+",  # noqa: RUF001
    r"(?:this (?:post|episode|article|video|issue|podcast|show|week[’']s (?:issue|episode))(?: of .{1,60})? (?:is|was) )(?:brought to you|sponsored) by\b.{0,250}",  # noqa: RUF001
    r"(?:thanks|thank you) to (?:our (?:sponsors?|friends at)|.{1,80} for sponsoring)\b.{0,250}",
    r"(?:our |today[’']s |episode )?sponsors?:?|support our sponsors?:?",  # noqa: RUF001
    r"(?:use|with) (?:the )?(?:promo |coupon |discount )?code\b.{1,40}\b(?:for|to get|at checkout)\b.{0,120}",
    end="$",
)

PODCAST = _compiled(
    r"(?:listen|watch|subscribe|follow|available)(?: to (?:this|the) (?:episode|podcast|show))?(?: (?:now|here|free))?(?: (?:on|at|via|in):?)?"
    r"(?:[\s|,/·•&:]|and|or|apple podcasts?|itunes|spotify|google (?:podcasts?|play)|overcast|pocket casts|castbox|stitcher|youtube(?: music)?|amazon music|audible|deezer|tunein|rss|android|email|iheartradio|more|the web)*",
    r"(?:audio )?podcast: ?play in new window.{0,150}|play in new window\b.{0,100}|download(?: (?:audio|mp3|episode|this episode))?(?: \(.{1,60}\))?(?: ?\| ?embed)?",
    r"(?:direct )?download(?: link)?: ?https?://\S+|hosted on acast\b.{0,100}|hosted by simplecast\b.{0,200}",
    r"learn more about your ad choices\b.{0,100}|see \S+/listener for privacy.{0,60}|see \S*(?:privacy|adchoices)\S* for .{0,80}",
    r"our gdpr privacy policy\b.{0,120}|advertising inquiries: .{0,100}|privacy (?:&|and) opt-?out: .{0,100}",
    r"this podcast uses the following third-party services\b.{0,200}|send in a voice message\b.{0,100}",
    r"(?:support (?:this|the) (?:podcast|show)|become a (?:supporter|patron|paid subscriber|member))\b.{0,150}|donate: ?https?://\S+",
    r"(?:full |episode )?(?:show ?notes|transcript)(?: (?:and links )?(?:are )?(?:available )?(?:at|here|on))?(?::? ?(?:https?://|www\.)?\S+)?",
    r"(?:privacy policy at|see (?:the )?privacy policy at) \S+ and california privacy notice at .{0,100}",
    r"for privacy (?:and opt-out )?information, .{0,100}",
    end="$",
)

META = _compiled(
    r"(?:filed under|posted in|categori(?:es|zed)(?: as| in)?|tagged(?: with)?|tags|keywords|labels?|schlagw[oö]rter|mots[- ]clés|etiquetas)\s?:\s.{1,150}",
    r"(?:filed under|posted in) [^.:;!?]{1,80}",
    r"this (?:entry|post) was (?:posted|filed) (?:in|on|under|by)\b.{1,200}",
    r"(?:estimated )?reading time:? ?(?:about |~ ?)?\d+ min(?:ute)?s?\.?|\d+ ?(?:min|minutes?|mins?)\.? read(?: time)?",
    r"(?:this (?:post|article|story|entry) )?(?:was )?(?:originally |first )(?:appeared|published|posted) (?:on|in|at)\b.{1,150}",
    r"(?:copyright|©|\(c\)) ?(?:©|\(c\))? ?(?:\d{4}|.{1,60}all rights reserved).{0,150}|all rights reserved\.?",
    r"arxiv:\d{4}\.\d{4,5}v?\d* announce type: .{1,40}|table of contents:?|contents:?|inhaltsverzeichnis:?|(?:print|pdf) version",
    r"(?:photo|photograph|image|picture|header image|cover (?:image|photo)|illustration)s? (?:by|courtesy of|via) (?-i:[A-Z@])[^,;]{1,80}",
    r"(?:photo|photograph|image|picture|illustration)s? (?:credits?|source|courtesy):? .{1,100}",
    r"(?:photo|image)s?: (?:\S+ ){0,8}\S+(?: ?[/|] ?.{1,40})?|(?:last )?updated (?:on|at):? .{1,40}\d{4}",
    end="$",
)
"""Said of the article; only where it is a small part of what is there."""

CREDIT = re.compile(r"\b(?:was|is) (?:originally )?(?:written|published|posted) (?:by|in|on|at)\b", re.IGNORECASE)
ORIGINAL = re.compile(r".{0,300}\boriginally (?:published|posted|appeared) (?:on|in|at)\b.{1,200}$", re.IGNORECASE)
CUT_MARK = re.compile(
    r"\s*(?:\[\s*(?:…|\.{3,}|&hellip;|&#8230;|\.\.\.more)\s*\]|\(\s*(?:more|continued?)\s*(?:…|\.{3})?\s*\)|…|\.{3,}|\[\+\d+ chars\])\s*$",
    re.IGNORECASE,
)

CHAPTER = re.compile(r"[\[(]?(?:\d{1,2}:)?\d{1,3}:\d{2}[\])]?(?:\s*[-–—|:·]+)?(?:\s.{1,150})?$")  # noqa: RUF001 - feeds write it so
FIRST_CHAPTER = re.compile(r"[\[(]?(?:0{1,2}:0[0-4]:\d\d|0{1,2}:\d\d(?!:))")
"""Chapters begin with the recording, the times of a day do not."""
CHAPTER_HEAD = re.compile(
    r"(?:(?:video |episode )?(?:chapters|timestamps?|time ?codes?|timeline|kapitel)|outline|⏱\S*.{0,20}):?$",
    re.IGNORECASE,
)
LABELLED_ADDRESS = re.compile(r"\W{0,4}[^.!?。]{0,48}?[\s:→►▶👉➡–-]*https?://\S+\W{0,3}$")  # noqa: RUF001 - feeds write it so
HASHTAGS = re.compile(r"(?:[#＃][\w-]+[\s,·]*){2,}$")  # noqa: RUF001 - the full-width sign is meant
ABSTRACT = re.compile(r"(?:abstract|summary|zusammenfassung|description):$", re.IGNORECASE)
BYLINE = re.compile(
    r"(?i:by|von|par|por|di) (?:[A-Z][\w.’'-]+ ?){2,4}$"  # noqa: RUF001 - an apostrophe
    r"|(?i:posted|published|written|last updated)(?: by [^.]{1,40})?(?: on|:)? .{0,25}\b(?:19|20)\d\d\b.{0,30}$"
    r"|(?i:\w{3,9},? )?(?:\d{1,2}\.? )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? (?:\d{1,2}(?:st|nd|rd|th)?,? )?(?:19|20)\d\d$"
)
"""Who and when, as the first line: the embed says it."""
