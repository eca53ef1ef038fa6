import TestKit
import Testing

@testable import Bridge

@Suite("Sessions that an MCP server forgets", .serialized, .timeLimit(.minutes(3)))
struct SessionLossTests {
    /// How servers answer a request of a session that they do not know, as arguments of the peer.
    private static let answers = [
        "lost=404:-32001:Session not found", "lost=404:-32600:Session not found", "lost=404::gone",
        "lost=400:-32000:Bad Request: No valid session ID provided",
        "lost=400:-32000:Bad Request: Server not initialized",
        "lost=400:-32000:Bad Request: Mcp-Session-Id header is required",
        "lost=400:-32600:Bad Request: Missing session ID",
        "lost=400::Invalid session ID", "lost=401::Unauthorized: Session not found", "lost=410:-32000:Session expired",
        "lost=500:-32603:Session not found", "lost=200:-32000:Server not initialized",
        "lost=200:-32001:Session terminated",
    ]

    @Test("a session that is gone is opened anew once, and each call is repeated once", arguments: answers)
    func forgotten(answer: String) async throws {
        try await MCPSessionServer.run([answer]) { server, client in
            #expect(try await client.callTool("count", arguments: [:]).text == "1")
            try await server.forget()
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 { group.addTask { try await client.callTool("count", arguments: [:]).text } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(texts == ["2", "3", "4", "5"], "each of the calls ran once")
            #expect(try await server.counts()["initialize"]?.int == 2)
        }
    }

    @Test("a server without session ids that has restarted is initialised again")
    func stateless() async throws {
        let arguments = ["stateless", "lost=400:-32000:Bad Request: Server not initialized"]
        try await MCPSessionServer.run(arguments) { server, client in
            #expect(try await client.callTool("add", arguments: ["a": 1, "b": 2]).text == "3")
            for _ in 0..<2 {
                try await server.forget()
                #expect(try await client.callTool("add", arguments: ["a": 1, "b": 2]).text == "3")
            }
            #expect(try await server.counts()["initialize"]?.int == 3)
        }
    }

    @Test(
        "a lost session that cannot be opened again fails a call as not made, and a ping is no sign of life",
        arguments: answers)
    func cannotReturn(answer: String) async throws {
        try await MCPSessionServer.run([answer, "deaf=1"]) { server, client in
            try await client.ping(within: .seconds(10))
            try await server.forget()
            let error = await #expect(throws: ToolCallError.self) { try await client.callTool("count", arguments: [:]) }
            #expect(error?.mayHaveHappened == false, "\(error?.message ?? "none")")
            await #expect(throws: ToolCallError.self) { try await client.ping(within: .seconds(10)) }
        }
    }

    @Test("errors of tools that speak of sessions of their own are no lost sessions")
    func otherSessions() {
        for text in [
            "The checkout session 17 was not found in the database.", "login required", "Invalid arguments: session_id",
            "kubectl: session closed",
        ] {
            let body = JSONRPCMessage.error(id: .number(1), JSONRPCError(code: -32603, message: text)).json.bytes()
            for status in [200, 500] {
                #expect(!SessionLoss.isReported(status: status, body: body, hasSessionID: true), "\(text)")
            }
        }
        let unknown = JSONRPCMessage.error(id: .number(1), JSONRPCError(code: -32601, message: "Method not found"))
        #expect(!SessionLoss.isReported(status: 404, body: unknown.json.bytes(), hasSessionID: true))
        #expect(!SessionLoss.isReported(status: 404, body: Array("not here".utf8), hasSessionID: false))
        #expect(!SessionLoss.isReported(status: 400, body: Array("Bad Request".utf8), hasSessionID: true))
        #expect(SessionLoss.isReported(status: 400, body: Array("Server not initialized".utf8), hasSessionID: false))
    }

    @Test("an error with which a child process says that it has no session is not a call of unknown outcome")
    func childProcess() {
        let lost = MCPFailure.server(JSONRPCError(code: -32000, message: "Bad Request: Server not initialized"))
        #expect(!lost.mayHaveHappened)
        #expect(MCPFailure.server(JSONRPCError(code: -32000, message: "it broke")).mayHaveHappened)
    }
}
