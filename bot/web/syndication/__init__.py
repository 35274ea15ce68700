"""Rivers as feeds: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1. Pure.

Each format is written from a `FeedPage`, so that all say the same. Traps of feed makers that are avoided here: dates
without zone, ids that change with the address, enclosures typed by guess, relative links, markup where text is due,
characters that XML forbids.
"""
