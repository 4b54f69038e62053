"""Drives an HTTP server: closed loop, or Poisson arrivals whatever the server does. Prints JSON. Python 3.9 or later,
without packages; it is a process of its own, so that the one that measures does not slow it down.

    client.py '{"port": 8080, "target": "/v1/detect", "bodies": ["a.jpg"], "connections": 4, "seconds": 10}'

`rate`: requests a second, at random moments; without it each connection asks again as soon as it was answered. `wrong`:
bodies that are no pictures, sent in place of every 20th. `churn`: a new connection after so many requests."""
import asyncio
import json
import random
import sys
import time

LIMIT = 64 << 20


class Load:
    def __init__(self, port, target, bodies, connections, seconds, rate=0, host='127.0.0.1', seed=1, wrong=False, churn=0):
        self.host, self.port, self.connections, self.seconds, self.rate = host, port, connections, seconds, rate
        self.random, self.churn = random.Random(seed), churn
        self.requests = [self.request(target, open(path, 'rb').read()) for path in bodies]
        self.wrong = self.request(target, b'\xff\xd8 this is no picture') if wrong else None
        self.count = 0
        self.ms, self.statuses, self.errors = [], {}, {}
        self.unsent = self.no_retry_after = 0

    def request(self, target, body):
        head = (f'POST {target} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nContent-Type: image/jpeg\r\n'
                f'Content-Length: {len(body)}\r\n\r\n')
        return head.encode() + body

    def next_request(self):
        self.count += 1
        if self.wrong and self.count % 20 == 0:
            return self.wrong
        return self.requests[self.count % len(self.requests)]

    async def connect(self):
        return await asyncio.open_connection(self.host, self.port, limit=LIMIT)

    async def exchange(self, connection, since):
        """One request; whether the connection may be used again."""
        reader, writer = connection
        writer.write(self.next_request())
        head = (await reader.readuntil(b'\r\n\r\n')).lower()
        status = int(head[9:12])
        length = next((int(line[15:]) for line in head.split(b'\r\n') if line.startswith(b'content-length:')), 0)
        await reader.readexactly(length)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == 200:
            self.ms.append((time.perf_counter() - since) * 1000)
        elif status == 503 and b'\r\nretry-after:' not in head:
            self.no_retry_after += 1
        return b'\r\nconnection: close' not in head

    def failed(self, error):
        name = type(error).__name__
        self.errors[name] = self.errors.get(name, 0) + 1

    async def closed_loop(self, until):
        connection, used = None, 0
        while time.perf_counter() < until:
            try:
                if connection is None:
                    connection, used = await self.connect(), 0
                again = await self.exchange(connection, time.perf_counter())
                used += 1
            except (OSError, EOFError, asyncio.LimitOverrunError) as error:
                self.failed(error)
                again = False
                await asyncio.sleep(0.05)
            if connection and not (again and (not self.churn or used < self.churn)):
                connection[1].close()
                connection = None
        if connection:
            connection[1].close()

    async def one(self, free, since):
        connection = free.pop() if free else None
        try:
            connection = connection or await self.connect()
            if await self.exchange(connection, since):
                free.append(connection)
            else:
                connection[1].close()
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:
            self.failed(error)
            if connection:
                connection[1].close()

    async def open_loop(self, until):
        """Times count from the moment a request was due, so that waiting for a slow server is not left out. What finds
        all connections taken is counted as unsent."""
        free, running = [], set()
        due = time.perf_counter()
        while due < until:
            due += self.random.expovariate(self.rate)
            wait = due - time.perf_counter()
            if wait > 0.001:
                await asyncio.sleep(wait)
            elif self.count % 16 == 0:
                await asyncio.sleep(0)
            if len(running) >= self.connections:
                self.unsent += 1
                await asyncio.sleep(0)
                continue
            task = asyncio.ensure_future(self.one(free, due))
            running.add(task)
            task.add_done_callback(running.discard)
        if running:
            await asyncio.wait(running, timeout=60)
        for _, writer in free:
            writer.close()

    async def run(self):
        begun = time.perf_counter()
        until = begun + self.seconds
        if self.rate:
            await self.open_loop(until)
        else:
            await asyncio.gather(*(self.closed_loop(until) for _ in range(self.connections)))
        return dict(seconds=time.perf_counter() - begun, ms=[round(one, 3) for one in self.ms], statuses=self.statuses,
                    errors=self.errors, unsent=self.unsent, no_retry_after=self.no_retry_after)


if __name__ == '__main__':
    print(json.dumps(asyncio.run(Load(**json.loads(sys.argv[1])).run())))
