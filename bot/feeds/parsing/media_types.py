"""Tells what an attached file is: by its declared type, else by its name."""

_BY_SUFFIX = {
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".opus": "audio/opus",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mkv": "video/x-matroska",
}


def by_name(href: object) -> str | None:
    """The media type of an audio or video file's name, None for any other."""
    _, dot, suffix = str(href or "").partition("?")[0].rpartition("/")[2].rpartition(".")
    return _BY_SUFFIX.get(f".{suffix.lower()}") if dot else None


def playable(declared: object, href: object) -> str | None:
    """The type of an audio or video file, None for any other.

    Many feeds say nothing or "application/octet-stream"; the `feed` package for Node (6.0) calls an audio file in Atom
    "image/mp3". Then the name tells.
    """
    kind = str(declared or "").lower()
    if not kind.startswith(("audio/", "video/", "text/")):
        kind = by_name(href) or kind
    return kind if kind.startswith(("audio/", "video/")) else None
