"""A link between a node and Redis that can be cut, fall silent without an end, or become slow."""

import asyncio
import threading

from redis_server import free_port


class Proxy:
    """Listens on `port`, leads to `to` on the same machine."""

    def __init__(self, to):
        self.to, self.port, self.ends = to, free_port(), {}
        self.is_cut, self.is_silent, self.delay = False, False, 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.run(self.open())

    def run(self, what):
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(15)

    async def open(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)

    # --- one connection -------------------------------------------------------------------------

    async def serve(self, reader, writer):
        passing = asyncio.Event()
        if not self.is_silent:
            passing.set()
        self.ends[writer] = passing
        try:
            if self.is_cut:
                return
            beyond, to_beyond = await asyncio.open_connection("127.0.0.1", self.to)
            self.ends[to_beyond] = passing
            await asyncio.gather(
                self.pump(reader, to_beyond, passing),
                self.pump(beyond, writer, passing),
                return_exceptions=True,  # whoever has gone: the other one ends, too
            )
        except OSError:  # nobody is there
            pass
        finally:
            self.abort(writer)

    async def pump(self, reader, writer, passing):
        try:
            while data := await reader.read(16384):
                await asyncio.sleep(self.delay)
                await passing.wait()
                writer.write(data)
                await writer.drain()
            await passing.wait()  # the end is not told either
        finally:
            self.abort(writer)

    def abort(self, writer):
        if passing := self.ends.pop(writer, None):
            passing.set()  # who waits with what came before the end
        writer.transport.abort()

    # --- what may happen to it ------------------------------------------------------------------

    def cut(self):
        """All connections end, and none comes up again until it heals."""
        self.is_cut = True
        self.run(self.for_all(lambda writer, _: self.abort(writer)))

    def silence(self, *ports):
        """Nothing passes any more, and nothing ends. `ports`, from which Redis sees them: only of
        these connections, and new ones pass."""
        self.is_silent = not ports
        self.run(self.for_all(lambda writer, passing: passing.clear(), ports))

    def slow(self, seconds):
        """Each piece takes so long."""
        self.delay = seconds

    def heal(self):
        self.is_cut, self.is_silent, self.delay = False, False, 0
        self.run(self.for_all(lambda _, passing: passing.set()))

    def drop(self):
        """All connections end; new ones may come at once."""
        self.cut()
        self.is_cut = False

    async def for_all(self, do, ports=()):
        for writer, passing in list(self.ends.items()):
            own = writer.get_extra_info("sockname")
            if not ports or own and own[1] in ports:
                do(writer, passing)

    def finish(self):
        self.run(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(15)
        self.loop.close()

    async def end(self):
        self.server.close()
        for writer in list(self.ends):
            self.abort(writer)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)  # how they end is no matter now
