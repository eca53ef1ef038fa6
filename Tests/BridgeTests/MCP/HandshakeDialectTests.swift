import Testing

@testable import Bridge

@Suite("The MCP revisions with a handshake")
struct HandshakeDialectTests {
    private let start = ContinuousClock.now
    private let limit = RequestLimit(quiet: .seconds(10), total: .seconds(25))

    private func called(_ dialect: inout HandshakeDialect, reportsProgress: Bool = false) -> RequestID {
        let id = dialect.nextID()
        _ = dialect.request(id, "tools/call", [:], limit: limit, reportsProgress: reportsProgress, at: start)
        return id
    }

    @Test("it offers 2025-11-25 without capabilities")
    func offers() {
        var dialect = HandshakeDialect.unopened()
        let id = dialect.nextID()
        let actions = dialect.start(id, limit: .seconds(5), at: start)
        let params: JSONValue = [
            "protocolVersion": "2025-11-25", "capabilities": [:], "clientInfo": ["name": "omni", "version": "1"],
        ]
        let message = JSONRPCMessage.request(id: id, method: "initialize", params: params)
        #expect(actions == [.send(.message(MCPEnvelope(message: message, limit: .seconds(5))))])
        #expect(dialect.server == nil)
    }

    @Test(
        "it accepts each version with a handshake",
        arguments: ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
    func accepts(version: String) {
        var dialect = HandshakeDialect.unopened()
        let id = dialect.nextID()
        _ = dialect.start(id, limit: .seconds(5), at: start)
        let actions = dialect.receive(.hello(id, version: version), at: start)
        let headers = ["MCP-Protocol-Version": version]
        let initialized = JSONRPCMessage.notification(method: "notifications/initialized", params: nil)
        #expect(
            actions.first == .send(.message(MCPEnvelope(message: initialized, headers: headers, isBarrier: true))))
        #expect(actions.dropFirst().first == .send(.listen(headers)))
        #expect(dialect.server?.protocolVersion == version)
        #expect(dialect.server?.announcesToolChanges == true)
    }

    @Test("it refuses an unsupported version", arguments: ["2026-07-28", "1.0.0"])
    func refuses(version: String) {
        var dialect = HandshakeDialect.unopened()
        let id = dialect.nextID()
        _ = dialect.start(id, limit: .seconds(5), at: start)
        #expect(
            dialect.receive(.hello(id, version: version), at: start) == [
                .finish(id, .failure(.unsupportedVersion(version)))
            ])
        #expect(dialect.server == nil)
    }

    @Test("nothing is sent before the handshake is complete")
    func notBefore() {
        var dialect = HandshakeDialect.unopened()
        let id = dialect.nextID()
        let actions = dialect.request(id, "tools/list", [:], limit: limit, at: start)
        #expect(actions == [.finish(id, .failure(.notConnected("the connection is not ready")))])
        #expect(!MCPFailure.notConnected("").mayHaveHappened)
    }

    @Test("responses match their requests in any order, and only once")
    func answers() {
        var dialect = HandshakeDialect.ready(at: start)
        let (first, second) = (called(&dialect), called(&dialect))
        #expect(dialect.receive(.result(id: second, 2), at: start) == [.finish(second, .success(2))])
        #expect(dialect.receive(.result(id: second, 3), at: start).isEmpty)
        let error = JSONRPCError(code: -32602, message: "no")
        #expect(dialect.receive(.error(id: first, error), at: start) == [.finish(first, .failure(.server(error)))])
        #expect(dialect.receive(.error(id: nil, error), at: start).isEmpty)
        #expect(dialect.receive(.result(id: .number(99), 1), at: start).isEmpty)
    }

    @Test("an id returned as text is the same id")
    func textID() {
        var dialect = HandshakeDialect.ready(at: start)
        let id = called(&dialect)
        #expect(dialect.receive(.result(id: .text("\(id)"), 1), at: start) == [.finish(id, .success(1))])
    }

    @Test("a request without a response is cancelled at the server after its timeout")
    func expires() {
        var dialect = HandshakeDialect.ready(at: start)
        let id = called(&dialect)
        #expect(dialect.deadline(of: id) == start + .seconds(10))
        #expect(dialect.expire(id, at: start + .seconds(9)).isEmpty)
        let actions = dialect.expire(id, at: start + .seconds(10))
        #expect(actions.count == 3)
        let cancelled = JSONRPCMessage.notification(
            method: "notifications/cancelled", params: ["requestId": id.json, "reason": "timed out"])
        #expect(actions.first == .sent(cancelled, session: nil))
        #expect(actions.last == .finish(id, .failure(.timedOut(after: .seconds(10)))))
        #expect(dialect.receive(.result(id: id, 1), at: start).isEmpty, "a late answer is ignored")
    }

    @Test(
        "a timeout names its limit, whichever it was",
        arguments: [(300, "0.3"), (960, "1"), (5_000, "5"), (90_500, "90")] as [(Int, String)])
    func timeoutText(milliseconds: Int, seconds: String) {
        let failure = MCPFailure.timedOut(after: .milliseconds(milliseconds))
        #expect(failure.explanation == "no answer within \(seconds) s")
    }

    @Test("progress extends a request, up to its total limit and only when it grows")
    func progress() {
        var dialect = HandshakeDialect.ready(at: start)
        let id = called(&dialect, reportsProgress: true)
        func report(_ value: Double, after seconds: Int) {
            _ = dialect.receive(
                .notification(
                    method: "notifications/progress",
                    params: ["progressToken": id.json, "progress": .double(value)]), at: start + .seconds(seconds))
        }
        report(1, after: 8)
        #expect(dialect.deadline(of: id) == start + .seconds(18))
        report(1, after: 9)
        #expect(dialect.deadline(of: id) == start + .seconds(18))
        report(2, after: 17)
        #expect(dialect.deadline(of: id) == start + .seconds(25))
        #expect(
            dialect.expire(id, at: start + .seconds(25)).last == .finish(id, .failure(.timedOut(after: .seconds(25)))))
    }

    @Test("a cancelled request is cancelled at the server; a cancelled handshake ends the session instead")
    func cancels() {
        var dialect = HandshakeDialect.ready(at: start)
        let id = called(&dialect)
        #expect(dialect.cancel(id).contains(.finish(id, .failure(.cancelled))))
        #expect(dialect.cancel(id).isEmpty)

        var fresh = HandshakeDialect.unopened()
        let opening = fresh.nextID()
        _ = fresh.start(opening, limit: .seconds(5), at: start)
        #expect(
            fresh.expire(opening, at: start + .seconds(5)) == [
                .send(.abandon(opening)), .finish(opening, .failure(.timedOut(after: .seconds(5)))),
            ])
        #expect(fresh.receive(.hello(opening, version: "2025-11-25"), at: start).isEmpty)
    }

    @Test("pings are answered at any time, all other requests with -32601")
    func serverRequests() {
        var dialect = HandshakeDialect.unopened()
        let ping = dialect.receive(.request(id: .text("p"), method: "ping", params: nil), at: start)
        #expect(ping == [.send(.message(MCPEnvelope(message: .result(id: .text("p"), [:]))))])
        let roots = dialect.receive(.request(id: .number(4), method: "roots/list", params: nil), at: start)
        let refusal = JSONRPCMessage.error(
            id: .number(4), JSONRPCError(code: -32601, message: "Method not found"))
        #expect(roots == [.send(.message(MCPEnvelope(message: refusal)))])
    }

    @Test("what the client answers of a server's requests is announced as its capabilities")
    func capabilities() {
        #expect(ServerRequests.standard.capabilities == [:])
        let entry = ServerRequests.Entry(handling: .reply(["roots": []]), capabilities: ["roots": [:]])
        let requests = ServerRequests(
            entries: ServerRequests.standard.entries.merging(["roots/list": entry]) { first, _ in first })
        #expect(requests.capabilities == ["roots": [:]])
        #expect(requests.answer(to: .number(4), "roots/list") == .result(id: .number(4), ["roots": []]))
        #expect(requests.answer(to: .number(5), "ping") == .result(id: .number(5), [:]))
    }

    @Test("a change of the tools is reported; unknown notifications are ignored")
    func notifications() {
        var dialect = HandshakeDialect.ready(at: start)
        let changed = JSONRPCMessage.notification(method: "notifications/tools/list_changed", params: nil)
        #expect(dialect.receive(changed, at: start) == [.toolsChanged])
        #expect(dialect.receive(.notification(method: "notifications/else", params: nil), at: start).isEmpty)
        var fresh = HandshakeDialect.unopened()
        #expect(fresh.receive(changed, at: start).isEmpty)
    }

    @Test("a lost connection ends all requests in flight as uncertain")
    func lost() {
        var dialect = HandshakeDialect.ready(at: start)
        let ids = [called(&dialect), called(&dialect)]
        let actions = dialect.end("gone")
        #expect(Set(actions) == Set(ids.map { .finish($0, .failure(.lost("gone"))) }))
        #expect(MCPFailure.lost("gone").mayHaveHappened)
        #expect(dialect.server == nil)
    }
}
