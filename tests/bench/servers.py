"""Starts chatd, the floor and the load generator, each on its core, and counts system calls.

Knows the configuration file and the command lines, not the scenarios.
"""

import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "live"))

from redis_server import free_port  # noqa: E402

SERVER_CORE, LOAD_CORE = 0, 1
PRIORITY = -15  # of all measured processes
START_SECONDS = 30
STOP_SECONDS = 15
LOAD_SECONDS = 1800
KNOWN_SECONDS = 8  # a younger node waits for other nodes when Redis comes back

CONFIGURATION = """\
listen = ( {{ address = "127.0.0.1"; port = {port}; }} );
state = "{directory}/state";
www = "{www}";
sync = "normal";
create_rooms = "nobody";
rooms = ( {rooms} );
log = {{ level = "warn"; }};
photos = {{ quota_bytes = 0; }};
limits = {{ {limits} }};
"""


NO_LIMITS = "connections_per_address = 0; commands_per_second = 0; uploads_per_minute = 0;"


class Failed(Exception):
    """A scenario that could not run, or a message that was lost, doubled or out of order."""


def processor():
    with open("/proc/cpuinfo") as f:
        return re.search(r"model name\s*:\s*(.*)", f.read() + "\nmodel name: ?").group(1).strip()


def version(chatd):
    try:
        return subprocess.run([chatd, "--version"], capture_output=True, text=True,
                              check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as why:
        raise SystemExit(f"{chatd} does not run ({why}); build it: "
                         "cmake --preset release && cmake --build --preset release")


def on_core(core):
    """Gives the function that a child runs first. It sets the core (None: any), the priority, if that
    is allowed, and the highest limit of descriptors."""
    def prepare():
        os.setsid()  # a session has an "autogroup" with a priority of its own
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
            with open("/proc/self/autogroup", "w") as f:
                f.write(str(PRIORITY))
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if core is not None and (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(0, {core})
    return prepare


def read_kib(path, name):
    """Bytes."""
    return int(re.search(rf"(?m)^{name}:\s+(\d+) kB$", Path(path).read_text())[1]) * 1024


class Server:
    """A process that listens on its own port; leaving `with` stops it."""

    def __init__(self, pinned=True):
        self.core = SERVER_CORE if pinned else None
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix="chat-bench-")
        self.environment = dict(os.environ)
        self.process = None
        self.ready_seconds = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        with open(self.log_path(), "a") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log,
                                            env=self.environment, preexec_fn=on_core(self.core))
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() - began > START_SECONDS:
                raise Failed("the server does not start: " + self.last_words())
            time.sleep(0.001)
        self.ready_seconds = time.monotonic() - began

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def rss_bytes(self):
        return read_kib(f"/proc/{self.process.pid}/smaps_rollup", "Rss")

    def peak_bytes(self):
        """The greatest resident memory since forget_peak()."""
        return read_kib(f"/proc/{self.process.pid}/status", "VmHWM")

    def forget_peak(self):
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def log_path(self):
        return os.path.join(self.directory, "log")

    def last_words(self):
        with open(self.log_path()) as f:
            return f.read()[-2000:] or "its log is empty"


class Floor(Server):
    def __init__(self, tools, pinned=True):
        super().__init__(pinned)
        self.program = os.path.join(tools, "bench_floor")

    def command(self):
        return [self.program, str(self.port)]

    def is_ready(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False


class Redis(Server):
    """With the settings that the README asks for."""

    def command(self):
        return ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
                "--dir", self.directory, "--appendonly", "yes", "--daemonize", "no"]

    def is_ready(self):
        return Floor.is_ready(self)


def described(room):
    return {"name": room} if isinstance(room, str) else room


class Chatd(Server):
    """`rooms`: names, or dictionaries with name, title and topic. `state`: a directory to keep; default: a temporary one. `redis`: makes it a node over that Redis;
    `port`: the port of another node, to share it; `watchdog`: what feeds go to;
    `limits`: "" for the defaults."""

    def __init__(self, program, www, rooms, pinned=True, state=None, redis=None, port=None,
                 watchdog=None, limits=NO_LIMITS):
        super().__init__(pinned)
        if watchdog:
            self.environment["NOTIFY_SOCKET"] = watchdog.address
        self.program = program
        self.port = port or self.port
        text = CONFIGURATION.format(port=self.port, directory=self.directory, www=www,
                                    limits=limits,
                                    rooms=", ".join("{ %s }" % " ".join(f'{k} = "{v}";' for k, v in room.items())
                                                    for room in map(described, rooms)))
        if redis:
            text += 'redis = {{ host = "127.0.0.1"; port = {}; }};\n'.format(redis.port)
        if state:
            text = text.replace(self.directory + "/state", state)
        os.makedirs(state or self.directory + "/state", exist_ok=True)
        with open(os.path.join(self.directory, "conf"), "w") as f:
            f.write(text)

    def command(self):
        return [self.program, "--config", os.path.join(self.directory, "conf")]

    def is_ready(self):
        """503 is "not yet". A daemon without /readyz (404) is ready once it answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as s:
                s.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                          b"Connection: close\r\n\r\n" % self.port)
                return s.recv(64)[9:12] in (b"200", b"404")
        except OSError:
            return False


class Watchdog:
    """Listens in systemd's place, from `with` to its end."""

    def __init__(self):
        self.address = f"@chatd-bench-{os.getpid()}-{id(self)}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.address[1:])
        self.thread = threading.Thread(target=self.listen)
        self.fed = []  # when

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RD)
        self.thread.join()
        self.socket.close()

    def listen(self):
        while message := self.socket.recv(4096):
            if b"READY=1" in message or b"WATCHDOG=1" in message:
                self.fed.append(time.monotonic())

    def longest_gap_seconds(self):
        if len(self.fed) < 2:
            raise Failed("nobody has fed the watchdog")
        return max(b - a for a, b in zip(self.fed, self.fed[1:]))


NGINX = """\
daemon off; master_process off; pid {directory}/pid; error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off; keepalive_requests 1000000; types {{ text/html html; }}
  client_body_temp_path {directory}; proxy_temp_path {directory}; fastcgi_temp_path {directory};
  uwsgi_temp_path {directory}; scgi_temp_path {directory};
  server {{ listen 127.0.0.1:{port}; root {directory}/root; }}
}}
"""


class Nginx(Server):
    """One process that serves a page from a file."""

    def __init__(self, page):
        super().__init__()
        os.chmod(self.directory, 0o755)
        os.mkdir(os.path.join(self.directory, "root"))
        with open(os.path.join(self.directory, "root", "index.html"), "wb") as f:
            f.write(page)
        with open(os.path.join(self.directory, "conf"), "w") as f:
            f.write(NGINX.format(directory=self.directory, port=self.port))

    def command(self):
        return ["nginx", "-c", os.path.join(self.directory, "conf")]

    def is_ready(self):
        return Floor.is_ready(self)


def get_page(s, port, path="/"):
    """One request on a connection that stays; the body."""
    s.sendall(b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (path.encode(), port))
    data = b""
    while b"\r\n\r\n" not in data:
        data += s.recv(65536) or fail("closed")
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    if not head.startswith(b"HTTP/1.1 200"):
        fail(head.decode("latin-1"))
    while len(body) < length:
        body += s.recv(65536) or fail("closed")
    return body


def fail(why):
    raise Failed(why)


def cpu_ns(process):
    """Of all threads that have not ended."""
    return sum(int(f.read_text().split()[0])
               for f in Path(f"/proc/{process.pid}/task").glob("*/schedstat"))


def get_metric(server, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics") as answer:
        return float(re.search(rf"(?m)^{name} (\S+)$", answer.read().decode())[1])


def get_pages(server, count, path="/"):
    """Fetches a page `count` times on one connection; the body, and requests per CPU-second."""
    with socket.create_connection(("127.0.0.1", server.port), 5) as s:
        body = get_page(s, server.port, path)
        before = cpu_ns(server.process)
        for _ in range(count):
            get_page(s, server.port, path)
        return body, count * 1e9 / (cpu_ns(server.process) - before)


def load_command(tools, server, scenario, options):
    command = [os.path.join(tools, "bench_load"), scenario,
               "--port", str(server.port), "--pid", str(server.process.pid)]
    for name, value in options.items():
        command += ["--" + name.replace("_", "-"), str(value)]
    return command


def figures(output):
    return {name: float(value) for name, value in
            (line.split() for line in output.splitlines() if " " in line)}


def complain(server, returncode, stderr):
    raise Failed(f"load generator: status {returncode}: {stderr.strip()}\n"
                 f"server: {server.last_words()}")


def load(tools, server, scenario, /, **options):
    """Runs a scenario against `server`; figures by name."""
    core = LOAD_CORE if server.core is not None else None
    try:
        done = subprocess.run(load_command(tools, server, scenario, options), capture_output=True,
                              text=True, timeout=LOAD_SECONDS, preexec_fn=on_core(core))
    except (OSError, subprocess.TimeoutExpired) as why:
        raise Failed(str(why)) from why
    if done.returncode != 0:
        complain(server, done.returncode, done.stderr)
    return figures(done.stdout)


def wait_for(process, word):
    for line in process.stdout:
        if line.strip() == word:
            return True
    return False


def count_syscalls(tools, server, scenario, /, **options):
    """Counts system calls of the server while `scenario` measures, by name. strace is slow: no times."""
    command = load_command(tools, server, scenario, options) + ["--gate"]
    counts_path = os.path.join(server.directory, "strace")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, preexec_fn=on_core(LOAD_CORE)) as p:
        if wait_for(p, "ready"):
            strace = subprocess.Popen(["strace", "-qq", "-c", "-f", "-p", str(server.process.pid),
                                       "-o", counts_path])
            time.sleep(1)
            p.stdin.write("\n")
            p.stdin.flush()
            wait_for(p, "done")
            strace.send_signal(signal.SIGINT)
            strace.wait()
        _, stderr = p.communicate("\n")
    if p.returncode != 0:
        complain(server, p.returncode, stderr)
    return read_counts(counts_path)


def time_of_return(bench, redis, node):
    """Milliseconds from the opening of Redis's port to the delivery of a message said before."""
    command = load_command(bench.a.tools, node, "away", {}) + ["--gate"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, preexec_fn=on_core(LOAD_CORE)) as p:
        wait_for(p, "ready")
        time.sleep(KNOWN_SECONDS)
        redis.process.kill()
        redis.process.wait()
        p.stdin.write("\n")
        p.stdin.flush()
        time.sleep(0.5)
        redis.start()
        open_ms = time.monotonic() * 1000
        output, stderr = p.communicate("\n")
    if p.returncode != 0:
        complain(node, p.returncode, stderr)
    return figures(output)["delivered_ms"] - open_ms


def read_counts(path):
    with open(path) as f:
        lines = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", f.read(), re.M)
    return {name: int(calls) for calls, name in lines if name != "total"}
