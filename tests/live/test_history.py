"""Pages of history, and read markers."""

import pytest


def fill(daemon, n):
    ann = daemon.person("ann", room="lobby")
    for i in range(n):
        ann.command("say", room="lobby", text=f"{i}")
    return ann, [e["seq"] for e in ann.events(n)]


def test_the_newest_page_comes_first_oldest_message_first(daemon):
    ann, seqs = fill(daemon, 60)
    page = ann.do("history", room="lobby")
    assert page["type"] == "history" and page["room"] == "lobby"
    assert [i["seq"] for i in page["items"]] == seqs[-50:] and page["more"] is True


def test_an_item_has_all_that_its_event_had(daemon):
    ann = daemon.person("ann", room="lobby")
    ann.say("first", id="one")
    ann.say("second", reply_to=ann.events(1)[0]["seq"])
    events = [{k: v for k, v in e.items() if k not in ("type", "room")} for e in ann.events(2)]
    for d in (daemon, daemon.restart()):
        items = d.person(room="lobby").do("history", room="lobby")["items"]
        assert [{k: v for k, v in i.items() if k not in ("type", "room")} for i in items] == events


def test_paging_back_through_a_thousand_messages_has_no_gap_and_no_repeat(daemon):
    _, seqs = fill(daemon, 1000)
    for d in (daemon, daemon.restart()):
        bob = d.person(room="lobby")
        read, before = [], {}
        while True:
            page = bob.do("history", room="lobby", limit=130, **before)
            read = [i["seq"] for i in page["items"]] + read
            if not page["more"]:
                break
            before = {"before": page["items"][0]["seq"]}
        assert read == seqs


def test_a_page_before_a_seq_has_the_items_below_it(daemon):
    ann, seqs = fill(daemon, 20)
    page = ann.do("history", room="lobby", before=seqs[10], limit=3)
    assert [i["seq"] for i in page["items"]] == seqs[7:10] and page["more"] is True
    page = ann.do("history", room="lobby", before=seqs[3], limit=3)
    assert [i["seq"] for i in page["items"]] == seqs[:3] and page["more"] is False
    page = ann.do("history", room="lobby", before=seqs[0], limit=3)
    assert page["items"] == [] and page["more"] is False
    page = ann.do("history", room="lobby", before=seqs[-1] + 1000, limit=3)
    assert [i["seq"] for i in page["items"]] == seqs[-3:]


def test_a_page_counts_messages_not_events(daemon):
    ann, seqs = fill(daemon, 10)
    for _ in range(30):
        ann.do("edit", room="lobby", of=seqs[0], text="again")
    page = ann.do("history", room="lobby", limit=10)
    assert [i["seq"] for i in page["items"]] == seqs and page["more"] is False


def test_an_empty_room_has_an_empty_page(daemon):
    page = daemon.person("ann", room="lobby").do("history", room="lobby")
    assert page["items"] == [] and page["more"] is False


@pytest.mark.parametrize("limit", [1, 200])
def test_the_bounds_of_the_limit_are_allowed(daemon, limit):
    ann, seqs = fill(daemon, 201)
    page = ann.do("history", room="lobby", limit=limit)
    assert [i["seq"] for i in page["items"]] == seqs[-limit:] and page["more"] is True


@pytest.mark.parametrize("limit", [0, -1, 201, 1.5, "10", None, [], 2**53])
def test_a_limit_out_of_bounds_is_refused(shared, limit):
    shared.person(room="lobby").refused("bad_field", "history", room="lobby", limit=limit)


@pytest.mark.parametrize("before", [-1, 1.5, "10", None, {}, 1e300])
def test_a_before_that_is_not_a_seq_is_refused(shared, before):
    shared.person(room="lobby").refused("bad_field", "history", room="lobby", before=before)


# --- read markers ---------------------------------------------------------------------------------


def test_a_read_marker_goes_to_the_other_tab_and_to_nobody_else(daemon):
    ann, bob = daemon.people("ann", "bob")
    seq = bob.say("read me")["seq"]
    other = daemon.person("ann", ann.token, room="lobby")
    ann.do("read", room="lobby", seq=seq)
    assert other.expect("read", room="lobby")["seq"] == seq
    for p in (ann, bob):
        p.settle()
        assert not [m for m in p.inbox if m["type"] == "read"]


def test_a_read_marker_is_shown_at_hello_and_join_and_outlives_a_restart(daemon):
    ann = daemon.person("ann", room="lobby")
    seqs = [ann.say(f"{i}")["seq"] for i in range(3)]
    ann.do("read", room="lobby", seq=seqs[1])
    for d in (daemon, daemon.restart()):
        tab = d.connect()
        (lobby,) = tab.hello("ann", ann.token)["rooms"]
        assert (lobby["read"], lobby["last"]) == (seqs[1], seqs[2])
        assert tab.join()["read"] == seqs[1]
        assert d.person(room="lobby").join()["read"] == 0


def test_a_read_marker_never_goes_back(daemon):
    ann = daemon.person("ann", room="lobby")
    seqs = [ann.say(f"{i}")["seq"] for i in range(3)]
    ann.do("read", room="lobby", seq=seqs[2])
    ann.do("read", room="lobby", seq=seqs[0])
    for d in (daemon, daemon.restart()):
        assert d.connect().hello("ann", ann.token)["rooms"][0]["read"] == seqs[2]


def test_a_read_marker_never_runs_ahead_of_the_room(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("the last")["seq"]
    ann.ask("read", room="lobby", seq=seq + 1000)
    new = ann.say("unread")["seq"]
    assert daemon.connect().hello("ann", ann.token)["rooms"][0]["read"] < new


def test_after_a_kill_a_read_marker_is_the_acknowledged_one_or_an_earlier_one(daemon):
    ann = daemon.person("ann", room="lobby")
    seq = ann.say("read me")["seq"]
    ann.do("read", room="lobby", seq=seq)
    daemon.kill()
    daemon.start()
    assert daemon.connect().hello("ann", ann.token)["rooms"][0]["read"] in (0, seq)


@pytest.mark.parametrize("seq", [-1, 1.5, "1", None, [], 1e300])
def test_a_marker_that_is_not_a_seq_is_refused(shared, seq):
    shared.person(room="lobby").refused("bad_field", "read", room="lobby", seq=seq)
