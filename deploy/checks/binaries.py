"""The product's binaries that the checks start."""

import os
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
FUNCTIONS = sorted(os.listdir(os.path.join(ROOT, "functions")))


def folder():
    """Returns the folder with the binaries: BINARIES, or the debug build's."""
    target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
    return os.environ.get("BINARIES", os.path.join(target, "debug"))


def binary(name):
    """Returns the path of a binary. `cargo test` builds each function once more, as `it-<name>`."""
    for candidate in (f"it-{name}", name):
        path = os.path.join(folder(), candidate)
        if os.access(path, os.X_OK):
            return path
    sys.exit(f"{name} is not in {folder()}: run `cargo build --package it --bins --package social-server` first")


def ok(what):
    """Prints what was checked successfully."""
    print(f"ok   {what}", flush=True)
