"""The shell lines of the README, run as they are printed, in the scratch root that `run` makes."""

import os
import pwd
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))
from client import Client, Closed  # noqa: E402
from daemon import wait_until  # noqa: E402
from test_photo import picture, see, show, uploaded  # noqa: E402
from web import request  # noqa: E402

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"(?ms)^```sh\n(.*?)^```$", README)
CONF = Path("/etc/chatd/chatd.conf")
STATE = Path("/var/lib/chatd")
CHATD = ("127.0.0.1", 8080)
SERVICE = SimpleNamespace(address=CHATD)

pytestmark = pytest.mark.skipif(
    not Path("/usr/local/bin/systemctl").exists(), reason="not in the scratch root: tests/readme/run"
)


def block(*words):
    found = [b for b in BLOCKS if all(w in b for w in words)]
    assert len(found) == 1, words
    return found[0]


INSTALL, CHATCTL = block("cmake --install"), block("chatctl list")
BACKUP, RESTORE = block("VACUUM INTO"), block("echo restored")
QUICK, QUICK_LAN, NODES = "sh conf/quickstart\n", "sh conf/quickstart --lan\n", block("conf/nodes")
TESTS = block("tests/run")  # they run this


def sh(text):
    done = subprocess.run(["sh", "-eu", "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def installed():
    """The service, from the installed files."""
    sh(INSTALL)
    yield
    sh("systemctl stop chatd")


def person(nick, token=None, address=CHATD, **upgrade):
    c = Client(address, **upgrade)
    assert c.status == 101, c.head
    c.hello(nick, token)
    return c


def configure(key, value):
    text = re.sub(rf"(?m)^{key} = .*;", lambda _: f"{key} = {value};", CONF.read_text(), count=1)
    CONF.write_text(text)
    sh("systemctl restart chatd")


def test_every_block_of_shell_lines_is_run_here():
    assert sorted(BLOCKS) == sorted(
        [INSTALL, CHATCTL, BACKUP, RESTORE, QUICK, QUICK_LAN, NODES, TESTS]
    )


# --- first steps --------------------------------------------------------------------------------------


@pytest.fixture
def terminal():
    """Runs a block in the foreground of a terminal of its own; returns what it prints until `last`."""
    running = []

    def run(text, last):
        p = subprocess.Popen(
            ["sh", "-eu", "-c", f"exec {text}"], cwd=ROOT, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        running.append(p)
        out = ""
        for line in p.stdout:
            out += line
            if last in line:
                return out
        raise AssertionError(out)

    yield run
    for p in running:
        os.killpg(p.pid, 2)  # Ctrl+C
        p.stdout.read()
        assert p.wait(30) == 0


def test_quickstart_prints_its_address_when_it_answers(terminal):
    out = terminal(QUICK, last="Make somebody an admin: ")
    assert "Open http://localhost:8080 in a browser" in out
    assert request(CHATD).status == 200
    nick = f"Ann{os.getpid()}"  # build/quickstart may have a state
    person(nick).close()
    (command,) = re.findall(r"an admin: (.*) role NICK admin", out)
    sh(f"{command} role {nick} admin")


def test_quickstart_for_the_local_network_prints_the_addresses_and_a_code(terminal):
    out = terminal(QUICK_LAN, last="README.md")
    assert re.search(r"(?m)^ +http://192\.168\.77\.1:8080$", out)
    assert "█" in out and "▀" in out
    assert "Everyone on this network can open the chat" in out and "no TLS" in out
    assert request(("192.168.77.1", 8080)).status == 200


def test_three_nodes_start(terminal):
    terminal(NODES, last="Ctrl+C stops all")
    for port in (8081, 8082, 8083):
        assert request(("127.0.0.1", port)).status == 200


# --- the service --------------------------------------------------------------------------------------


def test_the_installed_service_serves_the_installed_page(installed):
    assert request(CHATD).status == 200
    assert request(CHATD, path="/readyz").status == 200
    pid = Path("/tmp/chatd.pid").read_text()
    assert Path(f"/proc/{pid}").stat().st_uid == STATE.stat().st_uid != 0
    assert os.readlink(f"/proc/{pid}/exe") == "/usr/bin/chatd"


def test_installing_again_keeps_the_configuration(installed):
    before = CONF.read_text()
    CONF.write_text(f"# mine\n{before}")
    sh("cmake --install build/release")
    assert CONF.read_text() == f"# mine\n{before}"


def test_the_operators_commands_work(installed):
    for nick in ("Ann", "Bob", "Mallory"):
        c = person(nick)
        c.join()
        c.say("hello")
        c.close()
    out = sh(CHATCTL)
    assert "Ann" in out and "admin" in out and "Mallory" in out


# --- behind nginx -------------------------------------------------------------------------------------


@pytest.fixture
def nginx():
    """Starts Debian's nginx with the block of the README, changed by `edit`."""

    def start(edit=lambda text: text):
        Path("/etc/nginx/sites-enabled/default").unlink(missing_ok=True)
        (text,) = re.findall(r"(?ms)^```nginx\n(.*?)^```$", README)
        Path("/etc/nginx/conf.d/chatd.conf").write_text(edit(text))
        sh("nginx")

    yield start
    pid = int(Path("/run/nginx.pid").read_text())
    os.kill(pid, 15)
    wait_until(lambda: not Path("/run/nginx.pid").exists(), "the end of nginx")


def workers_of_nginx():
    return [p for p in Path("/proc").glob("[0-9]*/cmdline") if b"nginx: worker" in p.read_bytes()]


def assert_served(port):
    wait_until(workers_of_nginx, "nginx has workers")
    users = {pwd.getpwuid(p.parent.stat().st_uid).pw_name for p in workers_of_nginx()}
    assert users == {"www-data"}
    address = ("127.0.0.1", port)
    page = request(address)
    assert page.status == 200 and b"</html>" in page.body
    c = person(f"proxied{port}", address=address, origin=f"http://127.0.0.1:{port}")
    c.join()
    assert c.say("through the proxy")["type"] == "ok"
    c.close()


def test_nginx_reaches_the_unix_socket(installed, nginx):
    before = CONF.read_text()
    (listen,) = re.findall(r"`listen = (\( \{ unix = .*? \} \));`", README)
    configure("listen", listen)
    nginx()
    assert_served(80)
    CONF.write_text(before)
    sh("systemctl restart chatd")


def test_nginx_reaches_the_port(installed, nginx):
    (other,) = re.findall(r"# or (http://127\.0\.0\.1:8080)$", README, flags=re.M)
    nginx(lambda text: text.replace("http://unix:/run/chatd/http.sock", other).replace("80;", "8081;", 1))
    assert_served(8081)


# --- backup and restore -------------------------------------------------------------------------------


class Talk(threading.Thread):
    """Writes as fast as the limits allow, until the chat ends."""

    def __init__(self):
        super().__init__(daemon=True)
        self.client, self.said = person("talker"), 0
        self.log = self.client.join()["log"]
        self.start()

    def run(self):
        try:
            while True:
                reply = self.client.ask("say", room="lobby", text=f"line {self.said}")
                if reply["type"] == "error":
                    time.sleep(reply.get("retry_after", 0.1))
                else:
                    self.last = reply["seq"]
                    self.said += 1
        except (Closed, OSError):
            pass


def test_a_backup_of_a_chat_in_use_is_restored_after_a_kill(installed):
    photographer = person("photographer")
    photographer.join()
    kept, lost = (uploaded(SERVICE, photographer, picture(40 + i)) for i in range(2))
    show(photographer, kept, lost)
    before = see(SERVICE, kept).body
    talk = Talk()
    wait_until(lambda: talk.said > 20, "talk")
    sh(BACKUP)
    sh(BACKUP)  # again, over the first
    copy = Path("/var/backups/chatd.db")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    enough = talk.said + 5
    wait_until(lambda: talk.said > enough, "more talk")
    sh("systemctl kill chatd")
    talk.join()
    assert (STATE / "chat.db-wal").stat().st_size > 0, "the restore has something to remove"
    shutil.rmtree(STATE / "photos")
    Path("/var/backups/chatd.photos", lost["photo"]).unlink()
    sh(RESTORE)

    assert request(CHATD, path="/readyz").status == 200
    assert {f.stat().st_uid for f in STATE.iterdir()} == {STATE.stat().st_uid}
    assert {f.stat().st_uid for f in (STATE / "photos").iterdir()} == {STATE.stat().st_uid}
    assert see(SERVICE, kept).body == before and see(SERVICE, kept, thumb=True).status == 200
    assert see(SERVICE, lost).status == 404
    line = f"photos: {lost['photo'][:6]}… is in the log, but its file is lost"
    wait_until(lambda: line in Path("/tmp/chatd.log").read_text(), "its line")
    c = person("talker", talk.client.token)
    joined = c.join(after=talk.last, log=talk.log)
    assert joined["recovered"] is False, "it could resume at a number that others get now"
    assert joined["items"][-1]["text"].startswith("line ")
    assert c.say("after the restore")["type"] == "ok"
    sh("systemctl stop chatd")
    with sqlite3.connect(f"file:{STATE}/chat.db?mode=ro", uri=True) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    sh("systemctl start chatd")
