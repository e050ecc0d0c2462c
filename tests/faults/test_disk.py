"""A full disk: reading goes on, writes are refused, and the daemon recovers by itself."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from client import PATIENCE
from daemon import Daemon, wait_until
from oracle import whole_history


class SmallDisk:
    """A tmpfs in its own mount namespace, kept alive by a process that only sleeps."""

    def __init__(self, at, megabytes):
        self.at = at
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        mount = f"mount -t tmpfs -o size={megabytes}m none '{at}' && echo mounted && exec sleep 600"
        self.holder = subprocess.Popen(
            ["unshare", *user, "--mount", "sh", "-c", mount],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        if self.holder.stdout.readline() != "mounted\n":
            self.holder.wait()
            pytest.skip("no tmpfs: neither root nor unprivileged namespaces")
        enter = ["--user", "--preserve-credentials"] if user else []
        self.command = ["nsenter", f"--target={self.holder.pid}", *enter, "--mount"]
        self.path = Path(f"/proc/{self.holder.pid}/root{at}")

    def fill(self):
        """Writes until not one byte more fits."""
        with open(self.path / "ballast", "ab", buffering=0) as f:
            for size in (65536, 4096, 512, 1):
                try:
                    while f.write(b"x" * size) == size:
                        pass
                except OSError:
                    pass

    def free(self):
        (self.path / "ballast").unlink()

    def allow(self, access):
        """Remounts it "ro" or "rw"."""
        subprocess.run(
            [*self.command, "mount", "-o", f"remount,{access}", str(self.at)], check=True
        )

    def end(self):
        self.holder.kill()
        self.holder.wait()


@pytest.fixture
def disk(tmp_path):
    d = SmallDisk(tmp_path, 8)
    yield d
    d.end()


@pytest.fixture
def on_disk(disk, start):
    return start(state=str(disk.at / "state"), command=disk.command)


def say_until_refused(client):
    """Fills the rest of allocated files; returns acknowledged texts, the refused text and its id."""
    said = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        text = f"text {len(said)} " + "x" * 2000
        reply = client.ask("say", room="lobby", text=text)
        if reply["type"] == "error":
            assert reply["code"] == "unavailable", reply
            return said, text, reply["id"]
        said.append((text, reply["seq"]))
    raise AssertionError("never refused")


def test_a_full_disk_refuses_writes_serves_reads_and_heals_by_itself(disk, on_disk):
    d = on_disk
    ann, bob = d.people("ann", "bob")
    disk.fill()
    said, refused_text, refused_id = say_until_refused(ann)

    ann.refused("unavailable", "say", room="lobby", text="still nothing")
    assert ann.do("history", room="lobby", limit=1)["items"] or not said
    assert ann.do("who", room="lobby")["count"] == 2
    assert d.get("/healthz")[0] == 200
    wait_until(lambda: d.get("/readyz")[0] == 503, "not ready")
    assert "full" in d.log() or "store" in d.log()
    known = d.person("ann", ann.token)  # a known person may still come in and read
    assert known.join(limit=1)["last"] == (said[-1][1] if said else 0)

    disk.free()
    wait_until(lambda: d.get("/readyz")[0] == 200, "ready again, by itself", 30)
    seq = ann.say(refused_text, id=refused_id)["seq"]
    wanted = [s for _, s in said] + [seq]
    assert [e["seq"] for e in bob.events(len(wanted))] == wanted
    for _ in range(2):
        assert [(i["text"], i["seq"]) for i in whole_history(d)[1]] == [*said, (refused_text, seq)]
        d.kill()
        d.start()


def test_a_kill_on_a_full_disk_loses_nothing_acknowledged(disk, on_disk):
    d = on_disk
    ann = d.person("ann", room="lobby")
    first = ann.say("before the flood")["seq"]
    disk.fill()
    said, _, _ = say_until_refused(ann)
    d.kill()
    disk.free()
    d.start()
    kept = [i["seq"] for i in whole_history(d)[1]]
    assert kept == [first] + [s for _, s in said]
    d.person("ann", ann.token, room="lobby").say("after the flood")


def test_a_start_on_a_full_disk_serves_the_stored_messages(disk, on_disk):
    d = on_disk
    ann = d.person("ann", room="lobby")
    ann.say("before the flood")
    assert d.terminate() == 0
    disk.fill()
    d.start()
    ann = d.person("ann", ann.token)
    assert [i["text"] for i in ann.join()["items"]] == ["before the flood"]
    d.kill()
    disk.free()
    d.start()
    assert [i["text"] for i in whole_history(d)[1]] == ["before the flood"]


def pauses(d):
    """How often the writer's thread has waited: without work it tries the disk after each wait."""
    for task in Path(f"/proc/{d.process.pid}/task").iterdir():
        if (task / "comm").read_text() == "chatd-write\n":
            return int((task / "status").read_text().partition("\nvoluntary_ctxt_switches:")[2].split()[0])


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_a_read_only_disk_serves_reads_and_heals_by_itself(disk, on_disk, end):
    d = on_disk
    ann = d.person("ann", room="lobby")
    seq = ann.say("before")["seq"]
    token, log = ann.token, ann.do("join", room="lobby", limit=0)["log"]
    getattr(d, end)()
    disk.allow("ro")
    d.keys["rooms"] = [*d.keys["rooms"], {"name": "later", "title": "Later"}]
    d.start()

    ann = d.person("ann", token)
    joined = ann.join(limit=5)
    assert [i["text"] for i in joined["items"]] == ["before"] and joined["log"] == log
    ann.refused("unavailable", "say", room="lobby", text="refused")
    d.connect().refused("unavailable", "hello", nick="somebody new")
    assert d.get("/readyz")[0] == 503 and d.get("/healthz")[0] == 200
    assert "store cannot write" in d.log(since_start=True)
    seen = pauses(d)
    wait_until(lambda: pauses(d) >= seen + 3, "the daemon has tried in vain to write")

    disk.allow("rw")
    wait_until(lambda: d.get("/readyz")[0] == 200, "ready, by itself", 30)
    assert ann.say("after")["seq"] > seq
    assert [i["text"] for i in ann.do("history", room="lobby")["items"]] == ["before", "after"]
    wait_until(lambda: ann.ask("join", room="later")["type"] == "joined", "the room is there")
    d.kill()
    d.start()
    assert [i["text"] for i in whole_history(d)[1]] == ["before", "after"]


def test_a_limit_on_the_size_of_files_is_a_full_disk_too(start):
    d = start()
    ann = d.person("ann", room="lobby")
    ann.say("before the limit")
    pid = f"--pid={d.process.pid}"
    subprocess.run(["prlimit", pid, "--fsize=4096:"], check=True)
    said, refused_text, refused_id = say_until_refused(ann)
    assert [i["text"] for i in ann.do("history", room="lobby", limit=1)["items"]]
    wait_until(lambda: d.get("/readyz")[0] == 503, "not ready")
    subprocess.run(["prlimit", pid, "--fsize=unlimited:"], check=True)
    wait_until(lambda: d.get("/readyz")[0] == 200, "ready again, by itself", 30)
    ann.say(refused_text, id=refused_id)
    assert len(whole_history(d)[1]) == len(said) + 2


def test_an_unwritable_state_directory_is_reported(tmp_path):
    path = tmp_path / "a file"
    path.write_text("not a directory")
    d = Daemon(state=str(path))
    d.spawn()
    assert d.process.wait(PATIENCE) != 0 and str(path) in d.log()
    d.process = None
    d.finish()
