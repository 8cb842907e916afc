#!/bin/sh
# google-api-python-client 2.202.0 (PyPI), with the discovery documents it ships.
#
# Its methods accept a repeated parameter as a list and send it repeated (`part=snippet&part=contentDetails`), as in the
# discovery document. The matching `list_next`, which builds the request for the next page, cannot parse the URL of its
# own `list`: it raises a ValueError for a repeated value. A list of one entry, or one text with commas, can be paged.
# So a simulator of the API sees repeated parameters on first pages only, and callers of this client must join the
# parts themselves before they page.
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
