"""The scenarios: the runs, and the rows of the table that come from them.

A scenario is a generator of rows (scenario, chatd, floor, ratio, target, met). To add one: a function
here, a line in SCENARIOS, and, for a new kind of load, a function in talk.c or crowd.c.
"""

import os
import re
import statistics
import sys
import tempfile
import time

import people
import photos
import searches
from servers import (
    Chatd, Failed, Floor, Nginx, Redis, Watchdog, count_syscalls, get_pages, load, time_of_return,
)  # fmt: skip

NONE = "–"


def met(yes):
    return "yes" if yes else "**no**"


class Bench:
    """The tools of a scenario: servers, sizes, repetitions."""

    def __init__(self, arguments, details):
        self.a = arguments
        self.details = details

    def size(self, full, quick):
        return quick if self.a.quick else full

    def chatd(self, rooms, **options):
        return Chatd(self.a.chatd, self.a.www, rooms, **options)

    def run(self, server, scenario, /, **options):
        with server as s:
            figures = load(self.a.tools, s, scenario, **options)
        self.note(f"{scenario}, {type(server).__name__.lower()}", figures)
        return figures

    def beside(self, rooms, scenario, /, **options):
        """Runs chatd and the floor in turn; the medians of each figure."""
        both = []
        for _ in range(self.a.repeat):
            both.append((self.run(self.chatd(rooms), scenario, **options),
                         self.run(Floor(self.a.tools), scenario, **options)))
        return medians([c for c, _ in both]), medians([f for _, f in both])

    def alone(self, rooms, scenario, /, pinned=True, **options):
        return medians([self.run(self.chatd(rooms, pinned=pinned), scenario, **options)
                        for _ in range(self.a.repeat)])

    def syscalls(self, server, scenario, deliveries, /, **options):
        """System calls for each delivery. The counts by call go to the details."""
        with server as s:
            counts = count_syscalls(self.a.tools, s, scenario, **options)
        self.note(f"{scenario}, {type(server).__name__.lower()}, calls for {deliveries} deliveries",
                  counts)
        return sum(counts.values()) / deliveries

    def note(self, what, figures):
        line = f"- {what}: " + ", ".join(f"{n} {v:.4g}" for n, v in figures.items())
        self.details.append(line)
        print(line, file=sys.stderr, flush=True)


def medians(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def idle_rooms(count):
    return [f"idle{i}" for i in range(count)]


def one(bench):
    n, rounds = bench.size(1000, 300), bench.size(300, 100)
    what = f"{n:,} members, 128 bytes, one at a time: "
    chatd, floor = bench.beside(["bench0"], "one", members=n, messages=rounds)
    c, f = chatd["cpu_us_per_delivery"], floor["cpu_us_per_delivery"]
    yield (what + "server CPU per delivery", f"{c:.2f} µs", f"{f:.2f} µs", f"{c / f:.2f}",
           "≤ 1.25 × floor", met(c <= 1.25 * f))
    few = 40
    c = bench.syscalls(bench.chatd(["bench0"]), "one", few * n, members=n, messages=few)
    f = bench.syscalls(Floor(bench.a.tools), "one", few * n, members=n, messages=few)
    yield (what + "system calls per delivery", f"{c:.3f}", f"{f:.3f}", f"{c / f:.2f}", "≤ 1.1",
           met(c <= 1.1))


def flight(bench):
    n, messages = bench.size(1000, 300), bench.size(2000, 1000)
    chatd, floor = bench.beside(["bench0"], "flight", members=n, messages=messages, writers=4,
                                in_flight=32)
    c, f = chatd["deliveries_per_cpu_s"], floor["deliveries_per_cpu_s"]
    yield (f"{n:,} members, 4 writers with 32 in flight: deliveries per CPU-second", f"{c:,.0f}",
           f"{f:,.0f}", f"{c / f:.1f}", "≥ 10 × floor", met(c >= 10 * f))


def page(bench):
    n, ours, theirs = bench.size(10000, 2000), [], []
    for _ in range(bench.a.repeat):
        with bench.chatd(["bench0"]) as server:
            body, rate = get_pages(server, n)
        ours.append(rate)
        with Nginx(body) as nginx:
            theirs.append(get_pages(nginx, n)[1])
        bench.note("page", {"chatd": ours[-1], "nginx": theirs[-1], "bytes": len(body)})
    c, f = statistics.median(ours), statistics.median(theirs)
    yield (f"the page {n:,} times on one connection: requests per CPU-second (floor: nginx)",
           f"{c:,.0f}", f"{f:,.0f}", f"{c / f:.2f}", "≥ 0.5 × nginx", met(c >= 0.5 * f))


def idle(bench):
    n, rooms, seconds = bench.size(10000, 2000), 20, bench.size(60, 30)
    r = bench.run(bench.chatd(idle_rooms(rooms)), "idle", members=n, rooms=rooms, seconds=seconds)
    each, cpu = max(r["rss_bytes_each"], r["rss_bytes_each_later"]), r["cpu_percent"]
    yield (f"{n:,} idle in {rooms} rooms: RSS each beyond the first", f"{each:,.0f} B", NONE, NONE,
           "≤ 3,072 B", met(each <= 3072))
    yield (f"{n:,} idle in {rooms} rooms: CPU of a core, {r['pings_each']:.2f} pings each in "
           f"{seconds} s", f"{cpu:.2f} %", NONE, NONE, "< 1 %", met(cpu < 1))


def busy(bench):
    n, rooms, rounds = bench.size(15000, 3000), 20, bench.size(3000, 500)
    chatd, floor = bench.beside(["bench0"] + idle_rooms(rooms), "busy", members=n, rooms=rooms,
                                writers=10, messages=rounds)
    c, f = chatd["p99_ms"], floor["p99_ms"]
    yield (f"{n:,} idle and a busy room of ten: round trip p50 / p99",
           f"{chatd['p50_ms']:.2f} / {c:.2f} ms", f"{floor['p50_ms']:.2f} / {f:.2f} ms",
           f"{c / f:.1f}", "p99 ≤ 2 ms", met(c <= 2))
    c, f = chatd["accepted_per_s"], floor["accepted_per_s"]
    yield (f"accepting these {n:,} (upgrade, hello, join): connections per second", f"{c:,.0f}",
           f"{f:,.0f}", f"{c / f:.2f}", "≥ 1,500", met(c >= 1500))


def durable(bench):
    rooms = [f"bench{i}" for i in range(64)]
    r = bench.alone(rooms, "durable", pinned=False, writers=64, in_flight=32,
                    messages=bench.size(3000, 500))
    a = r["acknowledged_per_s"]
    yield ("durable say, sync normal, 64 writers, no fan-out: acknowledged per second", f"{a:,.0f}",
           NONE, NONE, "≥ 15,000", met(a >= 15000))


def stall(bench):
    stalled, messages = bench.size(1000, 200), bench.size(10000, 2000)
    r = bench.alone(["bench0"], "stall", members=10, stalled=stalled, messages=messages)
    growth = r["rss_growth_mib"]
    what = f"{stalled:,} members stop reading while {messages:,} messages pass: "
    yield (what + "RSS grows by (kernel buffers of both ends by)",
           f"{growth:.1f} MiB ({r['tcp_growth_mib']:,.0f} MiB)", NONE, NONE, "< 4 MB",
           met(growth * 1.048576 < 4))
    for when, now, before in (
        (f"while the kernel still buffers for these {stalled:,} / while these {stalled:,} read",
         "filling", "reading"),
        (f"once the kernel's buffers are full / without these {stalled:,}", "stalled", "alone"),
    ):
        now, before = r[now + "_p99_ms"], r[before + "_p99_ms"]
        yield (f"p99 of ten other members: {when}", f"{now:.2f} / {before:.2f} ms", NONE,
               f"{now / before:.2f}", "≤ 1.5", met(now <= 1.5 * before))


def resume(bench):
    n = bench.size(1000, 200)
    r = bench.alone(["bench0"], "resume", members=n, messages=100)
    s = r["caught_up_s"]
    yield (f"{n:,} clients come back 100 messages behind: all have caught up after", f"{s:.2f} s", NONE,
           NONE, "≤ 2 s", met(s <= 2))


def vote(bench):
    """The floor has no polls: the ratio is that of tallies received to votes cast."""
    n = bench.size(10000, 2000)
    yield from vote_rows(n, bench.alone(["bench0"], "vote", members=n))


def nodes_vote(bench):
    n = bench.size(10000, 2000)
    with Redis(pinned=False) as redis:
        r = bench.run(bench.chatd(["bench0"], redis=redis), "vote", members=n)
    yield from vote_rows(n, r, ", over Redis")


def vote_rows(n, r, how=""):
    s, each = r["informed_s"], r["tallies_each"]
    yield (f"{n:,} members of a room vote at once{how}: all acknowledged / all know, after",
           f"{r['acknowledged_s']:.2f} / {s:.2f} s", NONE, NONE, "≤ 10 s", met(s <= 10))
    yield ("tallies that each of them receives for these votes", f"{each:,.0f}", f"{n:,} votes",
           f"{each / n:.3f}", "≤ 0.05", met(each <= 0.05 * n))


def react(bench):
    n = bench.size(1000, 300)
    r = bench.alone(["bench0"], "react", members=n)
    s, each = r["informed_s"], r["tallies_each"]
    yield (f"{n:,} members of a room react to a message at once: all acknowledged / all know, after",
           f"{r['acknowledged_s']:.2f} / {s:.2f} s", NONE, NONE, "≤ 1 s", met(s <= 1))
    yield ("events that each of them receives for these reactions", f"{each:,.0f}", f"{n:,} reactions",
           f"{each / n:.3f}", "≤ 0.05", met(each <= 0.05 * n))


def watchdog_seconds(bench):
    """Of the shipped unit."""
    with open(os.path.join(bench.a.systemd, "chatd.service")) as f:
        return int(re.search(r"(?m)^WatchdogSec=(\d+)$", f.read())[1])


def due(bench):
    """The polls are made within `seconds`, and all are due at its end."""
    rooms, seconds = bench.size(999, 100), bench.size(60, 15)  # limits.rooms is 1,000
    names, runs = [f"due{i}" for i in range(rooms)] + ["bench0"], []
    for _ in range(bench.a.repeat):
        with Watchdog() as watchdog:
            runs.append(bench.run(bench.chatd(names, watchdog=watchdog), "due", writers=10, rooms=rooms,
                                  polls=50, seconds=seconds))
        runs[-1]["unfed_s"] = watchdog.longest_gap_seconds()
    r, most = medians(runs), watchdog_seconds(bench) / 2
    what = f"{rooms * 50:,} polls due at one moment (all closed after {r['closed_s']:.0f} s): "
    yield (what + "p99 of ten other members then / before",
           f"{r['p99_ms']:.2f} / {r['before_p99_ms']:.2f} ms", NONE, NONE, "≤ 20 ms",
           met(r["p99_ms"] <= 20))
    unfed = max(run["unfed_s"] for run in runs)
    yield (what + "longest time without a feed for the watchdog", f"{unfed:.1f} s", NONE, NONE,
           f"< {most:.0f} s", met(unfed < most))


def fill(bench, state, messages):
    """Fills a state directory with so many messages in one room, unless it is filled already."""
    mark = os.path.join(state, f"bench-filled-{messages}")
    if os.path.exists(mark):
        return
    bench.run(bench.chatd(["bench0"], pinned=False, state=state), "durable", prefix="f", writers=1,
              in_flight=512, messages=messages)
    with open(mark, "w"):
        pass


def history(bench):
    messages = bench.size(1000000, 50000)
    with tempfile.TemporaryDirectory(prefix="chat-bench-") as temporary:
        state = os.path.abspath(bench.a.state or temporary)
        fill(bench, state, messages)
        starts = []
        for _ in range(max(3, bench.a.repeat)):
            with bench.chatd(["bench0"], state=state) as server:
                starts.append(server.ready_seconds)
        with bench.chatd(["bench0"], state=state) as server:
            runs = [load(bench.a.tools, server, "history", messages=bench.size(3000, 500),
                         prefix=f"h{int(time.time())}x{i}n") for i in range(bench.a.repeat)]
    for r in runs:
        bench.note("history", r)
    r = medians(runs)
    if r["last_seq"] < messages:
        raise Failed(f"{messages} stored, but the newest is {r['last_seq']:.0f}")
    ready = statistics.median(starts)
    yield (f"start with {messages:,} stored messages: ready after", f"{ready:.3f} s", NONE, NONE,
           "≤ 0.5 s", met(ready <= 0.5))
    yield (f"a page of {r['items_per_page']:.0f} somewhere in them: p50 / p99",
           f"{r['p50_ms']:.2f} / {r['p99_ms']:.2f} ms", NONE, NONE, "≤ 5 ms",
           met(r["p99_ms"] <= 5))


def search(bench):
    """The members talk while the old messages are indexed, and then with all of them in the index."""
    messages, rooms = bench.size(1000000, 50000), ["bench0", "bench1", "bench2", "bench3"]
    talk = {"members": 10, "messages": bench.size(6000, 2000)}
    with tempfile.TemporaryDirectory(prefix="chat-bench-") as temporary:
        r = searches.measure(bench, temporary, rooms, messages, talk)
    bench.note("search", r)
    what = f"a search in {messages:,} messages in eight scripts: "
    yield (what + "its first answer, p50 / p99", f"{r['p50_ms']:.2f} / {r['p99_ms']:.2f} ms", NONE, NONE,
           "≤ 5 / 20 ms", met(r["p50_ms"] <= 5 and r["p99_ms"] <= 20))
    yield (what + "the same of two Chinese characters", f"{r['han_p50_ms']:.2f} / {r['han_p99_ms']:.2f} ms",
           NONE, NONE, "≤ 5 / 20 ms", met(r["han_p50_ms"] <= 5 and r["han_p99_ms"] <= 20))
    yield (what + "the index, beside the texts", f"{r['index_mib']:.0f} MiB", f"{r['texts_mib']:.0f} MiB",
           f"{r['index_mib'] / r['texts_mib']:.2f}", "≤ 2.5", met(r["index_mib"] <= 2.5 * r["texts_mib"]))
    yield (what + "made while ten members talk, in", f"{r['index_s']:.0f} s", NONE, NONE, "≤ 120 s",
           met(r["index_s"] <= 120))
    p99, alone = r["beside_p99_ms"], r["alone_p99_ms"]
    yield (what + "p99 of these members then / later", f"{p99:.2f} / {alone:.2f} ms", NONE,
           f"{p99 / alone:.2f}", "≤ 2", met(p99 <= 2 * alone))


def askers(bench):
    """The limits are the defaults. The polls are not secret: an item shows a hundred of its voters."""
    askers, voters, polls = 50, bench.size(1000, 200), 50
    seconds, runs = bench.size(30, 10), []
    for _ in range(bench.a.repeat):
        with tempfile.TemporaryDirectory(prefix="chat-bench-") as state:
            names = ["bench0", "polls"]
            bench.run(bench.chatd(names, state=state), "ballots", prefix="f", members=voters, polls=polls)
            runs.append(bench.run(bench.chatd(names, state=state, limits=""), "askers", members=askers,
                                  writers=10, seconds=seconds))
    r = medians(runs)
    p99 = r["asked_p99_ms"]
    yield (f"{askers} people ask for pages of {polls} polls with {voters:,} ballots each, as fast as they may "
           f"({r['pages_per_s']:.0f} pages a second): p99 of others' `join` then / before",
           f"{p99:.2f} / {r['alone_p99_ms']:.2f} ms", NONE, NONE, "≤ 20 ms", met(p99 <= 20))


def hostile(bench):
    count, near_mib, runs = 60, 8, []
    for _ in range(bench.a.repeat):
        with bench.chatd(["bench0"]) as server:
            runs.append(people.hostile(server, count, near_mib))
        bench.note("hostile", runs[-1])
    r = medians(runs)
    grown, left = r["grown_mib"], r["left_mib"]
    what = f"{count} connections, each with 80 KB of waiting commands: resident memory "
    yield (what + "grows by", f"{grown:.1f} MiB", NONE, NONE, "≤ 40 MB", met(grown * 1.048576 <= 40))
    yield (what + "once they are gone, beyond before", f"{left:.1f} MiB", NONE, NONE,
           f"≤ {near_mib} MiB", met(left <= near_mib))


def welcome(bench):
    """The rooms have the longest names, titles and topics, in ordinary letters."""
    count, hellos, runs = 1000, bench.size(2000, 300), []
    rooms = [{"name": f"{i:048}", "title": f"{i} ".ljust(80, "t"), "topic": "t" * 400}
             for i in range(count)]
    for _ in range(bench.a.repeat):
        pair = []
        for listed, joined in ((rooms, rooms[:3]), (rooms[:1], rooms[:1])):
            with bench.chatd(listed) as server:
                pair.append(people.welcome(server, [r["name"] for r in joined], hellos))
            bench.note(f"welcome, {len(listed):,} rooms", pair[-1])
        runs.append({"bytes": pair[0]["bytes"], "ms": pair[0]["ms"], "one_ms": pair[1]["ms"]})
    r = medians(runs)
    what = f"a chat with {count:,} rooms: a `welcome` in 3 of them: "
    yield (what + "size", f"{r['bytes'] / 1024:.1f} KiB", NONE, NONE, "≤ 64 KiB",
           met(r["bytes"] <= 65536))
    yield (what + "server CPU of the connection, beside a chat with one room",
           f"{r['ms']:.2f} ms", f"{r['one_ms']:.2f} ms", f"{r['ms'] / r['one_ms']:.1f}",
           "≤ 1 ms beyond", met(r["ms"] - r["one_ms"] <= 1))


def photo_memory(bench):
    count, data, runs = bench.size(50, 10), photos.jpeg(10 << 20), []
    for _ in range(bench.a.repeat):
        with bench.chatd(["bench0"], pinned=False) as server:
            runs.append(photos.memory(server, count, data))
        bench.note("photo_memory", runs[-1])
    grown = medians(runs)["grown_mib"]
    yield (f"{count} uploads of {len(data) / (1 << 20):.1f} MiB at once: resident memory grows by",
           f"{grown:.1f} MiB", NONE, NONE, "≤ 8 MB", met(grown * 1.048576 <= 8))


def photo_upload(bench):
    """The members talk alone, then while photos go up one after another."""
    data, runs = photos.picture(4000, 3000), []
    talk = {"members": 10, "messages": bench.size(20000, 3000)}
    for _ in range(bench.a.repeat):
        with bench.chatd(["bench0"], pinned=False) as server:
            alone = load(bench.a.tools, server, "one", prefix="a", **talk)
            with photos.Uploads(server, data) as uploads:
                beside = load(bench.a.tools, server, "one", prefix="b", **talk)
        runs.append({"seconds": uploads.median_seconds(), "photos": len(uploads.seconds),
                     "alone_p99_ms": alone["p99_ms"], "p99_ms": beside["p99_ms"]})
        bench.note("photo_upload", runs[-1])
    r = medians(runs)
    what = f"a JPEG of 12 megapixels ({len(data) / 1e6:.1f} MB): "
    yield (what + "last byte to 201, its thumbnail made", f"{r['seconds']:.2f} s", NONE, NONE, "≤ 1 s",
           met(r["seconds"] <= 1))
    p99, alone = r["p99_ms"], r["alone_p99_ms"]
    yield (what + f"p99 of ten members while {r['photos']:.0f} of them go up / before",
           f"{p99:.2f} / {alone:.2f} ms", NONE, f"{p99 / alone:.2f}", "≤ 1.5", met(p99 <= 1.5 * alone))


def photo_served(bench):
    n, data, ours, theirs = bench.size(3000, 500), photos.jpeg(1 << 20), [], []
    for _ in range(bench.a.repeat):
        with bench.chatd(["bench0"]) as server:
            body, rate = get_pages(server, n, photos.shown(server, data))
        ours.append(rate)
        with Nginx(body) as nginx:
            theirs.append(get_pages(nginx, n)[1])
        bench.note("photo_served", {"chatd": ours[-1], "nginx": theirs[-1], "bytes": len(body)})
    c, f = statistics.median(ours), statistics.median(theirs)
    yield (f"a photo of 1 MB {n:,} times on one connection: requests per CPU-second (floor: nginx)",
           f"{c:,.0f}", f"{f:,.0f}", f"{c / f:.2f}", "≥ 0.6 × nginx", met(c >= 0.6 * f))


def both_journals(bench, scenario, /, **options):
    """Runs a node over Redis and a node alone in turn; the medians of each figure."""
    pairs = []
    for _ in range(bench.a.repeat):
        with Redis(pinned=False) as redis:
            node = bench.run(bench.chatd(["bench0"], redis=redis), scenario, **options)
        pairs.append((node, bench.run(bench.chatd(["bench0"]), scenario, **options)))
    return medians([n for n, _ in pairs]), medians([a for _, a in pairs])


def nodes_one(bench):
    node, alone = both_journals(bench, "one", members=1, messages=bench.size(3000, 500))
    n, a = node["p50_ms"], alone["p50_ms"]
    yield ("say through Redis, one at a time: round trip p50, beside one node alone",
           f"{n:.2f} ms", f"{a:.2f} ms", f"{n / a:.2f}", "≤ 2 × alone + 0.3 ms",
           met(n <= 2 * a + 0.3))


def nodes_flight(bench):
    node, alone = both_journals(bench, "flight", members=bench.size(1000, 300), writers=4,
                                messages=bench.size(10000, 1000), in_flight=32)
    n, a = node["deliveries_per_cpu_s"], alone["deliveries_per_cpu_s"]
    yield ("deliveries per CPU-second of a node, 4 writers with 32 in flight, beside one alone",
           f"{n:,.0f}", f"{a:,.0f}", f"{n / a:.2f}", "≥ 0.85 × alone", met(n >= 0.85 * a))


def nodes_durable(bench):
    rooms, runs = [f"bench{i}" for i in range(64)], []
    for _ in range(bench.a.repeat):
        with (Redis(pinned=False) as redis,
              bench.chatd(rooms, pinned=False, redis=redis) as first,
              bench.chatd(rooms, pinned=False, redis=redis, port=first.port)):
            runs.append(load(bench.a.tools, first, "durable", writers=64, in_flight=32,
                             messages=bench.size(2000, 500)))
            bench.note("durable, two nodes", runs[-1])
    a = medians(runs)["acknowledged_per_s"]
    yield ("acknowledged per second, 64 writers over 2 nodes, all with Redis on two cores",
           f"{a:,.0f}", NONE, NONE, "≥ 10,000", met(a >= 10000))


def nodes_away(bench):
    """From the return of Redis to the delivery of a message said while it was down."""
    times = []
    for _ in range(max(5, bench.a.repeat)):
        with Redis(pinned=False) as redis, bench.chatd(["bench0"], redis=redis) as node:
            times.append(time_of_return(bench, redis, node))
            bench.note("away", {"ms": times[-1]})
    t = statistics.median(times)
    yield (f"Redis killed and started again: first delivery after its port opens, median (worst) "
           f"of {len(times)}", f"{t:.0f} ({max(times):.0f}) ms", NONE, NONE, "≤ 500 ms",
           met(max(times) <= 500))


def nodes_photo(bench):
    data, times = photos.jpeg(2 << 20), []
    with (Redis(pinned=False) as redis, bench.chatd(["bench0"], pinned=False, redis=redis) as first,
          bench.chatd(["bench0"], pinned=False, redis=redis) as second):
        for _ in range(bench.size(20, 5)):
            times.append(photos.seen(first, second, data))
    t = statistics.median(times)
    bench.note("nodes_photo", {"median_s": t, "worst_s": max(times)})
    yield ("a photo of 2 MB: whole at another node after its message came there, median (worst)",
           f"{t:.2f} ({max(times):.2f}) s", NONE, NONE, "≤ 1 s", met(max(times) <= 1))


def nodes_idle(bench):
    n, seconds = bench.size(1000, 200), bench.size(60, 30)
    with Redis(pinned=False) as redis:
        r = bench.run(bench.chatd(idle_rooms(n), redis=redis), "idle", members=n, rooms=n,
                      seconds=seconds)
    yield (f"{n:,} quiet rooms with a member each, over Redis: CPU of a core",
           f"{r['cpu_percent']:.2f} %", NONE, NONE, "≤ 1 %", met(r["cpu_percent"] <= 1))


SCENARIOS = {f.__name__: f for f in (one, flight, page, idle, busy, durable, stall, resume, history, search, vote, react,
                                     due, askers, hostile, welcome,
                                     photo_memory, photo_upload, photo_served,
                                     nodes_one, nodes_flight, nodes_durable, nodes_away,
                                     nodes_idle, nodes_vote, nodes_photo)}
