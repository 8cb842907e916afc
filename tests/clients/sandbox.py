"""What the Python scripts share: where the sandbox is, who allows what, and what goes wrong."""

import os
from urllib.parse import urlsplit

import requests

BASE = os.environ["SANDBOX"]
CALLBACK = "https://app.example.com/callback"


def video(size):
    """Bytes that begin like an MP4."""
    head = b"\0\0\0\x20ftypisom"
    return head + bytes(at % 251 for at in range(size - len(head)))


def allow(url, **form):
    """Answers the consent page at `url`; the address the browser would go to next."""
    form = {"scope": "all", "decision": "allow", **form}
    reply = requests.post(url, data=form, allow_redirects=False, timeout=10)
    assert reply.status_code == 302, (reply.status_code, reply.text)
    return reply.headers["location"]


def fail(**fault):
    """Lets something go wrong."""
    requests.post(f"{BASE}/control/faults", json=fault, timeout=10).raise_for_status()


def published(platform):
    """What can be seen, as the sandbox counts it."""
    return requests.get(f"{BASE}/control/{platform}/published", timeout=10).json()["published"]


def ok(what):
    """Says what was seen to work."""
    print(f"ok   {what}", flush=True)


def local(url):
    """The same path at the sandbox, for a client that has a host of its own."""
    places = {
        "graph.facebook.com": "facebook",
        "graph-video.facebook.com": "facebook",
    }
    parts = urlsplit(url)
    place = places.get(parts.netloc)
    return url if place is None else f"{BASE}/{place}{parts.path}"
