"""A link between a node and Redis that can be cut, fall silent without closing, or become slow."""

import asyncio
import threading

from redis_server import free_port


class Proxy:
    """Listens on `port` and forwards to the port `to` of the same machine."""

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

    # --- one connection ---------------------------------------------------------------------------

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
                return_exceptions=True,  # if one side ends, so does the other
            )
        except OSError:  # nothing listens there
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
            await passing.wait()  # a silent link does not pass the end on either
        finally:
            self.abort(writer)

    def abort(self, writer):
        if passing := self.ends.pop(writer, None):
            passing.set()  # releases the pump that still holds data
        writer.transport.abort()

    # --- what may happen to it --------------------------------------------------------------------

    def cut(self):
        """Ends all connections, and accepts none until heal()."""
        self.is_cut = True
        self.run(self.for_all(lambda writer, _: self.abort(writer)))

    def silence(self, *ports):
        """Passes nothing on and closes nothing. With `ports`, the ports from which Redis sees the
        connections, only these fall silent, and new ones pass."""
        self.is_silent = not ports
        self.run(self.for_all(lambda writer, passing: passing.clear(), ports))

    def slow(self, seconds):
        """Delays each piece by so many seconds."""
        self.delay = seconds

    def heal(self):
        self.is_cut, self.is_silent, self.delay = False, False, 0
        self.run(self.for_all(lambda _, passing: passing.set()))

    def drop(self):
        """Ends all connections; new ones may come at once."""
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
        await asyncio.gather(*others, return_exceptions=True)  # their results do not matter
