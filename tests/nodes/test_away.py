"""Redis is away: nodes serve their copies, new posts wait, and nothing gets a number meanwhile."""

import pytest
from cluster import await_away, await_ready, here
from daemon import wait_until

# Redis is killed and loses its data, is killed and keeps its file, or is only stopped.
ENDS = ["lost", "kept", "stopped"]


@pytest.fixture(params=ENDS)
def away(request, start, start_redis):
    """A cluster whose Redis can go away and come back."""
    server = start_redis("always") if request.param == "kept" else start_redis()
    cluster = start(2, redis=server)

    def leave():
        if request.param == "stopped":
            server.pause()
        else:
            server.kill()

    def come_back():
        if request.param == "stopped":
            server.resume()
        else:
            server.restart(request.param)

    cluster.leave, cluster.come_back = leave, come_back
    yield cluster
    if server.process:
        server.resume()  # in case the test failed while Redis was stopped


def test_posts_wait_for_redis_and_go_out_once_and_in_order(away):
    a, b = away
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    before = ann.say("before")["seq"]
    ann.events(1), bob.events(1)
    away.leave()
    ids = [ann.command("say", room="lobby", text=f"waiting {i}") for i in range(20)]
    bobs = [bob.command("say", room="lobby", text=f"bob waits {i}") for i in range(20)]
    for p, own in ((ann, ids), (bob, bobs)):
        p.settle()
        assert not [m for m in p.inbox if m.get("id") in own], "acknowledged although Redis is away"
        assert len(p.log["lobby"]) == 1, "delivered without a number"
    away.come_back()
    seqs = [ann.expect("ok", id=i, within=30)["seq"] for i in ids]
    others = [bob.expect("ok", id=i, within=30)["seq"] for i in bobs]
    assert before < seqs[0] and seqs == sorted(set(seqs)) and others == sorted(set(others))
    assert not set(seqs) & set(others)
    for p in (ann, bob):
        texts = p.texts(41)
        assert [t for t in texts if t.startswith("waiting")] == [f"waiting {i}" for i in range(20)]
        assert [t for t in texts if t.startswith("bob")] == [f"bob waits {i}" for i in range(20)]
    assert ann.log == bob.log


def test_history_and_the_list_of_people_work_without_redis(away):
    a, b = away
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    said = [ann.say(f"{i}")["seq"] for i in range(30)]
    ann.do("read", room="lobby", seq=said[3])
    bob.events(30)
    log = bob.join()["log"]
    away.leave()
    await_away(a), await_away(b)
    for n in (a, b):
        known = n.person("ann", ann.token)  # the node knows this person, so they may still come in
        joined = known.join()
        assert [i["seq"] for i in joined["items"]] == said and joined["last"] == said[-1]
        page = known.do("history", room="lobby", before=said[10], limit=10)
        assert [i["seq"] for i in page["items"]] == said[:10]
        assert "ann" in here(known)
        again = n.person("ann", ann.token)
        assert again.join(after=said[19], log=log)["recovered"] is True
        assert [e["seq"] for e in again.events(10)] == said[20:]
        known.do("leave", room="lobby")
    carol = a.person("ann", ann.token, room="lobby")
    carol.send({"type": "typing", "room": "lobby"})
    carol.settle()
    away.come_back()
    away.await_ready()


def test_readyz_and_the_metrics_show_that_redis_is_away_and_that_it_is_back(away):
    a, b = away
    away.leave()
    for n in (a, b):
        await_away(n)
        text = n.get("/readyz")[1]
        assert "redis" in text.lower(), text
        assert n.get("/healthz")[0] == 200
        assert n.metric("chatd_redis_connected") == 0
    away.come_back()
    for n in (a, b):
        await_ready(n)
        assert n.metric("chatd_redis_connected") == 1


def test_a_node_starts_without_redis_and_serves_its_copy(away):
    a, b = away
    ann = a.person("ann", room="lobby")
    said = [ann.say(f"{i}")["seq"] for i in range(10)]
    a.kill()
    away.leave()
    a.start()
    assert a.get("/readyz")[0] == 503
    ann = a.person("ann", ann.token)
    assert [i["seq"] for i in ann.join()["items"]] == said
    waiting = ann.command("say", room="lobby", text="waiting")
    ann.settle()
    assert not [m for m in ann.inbox if m.get("id") == waiting]
    away.come_back()
    assert ann.expect("ok", id=waiting, within=30)["seq"] > said[-1]
    await_ready(b)  # nobody new can come in before
    bob = b.person("bob", room="lobby")
    wait_until(lambda: [i["text"] for i in bob.join()["items"]][-1:] == ["waiting"], "bob reads it")


def test_posts_beyond_the_outbox_are_refused_and_the_others_go_out(start, redis):
    a, b = start(2, block={"outbox": 10}, waiting=500)
    ann, bob = a.person("ann", room="lobby"), b.person("bob", room="lobby")
    carol = a.person("carol", room="lobby")
    redis.kill()
    await_away(a)
    ids = [ann.command("say", room="lobby", text=f"{i}") for i in range(30)]
    refused = [ann.expect("error", id=i) for i in ids[10:]]
    assert {r["code"] for r in refused} == {"unavailable"}
    assert all(0 < r["retry_after"] <= 60 for r in refused)
    assert a.metric("chatd_redis_waiting") == 10
    assert carol.do("history", room="lobby")["items"] == []
    redis.restart("lost")
    seqs = [ann.expect("ok", id=i, within=30)["seq"] for i in ids[:10]]
    assert seqs == sorted(set(seqs))
    assert bob.texts(10) == [f"{i}" for i in range(10)]
    wait_until(lambda: a.metric("chatd_redis_waiting") == 0, "nothing waits any more")
    late = ann.say("10", id=ids[10])["seq"]  # a refused post may be sent again
    assert late > seqs[-1] and bob.texts(11)[-1] == "10"


def test_a_post_whose_author_left_while_it_waited_goes_out_once(start, redis):
    a, b = start(2)
    ann = a.person("ann", room="lobby")
    redis.kill()
    await_away(a)
    ann.command("say", room="lobby", text="and away", id="k")
    ann.settle()
    ann.close()
    redis.restart("lost")
    await_ready(b)
    bob = b.person("bob", room="lobby")
    wait_until(lambda: bob.do("history", room="lobby")["items"], "it went out")
    again = b.person("ann", ann.token, room="lobby").say("and away", id="k")
    (item,) = bob.do("history", room="lobby")["items"]
    assert item["seq"] == again["seq"]


def test_a_post_that_waits_in_a_node_that_stops_is_not_acknowledged(start, redis):
    a, b = start(2)
    ann = a.person("ann", room="lobby")
    redis.kill()
    await_away(a)
    waiting = ann.command("say", room="lobby", text="never heard", id="k")
    ann.settle()
    assert not [m for m in ann.inbox if m.get("id") == waiting]
    assert a.terminate() == 0
    redis.restart("lost")
    await_ready(b)
    ann = b.person("ann", ann.token, room="lobby")
    ann.say("never heard", id="k")
    assert [i["key"] for i in ann.do("history", room="lobby")["items"]] == ["k"]
