"""A small Lambda runtime API: it starts a function, sends it events and receives its responses.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import http.server
import json
import os
import queue
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import Any

PREFIX = "/2018-06-01/runtime/"


@dataclass
class Outcome:
    """What a function did with an event: it responded, or reported that the invocation failed."""

    failed: bool
    body: Any


class Environment:
    """One process of a function, and the runtime API that it uses. It processes one event at a time."""

    def __init__(self, binary, variables, log):
        self._events, self._outcomes = queue.Queue(), queue.Queue()
        environment = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                invocation, event = environment._events.get()
                self.send_response(200)
                for name, value in {
                    "Lambda-Runtime-Aws-Request-Id": invocation,
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 60) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:x",
                    "Content-Type": "application/json",
                    "Content-Length": str(len(event)),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(event)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                failed = not self.path.endswith("/response")
                environment._outcomes.put(Outcome(failed, json.loads(body) if body else None))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # A process that is killed resets its connection.
        self._server.handle_error = lambda *_: None
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        runtime = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": os.path.basename(binary),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
        }
        self._process = subprocess.Popen(
            [binary], env={**variables, **runtime}, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        self._invoked = 0

    def invoke(self, event):
        """Sends one event and waits for its outcome."""
        self._invoked += 1
        self._events.put((f"invocation-{self._invoked}", json.dumps(event).encode()))
        for _ in range(600):
            try:
                return self._outcomes.get(timeout=0.1)
            except queue.Empty:
                if self._process.poll() is not None:
                    raise RuntimeError(f"the function ended with {self._process.returncode}") from None
        raise TimeoutError("the function did not respond within 60 s")

    def close(self):
        """Ends the process."""
        self._process.kill()
        self._process.wait()
        self._server.shutdown()


class Function:
    """A function with as many processes as events arrive at once, as in Lambda."""

    def __init__(self, binary, variables, log_path):
        self._binary, self._variables = binary, variables
        self._log = open(log_path, "ab")
        self._idle, self._all, self._lock = [], [], threading.Lock()

    def invoke(self, event):
        """Sends an event to an idle process, or to a new one."""
        with self._lock:
            environment = self._idle.pop() if self._idle else None
        if environment is None:
            environment = Environment(self._binary, self._variables, self._log)
            with self._lock:
                self._all.append(environment)
        outcome = environment.invoke(event)
        with self._lock:
            self._idle.append(environment)
        return outcome

    @property
    def processes(self):
        """How many processes were started."""
        return len(self._all)

    def close(self):
        """Ends all processes."""
        for environment in self._all:
            environment.close()
        self._log.close()


def netlify_request(name):
    """Returns a GET request for a function as Netlify sends it."""
    path = f"/.netlify/functions/{name}"
    headers = {"host": "app.example", "x-forwarded-proto": "https"}
    return {
        "path": path, "httpMethod": "GET", "queryStringParameters": {}, "multiValueQueryStringParameters": {},
        "headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": None, "isBase64Encoded": False, "rawUrl": f"https://app.example{path}", "rawQuery": "",
    }


def gateway_request(path, route):
    """Returns a GET request in API Gateway's second format."""
    http_part = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "check"}
    return {
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "", "isBase64Encoded": False,
        "headers": {"host": "app.example", "x-forwarded-proto": "https"},
        "requestContext": {
            "accountId": "123456789012", "apiId": "a", "domainName": "app.example", "domainPrefix": "app",
            "http": http_part, "requestId": "r", "routeKey": route, "stage": "$default",
            "time": "28/Nov/2026:00:00:00 +0000", "timeEpoch": 1795824000000,
        },
    }


# The status that each function returns to such a request; 401 to a request without a token.
EXPECTED = {
    "tiktok-callback": 302,
    "social-accounts-callback": 302,
    "tiktok-webhook": 405,
    "social-health": 200,
    "social-openapi": 200,
}


def variables(database_url):
    """Returns the environment of a deployment. The worker cannot reach TikTok."""
    return {
        "APP_URL": "https://app.example",
        "DATABASE_URL": database_url,
        "TOKEN_ENCRYPTION_KEYS": "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
        "AUTH_JWT_SECRET": "a-secret-of-enough-bytes",
        "WORKER_SECRET": "another-secret-of-enough-bytes",
        "TIKTOK_CLIENT_KEY": "aw1",
        "TIKTOK_CLIENT_SECRET": "a-clients-secret",
        "TIKTOK_API_URL": "https://127.0.0.1:1",
    }
