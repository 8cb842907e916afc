"""Builds the root file system of the image from its recipe, and starts it in a chroot.

The chroot is stricter than an engine: it has no /proc, no /dev and no /etc, it is read-only, and the process has no
rights. A dynamic binary brings its libraries along; the image's own is static.
"""

import fnmatch
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from binaries import ROOT, binary, ok
from postgres import Postgres
from runtime_api import variables

USER = 65532


def text(name):
    """Returns the text of a file of the repository."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def check_context():
    """The build gets what cargo needs, and no secret."""
    rules = [line for line in text(".dockerignore").splitlines() if line and not line.startswith("#")]

    def included(path):
        parts = path.split("/")
        prefixes = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        found = True
        for rule in rules:
            pattern = rule.lstrip("!")
            # `**/x` also matches at the top.
            matches = any(
                fnmatch.fnmatchcase(prefix, pattern)
                or (pattern.startswith("**/") and prefix.split("/")[-1] == pattern[3:])
                for prefix in prefixes
            )
            found = rule.startswith("!") if matches else found
        return found

    assert not any(map(included, (".env", "crates/.env", ".git/config", "target/x", ".data/key"))), "a secret is sent"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    sent = [path for path in listed.splitlines() if included(path) and os.path.exists(os.path.join(ROOT, path))]
    with tempfile.TemporaryDirectory(prefix="deploy-context-") as context:
        for path in sent:
            os.makedirs(os.path.join(context, os.path.dirname(path)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, path), os.path.join(context, path))
        command = ["cargo", "metadata", "--locked", "--format-version", "1", "--quiet"]
        told = subprocess.run(command, cwd=context, check=True, capture_output=True).stdout
        metadata = json.loads(told)
    for folder in folders_of("social-server", metadata, context):
        for path in sent:
            if path.startswith(f"{folder}/src/") and path.endswith(".rs"):
                for name in re.findall(r'"((?:\.\./)+[\w./-]+)"', text(path)):
                    # Relative to the file, or to the package, as macros read them.
                    for base in (os.path.dirname(path), folder):
                        read = os.path.normpath(os.path.join(base, name))
                        if not read.startswith("..") and os.path.exists(os.path.join(ROOT, read)):
                            assert any(f"{one}/".startswith(f"{read}/") for one in sent), f"{path} reads {read}"
    ok(f"the build gets {len(sent)} files, and cargo finds {len(metadata['workspace_members'])} packages in them")


def folders_of(package, metadata, root):
    """Returns the folders of a package of the workspace, and of those that it needs."""
    packages = {one["id"]: one for one in metadata["packages"]}
    nodes = {node["id"]: [dep["pkg"] for dep in node["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
             for node in metadata["resolve"]["nodes"]}
    found, left = set(), [id for id, one in packages.items() if one["name"] == package and one["source"] is None]
    while left:
        id = left.pop()
        if id not in found and packages[id]["source"] is None:
            found.add(id)
            left += nodes[id]
    real = os.path.realpath(root)
    return [os.path.relpath(os.path.dirname(packages[id]["manifest_path"]), real) for id in found]


def recipe():
    """Returns the user, the command and the files of the image's last stage."""
    stage = text("Dockerfile").rsplit("\nFROM ", 1)[1].splitlines()
    assert stage[0] == "scratch", stage[0]
    words = {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in stage[1:] if line and not line.startswith("#")}
    copied = [line.split()[-1] for line in stage if line.startswith("COPY ")]
    return words["USER"], json.loads(words["ENTRYPOINT"]), json.loads(words["CMD"]), copied


def health_check():
    """Returns the command of the image's health check."""
    return json.loads(re.search(r"^HEALTHCHECK .*? CMD (.*)$", text("Dockerfile"), re.MULTILINE)[1])


def build(folder, program):
    """Puts the files of the image into a folder. Returns whether the binary is static."""
    shutil.copy(program, os.path.join(folder, "social-server"))
    told = subprocess.run(["ldd", program], capture_output=True, text=True)
    libraries = re.findall(r"(/[^ ]+) \(0x", told.stdout)
    for library in libraries:
        os.makedirs(folder + os.path.dirname(library), exist_ok=True)
        shutil.copy(library, folder + library)
    return not libraries


def start(folder, user, command, environment):
    """Starts a command of the image. The mount ends with the process's own namespace."""
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && root=$0 && user=$1 && shift && ' + (
        'exec setpriv --no-new-privs chroot --userspec="$user" --groups= "$root" "$@"'
    )
    return subprocess.Popen(["unshare", "--mount", "sh", "-c", script, folder, user, *command],
                            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment},
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def get(url):
    """Returns the status and the body of a response."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_for(port, process):
    """Waits until the server accepts connections."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)
    raise TimeoutError("the server did not listen within 10 s")


def status(pid):
    """Returns the lines of the process's status."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def check_process(process):
    """The process has no rights, and cannot write its own root."""
    told = status(process.pid)
    assert set(told["Uid"].split()) == {str(USER)} and set(told["Gid"].split()) == {str(USER)}, told
    assert int(told["CapEff"], 16) == 0 and told["NoNewPrivs"] == "1", told
    with open(f"/proc/{process.pid}/mountinfo", encoding="utf-8") as file:
        root = next(line for line in reversed(file.readlines()) if line.split()[4] == "/")
    assert root.split()[5].startswith("ro"), root
    return int(told["VmRSS"].split()[0]) / 1024


def check_grants():
    """The rights in role.sql are those of the documentation."""
    sql = text("deploy/container/role.sql")
    grants = re.search(r"grant usage.*?social_app;\ngrant select.*?social_app;", sql, re.DOTALL)[0]
    assert grants in text("docs/postgres.md"), "docs/postgres.md grants other rights than role.sql"
    ok("role.sql grants what docs/postgres.md grants")


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else binary("social-server")
    check_context()
    check_grants()
    user, entrypoint, arguments, copied = recipe()
    assert (user, copied) == (f"{USER}:{USER}", [*entrypoint]), (user, copied)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Postgres() as postgres, tempfile.TemporaryDirectory(prefix="deploy-image-") as folder:
        os.chmod(folder, 0o755)
        static = build(folder, program)
        assert static or len(sys.argv) == 1, f"{program} needs libraries, which the image does not have"
        owner = {"DATABASE_URL": postgres.url("social_owner")}
        process = start(folder, user, [*entrypoint, "migrate"], owner)
        told = process.communicate(timeout=60)[0]
        assert process.returncode == 0, told
        postgres.grant()
        ok(f"the image migrates an empty database: {told.strip()}")
        environment = {**variables(postgres.url()), "PORT": str(port)}
        began = time.monotonic()
        process = start(folder, user, [*entrypoint, *arguments], environment)
        try:
            wait_for(port, process)
            base = f"http://127.0.0.1:{port}"
            assert get(f"{base}/api/social-health") == (200, '{"status":"ok"}'), get(f"{base}/api/social-health")
            took = time.monotonic() - began
            assert get(f"{base}/integrations")[0] == 200
            assert get(f"{base}/api/social-accounts")[0] == 401
            memory = check_process(process)
            kind = "a static" if static else "a dynamic"
            ok(f"{kind} binary serves within {took:.2f} s, as user {USER}, without rights, on a read-only root, "
               f"in {memory:.0f} MiB")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=12) == 0, process.stdout.read()
            ok("SIGTERM ends it with 0")
            process = start(folder, user, [*entrypoint, *arguments], environment)
            wait_for(port, process)
            probes = re.findall(r"httpGet: { path: (/\w+), port: http }", text("deploy/container/kubernetes.yaml"))
            assert len(probes) == 2, probes
            for path in probes:
                assert get(base + path)[0] == 200, f"{path}, which kubernetes.yaml probes, returns {get(base + path)}"
            ok("both probes of kubernetes.yaml return 200")
            asked = start(folder, user, health_check(), environment)
            told = asked.communicate(timeout=10)[0]
            assert asked.returncode == 0, told
            ok(f"the image's health check prints {told.strip()}")
        finally:
            process.kill()
            process.wait()


main()
