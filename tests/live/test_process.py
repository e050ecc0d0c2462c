"""The daemon as a process: arguments, configuration, one daemon for one state, and its end."""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing

import pytest
from client import Closed
from daemon import CHATD, ROOT, Daemon, wait_until
from web import request


def run(*arguments):
    done = subprocess.run([CHATD, *map(str, arguments)], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def check(tmp_path, text, *arguments):
    path = tmp_path / "chatd.conf"
    path.write_text(text)
    status, out = run("--config", path, "--check", *arguments)
    return status, [
        line.replace(f"{path}:", "", 1) for line in out.splitlines() if str(path) in line
    ]


# --- arguments and configuration ------------------------------------------------------------------


def test_the_version_and_the_help_are_printed():
    status, out = run("--version")
    assert status == 0 and re.match(r"chatd \d+\.\d+\.\d+", out)
    status, out = run("--help")
    assert status == 0
    assert all(o in out for o in ("--config", "--check", "--state", "--node"))


@pytest.mark.parametrize(
    "arguments",
    [[], ["--nonsense"], ["--config"], ["x"], ["--check"], ["--state", "/tmp"], ["--node"]],
)
def test_wrong_arguments_are_refused(arguments):
    status, out = run(*arguments)
    assert status == 2 and out


def test_a_good_file_is_fine(tmp_path):
    text = """
    listen = ( { address = "127.0.0.1"; port = 8080; }, { unix = "/run/chatd/http.sock"; } );
    origins = ( "https://chat.example.org" );
    state = "/var/lib/chatd"; www = "/usr/share/chatd/www"; sync = "full";
    rooms = ( { name = "lobby"; title = "Lobby"; topic = "Say hello"; post = "member"; } );
    create_rooms = "moderator";
    log = { level = "info"; };
    limits = { message_bytes = 16384; text_bytes = 4000; rooms = 1000; rooms_per_session = 100;
               connections_per_address = 64; commands_per_second = 10; commands_burst = 40;
               idle_seconds = 60; hello_seconds = 10; resume_events = 1000; errors = 20; };
    """
    status, out = check(tmp_path, text)
    assert status == 0 and all("warning: " in line for line in out)


def test_an_empty_file_is_fine_since_every_key_is_optional(tmp_path):
    status, out = check(tmp_path, "")
    assert status == 0 and all("warning: " in line for line in out)


def test_all_errors_are_printed_at_once_with_their_lines(tmp_path):
    text = """state = 5;
colour = "blue";
limits = { text_bytes = -1;
  speed = 3;
  errors = "many"; };
sync = "sometimes";
listen = ( { address = "127.0.0.1"; port = 70000; } );
rooms = ( { name = "Not A Name"; },
  { name = "ok"; wallpaper = 1; } );
create_rooms = "everybody";
log = { level = "loud"; };
"""
    status, faults = check(tmp_path, text)
    assert status == 2
    wanted = ["1: state", "2: colour", "3: text_bytes", "4: speed", "5: errors", "6: sync",
              "7: port", "8: name", "9: wallpaper", "10: create_rooms", "11: level"]  # fmt: skip
    for what in wanted:
        line, key = what.split(": ")
        assert [f for f in faults if re.match(rf"{line}: (\w+\.)*{key}: .+", f)], (what, faults)
    assert len(faults) == len(wanted)


@pytest.mark.parametrize(
    "text",
    ["state = ", "limits = { ", "x y z", "\x00", "listen = 5;", 'origins = "x";', "limits = 3;",
     "rooms = { };", 'rooms = ( "lobby" );', "origins = ( 5 );", "limits = { text_bytes = 1.5; };",
     "limits = { text_bytes = true; };", "limits = { text_bytes = 99999999999L; };"],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_with_its_line(tmp_path, text):
    status, faults = check(tmp_path, text)
    assert status == 2 and faults and re.match(r"\d+: ", faults[0]), faults


def test_two_rooms_with_one_name_are_an_error(tmp_path):
    status, faults = check(tmp_path, 'rooms = ( { name = "a"; }, { name = "a"; } );')
    assert status == 2 and faults


def test_a_text_limit_above_the_message_limit_is_an_error(tmp_path):
    status, faults = check(tmp_path, "limits = { message_bytes = 1000; text_bytes = 5000; };")
    assert status == 2 and faults


def test_a_missing_file_is_reported(tmp_path):
    status, out = run("--config", tmp_path / "none.conf", "--check")
    assert status == 2 and "none.conf" in out


def test_a_faulty_file_starts_nothing(tmp_path):
    path = tmp_path / "chatd.conf"
    path.write_text(f'state = "{tmp_path}/state";\ncolour = "blue";\n')
    status, out = run("--config", path)
    assert status == 2 and "colour" in out
    assert not (tmp_path / "state").exists()


def test_the_shipped_configuration_is_fine():
    assert run("--config", ROOT / "conf/chatd.conf", "--check")[0] == 0


# What another machine may have is a warning of --check. At the start it is an error.
ABSENT = [
    ('state = "{dir}/none/state";', "state: {dir}/none: No such file or directory"),
    ('state = "{dir}/file";', "state: {dir}/file: Not a directory"),
    ('www = "{dir}/none";', "www: {dir}/none: No such file or directory"),
    ('www = "{dir}";', "www: {dir}/index.html: No such file or directory"),
    ('control = "{dir}/none/c";', "control: {dir}/none: No such file or directory"),
    ('listen = ( {{ unix = "{dir}/none/s"; }} );', "unix: {dir}/none: No such file or directory"),
    (
        'listen = ( {{ port = 0; tls = {{ cert = "{dir}/c"; key = "{dir}/k"; }}; }} );',
        "cert: {dir}/c: No such file or directory",
    ),
    (
        'listen = ( {{ port = 0; tls = {{ cert = "{dir}/fifo"; key = "{dir}/k"; }}; }} );',
        "cert: {dir}/fifo: is no file",
    ),
    ('listen = ( {{ unix = "{dir}"; }} );', "unix: {dir}: is there, and is no socket"),
    ('listen = ( {{ unix = "{dir}/file"; }} );', "unix: {dir}/file: is there, and is no socket"),
    ('control = "{dir}";', "control: {dir}: is there, and is no socket"),
]


@pytest.mark.parametrize("text, fault", ABSENT)
def test_what_this_machine_lacks_is_a_warning_and_at_the_start_an_error(tmp_path, text, fault):
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    fault = fault.format(dir=tmp_path)
    keys = {"state": f"{tmp_path}/state", "www": str(ROOT / "www")}
    text = text.format(dir=tmp_path) + "\n"
    text += "".join(f'{k} = "{v}";\n' for k, v in keys.items() if not text.startswith(k))
    status, out = check(tmp_path, text)
    assert status == 0 and out == [f"1: warning: {fault}"]
    path = tmp_path / "chatd.conf"
    status, out = run("--config", path)
    assert status == 1 and out == f"{path}:1: {fault}\n"


def test_a_socket_of_redis_that_is_not_there_is_a_warning(tmp_path):
    keys = f'state = "{tmp_path}/state"; www = "{ROOT}/www";'
    for path, why in ((tmp_path / "none", "No such file or directory"), (tmp_path, "is no socket")):
        status, out = check(tmp_path, f'{keys}\nredis = {{ unix = "{path}"; }};')
        assert status == 0 and out == [f"2: warning: unix: {path}: {why}"]


def test_an_address_of_another_machine_is_a_warning(tmp_path):
    state = f'state = "{tmp_path}/state"; www = "{ROOT}/www";'
    listen = 'listen = ( { port = 0; },\n  { address = "192.0.2.1"; port = 8080; } );'
    status, out = check(tmp_path, f"{listen} {state}")
    assert status == 0
    assert out == ["2: warning: address: 192.0.2.1: Cannot assign requested address"]


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path):
    for path, why in ((tmp_path / "none", "No such file or directory"), (tmp_path, "Is a directory")):
        assert run("--config", path, "--check") == (2, f"{path}: {why}\n")


def test_a_www_directory_without_a_page_is_reported(tmp_path):
    d = Daemon(www=str(tmp_path))
    d.spawn()
    assert d.process.wait(15) not in (0, None)
    assert str(tmp_path) in d.log()
    d.process = None
    d.finish()


# --- several nodes with one file ------------------------------------------------------------------


def test_the_state_on_the_command_line_overrides_the_file(start, tmp_path):
    given = tmp_path / "given"
    d = start(arguments=["--state", given, "--node", "a"])
    d.person("ann", room="lobby").say("hello")
    assert (given / "chat.db").exists() and not d.state.exists()


def test_a_node_on_the_command_line_is_checked_like_one_of_the_file(tmp_path):
    assert check(tmp_path, 'node = "a";', "--node", "b.example_2-x")[0] == 0
    for wrong in ("", "a b", "a/b", "a" * 65, "ü"):
        path = tmp_path / "chatd.conf"
        status, out = run("--config", path, "--check", "--node", wrong)
        assert status == 2 and "--node: " in out, wrong
    status, out = run("--config", path, "--check", "--state", "")
    assert status == 2 and "--state: " in out


def test_a_redis_block_is_checked_with_its_lines(tmp_path):
    assert check(tmp_path, "redis = {};")[0] == 0
    status, faults = check(tmp_path, 'redis = {\n  port = 0;\n  tls = { };\n  colour = "red"; };')
    assert status == 2 and len(faults) == 3
    for line, key in ((2, "port"), (3, "tls"), (4, "colour")):
        assert [f for f in faults if f.startswith(f"{line}: {key}: ")], faults


# --- one daemon for one state ---------------------------------------------------------------------


def test_a_second_daemon_on_the_same_state_does_not_start_and_the_first_goes_on(daemon):
    ann = daemon.person("ann", room="lobby")
    other = Daemon(state=daemon.state)
    other.spawn()
    assert other.process.wait(15) != 0
    assert str(daemon.state) in other.log() and " ready" not in other.log()
    other.process = None
    other.finish()
    ann.say("still alone")


def test_other_users_cannot_read_the_state(daemon):
    daemon.person("ann", room="lobby").say("hello")
    assert stat.S_IMODE(os.stat(daemon.state).st_mode) == 0o700
    for file in daemon.state.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o007 == 0, file


# --- a log that nobody reads ----------------------------------------------------------------------


def test_a_log_that_nobody_reads_holds_up_nothing():
    reading, writing = os.pipe2(os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    code = "import os, sys; os.dup2(int(sys.argv[1]), 2); os.execv(sys.argv[2], sys.argv[2:])"
    d = Daemon(command=[sys.executable, "-c", code, str(writing)], inherits=[writing])
    try:
        d.spawn()
        where = d.keys["listen"][0]
        d.addresses = [(where["address"], where["port"])]
        wait_until(lambda: answers(d), "an answer")
        d.person("ann", room="lobby").say("nobody reads the log")
        lost = d.metric("chatd_log_lines_left_out_total")
        assert lost >= 2
        read = []

        def told():
            d.process.send_signal(signal.SIGHUP)
            try:
                read.append(os.read(reading, 1 << 20))
            except BlockingIOError:
                pass
            return re.search(rb"warn log lines=(\d+) left out\n", b"".join(read))

        assert int(wait_until(told, "the number of lines")[1]) >= lost
    finally:
        d.finish()
        os.close(reading)
        os.close(writing)


def answers(daemon, path="/healthz"):
    try:
        return daemon.get(path)[0] == 200
    except OSError:
        return False


# --- the end --------------------------------------------------------------------------------------


def end_of(daemon, *clients):
    """Sends SIGTERM; returns each client's close, the exit status, and the seconds it took."""
    began = time.monotonic()
    daemon.process.send_signal(signal.SIGTERM)
    ends = []
    for c in clients:
        ends.append(c.closed())
        c.close()
    status = daemon.process.wait(15)
    daemon.process = None
    return ends, status, time.monotonic() - began


def test_at_the_end_every_client_learns_when_to_come_back(daemon):
    people = daemon.people(*[f"person{i}" for i in range(20)])
    ends, status, seconds = end_of(daemon, *people)
    assert status == 0 and seconds < 5
    assert [e.code for e in ends] == [4001] * 20
    waits = [json.loads(e.reason)["retry_after"] for e in ends]
    assert all(0 <= w <= 60 for w in waits)
    assert len(set(waits)) > 1, "all would come back at the same moment"


def test_at_the_end_a_client_without_hello_is_closed_with_4001_too(daemon):
    ends, status, _ = end_of(daemon, daemon.connect())
    assert status == 0 and ends[0].code == 4001


def test_at_the_end_nothing_acknowledged_is_lost(daemon):
    ann, bob = daemon.people("ann", "bob")
    ids = [ann.command("say", room="lobby", text=f"{i}") for i in range(200)]
    ann.expect(id=ids[0])
    end_of(daemon, ann, bob)
    acknowledged = {ids[0]} | {m["id"] for m in ann.inbox if m["type"] == "ok"}
    daemon.start()
    carol = daemon.person("carol")
    kept = [i["key"] for i in carol.join(limit=200)["items"]]
    assert acknowledged <= set(kept)
    assert kept == ids[: len(kept)]
    seen = [e["key"] for e in bob.log.get("lobby", ())]
    assert seen == ids[: len(seen)] and set(seen) <= set(kept)


def test_clients_that_do_not_answer_do_not_delay_the_end(daemon):
    for i in range(10):
        daemon.person(f"person{i}", room="lobby")
    began = time.monotonic()
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(15) == 0
    daemon.process = None
    assert time.monotonic() - began < 5


def test_a_second_signal_ends_it_at_once(daemon):
    for i in range(3):
        daemon.person(f"person{i}", room="lobby")
    daemon.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in daemon.log(), "stopping")
    began = time.monotonic()
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.wait(15)
    daemon.process = None
    assert time.monotonic() - began < 2


def test_commands_that_wait_for_the_store_do_not_crash_the_end(daemon):
    """The store's end answers its jobs. The answers to these give it others: ann is not in memory,
    and bob's mute in a room is submitted twice."""
    daemon.person("ann")
    daemon.restart()
    daemon.person("bob", room="lobby")
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(daemon.keys["control"])
        daemon.pause()
        control.sendall(
            b'{"type":"mute","id":"m1","nick":"ann","seconds":60}\n'
            b'{"type":"mute","id":"m2","nick":"bob","seconds":60,"room":"lobby"}\n'
        )
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.send_signal(signal.SIGINT)
        daemon.resume()
        assert daemon.process.wait(15) == 0, daemon.log()[-3000:]
    daemon.process = None


def test_an_interrupt_is_a_clean_end_too(daemon):
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.process.wait(15) == 0
    daemon.process = None


def test_no_connection_is_accepted_while_the_daemon_stops(daemon):
    daemon.person("ann", room="lobby")
    daemon.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in daemon.log(), "stopping")
    with pytest.raises((Closed, OSError)):
        while True:
            daemon.connect()
    daemon.process.wait(15)
    daemon.process = None


def test_a_hang_up_reloads_the_page(start, tmp_path):
    www = tmp_path / "www"
    shutil.copytree(ROOT / "www", www)
    d = start(www=str(www))
    before = request(d.address)
    (www / "index.html").write_text("<!doctype html><title>Another page</title></html>")
    d.process.send_signal(signal.SIGHUP)
    wait_until(lambda: b"Another page" in request(d.address).body, "the new page")
    assert request(d.address).headers["etag"] != before.headers["etag"]
    headers = [f"If-None-Match: {before.headers['etag']}"]
    assert request(d.address, headers=headers).status == 200


def test_a_hang_up_without_a_page_keeps_the_old_one(start, tmp_path):
    www = tmp_path / "www"
    shutil.copytree(ROOT / "www", www)
    d = start(www=str(www))
    before = request(d.address).body
    (www / "index.html").unlink()
    d.process.send_signal(signal.SIGHUP)
    for _ in range(5):
        assert request(d.address).body == before
    d.person("ann", room="lobby").say("all is well")


def test_a_variable_of_another_stream_makes_no_lines_of_the_journal(start):
    d = start(environment={"JOURNAL_STREAM": "8:12345"})
    assert all(line.startswith(("info ", "warn ")) for line in d.log().splitlines())


def test_closed_standard_streams_do_no_harm(request):
    d = Daemon(command=["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"], redis=False)
    request.addfinalizer(d.finish)
    d.spawn()
    d.addresses = [("127.0.0.1", d.keys["listen"][0]["port"])]
    wait_until(lambda: answers(d, "/readyz"), "ready")
    d.person("ann", room="lobby").say("hello")


def test_a_hang_up_does_not_end_it(daemon):
    ann = daemon.person("ann", room="lobby")
    daemon.process.send_signal(signal.SIGHUP)
    ann.settle()
    ann.say("still here")


# --- the database ---------------------------------------------------------------------------------


def test_a_fresh_database_has_the_released_schema(daemon):
    """A released step never changes. A new one adds its version and its hash here."""
    released = {21: "44d5893a065c19f1beee11c1d88e4c6e0ff1fccb6aa5a597deb694c2feec4374"}
    with sqlite3.connect(f"file:{daemon.state / 'chat.db'}?mode=ro", uri=True, timeout=15) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        made = [sql for (sql,) in db.execute(
            "SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name"
        )]  # fmt: skip
    assert hashlib.sha256("\n".join(made).encode()).hexdigest() == released[version]


NEWEST = 21
TO_SCHEMA_4 = """
DROP TABLE search_block; DROP TABLE search_gram; DELETE FROM meta WHERE name = 'search';
DROP INDEX event_act;
ALTER TABLE room DROP COLUMN before;
DROP TABLE pin;
DROP TABLE mention; DROP TABLE reacted; DROP TABLE setting; ALTER TABLE marker DROP COLUMN backs;
DROP TABLE room_rest;
ALTER TABLE room DROP COLUMN life; DROP TABLE room_past; DROP INDEX marker_room;
DROP TABLE reaction; ALTER TABLE event DROP COLUMN now_hash;
DROP TABLE photo; DROP TABLE shown; DROP INDEX identity_token;
DROP INDEX room_skeleton; DROP INDEX room_look;
ALTER TABLE room DROP COLUMN skeleton; ALTER TABLE room DROP COLUMN look;
DROP INDEX ballot_nick; DROP INDEX identity_look; ALTER TABLE identity DROP COLUMN look;
DROP INDEX event_key;
CREATE UNIQUE INDEX event_key ON event(author, key, room = 0) WHERE key IS NOT NULL;
"""


def test_a_database_of_the_schema_before_keeps_everything(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("kept", id="k")["seq"]
    daemon.terminate()
    with closing(sqlite3.connect(daemon.state / "chat.db")) as db:
        db.executescript(TO_SCHEMA_4 + "PRAGMA user_version = 4")
    daemon.start()
    ann = daemon.person("ann", ann.token, room="lobby")
    assert ann.say("kept", id="k")["seq"] == seq
    test_a_fresh_database_has_the_released_schema(daemon)


OLD_SCHEMA = TO_SCHEMA_4 + """
DROP TABLE standing; DROP INDEX event_key;
CREATE UNIQUE INDEX event_key ON event(author, key) WHERE key IS NOT NULL;
WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
INSERT INTO event(room, seq, at, kind, author, key, hash, body)
SELECT 9, i, 0, 0, 0, 'k' || (i * 7919 % 1000003), 0, '{}' FROM n;
PRAGMA user_version = 3;
"""


@pytest.fixture
def old(start):
    """A daemon whose large database has the schema of an earlier version."""
    d = start(redis=False)
    assert d.terminate() == 0
    with sqlite3.connect(d.state / "chat.db") as db:
        db.executescript(OLD_SCHEMA)
    return d


def schema_of(d):
    with sqlite3.connect(d.state / "chat.db") as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def test_a_new_schema_is_logged_and_systemd_hears_that_it_goes_on(old):
    path = str(old.dir / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        systemd.setblocking(False)
        old.environment["NOTIFY_SOCKET"] = path
        old.start()
        heard = systemd.recv(1000)
    assert b"EXTEND_TIMEOUT_USEC=" in heard
    lines = rf"info store schema=3 to={NEWEST}: .*\ninfo store schema={NEWEST} seconds=\d"
    assert re.search(lines, old.log())
    assert schema_of(old) == NEWEST


def test_a_new_schema_can_be_interrupted(old):
    old.spawn()
    wait_until(lambda: "schema=3 to=" in old.log(), "the new schema")
    old.process.send_signal(signal.SIGTERM)
    assert old.process.wait(15) == 0
    stays = re.search(r"store schema=(\d+) stays", old.log())
    assert stays and " ready" not in old.log(since_start=True)
    assert schema_of(old) == int(stays[1])
    old.start()
    assert schema_of(old) == NEWEST
