import Testing

@testable import Bridge

@Suite("The state machine of an MCP session")
struct MCPSessionTests {
    private let start = ContinuousClock.now
    private let limit = MCPSession.Limit(quiet: .seconds(10), total: .seconds(25))

    private func hello(_ id: RequestID, version: String) -> JSONRPCMessage {
        .result(
            id: id,
            [
                "protocolVersion": .string(version), "capabilities": ["tools": ["listChanged": true]],
                "serverInfo": ["name": "s", "version": "1"],
            ])
    }

    private func ready() -> MCPSession {
        var session = MCPSession(client: MCPImplementation(name: "omni", version: "1"))
        let id = session.nextID()
        _ = session.start(id, limit: .seconds(5), at: start)
        _ = session.receive(hello(id, version: "2025-11-25"), at: start)
        return session
    }

    private func called(_ session: inout MCPSession, reportsProgress: Bool = false) -> RequestID {
        let id = session.nextID()
        _ = session.request(id, "tools/call", [:], limit: limit, reportsProgress: reportsProgress, at: start)
        return id
    }

    @Test("it offers 2025-11-25 without capabilities")
    func offers() {
        var session = MCPSession(client: MCPImplementation(name: "omni", version: "1"))
        let id = session.nextID()
        let actions = session.start(id, limit: .seconds(5), at: start)
        let params: JSONValue = [
            "protocolVersion": "2025-11-25", "capabilities": [:], "clientInfo": ["name": "omni", "version": "1"],
        ]
        #expect(actions == [.send(.request(id: id, method: "initialize", params: params))])
        #expect(session.server == nil)
    }

    @Test(
        "it accepts each version with a handshake",
        arguments: ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
    func accepts(version: String) {
        var session = MCPSession(client: MCPImplementation(name: "omni", version: "1"))
        let id = session.nextID()
        _ = session.start(id, limit: .seconds(5), at: start)
        let actions = session.receive(hello(id, version: version), at: start)
        #expect(actions.first == .send(.notification(method: "notifications/initialized", params: nil)))
        #expect(session.server?.protocolVersion == version)
        #expect(session.server?.announcesToolChanges == true)
    }

    @Test("it refuses an unsupported version", arguments: ["2026-07-28", "1.0.0"])
    func refuses(version: String) {
        var session = MCPSession(client: MCPImplementation(name: "omni", version: "1"))
        let id = session.nextID()
        _ = session.start(id, limit: .seconds(5), at: start)
        #expect(
            session.receive(hello(id, version: version), at: start) == [
                .finish(id, .failure(.unsupportedVersion(version)))
            ])
        #expect(session.server == nil)
    }

    @Test("nothing is sent before the handshake is complete")
    func notBefore() {
        var session = MCPSession(client: MCPImplementation(name: "omni", version: "1"))
        let id = session.nextID()
        let actions = session.request(id, "tools/list", [:], limit: limit, at: start)
        #expect(actions == [.finish(id, .failure(.notConnected("the connection is not ready")))])
        #expect(!MCPFailure.notConnected("").mayHaveHappened)
    }

    @Test("responses match their requests in any order, and only once")
    func answers() {
        var session = ready()
        let (first, second) = (called(&session), called(&session))
        #expect(session.receive(.result(id: second, 2), at: start) == [.finish(second, .success(2))])
        #expect(session.receive(.result(id: second, 3), at: start).isEmpty)
        let error = JSONRPCError(code: -32602, message: "no")
        #expect(session.receive(.error(id: first, error), at: start) == [.finish(first, .failure(.server(error)))])
        #expect(session.receive(.error(id: nil, error), at: start).isEmpty)
        #expect(session.receive(.result(id: .number(99), 1), at: start).isEmpty)
    }

    @Test("an id returned as text is the same id")
    func textID() {
        var session = ready()
        let id = called(&session)
        #expect(session.receive(.result(id: .text("\(id)"), 1), at: start) == [.finish(id, .success(1))])
    }

    @Test("a request without a response is cancelled at the server after its timeout")
    func expires() {
        var session = ready()
        let id = called(&session)
        #expect(session.deadline(of: id) == start + .seconds(10))
        #expect(session.expire(id, at: start + .seconds(9)).isEmpty)
        let actions = session.expire(id, at: start + .seconds(10))
        #expect(actions.count == 3)
        #expect(
            actions.first
                == .send(
                    .notification(
                        method: "notifications/cancelled", params: ["requestId": id.json, "reason": "timed out"])))
        #expect(actions.last == .finish(id, .failure(.timedOut(after: .seconds(10)))))
        #expect(session.receive(.result(id: id, 1), at: start).isEmpty, "a late answer is ignored")
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
        var session = ready()
        let id = called(&session, reportsProgress: true)
        func report(_ value: Double, after seconds: Int) {
            _ = session.receive(
                .notification(
                    method: "notifications/progress",
                    params: ["progressToken": id.json, "progress": .double(value)]), at: start + .seconds(seconds))
        }
        report(1, after: 8)
        #expect(session.deadline(of: id) == start + .seconds(18))
        report(1, after: 9)
        #expect(session.deadline(of: id) == start + .seconds(18))
        report(2, after: 17)
        #expect(session.deadline(of: id) == start + .seconds(25))
        #expect(
            session.expire(id, at: start + .seconds(25)).last == .finish(id, .failure(.timedOut(after: .seconds(25)))))
    }

    @Test("a cancelled request is cancelled at the server; a cancelled handshake ends the session instead")
    func cancels() {
        var session = ready()
        let id = called(&session)
        #expect(session.cancel(id).contains(.finish(id, .failure(.cancelled))))
        #expect(session.cancel(id).isEmpty)

        var fresh = MCPSession(client: MCPImplementation(name: "omni", version: "1"))
        let opening = fresh.nextID()
        _ = fresh.start(opening, limit: .seconds(5), at: start)
        #expect(
            fresh.expire(opening, at: start + .seconds(5)) == [
                .abandon(opening), .finish(opening, .failure(.timedOut(after: .seconds(5)))),
            ])
        #expect(fresh.receive(hello(opening, version: "2025-11-25"), at: start).isEmpty)
    }

    @Test("pings are answered at any time, all other requests with -32601")
    func serverRequests() {
        var session = MCPSession(client: MCPImplementation(name: "omni", version: "1"))
        let ping = session.receive(.request(id: .text("p"), method: "ping", params: nil), at: start)
        #expect(ping == [.send(.result(id: .text("p"), [:]))])
        let roots = session.receive(.request(id: .number(4), method: "roots/list", params: nil), at: start)
        #expect(
            roots == [
                .send(.error(id: .number(4), JSONRPCError(code: -32601, message: "Method not found")))
            ])
    }

    @Test("a change of the tools is reported; unknown notifications are ignored")
    func notifications() {
        var session = ready()
        let changed = JSONRPCMessage.notification(method: "notifications/tools/list_changed", params: nil)
        #expect(session.receive(changed, at: start) == [.toolsChanged])
        #expect(session.receive(.notification(method: "notifications/else", params: nil), at: start).isEmpty)
        var fresh = MCPSession(client: MCPImplementation(name: "omni", version: "1"))
        #expect(fresh.receive(changed, at: start).isEmpty)
    }

    @Test("a lost connection ends all requests in flight as uncertain")
    func lost() {
        var session = ready()
        let ids = [called(&session), called(&session)]
        let actions = session.end("gone")
        #expect(Set(actions) == Set(ids.map { .finish($0, .failure(.lost("gone"))) }))
        #expect(MCPFailure.lost("gone").mayHaveHappened)
        #expect(session.server == nil)
    }

    @Test("a renewed session lists its tools again")
    func renewed() {
        var session = ready()
        guard case .result(_, let result) = hello(.number(1), version: "2025-06-18") else { return }
        #expect(session.renewed(result) == [.toolsChanged])
        #expect(session.server?.protocolVersion == "2025-06-18")
    }
}
