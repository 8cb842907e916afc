#!/usr/bin/env bash
# What servers of files do with the requests that a video is read by: the ranges, the conditions, the tags. Asks them
# without the product, prints what they do, and fails if one does otherwise than docs/host-videos.md says.
# Wants bash, Python 3.11 with venv, Node 20 with npm, and some 300 MB in a temporary folder, which it removes.
# Usage: findings/video-servers.sh
set -euo pipefail

work=$(mktemp -d)
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
mkdir "$work/files" "$work/node"
head -c 200000 /dev/urandom >"$work/files/video.mp4"
touch -d '2020-01-01 10:00:00 UTC' "$work/files/video.mp4"

echo "installing …" >&2
python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet --disable-pip-version-check starlette==1.10.0 uvicorn==0.54.0 aiohttp==3.14.5 \
    Flask==3.1.3 whitenoise==6.12.0 tornado==6.6.1 Twisted==26.10.0 bottle==0.13.4 falcon==4.4.0 rangehttpserver==1.4.0
npm install --prefix "$work/node" --silent --no-audit --no-fund sirv-cli@3.0.1 serve@14.2.7 http-server@14.1.1 \
    express@5.3.0 koa@3.3.0 koa-static@5.0.0 fastify@5.12.8 @fastify/static@10.1.11

cat >"$work/serve.py" <<'PYTHON'
"""Serves a folder by one of Python's servers."""
import os, socketserver, sys
from wsgiref.simple_server import WSGIServer, make_server

kind, folder, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
here = {"host": "127.0.0.1", "port": port}


def wsgi(app):
    class Server(socketserver.ThreadingMixIn, WSGIServer):
        daemon_threads = True
    make_server("127.0.0.1", port, app, server_class=Server).serve_forever()


if kind == "starlette":
    import uvicorn
    from starlette.staticfiles import StaticFiles
    uvicorn.run(StaticFiles(directory=folder), log_level="error", **here)
elif kind == "aiohttp":
    from aiohttp import web
    app = web.Application()
    app.router.add_static("/", folder)
    web.run_app(app, print=None, **here)
elif kind == "flask":
    import flask
    app = flask.Flask(__name__)
    app.add_url_rule("/<name>", "file", lambda name: flask.send_file(os.path.join(folder, name)))
    app.run(threaded=True, **here)
elif kind == "whitenoise":
    from whitenoise import WhiteNoise
    wsgi(WhiteNoise(lambda _, start: [start("404 Not Found", []), b""][1:], root=folder))
elif kind == "tornado":
    import asyncio, tornado.web
    async def main():
        tornado.web.Application([("/(.*)", tornado.web.StaticFileHandler, {"path": folder})]).listen(port, "127.0.0.1")
        await asyncio.Event().wait()
    asyncio.run(main())
elif kind == "twisted":
    from twisted.internet import reactor
    from twisted.web import server, static
    reactor.listenTCP(port, server.Site(static.File(folder)), interface="127.0.0.1")
    reactor.run()
elif kind == "bottle":
    import bottle
    app = bottle.Bottle()
    app.route("/<name>", callback=lambda name: bottle.static_file(name, root=folder))
    wsgi(app)
elif kind == "falcon":
    import falcon
    app = falcon.App()
    app.add_static_route("/", folder)
    wsgi(app)
PYTHON

cat >"$work/node/serve.js" <<'NODE'
// Serves a folder by one of Node's servers.
const [kind, folder, port] = process.argv.slice(2);
const listen = { port: Number(port), host: "127.0.0.1" };
if (kind === "express") {
  const express = require("express");
  express().use(express.static(folder)).listen(listen.port, listen.host);
} else if (kind === "koa-static") {
  const Koa = require("koa");
  new Koa().use(require("koa-static")(folder)).listen(listen.port, listen.host);
} else if (kind === "fastify-static") {
  const app = require("fastify")();
  app.register(require("@fastify/static"), { root: folder });
  app.listen(listen);
}
NODE

cat >"$work/ask.py" <<'PYTHON'
"""Asks a server of a file and prints what it does, in one line."""
import http.client, sys, time

port, size = int(sys.argv[1]), 200000


def ask(**headers):
    for _ in range(150):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", "/video.mp4", headers={"Accept-Encoding": "identity", **names})
            answer = connection.getresponse()
            body = len(answer.read())
            connection.close()
            return answer, body
        except ConnectionError:
            time.sleep(0.2)
    sys.exit(f"nothing answers at port {port}")


def said(range, **conditions):
    answer, body = ask(Range=f"bytes={range}", **conditions)
    if answer.status != 206:
        return str(answer.status)
    span = answer.getheader("Content-Range", "").removeprefix("bytes ").removesuffix(f"/{size}")
    first, last = map(int, span.split("-"))
    assert body == last - first + 1, f"{span} of {body} bytes"
    return "206" if span == range else f"206:{'all' if body == size else span}"


first, _ = ask(Range="bytes=0-99")
tag, date = first.getheader("ETag"), first.getheader("Last-Modified")
kind = "none" if not tag else "weak" if tag.startswith("W/") else "strong" if tag.startswith('"') else "unquoted"
print(
    f"tag={kind} date={'yes' if date else 'none'}",
    f"beginning={said('0-65535')} byte={said('0-0')} end={said(f'100-{size - 1}')} whole={said(f'0-{size - 1}')}",
    f"other-tag={said('0-99', If_Match=chr(34) + 'other' + chr(34))}",
    f"older={said('0-99', If_Unmodified_Since='Thu, 01 Jan 2015 00:00:00 GMT')}",
)
PYTHON

port=$((20000 + RANDOM % 20000))
failed=0
# try NAME VERSION EXPECTED COMMAND…: starts a server with {port} and {files} put in, and asks it.
try() {
    local name=$1 version=$2 expected=$3 found
    shift 3
    port=$((port + 1))
    local command=("${@//\{port\}/$port}")
    (cd "$work/files" && exec "${command[@]//\{files\}/$work/files}") >"$work/log" 2>&1 &
    pids+=($!)
    if ! found=$("$work/python/bin/python" "$work/ask.py" "$port" 2>&1); then
        found="no answer: $found $(tail -n 3 "$work/log")"
    fi
    printf '%-16s %-8s %s\n' "$name" "$version" "$found"
    if [ "$found" != "$expected" ]; then
        printf '%-16s expected %s\n' '' "$expected"
        failed=1
    fi
}
python() { try "$1" "$2" "$3" "$work/python/bin/python" "$work/serve.py" "$1" '{files}' '{port}'; }
node() { try "$1" "$2" "$3" node "$work/node/serve.js" "$1" '{files}' '{port}'; }
bin="$work/node/node_modules/.bin"

ranges='beginning=206 byte=206 end=206 whole=206'
no_ranges='beginning=200 byte=200 end=200 whole=200'
try http.server "$(python3 -c 'import platform; print(platform.python_version())')" \
    "tag=none date=yes $no_ranges other-tag=200 older=200" python3 -m http.server --bind 127.0.0.1 '{port}'
try RangeHTTPServer 1.4.0 "tag=none date=yes $ranges other-tag=206 older=206" \
    "$work/python/bin/python" -m RangeHTTPServer --bind 127.0.0.1 '{port}'
python starlette 1.10.0 "tag=strong date=yes $ranges other-tag=206 older=206"
python aiohttp 3.14.5 "tag=strong date=yes $ranges other-tag=412 older=412"
python flask 3.1.3 "tag=strong date=yes $ranges other-tag=206 older=206"
python whitenoise 6.12.0 "tag=strong date=yes beginning=206 byte=416 end=206 whole=206 other-tag=206 older=206"
python tornado 6.6.1 "tag=strong date=yes beginning=206 byte=206 end=206 whole=200 other-tag=206 older=206"
python twisted 26.10.0 "tag=none date=yes $ranges other-tag=206 older=206"
python bottle 0.13.4 "tag=unquoted date=yes $ranges other-tag=206 older=206"
python falcon 4.4.0 "tag=strong date=yes $ranges other-tag=206 older=206"
try sirv-cli 3.0.1 "tag=none date=yes beginning=206 byte=206:all end=206 whole=206 other-tag=206 older=206" \
    "$bin/sirv" '{files}' --host 127.0.0.1 --port '{port}' --quiet
try serve 14.2.7 "tag=strong date=none $ranges other-tag=206 older=206" \
    "$bin/serve" --listen 'tcp://127.0.0.1:{port}' --no-clipboard '{files}'
try http-server 14.1.1 "tag=weak date=yes $ranges other-tag=206 older=206" \
    "$bin/http-server" '{files}' -a 127.0.0.1 -p '{port}' -s
node express 5.3.0 "tag=weak date=yes $ranges other-tag=412 older=412"
node koa-static 5.0.0 "tag=none date=yes $no_ranges other-tag=200 older=200"
node fastify-static 10.1.11 "tag=weak date=yes $ranges other-tag=412 older=412"

if [ "$failed" = 0 ]; then echo "as docs/host-videos.md says"; else echo "docs/host-videos.md says otherwise" >&2; fi
exit "$failed"
