"""facebook_business, with the simulated Facebook."""

import logging
import os
import tempfile

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the sandbox is http on loopback

import requests
from facebook_business.adobjects.advideo import AdVideo
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession
from facebook_business.video_uploader import VideoUploader
from requests_oauthlib import OAuth2Session
from requests_oauthlib.compliance_fixes import facebook_compliance_fix

from sandbox import BASE, CALLBACK, allow, fail, local, ok, published, video

APP, SECRET = "1000200030004000", "sandbox-secret"
GRAPH = f"{BASE}/facebook"
SCOPES = "pages_show_list,pages_read_engagement,pages_manage_posts,business_management"
FacebookSession.GRAPH = GRAPH
logging.getLogger().setLevel(logging.ERROR)  # what the SDK thinks of its own constructor


class Api(FacebookAdsApi):
    """Changes the SDK's uploader, which has its own host and an ad account's path: a Page's path is `videos`."""

    def call(self, method, path, params=None, headers=None, files=None, url_override=None, api_version=None):
        if isinstance(path, tuple) and path[-1] == "advideos":
            path = (*path[:-1], "videos")
        host = url_override and local(url_override)
        return super().call(method, path, params, headers, files, host, api_version)


def api(token):
    return Api(FacebookSession(APP, SECRET, token), api_version="v26.0")


session = facebook_compliance_fix(OAuth2Session(APP, redirect_uri=CALLBACK, scope=SCOPES))
url, _ = session.authorization_url(f"{GRAPH}/v26.0/dialog/oauth")
location = allow(url, account="dana.demo", page="all").split("#")[0]
token = session.fetch_token(
    f"{GRAPH}/v26.0/oauth/access_token",
    client_secret=SECRET,
    authorization_response=location,
    include_client_id=True,
)["access_token"]
ok("connect: dialog, consent, code for a token")

me = User("me", api=api(token))
assert me.api_get(fields=["id", "name"])["name"] == "Dana Demo"
accounts = me.get_accounts(fields=["id", "name", "access_token"], params={"limit": 1})
pages = {page["name"]: page for page in accounts}
assert sorted(pages) == ["Demo Bakery", "Demo Kitchen", "Reading Room"], pages
assert accounts.total() == 3
ok("who, and the Pages, one by one with a summary")

kitchen = pages["Demo Kitchen"]
page_token, page_api = kitchen["access_token"], api(kitchen["access_token"])
page = Page(kitchen["id"], api=page_api)
assert page.api_get(fields=["name", "followers_count"])["name"] == "Demo Kitchen"
ok("a Page read")

bare = requests.get(f"{GRAPH}/v26.0/me", params={"access_token": token}, timeout=10)
assert bare.status_code == 400 and "appsecret_proof" in bare.json()["error"]["message"], bare.text
ok("refused: no appsecret_proof")

data = video((4 << 20) + 500_000)


with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
    file.write(data)
    file.flush()

    clip = AdVideo(parent_id=kitchen["id"], api=page_api)
    clip[AdVideo.Field.filepath] = file.name
    fail(platform="facebook", endpoint="video_transfer", kind="statusAfter", status=500, code="2", skip=1)
    uploaded = VideoUploader().upload(clip)
assert uploaded["id"], uploaded
assert [one["size"] for one in published("facebook")] == [len(data)]
ok("a chunked upload to /videos; an answer lost in it, and the piece not sent twice")

videos = list(page.get_videos(fields=["id", "status", "length", "title"]))
assert [one["id"] for one in videos] == [uploaded["id"]] and videos[0]["status"] and videos[0]["length"] > 0
ok("the list of videos with status and length")

reel = page.create_video_reel(params={"upload_phase": "start"})
reel_id, upload_url = reel["video_id"], reel["upload_url"]
clip = video(900_000)


def send(offset, body, **more):
    headers = {"authorization": f"OAuth {page_token}", "offset": str(offset), "file_size": str(len(clip)), **more}
    return requests.post(upload_url, data=body, headers=headers, timeout=10)


assert send(0, (piece for piece in [clip])).status_code == 400
ok("refused: an upload without a length")
fail(platform="facebook", endpoint="upload", kind="cut", bytes=400_000)
try:
    raise AssertionError(f"not cut: {send(0, clip).status_code}")
except requests.ConnectionError:
    pass
status = AdVideo(reel_id, api=page_api).api_get(fields=["status"])["status"]
here = status["uploading_phase"]["bytes_transferred"]
assert 0 < here < len(clip), status
assert send(here, clip[here:]).json() == {"success": True}
end = {"upload_phase": "finish", "video_id": reel_id, "video_state": "PUBLISHED", "description": "From Python"}
page.create_video_reel(params=end)
assert [one["id"] for one in page.get_video_reels(fields=["id", "description"])] == [reel_id]
assert [one["size"] for one in published("facebook")] == [len(data), len(clip)]
ok("a Reel: start, upload cut and resumed, finish, list")

for version in ("v16.0", "v20.0", "v24.0"):
    old = Api(FacebookSession(APP, SECRET, token), api_version=version)
    assert User("me", api=old).api_get(fields=["name"])["name"] == "Dana Demo"
ok("versions that have ended are served")

try:
    page_api.call("POST", (kitchen["id"], "nothing"))
    raise AssertionError("an edge that does not exist was taken")
except FacebookRequestError as error:
    assert error.api_error_code() == 100, error
ok("an edge that does not exist is refused in JSON")

user = me.api_get(fields=["id"])["id"]
api(token).call("DELETE", (user, "permissions"))
try:
    me.api_get(fields=["id"])
    raise AssertionError("a removed app still reads")
except FacebookRequestError as error:
    assert error.api_error_code() == 190, error
ok("revoke")
