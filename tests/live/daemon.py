"""A daemon for one test: configuration, state directory, start and end, and its log."""

import hashlib
import http.client
import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from client import PATIENCE, Client
from redis_server import RedisServer, free_port, redis_of_this_process

ROOT = Path(__file__).resolve().parents[2]
CHATD = os.path.abspath(os.environ.get("CHATD", ROOT / "build/asan/chatd"))
JOURNAL = os.environ.get("CHATD_JOURNAL", "local")  # or "redis": if a test does not say
# libwebsockets 4.1, of Debian 12. Later ones read the beginning of a request with the body before it, and lose it.
LIBRARY_41 = b"libwebsockets.so.17" in subprocess.run(["ldd", CHATD], stdout=subprocess.PIPE).stdout

# No limits on rates and connections, unless a test sets them.
EASY = {"commands_per_second": 0, "connections_per_address": 0, "errors": 10000}
_guests = itertools.count(1)
LOBBY = [{"name": "lobby", "title": "Lobby", "topic": "Say hello"}]


def wait_until(condition, what, within=PATIENCE):
    deadline = time.monotonic() + within
    while not (got := condition()):
        assert time.monotonic() < deadline, f"not in {within} s: {what}"
        time.sleep(0.01)
    return got


def finish_all(running):
    """Finishes each of them; then the first fault counts. A fault leaves none of the others running."""
    faults = []
    for one in running:
        try:
            one.finish()
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise faults[0]


def idle_share(daemon, seconds=2):
    """The share of a processor that the daemon takes while nobody asks anything of it."""
    before = daemon.cpu_seconds()
    time.sleep(seconds)
    return (daemon.cpu_seconds() - before) / seconds


def setting(value):
    """A Python value as libconfig writes it."""
    if isinstance(value, dict):
        return "{ " + " ".join(f"{k} = {setting(v)};" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "( " + ", ".join(map(setting, value)) + " )"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def prefix_of(state):
    """The prefix of the keys in Redis: the same for each start on the same state directory."""
    return hashlib.sha256(str(state).encode()).hexdigest()[:12] + ":"


class Daemon:
    """Keywords are keys of the configuration; whole numbers are members of `limits`. (`limits` sets
    those that share their name with a key.) `lean`: the sanitizer keeps no freed memory, for tests
    that measure memory. `command` goes before the daemon's command line, `arguments` after it,
    `environment` adds to its environment, `inherits` are descriptors that it gets. `redis` is the block, or a server, whose prefix then
    follows from the state directory; False: no Redis, even if CHATD_JOURNAL is "redis"."""

    def __init__(
        self, state=None, command=(), arguments=(), environment=None, limits=None, lean=False,
        redis=None, inherits=(), **keys,
    ):  # fmt: skip
        self.dir = Path(tempfile.mkdtemp(prefix="chatd-test-"))
        self.state = Path(state) if state else self.dir / "state"
        self.log_path, self.config_path = self.dir / "log", self.dir / "chatd.conf"
        self.told, self.clients, self.process = set(), [], None
        self.command, self.arguments = list(command), list(arguments)
        self.environment, self.lean = environment or {}, lean
        self.inherits = inherits
        self.paused = False
        self.limits = {**EASY, **(limits or {})}
        self.limits.update({k: v for k, v in keys.items() if isinstance(v, int)})
        self.keys = {
            "listen": [{"address": "127.0.0.1", "port": free_port()}],  # nobody takes it in a restart
            "state": str(self.state),
            "www": str(ROOT / "www"),
            "control": str(self.dir / "control"),
            "rooms": LOBBY,
            **{k: v for k, v in keys.items() if not isinstance(v, int)},
        }
        if redis is None and JOURNAL == "redis":
            redis = redis_of_this_process()
        if isinstance(redis, RedisServer):
            redis = redis.config(prefix_of(self.state))
        if redis:
            self.keys["redis"] = redis
        self.log_path.touch()

    # --- life and death ---------------------------------------------------------------------------

    def configure(self):
        lines = [f"{k} = {setting(v)};" for k, v in {**self.keys, "limits": self.limits}.items()]
        self.config_path.write_text("\n".join(lines) + "\n")

    def spawn(self):
        self.configure()
        self.began = self.log_path.stat().st_size
        env = {
            **os.environ,
            "ASAN_OPTIONS": "detect_leaks=1" + ":quarantine_size_mb=0" * self.lean,
            "UBSAN_OPTIONS": "print_stacktrace=1",
            **self.environment,
        }
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command, CHATD, "--config", self.config_path, *self.arguments],
                stderr=log, stdout=log, stdin=subprocess.DEVNULL, env=env,
                pass_fds=self.inherits,
            )  # fmt: skip

    def start(self):
        """Starts it and waits until it is ready. Later starts listen on the same ports."""
        self.spawn()
        wait_until(self.is_ready_or_dead, "ready")
        assert self.process.poll() is None, f"the daemon has not started:\n{self.log()}"
        self.find_addresses()
        return self

    def find_addresses(self):
        ports = re.findall(r"listen address=(\S+) port=(\d+)", self.log(since_start=True))
        if ports:
            self.addresses = [(a, int(p)) for a, p in ports]
            for where, (_, port) in zip(self.keys["listen"], self.addresses):
                where["port"] = port

    def is_ready_or_dead(self):
        return " ready" in self.log(since_start=True) or self.process.poll() is not None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process, self.paused = None, False

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.paused = False

    def terminate(self, within=PATIENCE):
        """Closes this test's clients and sends SIGTERM; returns the exit status."""
        for c in self.clients:
            c.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(within)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.process = None

    def restart(self):
        assert self.terminate() == 0, self.log()[-3000:]
        return self.start()

    def assert_sound(self):
        """It runs if it should; its log has no sanitizer report and no text of a user."""
        log = self.log()
        assert "Sanitizer" not in log and "runtime error" not in log, log[-6000:]
        died = self.process and self.process.poll()
        assert died is None, f"the daemon died by itself: {died}\n{log[-3000:]}"
        for secret in self.told:
            assert len(secret) < 8 or secret not in log, f"in the log: {secret}"

    def finish(self):
        """The end of every test: stops the daemon, which must be sound and exit with 0."""
        try:
            if self.paused:
                self.resume()
            self.assert_sound()
            status = self.terminate() if self.process else 0
            self.assert_sound()
            assert status == 0, f"exit status {status}\n{self.log()[-3000:]}"
        finally:
            if self.process:
                self.kill()
            print(self.log()[-6000:])  # pytest shows it if the test has failed
            shutil.rmtree(self.dir, ignore_errors=True)

    def ctl(self, *words):
        """Runs chatctl, which must succeed."""
        done = self.try_ctl(*words)
        assert done.returncode == 0, done.stderr

    def try_ctl(self, *words):
        tool = Path(CHATD).with_name("chatctl")
        return subprocess.run(
            [tool, "--control", self.keys["control"], *words],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    # --- log, memory, metrics ---------------------------------------------------------------------

    def log(self, since_start=False):
        data = self.log_path.read_bytes()[self.began if since_start else 0 :]
        return data.decode("utf-8", "replace")

    def rss_kb(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1])

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def get(self, path):
        """Status and body of an HTTP request."""
        c = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        try:
            c.request("GET", path)
            r = c.getresponse()
            return r.status, r.read().decode()
        finally:
            c.close()

    def metric(self, name):
        return float(re.search(rf"(?m)^{re.escape(name)} (\S+)$", self.get("/metrics")[1])[1])

    def files_contain(self, needle):
        """Whether any file of the state directory contains these bytes."""
        return any(needle in f.read_bytes() for f in self.state.rglob("*") if f.is_file())

    # --- clients ----------------------------------------------------------------------------------

    @property
    def address(self):
        return self.addresses[0]

    def connect(self, **upgrade):
        c = Client(self.address, told=self.told, **upgrade)
        self.clients.append(c)
        return c

    def new_nick(self):
        return f"guest{next(_guests)}-{os.getpid()}"

    def person(self, nick=None, token=None, room=None, **upgrade):
        """A client after `hello`, and after `join` if a room is named."""
        c = self.connect(**upgrade)
        c.hello(nick or self.new_nick(), token)
        if room:
            c.join(room)
        return c

    def people(self, *nicks, room="lobby"):
        return [self.person(nick, room=room) for nick in nicks]
