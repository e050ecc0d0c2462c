"""A real redis-server for one test, on a free port and a unix socket, in its own directory. A test
may kill, stop or empty it, or put it back in time. The system's Redis on 6379 is never used."""

import atexit
import fcntl
import functools
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PATIENCE = 15


class RedisError(Exception):
    """An error that Redis has answered."""


class Link:
    """A connection to Redis that speaks as much of its protocol as the tests need."""

    def __init__(self, port, password=None):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.lines = self.socket.makefile("rb")
        if password:
            self.call("AUTH", password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.lines.close()
        self.socket.close()

    def call(self, *words):
        words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        parts = [b"$%d\r\n%s\r\n" % (len(w), w) for w in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(parts))
        return self.reply()

    def reply(self):
        line = self.lines.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis has closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"*":
            return None if int(rest) < 0 else [self.reply() for _ in range(int(rest))]
        assert kind == b"$", line
        if int(rest) < 0:
            return None
        return self.lines.read(int(rest) + 2)[:-2].decode("utf-8", "replace")


PORTS = open(Path(tempfile.gettempdir(), f"chatd-test-ports-{os.getuid()}"), "a")
taken = set()


def free_port():
    """A port that no other test gets while this process lives, which locks that byte of a file. The
    port is below those that the kernel gives to clients. So no client can get it while nothing
    listens on it, and no client can connect to itself. tests/web, which runs beside, has the others."""
    while True:
        port = random.SystemRandom().randrange(20000, 28000)
        if port in taken:
            continue
        with socket.socket() as s:
            try:
                fcntl.lockf(PORTS, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
                s.bind(("127.0.0.1", port))
                taken.add(port)
                return port
            except OSError:
                continue


class RedisServer:
    """`appendonly`: "everysec" or "always"; None: after a kill it has only what it saved. `password`
    is the default user's. `environment` adds to its environment, `options` are
    options of redis-server, by name."""

    def __init__(self, appendonly=None, password=None, environment=None, **options):
        self.dir = Path(tempfile.mkdtemp(prefix="redis-test-"))
        self.data, self.older = self.dir / "data", self.dir / "older"
        self.data.mkdir()
        self.appendonly, self.password, self.process = appendonly, password, None
        self.environment = environment or {}
        self.options = {**options, **({"requirepass": password} if password else {})}
        self.port, self.unix = free_port(), str(self.dir / "redis.sock")

    def config(self, prefix="chat:", unix=False, **more):
        """A daemon's `redis` block."""
        where = {"unix": self.unix} if unix else {"host": "127.0.0.1", "port": self.port}
        return {**where, "prefix": prefix, **more}

    # --- life and death ---------------------------------------------------------------------------

    def spawn(self):
        options = {
            "port": self.port, "bind": "127.0.0.1", "unixsocket": self.unix, "dir": self.data,
            "save": "", "appendonly": "yes" if self.appendonly else "no",
            "appendfsync": self.appendonly or "no", **self.options,
        }  # fmt: skip
        words = [w for k, v in options.items() for w in ("--" + k.replace("_", "-"), str(v))]
        with open(self.dir / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "redis-server", *words],  # ends with the test
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **self.environment},
            )  # fmt: skip

    def start(self):
        for _ in range(5):
            self.spawn()
            if self.answers():
                return self
            self.port = free_port()  # another process took the port
        raise AssertionError(f"redis-server has not started:\n{self.log()}")

    def answers(self):
        """Waits until it serves; returns False if it has ended instead."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            try:
                if self.cli("PING") == "PONG":
                    return True
            except (OSError, RedisError):  # not yet listening; still loading
                assert time.monotonic() < deadline, f"Redis does not serve:\n{self.log()}"
                time.sleep(0.01)
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def restart(self, data="kept"):
        """Kills it and starts it again on the same port. `data`: "kept", "lost", or "older", that is
        the data at the time of `remember()`."""
        if self.process:
            self.kill()
        if data != "kept":
            shutil.rmtree(self.data)
        if data == "lost":
            self.data.mkdir()
        elif data == "older":
            shutil.copytree(self.older, self.data)
        self.spawn()
        assert self.answers(), f"redis-server has not started again:\n{self.log()}"
        return self

    def remember(self):
        """Copies the current data, for `restart("older")`."""
        if not self.appendonly:
            self.cli("SAVE")
        shutil.rmtree(self.older, ignore_errors=True)
        shutil.copytree(self.data, self.older)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def finish(self):
        if self.process:
            self.kill()
        shutil.rmtree(self.dir, ignore_errors=True)

    # --- commands ---------------------------------------------------------------------------------

    def log(self):
        return (self.dir / "log").read_text()[-3000:]

    def cli(self, *words):
        with Link(self.port, self.password) as link:
            return link.call(*words)

    def keys(self, pattern="*"):
        return sorted(self.cli("KEYS", pattern))

    def info(self, section):
        lines = self.cli("INFO", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)


@functools.cache
def redis_of_this_process():
    """One Redis for all daemons of a test process that need no Redis of their own."""
    server = RedisServer().start()
    atexit.register(server.finish)
    return server
