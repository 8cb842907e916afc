"""The shared parts of the Python scripts: the sandbox's URL, consent, and faults."""

import os
from urllib.parse import urlsplit

import requests

BASE = os.environ["SANDBOX"]
CALLBACK = "https://app.example.com/callback"


def video(size):
    """Returns bytes that start like an MP4."""
    head = b"\0\0\0\x20ftypisom"
    return head + bytes(at % 251 for at in range(size - len(head)))


def allow(url, **form):
    """Submits the consent page at `url`; returns the URL of the redirect."""
    form = {"scope": "all", "decision": "allow", **form}
    reply = requests.post(url, data=form, allow_redirects=False, timeout=10)
    assert reply.status_code == 302, (reply.status_code, reply.text)
    return reply.headers["location"]


def fail(**fault):
    """Requests a fault."""
    requests.post(f"{BASE}/control/faults", json=fault, timeout=10).raise_for_status()


def published(platform):
    """Returns what is published, as counted by the sandbox."""
    return requests.get(f"{BASE}/control/{platform}/published", timeout=10).json()["published"]


def ok(what):
    """Prints what was tested successfully."""
    print(f"ok   {what}", flush=True)


def local(url):
    """Returns the same path at the sandbox, for a client with a host of its own."""
    places = {
        "graph.facebook.com": "facebook",
        "graph-video.facebook.com": "facebook",
    }
    parts = urlsplit(url)
    place = places.get(parts.netloc)
    return url if place is None else f"{BASE}/{place}{parts.path}"
