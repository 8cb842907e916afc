#!/bin/sh
# google-api-python-client 2.202.0 (PyPI), with the discovery documents it ships.
#
# Its methods take a repeated parameter as a list and send it repeated (`part=snippet&part=contentDetails`), as the
# discovery document says. The matching `list_next`, which makes the request for the next page, cannot read the address
# that its own `list` has made: it raises a ValueError for a repeated value. A list of one entry, or one text with
# commas, can be paged. So whoever writes a stand-in for the API sees repeated parameters on first pages only, and whoever
# pages with this client must join the parts by hand.
#
# Seen on Python 3.11. Nothing is sent: requests are only built.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check google-api-python-client==2.202.0

"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from googleapiclient.discovery import build

assert version("google-api-python-client") == "2.202.0"
items = build("youtube", "v3", developerKey="none", static_discovery=True).playlistItems()


def paged(part):
    """The address of the second page, or what the client raises."""
    first = items.list(part=part, playlistId="PL1")
    try:
        return first.uri, items.list_next(first, {"nextPageToken": "t2"}).uri
    except ValueError as error:
        return first.uri, f"ValueError: {error}"


first, second = paged(["snippet", "contentDetails"])
print("a list of two:", first.partition("?")[2], "->", second)
assert "part=snippet&part=contentDetails" in first
assert second == "ValueError: URL-encoded content contains a repeated value:part -> snippet, contentDetails", second

for part in (["snippet"], "snippet,contentDetails"):
    first, second = paged(part)
    print(f"{part}:", second.partition("?")[2])
    assert "pageToken=t2" in second, second
PYTHON
