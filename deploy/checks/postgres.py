"""A Postgres of its own in a folder, with the product's schema."""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile

from binaries import ROOT


def _binary(name):
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None)
    if found is None:
        raise SystemExit(f"{name} is required: install Postgres")
    return found


class Postgres:
    """A server on loopback that ends with the `with` block."""

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="deploy-postgres-")
        self._as = {}
        if os.getuid() == 0:
            # Postgres refuses to run as root.
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._data = os.path.join(self._folder, "data")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run("initdb", "--pgdata", self._data, "--username", "social_owner", "--auth", "trust", "--no-sync")
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "--pgdata", self._data, "--log", f"{self._folder}/log", "-w", "-o", options, "start")
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "--pgdata", self._data, "-m", "immediate", "stop")
        shutil.rmtree(self._folder)

    def _run(self, name, *arguments):
        subprocess.run([_binary(name), *arguments], check=True, stdout=subprocess.DEVNULL, cwd="/", **self._as)

    def url(self, role="social_app"):
        """Returns the value of DATABASE_URL."""
        return f"postgres://{role}@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def migrate(self, server):
        """Creates the schema and the product's role."""
        subprocess.run([server, "migrate"], check=True, env={"DATABASE_URL": self.url("social_owner")},
                       stdout=subprocess.DEVNULL)
        self.grant()

    def grant(self):
        """Creates the product's role with its rights, as a deployment does after each migration."""
        with open(os.path.join(ROOT, "deploy/container/role.sql"), encoding="utf-8") as file:
            self.sql(file.read())

    def sql(self, statements):
        """Runs statements as the owner, a superuser here; returns the rows as text."""
        ran = subprocess.run(
            [_binary("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url("social_owner")],
            input=statements, text=True, check=True, stdout=subprocess.PIPE,
            env={**os.environ, "APP_PASSWORD": "unused: loopback is trusted"},
        )
        return ran.stdout.split()

    def queue(self, count):
        """Inserts due results, each of an account of its own whose token no key decrypts."""
        self.sql(f"""
            with account as (
                insert into social_accounts (id, owner_id, platform, account_id, client_id, access_token, status,
                    connected_at, created_at, updated_at)
                select gen_random_uuid(), 'user', 'tiktok', gen_random_uuid(), 'aw1', 'k0:AAAA', 'active', now(), now(), now()
                from generate_series(1, {count}) returning id
            ), post as (
                insert into social_posts (id, owner_id, video_url, caption, publish_at, created_at, updated_at)
                values (gen_random_uuid(), 'user', 'https://media.example/v.mp4', '', now(), now(), now()) returning id
            )
            insert into post_results (id, post_id, owner_id, account_id, platform, options, state, due_at, created_at, updated_at)
            select gen_random_uuid(), post.id, 'user', account.id, 'tiktok', '{{}}', 'queued', now(), now(), now()
            from account, post
        """)
