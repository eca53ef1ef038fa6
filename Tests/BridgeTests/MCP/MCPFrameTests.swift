import Testing

@testable import Bridge

@Suite("What an MCP server sends, read leniently")
struct MCPFrameTests {
    private func frame(_ text: String, mayBeText: Bool = true) -> MCPFrame {
        MCPFrame(Array(text.utf8), mayBeText: mayBeText)
    }

    @Test("batches, several messages in a line and messages after a text are read")
    func several() {
        #expect(frame(#"[{"method":"a"},7,{"method":"b"}]"#).messages.count == 2)
        #expect(frame(#"{"method":"a"} {"method":"b"}"#).messages.count == 2)
        #expect(frame(#"[warn] {"jsonrpc":"2.0","method":"a"}"#).messages.count == 1)
        #expect(frame(#"{"jsonrpc":"2.0","id":null,"method":"a","result":null}"#).messages.map(\.method) == ["a"])
    }

    @Test(
        "texts for people are noise",
        arguments: ["Starting …", "{not json}", "[1, 2]", "", "{\"level\":\"info\"}", "7"])
    func noise(text: String) { #expect(frame(text).isNoise) }

    @Test(
        "the id of a response that cannot be read is found wherever it is, and no id within the result",
        arguments: [
            (#"{"jsonrpc":"2.0","id":7,"result":{"a":}}"#, RequestID.number(7)),
            (#"{"result":{"rows":[{"id":3},{"id":4,]}]},"jsonrpc":"2.0","id":7.0}"#, .number(7)),
            (#"{"jsonrpc":"2.0","result":{"rows":[{"id":3}"#, nil),
            (#"{"result":{"t":"a "quoted word"},"jsonrpc":"2.0","id":"7"}"#, .text("7")),
            (#"{"jsonrpc":"2.0","result":{"rows":[{"id":3},"#, nil),
            (#"{"jsonrpc":"2.0","id":"a\"}",b","result":{"#, .text("a\"}")),
        ] as [(String, RequestID?)])
    func ids(text: String, id: RequestID?) {
        let frame = frame(text)
        #expect(frame.messages.isEmpty)
        #expect(frame.unreadable.map(\.id) == [id])
    }

    @Test("ids are the same however they are written; others are not")
    func sameIDs() {
        for id in [RequestID.number(7), .text("7"), .text("7.0")] { #expect(RequestID.number(7).isSame(as: id)) }
        #expect(RequestID(.double(7.0)) == .number(7))
        #expect(RequestID(.double(7.5))?.json == .double(7.5))
        for id in [RequestID.number(8), .text("07x"), .text(""), .fraction(7.5)] {
            #expect(!RequestID.number(7).isSame(as: id))
        }
    }

    @Test("a response without an id is that to the only request; an error about a notification is none")
    func withoutID() {
        var dialect = HandshakeDialect.unopened()
        let (id, now) = (dialect.nextID(), ContinuousClock.now)
        _ = dialect.start(id, limit: .seconds(5), at: now)
        let unknown = JSONRPCError(code: JSONRPCError.methodNotFound, message: "no such notification")
        #expect(dialect.receive(.error(id: nil, unknown), at: now).isEmpty)
        let broken = MCPFrame.Unreadable(id: nil, problem: "its answer is broken")
        #expect(dialect.receive(.unreadable(broken), at: now) == [.finish(id, .failure(.lost("its answer is broken")))])
    }
}
