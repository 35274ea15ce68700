"""The texts of the sample feeds, written for the sandbox."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleArticle:
    """`paragraphs` are HTML without their `<p>`."""

    title: str
    category: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class SampleFeed:
    """`slug` is its path; `colour` (RGB) tints its pictures; `audio` adds an enclosure to each article."""

    slug: str
    title: str
    topic: str
    channel: str
    colour: tuple[int, int, int]
    articles: tuple[SampleArticle, ...]
    audio: bool = False


FEEDS = (
    SampleFeed(
        "backbone",
        "Backbone Notes",
        "Network engineering",
        "network",
        (36, 113, 163),
        (
            SampleArticle(
                "Why the second route reflector stayed idle",
                "BGP",
                (
                    "Two reflectors, one cluster ID, and a week of <em>almost</em> balanced traffic.",
                    (
                        "The cause was a <code>next-hop-self</code> on one side only. We show the three commands that "
                        "made it visible, and the test we run after each change since."
                    ),
                ),
            ),
            SampleArticle(
                "MTU, again: a tunnel that ate large answers",
                "Troubleshooting",
                (
                    "Small pages loaded and large ones hung. You know the rest, but not which hop did it.",
                    (
                        "We walk through finding the silent router with <code>ping -M do</code>, and argue for "
                        "clamping at the edge rather than hoping for ICMP."
                    ),
                ),
            ),
            SampleArticle(
                "Spine and leaf on a small budget",
                "Data centre",
                (
                    "Four used switches and one weekend are enough to learn what <strong>ECMP</strong> does well.",
                    "Part by part: addressing, unnumbered BGP, and how it failed when we pulled the wrong cable.",
                ),
            ),
            SampleArticle(
                "Reading interface counters like a detective",
                "Operations",
                (
                    "A rising CRC count is a clue; the hour at which it rises is the confession.",
                    "We plot a month of errors from one fibre pair and find the cleaning crew's schedule in it.",
                ),
            ),
            SampleArticle(
                "IPv6 only in the office: month three",
                "IPv6",
                (
                    "NAT64 carries less than we feared: one printer, two games, and a door lock.",
                    "Here is the list of what broke, who noticed, and what we told them.",
                ),
            ),
        ),
    ),
    SampleFeed(
        "cloudwatch",
        "Clouds and Locks",
        "Cloud and security",
        "cloud",
        (125, 60, 152),
        (
            SampleArticle(
                "Short-lived credentials without tears",
                "Identity",
                (
                    "Keys that last an hour need no rotation ticket. They do need a clock that is right.",
                    "We moved forty services to workload identity and kept notes on every outage, both of them.",
                ),
            ),
            SampleArticle(
                "A network policy is a sentence",
                "Kubernetes",
                (
                    "Read it aloud: <em>who may speak to whom, on which port</em>. If you cannot, split it.",
                    "Five policies from our cluster, before and after reading them aloud.",
                ),
            ),
            SampleArticle(
                "What the audit log did not say",
                "Logging",
                (
                    "The log had every call, and not the reason for any of them.",
                    "We add a change number to each role session, which took a day and has paid for itself twice.",
                ),
            ),
            SampleArticle(
                "Backups are a rumour until restored",
                "Resilience",
                (
                    "On the first Monday of a month we restore one database at random, with a stopwatch.",
                    "The slowest took nine hours. It now takes forty minutes, and this is what changed.",
                ),
            ),
            SampleArticle(
                "The cheapest firewall rule is the deleted one",
                "Firewalls",
                (
                    "Of 1,900 rules, 1,100 had matched nothing in a year.",
                    "How we removed them in slices, what complained, and why we keep hit counters for ever now.",
                ),
            ),
        ),
    ),
    SampleFeed(
        "packetradio",
        "The Long Packet (podcast)",
        "Podcasts",
        "podcasts",
        (202, 111, 30),
        (
            SampleArticle(
                "Episode 41: The pager at three in the morning",
                "On call",
                (
                    "Two engineers compare their worst nights and what they changed in the week after.",
                    "Also: why a good runbook starts with the word <strong>stop</strong>.",
                ),
            ),
            SampleArticle(
                "Episode 42: Automating the network you have",
                "Automation",
                (
                    "No green field, no budget, thirty kinds of switch: where do you begin?",
                    "Our guest began with a spreadsheet, and defends it for half an hour.",
                ),
            ),
            SampleArticle(
                "Episode 43: A cable at the bottom of the sea",
                "Infrastructure",
                (
                    "How a break is found to within a few hundred metres, and what a repair ship does in a storm.",
                    "With recordings from the deck.",
                ),
            ),
            SampleArticle(
                "Episode 44: Teaching subnetting with bread",
                "Learning",
                (
                    "A loaf, a knife and powers of two.",
                    "A teacher explains why students who cut a /24 by hand do not forget it.",
                ),
            ),
        ),
        audio=True,
    ),
)
