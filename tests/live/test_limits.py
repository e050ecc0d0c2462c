"""Too many commands are refused, idle connections are closed; other clients notice nothing."""

import time

import pytest
from client import CLOSE, PING, Client, Closed, connect
from daemon import wait_until


def test_a_client_that_is_too_fast_learns_when_to_try_again(start):
    d = start(commands_per_second=5, commands_burst=10)
    ann, bob = d.person("ann", room="lobby"), d.person("bob", room="lobby")
    ids = [ann.command("say", room="lobby", text=f"{i}") for i in range(30)]
    replies = [ann.expect(id=i) for i in ids]
    refused = [r for r in replies if r["type"] == "error"]
    assert refused and all(r["code"] == "rate" for r in refused)
    assert all(0 < r["retry_after"] < 60 for r in refused)
    accepted = [r["seq"] for r in replies if r["type"] == "ok"]
    assert 1 <= len(accepted) <= 15
    assert [e["seq"] for e in bob.events(len(accepted))] == accepted
    bob.say("others have their own rate")


def test_a_client_that_waits_for_retry_after_is_heard(start):
    d = start(commands_per_second=5, commands_burst=10)
    ann = d.person("ann", room="lobby")
    while (reply := ann.ask("say", room="lobby", text="hello"))["type"] == "ok":
        pass
    deadline = time.monotonic() + reply["retry_after"] + 0.05
    wait_until(lambda: time.monotonic() > deadline, "retry_after is over")
    ann.say("now it works")


def test_a_large_page_of_history_costs_more_than_a_small_one(start):
    d = start(commands_per_second=1, commands_burst=100)
    ann, carol, dave = d.people("ann", "carol", "dave")
    for _ in range(70):
        ann.say("x" * 4000)
    small = [carol.ask("history", room="lobby", limit=1) for _ in range(50)]
    large = [dave.ask("history", room="lobby", limit=200) for _ in range(50)]
    assert all(a["type"] == "history" for a in small)
    late = [a for a in large if a["type"] == "error"]
    assert 25 <= len(late) <= 35 and {a["code"] for a in late} == {"rate"}


def test_a_second_connection_does_not_double_a_persons_rate(start):
    d = start(commands_per_second=2, commands_burst=10)
    ann = d.person("ann", room="lobby")
    tabs = [ann] + [d.person("ann", ann.token) for _ in range(2)]
    said = sum(t.ask("away", on=True)["type"] == "ok" for t in tabs for _ in range(20))
    assert said <= 20


def test_a_client_that_ignores_the_rate_is_closed_and_the_others_are_not(start):
    d = start(commands_per_second=2, commands_burst=10, errors=20)
    ann, bob = d.person("ann", room="lobby"), d.person("bob", room="lobby")
    for i in range(300):
        ann.command("say", room="lobby", text=f"{i}")
    assert ann.closed().code == 4009
    rates = [m for m in ann.inbox if m.get("code") == "rate"]
    assert 20 < len(rates) <= 201  # ten `rate` errors count as one bad command
    bob.say("still here")


@pytest.mark.parametrize("message", ["nonsense", '{"type":"nonsense"}', '{"type":"join","room":5}'])
def test_one_error_too_many_within_a_minute_closes_and_one_less_does_not(start, message):
    d = start(errors=5)
    ann = d.person("ann", room="lobby")
    for _ in range(5):
        ann.send(message)
    ann.settle()
    assert len([m for m in ann.inbox if m["type"] == "error"]) == 5
    ann.send(message)
    assert ann.closed().code == 4009


def test_the_connections_of_one_address_are_limited(start):
    d = start(connections_per_address=3)
    kept = [d.person(f"person{i}") for i in range(3)]
    assert Client(d.address).status == 503
    kept[0].settle()
    kept[0].leave_politely()
    wait_until(lambda: let_in(d), "the place of the person who left is free")


def let_in(daemon):
    """A new client, or None if the daemon refused the connection."""
    try:
        return daemon.person()
    except (Closed, OSError):
        return None


def test_a_silent_connection_is_pinged_and_then_closed(start):
    d = start(idle_seconds=4)
    silent = d.person("silent")
    silent.answers_pings = False
    began = time.monotonic()
    pings = []
    try:
        while True:
            opcode, _ = silent.receive()
            pings += [time.monotonic() - began] * (opcode == PING)
            if opcode == CLOSE:
                break
    except Closed:
        pass
    assert len(pings) == 1 and pings[0] < 4
    assert 3 <= time.monotonic() - began < 7


def test_the_time_in_which_the_daemon_is_stopped_does_not_count(start):
    d = start(idle_seconds=4, hello_seconds=4)
    talking, silent, new = d.person("talking", room="lobby"), d.person("silent"), d.connect()
    d.pause()
    talking.command("say", room="lobby", text="while you slept")
    time.sleep(6)  # longer than the limits
    d.resume()
    assert talking.texts(1) == ["while you slept"]
    silent.settle()
    new.hello("new")


def test_a_client_that_answers_pings_stays(start):
    d = start(idle_seconds=4)
    ann = d.person("ann")
    began, pings = time.monotonic(), 0
    while pings < 2:
        pings += ann.receive()[0] == PING
    assert time.monotonic() - began > 4  # a silent connection would be closed by now
    ann.join()


def test_a_header_that_trickles_in_is_cut_off_and_others_are_served_meanwhile(daemon):
    slow = [connect(daemon.address) for _ in range(20)]
    for s in slow:
        s.sendall(b"GET /chat HTTP/1.1\r\nHost: ")
    began = time.monotonic()
    open_ = set(slow)
    while open_:
        assert time.monotonic() - began < 20, f"{len(open_)} are still open"
        for s in list(open_):
            s.settimeout(0.02)
            try:
                s.sendall(b"x")
                if s.recv(100) == b"":
                    open_.discard(s)
            except TimeoutError:
                pass
            except OSError:
                open_.discard(s)
        assert daemon.get("/healthz")[0] == 200
    for s in slow:
        s.close()


def test_half_open_handshakes_do_not_stop_others(daemon):
    silent = [connect(daemon.address) for _ in range(50)]
    daemon.person("ann", room="lobby").say("hello")
    for s in silent:
        s.close()


def test_the_daemon_survives_without_descriptors_and_recovers(start):
    d = start(command=["sh", "-c", 'ulimit -n 256; exec "$@"', "sh"])
    ann = d.person("ann", room="lobby")
    flood = []
    for _ in range(400):
        try:
            flood.append(connect(d.address))
        except OSError:
            break
    before, began = d.cpu_seconds(), time.monotonic()
    while time.monotonic() - began < 2:
        ann.say("who is inside is served")
        time.sleep(0.1)  # a measured interval, not a wait
    assert d.cpu_seconds() - before < 0.5, "the daemon spins"
    for s in flood:
        s.close()
    wait_until(lambda: let_in(d), "the daemon accepts connections again")


def test_long_words_many_lines_and_piled_up_marks_do_no_harm(daemon):
    ann, bob = daemon.people("ann", "bob")
    for text in ("\u0301" * 2000, "a\n" * 2000, "w" * 4000):
        ann.say(text)
    bob.events(3)


def test_texts_of_users_cannot_forge_lines_of_the_log(start):
    d = start(log={"level": "debug"})
    ann = d.connect()
    for nick in ("x\n<3>error forged", "\x1b[2J", "x\r\nforged"):
        ann.ask("hello", nick=nick)
    ann.hello("ann")
    ann.join()
    ann.say("a text nobody\n<3>error forged\x1b[2J")
    ann.ask("join", room="x\nforged")
    ann.ask("forged\ntype")
    d.get("/forged%0aline")
    log = d.log()
    assert not [line for line in log.split("\n") if line.startswith(("forged", "<3>error forged"))]
    assert "\x1b" not in log and "\r" not in log
