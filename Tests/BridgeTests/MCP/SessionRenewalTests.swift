import Testing

@testable import Bridge

@Suite("The state machine that replaces a lost MCP session")
struct SessionRenewalTests {
    private let now = ContinuousClock.now
    private let lost = HTTPRefusal(status: 404, body: Array("Session not found".utf8))

    private func called(_ dialect: inout HandshakeDialect) -> (id: RequestID, message: JSONRPCMessage) {
        let id = dialect.nextID()
        _ = dialect.request(id, "tools/call", ["name": "a"], limit: .fixed(.seconds(30)), at: now)
        return (id, .request(id: id, method: "tools/call", params: ["name": "a"]))
    }

    /// The id of the only `initialize` among the actions, which is sent without the headers of the lost session.
    private func initialize(in actions: [MCPAction]) throws -> RequestID {
        let envelopes = actions.compactMap { action -> MCPEnvelope? in
            guard case .send(.message(let envelope)) = action else { return nil }
            return envelope.message.method == "initialize" ? envelope : nil
        }
        #expect(envelopes.count == 1 && envelopes.first?.headers == [:])
        #expect(envelopes.first?.limit == .seconds(5), "no caller watches its deadline")
        return try #require(envelopes.first?.message.requestID)
    }

    @Test("several requests find the session lost: one handshake, then each is sent again, the tools are listed anew")
    func together() throws {
        var dialect = HandshakeDialect.ready(session: "old", at: now)
        let (first, second, late) = (called(&dialect), called(&dialect), called(&dialect))
        let opening = try initialize(in: dialect.receive(.refused(first.id, lost), at: now))
        #expect(dialect.receive(.refused(second.id, lost), at: now).isEmpty)
        #expect(dialect.server != nil, "requests can be made")
        let meanwhile = dialect.nextID()
        #expect(dialect.request(meanwhile, "tools/list", [:], limit: .fixed(.seconds(30)), at: now).isEmpty)

        let hello = MCPIncoming.message(.hello(opening, version: "2025-11-25"), sessionID: "new")
        let headers = MCPAction.headers("new")
        let initialized = MCPEnvelope(
            message: .notification(method: "notifications/initialized", params: nil), headers: headers,
            isBarrier: true)
        #expect(
            dialect.receive(hello, at: now) == [
                .send(.message(initialized)), .send(.listen(headers)), .sent(first.message, session: "new"),
                .sent(second.message, session: "new"),
                .sent(.request(id: meanwhile, method: "tools/list", params: [:]), session: "new"), .toolsChanged,
            ])
        // Sent in the old session, refused after the new one was opened.
        #expect(dialect.receive(.refused(late.id, lost), at: now) == [.sent(late.message, session: "new")])
        #expect(dialect.receive(.result(id: first.id, 1), at: now) == [.finish(first.id, .success(1))])
        #expect(dialect.close() == [.send(.endSession(headers))])
    }

    @Test("a request whose second session is lost too fails as not handled")
    func twice() throws {
        var dialect = HandshakeDialect.ready(session: "old", at: now)
        let call = called(&dialect)
        let opening = try initialize(in: dialect.receive(.refused(call.id, lost), at: now))
        _ = dialect.receive(.message(.hello(opening, version: "2025-11-25"), sessionID: "new"), at: now)
        let actions = dialect.receive(.refused(call.id, lost), at: now)
        #expect(actions == [.finish(call.id, .failure(.notConnected("it forgets its sessions at once")))])
    }

    @Test("a handshake that fails ends the waiting requests as not handled, and the next request tries again")
    func refused() throws {
        var dialect = HandshakeDialect.ready(session: "old", at: now)
        let call = called(&dialect)
        let opening = try initialize(in: dialect.receive(.refused(call.id, lost), at: now))
        let actions = dialect.receive(.refused(opening, HTTPRefusal(status: 503, body: [])), at: now)
        guard case .finish(call.id, .failure(let failure))? = actions.first else {
            Issue.record("the call did not end: \(actions)")
            return
        }
        #expect(actions.count == 1 && !failure.mayHaveHappened && failure.explanation.contains("503"))
        #expect(!dialect.mayBeOlder)
        let next = called(&dialect)
        let again = try initialize(in: dialect.receive(.refused(next.id, lost), at: now))
        #expect(again != opening)
    }

    @Test("a request that is cancelled while it waits for the session is not cancelled at the server, and not sent")
    func cancelled() throws {
        var dialect = HandshakeDialect.ready(session: "old", at: now)
        let call = called(&dialect)
        let opening = try initialize(in: dialect.receive(.refused(call.id, lost), at: now))
        #expect(dialect.cancel(call.id) == [.send(.abandon(call.id)), .finish(call.id, .failure(.cancelled))])
        let hello = MCPIncoming.message(.hello(opening, version: "2025-11-25"), sessionID: "new")
        let methods = dialect.receive(hello, at: now).compactMap { action -> String? in
            if case .send(.message(let envelope)) = action { envelope.message.method } else { nil }
        }
        #expect(methods == ["notifications/initialized"])
    }

    @Test("the refused stream of the server's messages opens a new session if the words say so, not for a 404 alone")
    func listening() throws {
        var dialect = HandshakeDialect.ready(session: "old", at: now)
        let other = HTTPRefusal(status: 404, body: Array("404 page not found".utf8))
        #expect(dialect.receive(.listeningRefused(other), at: now).isEmpty)
        _ = try initialize(in: dialect.receive(.listeningRefused(lost), at: now))
        #expect(dialect.receive(.listeningRefused(lost), at: now).isEmpty, "it is being renewed")
    }

    @Test("over other transports an error that speaks of a lost session is the response")
    func notRenewed() {
        var dialect = HandshakeDialect.ready(at: now)
        let call = called(&dialect)
        let error = JSONRPCError(code: -32000, message: "Session not found")
        #expect(
            dialect.receive(.error(id: call.id, error), at: now) == [.finish(call.id, .failure(.server(error)))])
        #expect(dialect.close().isEmpty)
    }

    @Test("a server that refuses initialize with 400, 404 or 405 may be older", arguments: [400, 401, 404, 405, 503])
    func older(status: Int) {
        var dialect = HandshakeDialect.unopened(renewsSessions: true)
        let id = dialect.nextID()
        _ = dialect.start(id, limit: .seconds(5), at: now)
        let actions = dialect.receive(.refused(id, HTTPRefusal(status: status, body: lost.body)), at: now)
        #expect(actions.count == 1)
        #expect(dialect.server == nil && dialect.mayBeOlder == [400, 404, 405].contains(status))
    }
}
