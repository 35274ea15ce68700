#!/usr/bin/env bash
# rfeed 1.1.1 and PyRSS2Gen 1.1 (writers), Python 3.11.
#
# Both take a datetime for pubDate and write its clock with "GMT" behind it. A datetime that knows its zone is not
# converted: three in the morning in Helsinki becomes three in the morning in Greenwich, two hours later than it was. A
# feed reader sees articles from the future east of Greenwich. Django 5.2 writes the same moment right.
#
# Seen:
#   rfeed: Fri, 02 Jan 2026 03:04:05 GMT
#   PyRSS2Gen: Fri, 02 Jan 2026 03:04:05 GMT
#   Django: Fri, 02 Jan 2026 03:04:05 +0200
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" -q install rfeed==1.1.1 PyRSS2Gen==1.1 django==5.2.19
"$folder/venv/bin/python" - <<'PY' | tee "$folder/seen"
import io
import re
from datetime import datetime, timedelta, timezone

import PyRSS2Gen
import rfeed
from django.conf import settings
from django.utils.feedgenerator import Rss201rev2Feed

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
SITE = {"title": "Notes", "link": "https://example.org/", "description": "Notes"}


def written(document: str) -> str:
    return re.search("<item>.*?<pubDate>(.*?)</pubDate>", document, re.DOTALL)[1]


item = rfeed.Item(title="First", pubDate=MOMENT)
print("rfeed:", written(rfeed.Feed(**SITE, items=[item]).rss()))
item = PyRSS2Gen.RSSItem(title="First", pubDate=MOMENT)
print("PyRSS2Gen:", written(PyRSS2Gen.RSS2(**SITE, items=[item]).to_xml()))
settings.configure(USE_I18N=False)
feed = Rss201rev2Feed(**SITE)
feed.add_item(title="First", link="https://example.org/1", description="", pubdate=MOMENT)
out = io.StringIO()
feed.write(out, "utf-8")
print("Django:", written(out.getvalue()))
PY
diff "$folder/seen" - <<'SEEN'
rfeed: Fri, 02 Jan 2026 03:04:05 GMT
PyRSS2Gen: Fri, 02 Jan 2026 03:04:05 GMT
Django: Fri, 02 Jan 2026 03:04:05 +0200
SEEN
