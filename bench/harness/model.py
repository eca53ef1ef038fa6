"""A server of the Messages API that streams one tool call, then an answer, after a fixed time. Run it as:

    python -m bench.harness.model --seconds 2

The call reads, or writes a note when the question asks for one.

To use little CPU, responses are built in advance and the question is found without parsing the request.
"""

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, field

MODEL = "claude-sonnet-5-5"
MARK = b"nr-"
"""Every question ends with `nr-` and six digits, its mark; the answer repeats it."""
NOTE = b"note "
"""A question with this before its mark asks for a note of the mark."""
SERVER, TOOL = "notes", "add_note"
"""The tool that notes: the server's name in the bot's configuration, and the tool's name."""
WORDS = (
    "Everything runs, nr-000000. I looked at all services of the shop: **checkout** answers in 120 ms, which is within "
    "its objective; **search** was restarted this morning and has been quiet since; **payments** has had no error in "
    "the last hour.\n\n- nothing waits for a deploy\n- no incident is open\n- the databases have room for months\n\n"
    "If you want to look further, ask me for the newest deploys, or for the slowest queries of the day."
)
FIRST_WORDS = "Everything runs, nr-000000"
"""The beginning of an answer; it is sent in one piece."""
BURSTS = 6
"""The number of writes for the text of an answer, unless a time is set for it."""


def _event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def _start() -> bytes:
    usage = {"input_tokens": 140, "cache_read_input_tokens": 7589, "cache_creation_input_tokens": 0, "output_tokens": 1}
    message = {
        "id": "msg_bench", "type": "message", "role": "assistant", "model": MODEL, "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": usage}
    return _event("message_start", message=message)


def _end(reason: str) -> bytes:
    delta = {"stop_reason": reason, "stop_sequence": None}
    return (_event("content_block_stop", index=0) + _event("message_delta", delta=delta, usage={"output_tokens": 173})
            + _event("message_stop"))


def _call(tool: str, arguments: dict[str, str]) -> list[bytes]:
    block = {"type": "tool_use", "id": "toolu_nr-000000", "name": tool, "input": {}}
    delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
    return [_start(), _event("content_block_start", index=0, content_block=block)
            + _event("content_block_delta", index=0, delta=delta), _end("tool_use")]


def _answer(count: int | None = BURSTS) -> list[bytes]:
    """The parts of an answer, its text in that number of bursts; for None each delta is one."""
    pieces = [WORDS[at:at + 16] for at in range(0, len(WORDS), 16)]
    # The mark must not be split over two events.
    pieces[0:2] = [pieces[0] + pieces[1]]
    deltas = [_event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece}) for piece in pieces]
    size = -(-len(deltas) // (count or len(deltas)))
    bursts = [b"".join(deltas[at:at + size]) for at in range(0, len(deltas), size)]
    opening = _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    return [_start() + opening, *bursts, _end("end_turn")]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


READ = [_chunk(part) for part in _call("ops__list_services", {})]
WRITE = [_chunk(part) for part in _call(f"{SERVER}__{TOOL}", {"text": "nr-000000"})]
ANSWER = [_chunk(part) for part in _answer()]
SLOW_ANSWER = [_chunk(part) for part in _answer(None)]
HEAD = (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nrequest-id: req_bench\r\n"
        b"transfer-encoding: chunked\r\n\r\n")


@dataclass
class Counts:
    """Requests and bytes of their bodies, for `GET /_counts`."""

    requests: int = 0
    bytes: int = 0
    first_words: dict[str, float] = field(default_factory=dict)
    """When the first text of an answer was sent, by mark; for `GET /_first_words`."""


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection with sequential requests."""

    def __init__(self, seconds: float, text_seconds: float | None, counts: Counts) -> None:
        self.turn = seconds / 2
        self.text_seconds = text_seconds
        self.counts = counts
        self.buffer = bytearray()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.buffer[:end]).lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15:].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            body = bytes(self.buffer[end + 4:end + 4 + length])
            del self.buffer[:end + 4 + length]
            if head.startswith(b"get /_first_words"):
                self.tell(self.counts.first_words)
            elif head.startswith(b"get"):
                self.tell({"requests": self.counts.requests, "bytes": self.counts.bytes})
            else:
                self.answer(body)

    def tell(self, values: dict[str, float]) -> None:
        body = json.dumps(values).encode()
        self.transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))

    def answer(self, body: bytes) -> None:
        self.counts.requests += 1
        self.counts.bytes += len(body)
        # The last mark after a space is that of the newest question; its calls and their results follow it.
        question = body.rfind(b" " + MARK) + 1
        mark = body[question:question + 9]
        call = WRITE if body.startswith(NOTE, question - len(NOTE)) else READ
        is_answer = body.find(b'"tool_result"', question) >= 0
        answer = ANSWER if self.text_seconds is None else SLOW_ANSWER
        bursts = [burst.replace(b"nr-000000", mark) for burst in (answer if is_answer else call)]
        if self.turn == 0:
            return self.write(HEAD + b"".join(bursts) + b"0\r\n\r\n")
        # The first byte is sent after three fifths of the time; the rest is spread over the remaining time, or over the
        # text's own.
        loop = asyncio.get_running_loop()
        loop.call_later(self.turn * 0.6, self.write, HEAD + bursts[0])
        rest = self.text_seconds if is_answer and self.text_seconds is not None else self.turn * 0.4
        gap = rest / (len(bursts) - 1)
        if is_answer:
            loop.call_later(self.turn * 0.6 + gap, self.note_first_words, mark.decode())
        for index, burst in enumerate(bursts[1:], 1):
            last = b"0\r\n\r\n" if index == len(bursts) - 1 else b""
            loop.call_later(self.turn * 0.6 + gap * index, self.write, burst + last)

    def note_first_words(self, mark: str) -> None:
        # An answer that is made again, for another process, does not count.
        self.counts.first_words.setdefault(mark, time.time())

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2, help="the time of both turns together")
    parser.add_argument("--text-seconds", type=float, help="the time of an answer's text; part of --seconds without it")
    options = parser.parse_args()
    counts = Counts()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(options.seconds, options.text_seconds, counts), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
