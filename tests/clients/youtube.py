"""google-api-python-client, google-auth and google-auth-oauthlib, with the simulated YouTube."""

import io
import json
import os
import pathlib
import socket

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the sandbox is http on loopback

import googleapiclient
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google_auth_oauthlib.flow import Flow
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload, MediaUpload

from sandbox import BASE, CALLBACK, allow, fail, ok, published, video

GOOGLE = f"{BASE}/youtube"
# After an interruption httplib2 repeats the request without its body, which was consumed, and waits this long.
socket.setdefaulttimeout(3)
SCOPES = ["https://www.googleapis.com/auth/youtube.upload", "https://www.googleapis.com/auth/youtube.readonly"]
GRANULE = 256 * 1024
BODY = {"snippet": {"title": "From Python"}, "status": {"privacyStatus": "public"}}


class Stream(MediaUpload):
    """Bytes of unknown length."""

    def __init__(self, data, chunk):
        self.data, self.chunk = data, chunk

    def chunksize(self):
        return self.chunk

    def mimetype(self):
        return "video/mp4"

    def size(self):
        return None

    def resumable(self):
        return True

    def getbytes(self, begin, length):
        return self.data[begin : begin + length]


def connect():
    """Google's flow with all its defaults: PKCE, and the secret by HTTP Basic."""
    web = {
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "auth_uri": f"{GOOGLE}/o/oauth2/v2/auth",
        "token_uri": f"{GOOGLE}/token",
    }
    flow = Flow.from_client_config({"web": web}, scopes=SCOPES, redirect_uri=CALLBACK)
    more = {"include_granted_scopes": "true", "enable_granular_consent": "true", "hd": "example.com"}
    url, _ = flow.authorization_url(access_type="offline", prompt="consent", **more)
    flow.fetch_token(authorization_response=allow(url, account="demostudio"))
    return flow.credentials


def service(credentials):
    """Returns the library's own client, with another host."""
    folder = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    document = json.loads((folder / "youtube.v3.json").read_text())
    document["rootUrl"] = f"{GOOGLE}/"
    document["baseUrl"] = f"{GOOGLE}/"
    return build_from_document(document, credentials=credentials)


def inserted(youtube, media):
    return youtube.videos().insert(part="snippet,status", body=BODY, media_body=media)


def finished(request):
    """Sends chunk after chunk, and resumes at the server's count after an interruption. Returns how often that was."""
    cuts, response = 0, None
    while response is None:
        try:
            _, response = request.next_chunk()
        except (ConnectionError, OSError):
            cuts += 1
            assert cuts < 5
    return cuts, response


credentials = connect()
youtube = service(credentials)
channel = youtube.channels().list(part=["id", "snippet", "contentDetails"], mine=True).execute()["items"][0]
assert channel["snippet"]["title"] == "Demo Studio", channel
ok("connect: authorization URL, consent, code for tokens by HTTP Basic with PKCE")

data = video(5 * GRANULE + 1000)
_, first = finished(inserted(youtube, MediaIoBaseUpload(io.BytesIO(data), "video/mp4", GRANULE, resumable=True)))
ok("a resumable upload in chunks of 256 KiB")

fail(platform="youtube", endpoint="upload", kind="cut", bytes=GRANULE + 5000, skip=1)
request = inserted(youtube, MediaIoBaseUpload(io.BytesIO(data), "video/mp4", 2 * GRANULE, resumable=True))
cuts, second = finished(request)
assert cuts == 1, cuts
ok("a resumable upload cut in its second chunk, and resumed")

_, third = finished(inserted(youtube, Stream(data, 2 * GRANULE)))
ok("a resumable upload of unknown size")

fourth = inserted(youtube, MediaIoBaseUpload(io.BytesIO(data), "video/mp4")).execute()
fifth = youtube.videos().insert(part="snippet", media_body=MediaIoBaseUpload(io.BytesIO(data), "video/mp4")).execute()
ok("multipart and media uploads")

ids = [video["id"] for video in (first, second, third, fourth, fifth)]
seen = published("youtube")
assert [one["videoId"] for one in seen] == ids and {one["size"] for one in seen} == {len(data)}, seen
assert len({one["sha256"] for one in seen}) == 1, "the same bytes, whichever way they came"
ok("each is there once, byte by byte")

try:
    finished(inserted(youtube, MediaIoBaseUpload(io.BytesIO(data), "video/mp4", 300_000, resumable=True)))
    raise AssertionError("a chunk of 300000 bytes was taken")
except HttpError as error:
    assert error.status_code == 400
ok("refused: a chunk that is no multiple of 262144")

youtube.videos().list(part="id", id=ids).execute()
listed = youtube.videos().list(part=["snippet", "status"], id=ids).execute()["items"]
assert [video["id"] for video in listed] == ids and "snippet" in listed[0] and "status" in listed[0], listed
uploads = channel["contentDetails"]["relatedPlaylists"]["uploads"]
# Not as a list: the client's own `list_next` cannot parse repeated parameters.
request = youtube.playlistItems().list(part="contentDetails,snippet", playlistId=uploads, maxResults=2)
paged = []
while request is not None:
    page = request.execute()
    paged += [item["contentDetails"]["videoId"] for item in page["items"]]
    request = youtube.playlistItems().list_next(request, page)
assert sorted(paged) == sorted(ids), paged
ok("lists with repeated parameters, page by page")

named = youtube.channels().list(part="snippet", forHandle="@quietgarden", fields="items(snippet/title)").execute()
assert named == {"items": [{"snippet": {"title": "Quiet Garden"}}]}, named
long = youtube.channels().list(part="id", id=channel["id"], fields=",".join(["items/id"] * 400)).execute()
assert long == {"items": [{"id": channel["id"]}]}, long
ok("channels by handle and by id, partial replies, a query so long that it is posted")

before = credentials.token
credentials.refresh(Request())
assert credentials.token != before
youtube.channels().list(part="id", mine=True).execute()
ok("refresh")

form = {"content-type": "application/x-www-form-urlencoded"}
requests.post(f"{GOOGLE}/revoke", params={"token": credentials.token}, headers=form, timeout=10).raise_for_status()
try:
    credentials.refresh(Request())
    raise AssertionError("a revoked grant was refreshed")
except RefreshError:
    pass
ok("revoke, as Google's page on Python shows it")
