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


# --- places ---------------------------------------------------------------------------------------


def seqs_of(page):
    return [i["seq"] for i in page["items"]]


def place(person, **where):
    page = person.do("history", room="lobby", **where)
    return seqs_of(page), page["more"], page["newer"]


def test_a_page_before_a_seq_says_that_there_are_newer_items(daemon):
    ann, seqs = fill(daemon, 20)
    assert place(ann, limit=3) == (seqs[-3:], True, False)
    assert place(ann, before=seqs[10], limit=3) == (seqs[7:10], True, True)
    assert place(ann, before=seqs[-1], limit=50) == (seqs[:-1], False, True)
    assert place(ann, before=seqs[-1] + 1, limit=50) == (seqs, False, False)


def test_a_page_after_a_seq_has_the_oldest_items_above_it(daemon):
    ann, seqs = fill(daemon, 20)
    for d in (daemon, daemon.restart()):
        bob = d.person(room="lobby")
        assert place(bob, after=seqs[10], limit=3) == (seqs[11:14], True, True)
        assert place(bob, after=0, limit=3) == (seqs[:3], False, True)
        assert place(bob, after=seqs[-3], limit=2) == (seqs[-2:], True, False)
        assert place(bob, after=seqs[-1], limit=2) == ([], True, False)
        assert place(bob, after=seqs[-1] + 1000, limit=2) == ([], True, False)


def test_a_page_around_a_seq_has_half_of_its_items_from_there_on(daemon):
    ann, seqs = fill(daemon, 20)
    for d in (daemon, daemon.restart()):
        bob = d.person(room="lobby")
        assert place(bob, around=seqs[10], limit=4) == (seqs[8:12], True, True)
        assert place(bob, around=seqs[10], limit=5) == (seqs[8:13], True, True)
        assert place(bob, around=seqs[10], limit=1) == (seqs[10:11], True, True)
        assert place(bob, around=seqs[10], limit=200) == (seqs, False, False)
        assert place(bob, around=seqs[0], limit=4) == (seqs[:2], False, True)
        assert place(bob, around=seqs[-1], limit=4) == (seqs[-4:], True, False)
        assert place(bob, around=seqs[-1] + 1000, limit=1) == (seqs[-1:], True, False)


def test_a_page_around_what_is_no_item_has_the_nearest_ones(daemon):
    ann, seqs = fill(daemon, 10)
    edit = ann.do("edit", room="lobby", of=seqs[9], text="changed")["seq"]
    last = ann.say("the last one")["seq"]
    assert place(ann, around=edit, limit=2) == ([seqs[9], last], True, False)
    ann.do("delete", room="lobby", of=seqs[4])
    page = ann.do("history", room="lobby", around=seqs[4], limit=3)
    assert seqs_of(page) == seqs[3:6]
    assert page["items"][1]["deleted"] is True and "text" not in page["items"][1]


def test_paging_on_from_a_place_meets_both_ends_without_a_gap_or_a_repeat(daemon):
    ann, seqs = fill(daemon, 300)
    page = ann.do("history", room="lobby", around=seqs[100], limit=20)
    read = seqs_of(page)
    while page["newer"]:
        page = ann.do("history", room="lobby", after=read[-1], limit=33)
        read += seqs_of(page)
    page = {"more": True}
    while page["more"]:
        page = ann.do("history", room="lobby", before=read[0], limit=33)
        read = seqs_of(page) + read
    assert read == seqs


def test_a_large_page_around_a_seq_keeps_that_item(start):
    """A page ends after some 256 KB: on both sides of the place, and without a hole."""
    daemon = start(limits={"text_bytes": 16000, "message_bytes": 20000})
    ann = daemon.person("ann", room="lobby")
    seqs = [ann.say(f"{i} " + "x" * 15000)["seq"] for i in range(60)]
    found, more, newer = place(ann, around=seqs[30], limit=60)
    assert more and newer and found == seqs[seqs.index(found[0]) : seqs.index(found[-1]) + 1]
    assert found[0] < seqs[30] < found[-1]
    found, more, newer = place(ann, after=seqs[9], limit=60)
    assert more and newer and found == seqs[10 : 10 + len(found)] and len(found) > 10


@pytest.mark.parametrize("name", ["after", "around"])
@pytest.mark.parametrize("seq", [-1, 1.5, "10", None, {}, 1e300])
def test_a_place_that_is_not_a_seq_is_refused(shared, name, seq):
    refusal = shared.person(room="lobby").refused("bad_field", "history", room="lobby", **{name: seq})
    assert refusal["field"] == name


def test_a_page_has_one_place(shared):
    ann = shared.person(room="lobby")
    for two in ({"before": 5, "after": 1}, {"before": 5, "around": 1}, {"after": 5, "around": 1}):
        ann.refused("bad_field", "history", room="lobby", **two)


# --- acts -----------------------------------------------------------------------------------------


@pytest.fixture
def acted(daemon):
    """Ten messages, a mute of bob behind each; and what a page shows."""
    ann, bob = daemon.people("ann", "bob")
    seqs, acts = [], []
    for i in range(10):
        seqs.append(ann.say(f"{i}")["seq"])
        daemon.ctl("--room", "lobby", "mute", "bob", f"{i + 1}h", "Spam")
        acts.append(ann.expect("mute")["seq"])

    def page(**where):
        found = ann.do("history", room="lobby", **where)
        return [i["seq"] for i in found["items"]], [a["seq"] for a in found["acts"]]

    return daemon, ann, seqs, acts, page


def test_acts_stand_between_the_items_of_a_page_and_count_for_none(acted):
    daemon, ann, seqs, acts, page = acted
    assert page() == (seqs, acts)
    assert page(limit=3) == (seqs[7:], acts[7:])
    assert page(limit=3, before=seqs[7]) == (seqs[4:7], acts[4:7])
    assert page(limit=3, before=seqs[3]) == (seqs[:3], acts[:3])
    assert page(limit=3, after=seqs[3]) == (seqs[4:7], acts[3:6])
    assert page(limit=3, after=seqs[6]) == (seqs[7:], acts[6:])
    assert page(limit=4, around=seqs[5]) == (seqs[3:7], acts[3:6])
    assert page(around=seqs[5]) == (seqs, acts)
    log = {e["seq"]: e for e in ann.log["lobby"]}
    for d in (daemon, daemon.restart()):
        joined = d.person().join(limit=2)
        assert [i["seq"] for i in joined["items"]] == seqs[8:]
        assert joined["acts"] == [log[a] for a in acts[8:]], "the newest, as their events were"
    assert daemon.person().join(limit=0)["acts"] == []


def test_paging_over_acts_has_each_of_them_once(acted):
    daemon, ann, seqs, acts, page = acted
    for limit in (1, 2, 3, 4):
        items, found = page(limit=limit, around=seqs[5])
        while items[-1] != seqs[-1]:
            more, lines = page(limit=limit, after=items[-1])
            items, found = items + more, found + lines
        found += page(limit=limit, after=items[-1])[1] if found[-1:] != acts[-1:] else []
        while items[0] != seqs[0]:
            more, lines = page(limit=limit, before=items[0])
            items, found = more + items, lines + found
        assert (items, found) == (seqs, acts)


def test_a_page_has_every_kind_of_act(daemon):
    ann, bob = daemon.people("ann", "bob")
    daemon.ctl("--room", "lobby", "role", "ann", "moderator")
    ann.expect("role")
    seq = ann.say("hello")["seq"]
    for type, members in (
        ("mute", {"nick": "bob", "seconds": 60}), ("unmute", {"nick": "bob"}), ("pin", {"of": seq, "on": True}),
        ("topic", {"topic": "new"}), ("post", {"who": "moderator"}), ("purge", {"nick": "bob"}),
        ("kick", {"nick": "bob"}), ("ban", {"nick": "bob", "seconds": 0}), ("unban", {"nick": "bob"}),
    ):  # fmt: skip
        ann.do(type, room="lobby", **members)
    ann.do("react", room="lobby", of=seq, emoji="\U0001f44d", on=True)
    found = [a["type"] for a in ann.do("history", room="lobby")["acts"]]
    assert found == ["role", "mute", "unmute", "pin", "topic", "post", "purge", "kick", "ban", "unban"]


def test_a_page_has_a_hundred_acts_at_most(daemon):
    ann = daemon.person("ann", room="lobby")
    daemon.ctl("--room", "lobby", "role", "ann", "moderator")
    ann.expect("role")
    seq = ann.say("hello")["seq"]
    pins = [ann.do("pin", room="lobby", of=seq, on=i % 2 == 0)["seq"] for i in range(110)]
    assert [a["seq"] for a in ann.do("history", room="lobby")["acts"]] == pins[-100:]


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
