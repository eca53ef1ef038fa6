import Bridge
import TestKit
import Testing

@Suite("Server-sent events", .timeLimit(.minutes(2)))
struct ServerSentEventTests {
    /// All rules of the format, with each kind of line end.
    private static let stream =
        "\u{FEFF}: a comment\n\n"
        + "data: first\n\n"
        + "event: named\r\ndata: line one\r\ndata:line two\r\n\r\n"
        + "id: 7\rdata: carriage\rdata:  return\r\r"
        + "data: grüße 👋🏽\nretry: 1500\n\n"
        + "id: nul\u{0}l\ndata\nretry: soon\n\n"
        + "event: no data\nid: 8\n\n"
        + "unknown: x\ndata: {\"a\":\"b:c\"}\n\n"
        + "id\ndata:\ndata:\n\n"
        + "data: cut off"

    private static let events = [
        ServerSentEvent(data: "first"),
        ServerSentEvent(name: "named", data: "line one\nline two"),
        ServerSentEvent(data: "carriage\n return", id: "7"),
        ServerSentEvent(data: "grüße 👋🏽", id: "7", retry: .milliseconds(1500)),
        ServerSentEvent(data: "", id: "7"),
        ServerSentEvent(data: "{\"a\":\"b:c\"}", id: "8"),
        ServerSentEvent(data: "\n", id: ""),
    ]

    private func parse(_ chunks: [ArraySlice<UInt8>]) throws -> [ServerSentEvent] {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        for chunk in chunks { events += try parser.feed(chunk) }
        return events
    }

    @Test("are parsed from one piece")
    func whole() throws {
        #expect(try parse([Array(Self.stream.utf8)[...]]) == Self.events)
    }

    @Test("are the same in pieces of every size")
    func sizes() throws {
        let bytes = Array(Self.stream.utf8)
        for size in 1..<bytes.count {
            let chunks = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
            #expect(try parse(chunks) == Self.events, "size \(size)")
        }
    }

    @Test("are the same with cuts at any two places")
    func cuts() throws {
        let bytes = Array(Self.stream.utf8)
        for first in 0...bytes.count {
            let second = (first * 7919) % (bytes.count - first + 1) + first
            let chunks = [bytes[..<first], bytes[first..<second], bytes[second...]]
            #expect(try parse(chunks) == Self.events, "cuts at \(first), \(second)")
        }
    }

    @Test("are the same after random cuts, with empty pieces")
    func random() throws {
        let bytes = Array(Self.stream.utf8)
        var random = SplitMix64(seed: SplitMix64.seed())
        for _ in 0..<200 {
            let places = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                Int.random(in: 0...bytes.count, using: &random)
            }
            let cuts = ([0, bytes.count] + places).sorted()
            let chunks = zip(cuts, cuts.dropFirst()).map { bytes[$0..<$1] }
            #expect(try parse(chunks) == Self.events, "cuts at \(cuts)")
        }
    }

    @Test("keep the last id and the reconnection time of blocks without data")
    func resumption() throws {
        var parser = ServerSentEventParser()
        #expect(try parser.feed(Array("id: 42\nretry: 250\n\n".utf8)).isEmpty)
        #expect(parser.lastEventID == "42")
        #expect(parser.retry == .milliseconds(250))
    }

    @Test("that are too large are an error, in one line or in many")
    func tooLarge() throws {
        var parser = ServerSentEventParser(limit: 100)
        #expect(try parser.feed(Array("data: \(String(repeating: "x", count: 90))\n\n".utf8)).count == 1)
        let line = Array(repeating: UInt8(ascii: "x"), count: 101)
        let error = #expect(throws: HTTPClient.Failure.self) { try parser.feed(line) }
        #expect(error?.code == .tooLarge)

        var other = ServerSentEventParser(limit: 100)
        let lines = Array(String(repeating: "data: 12345678\n", count: 20).utf8)
        #expect(throws: HTTPClient.Failure.self) { for byte in lines { _ = try other.feed([byte]) } }
    }

    @Test("arrive over HTTP for all sizes of the server's pieces", arguments: ["1", "2,3,5,1", "7,1,64", "4096"])
    func overTheWire(sizes: String) async throws {
        try await withHTTPPeer { peer, client, _ in
            let request = HTTPClient.Request("POST", peer.url("/pieces?sizes=\(sizes)"), body: Array(Self.stream.utf8))
            var events: [ServerSentEvent] = []
            for try await event in ServerSentEvents(try await client.send(request).body) { events.append(event) }
            #expect(events == Self.events)
        }
    }

    @Test("arrive one by one while the stream is open")
    func live() async throws {
        try await withHTTPPeer { peer, client, _ in
            let response = try await client.send(HTTPClient.Request("GET", peer.url("/sse?count=3&pause=0.05")))
            #expect(response.headers["Content-Type"] == "text/event-stream")
            var events = ServerSentEvents(response.body).makeAsyncIterator()
            for index in 0..<3 {
                #expect(try await events.next() == ServerSentEvent(data: "event \(index)", id: "\(index)"))
            }
            #expect(try await events.next() == nil)
            #expect(events.lastEventID == "2")
        }
    }
}
