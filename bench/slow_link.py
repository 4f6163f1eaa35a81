"""A slow line in front of a server on this machine: everything over it shares one rate, and each handshake takes time.

Chromium's own emulation delays answers only; here connecting, sending and receiving all pay, as over a real line.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

DOWN_BIT_S, UP_BIT_S, ROUND_TRIP_S = 50_000, 20_000, 0.5
SEGMENT_BYTES, HEADER_BYTES = 1_400, 40  # of TCP and IP


@dataclass
class Direction:
    """One way of the line, taken by one segment at a time."""

    bytes_per_s: float
    free_at: float = 0.0
    carried: int = 0

    def arrival(self, size: int) -> float:
        """When a segment that is sent now has come through to the other end."""
        self.free_at = max(time.monotonic(), self.free_at) + (size + HEADER_BYTES) / self.bytes_per_s
        self.carried += size
        return self.free_at + ROUND_TRIP_S / 2


class SlowLine:
    """Listens on several ports, each the far end of a server's; what goes through any of them shares the line."""

    def __init__(self, servers: dict[int, int]) -> None:
        self.servers = servers
        self.down, self.up = Direction(DOWN_BIT_S / 8), Direction(UP_BIT_S / 8)

    @contextlib.contextmanager
    def open(self) -> Iterator["SlowLine"]:
        loop, ready = asyncio.new_event_loop(), threading.Event()
        thread = threading.Thread(target=self._run, args=(loop, ready), daemon=True)
        thread.start()
        assert ready.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)

    def _run(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        asyncio.set_event_loop(loop)
        for port, server in self.servers.items():
            loop.run_until_complete(asyncio.start_server(self._caller(server), "127.0.0.1", port))
        ready.set()
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()

    def _caller(self, server: int):  # type: ignore[no-untyped-def]
        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(ROUND_TRIP_S)  # the handshake
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", server)
            await asyncio.gather(_carry(reader, far_writer, self.up), _carry(far_reader, writer, self.down))

        return take


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Direction) -> None:
    """Read at once, hand over when it has come through; an end of the stream travels like everything else."""
    segments: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        with contextlib.suppress(OSError):
            while True:
                at, segment = await segments.get()
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                if not segment:
                    break
                writer.write(segment)
                await writer.drain()
        writer.close()

    delivering = asyncio.ensure_future(deliver())
    with contextlib.suppress(OSError):
        while segment := await reader.read(SEGMENT_BYTES):
            await segments.put((way.arrival(len(segment)), segment))
    await segments.put((time.monotonic() + ROUND_TRIP_S / 2, b""))
    await delivering
