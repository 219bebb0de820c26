"""Gates on the ways between the parts: small proxies that pass bytes until a test wants a fault of the network.

    gates = Gates()
    port = gates.to("order-mariadb", 3306)     # a new gate of that link, before that port
    gates.fault("order-mariadb", "half-open")  # every gate of the link
    gates.fault("order-mariadb", None)         # and well again

The faults:
    latency     each piece arrives 100 ms later, both ways
    reset       what is open is reset, what is opened is reset at once
    half-open   nothing passes and nobody is told; what was held back arrives when the fault ends, as a network would do it
    drip        one byte a second, both ways
    cut         each connection is reset after CUT_AFTER bytes of its life
"""

import asyncio
import contextlib
import socket
import struct
import threading

FAULTS = ("latency", "reset", "half-open", "drip", "cut")
LATENCY_S = 0.1
CUT_AFTER = 700
NO_LINGER = struct.pack("ii", 1, 0)


class Gates:
    """All gates of a test, turned by a thread of their own."""

    def __init__(self):
        self.links = {}  # name -> [Gate]
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def to(self, link: str, port: int, at: int = 0) -> int:
        """The port of the gate before `port`; on port `at` if that is asked for."""
        for gate in self.links.setdefault(link, []):
            if gate.target == port:
                return gate.port
        gate = Gate(port)
        asyncio.run_coroutine_threadsafe(gate.open(at), self.loop).result(10)
        self.links[link].append(gate)
        return gate.port

    def fault(self, link: str, fault) -> None:
        assert fault is None or fault in FAULTS
        for gate in self.links[link]:
            asyncio.run_coroutine_threadsafe(gate.set(fault), self.loop).result(10)

    def close(self) -> None:
        async def close_all():
            for gates in self.links.values():
                for gate in gates:
                    await gate.close()
        asyncio.run_coroutine_threadsafe(close_all(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


class Gate:
    def __init__(self, target: int):
        self.target, self.port = target, 0
        self.fault, self.changed = None, asyncio.Event()
        self.server, self.open_links = None, set()

    async def open(self, at: int) -> None:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", at, limit=1 << 16)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self.server.close()
        await self.set("reset")

    async def set(self, fault) -> None:
        self.fault = fault
        self.changed.set()
        self.changed = asyncio.Event()
        if fault == "reset":
            for link in list(self.open_links):
                link.reset()
        for link in self.open_links:
            link.left = CUT_AFTER

    async def serve(self, reader, writer) -> None:
        link = Link(self, writer)
        self.open_links.add(link)
        try:
            if self.fault != "reset":
                await link.carry(reader)
        except (OSError, EOFError):
            pass
        finally:
            self.open_links.discard(link)
            link.reset()


class Link:
    """One connection that passes."""

    def __init__(self, gate: Gate, client):
        self.gate, self.client, self.server = gate, client, None
        self.left = CUT_AFTER

    def reset(self) -> None:
        for end in (self.client, self.server):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
                end.transport.abort()

    async def carry(self, from_client) -> None:
        from_server, self.server = await asyncio.open_connection("127.0.0.1", self.gate.target)
        for end in (self.client, self.server):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ways = [asyncio.ensure_future(self.one_way(from_client, self.server)),
                asyncio.ensure_future(self.one_way(from_server, self.client))]
        done, others = await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
        for way in others:
            way.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for way in done:
            way.result()

    async def one_way(self, reader, writer) -> None:
        while data := await reader.read(1 << 16):
            await self.pass_on(data, writer)
        with contextlib.suppress(OSError):
            writer.write_eof()

    async def pass_on(self, data: bytes, writer) -> None:
        while data:
            fault, changed = self.gate.fault, self.gate.changed
            if fault == "half-open":
                await changed.wait()
                continue
            piece = data
            if fault == "latency":
                await asyncio.sleep(LATENCY_S)
            elif fault == "drip":
                piece = data[:1]
            elif fault == "cut":
                piece = data[:self.left]
                self.left -= len(piece)
            elif fault == "reset":
                raise EOFError
            writer.write(piece)
            await writer.drain()
            data = data[len(piece):]
            if fault == "cut" and self.left == 0:
                raise EOFError
            if fault == "drip" and data:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(changed.wait(), 1)
