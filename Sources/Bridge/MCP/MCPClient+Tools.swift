import Logging
import NIOConcurrencyHelpers

extension MCPClient {
    /// The most pages that are read of one list.
    private static let mostPages = 64
    /// The total limit of a call that reports progress, as a multiple of its quiet limit.
    private static let progressFactor = 10

    /// All tools of the server, in its order. Unusable tools and repeated names are left out, logged and listed in
    /// ``leftOutTools``. Empty when the server offers no tools.
    ///
    /// - Throws: ``ToolCallError`` when the server is not connected, fails or does not answer in time.
    package func listTools() async throws -> [ToolDefinition] {
        do {
            let connection = try connection()
            guard connection.server?.hasTools == true else { return [] }
            let (tools, unusable) = try await pages(of: connection)
            leftOut.withLockedValue { $0 = unusable }
            return tools
        } catch MCPFailure.server(let error) where error.code == JSONRPCError.methodNotFound {
            return []  // some servers advertise tools without the method
        } catch {
            throw callError(error, "\(server) could not list its tools")
        }
    }

    private func pages(of connection: MCPConnection) async throws -> ([ToolDefinition], [LeftOutTool]) {
        var tools: [ToolDefinition] = []
        var unusable: [LeftOutTool] = []
        var known: [String: ToolDefinition] = [:]
        var cursors: Set<String> = []
        var parameters: JSONValue = [:]
        for _ in 0..<Self.mostPages {
            let page = try await connection.request(
                MCPProtocol.Method.listTools, parameters, limit: .fixed(configuration.callTimeout))
            for entry in page["tools"]?.array ?? [] {
                do throws(ToolDecoding.Unusable) {
                    let tool = try ToolDecoding.tool(entry, of: server)
                    if let other = known[tool.name.tool] {
                        // A page that is repeated has the same tools.
                        if other == tool { continue }
                        throw ToolDecoding.Unusable(name: tool.name.tool, reason: "its name is that of another tool")
                    }
                    known[tool.name.tool] = tool
                    tools.append(tool)
                } catch {
                    let tool = LeftOutTool(name: redaction.line(error.name, limit: 80), reason: error.reason)
                    if !unusable.contains(tool) { unusable.append(tool) }
                    logger.warning(
                        "A tool cannot be used.", metadata: ["tool": "\(tool.name)", "reason": "\(tool.reason)"])
                }
            }
            // An absent or null cursor is the end. Some servers repeat a cursor, often the empty one, without an end.
            guard let cursor = page["nextCursor"]?.string else { return (tools, unusable) }
            guard cursors.insert(cursor).inserted else {
                logger.warning("A server repeats a page of its tools; the rest is not read.")
                return (tools, unusable)
            }
            parameters = ["cursor": .string(cursor)]
        }
        logger.warning(
            "A server has too many pages of tools; the rest is not read.", metadata: ["pages": "\(Self.mostPages)"])
        return (tools, unusable)
    }

    package func call(_ call: ToolCall) async throws -> ToolResult {
        try await callTool(call.name.tool, arguments: call.arguments)
    }

    /// Calls a tool by its bare name. The configured call timeout restarts with every progress notification; in total a call takes at
    /// most ten times as long.
    ///
    /// - Throws: ``ToolCallError``, or `CancellationError` when the task was cancelled.
    func callTool(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        let quiet = configuration.callTimeout
        do {
            // Always an object: many servers reject a call without one.
            let parameters: JSONValue = [
                "name": .string(name), "arguments": arguments.object == nil ? [:] : arguments,
            ]
            let result = try await connection().request(
                MCPProtocol.Method.callTool, parameters,
                limit: RequestLimit(quiet: quiet, total: quiet * Self.progressFactor), reportsProgress: true)
            return ToolDecoding.result(result)
        } catch MCPFailure.server(let error) where error.reportsLostSession {
            // Over HTTP the dialect has opened a new session. A child process does not leave its session, but a
            // bridge to another server does when that one has restarted.
            reconnect()
            throw callError(
                MCPFailure.notConnected("it does not know the session any more, and is connected anew"),
                "\(server).\(name) gave no result")
        } catch MCPFailure.server(let error)
            where error.code == JSONRPCError.invalidParameters || error.code == JSONRPCError.methodNotFound
        {
            // Before revision 2025-11-25 invalid arguments and unknown tools are protocol errors. They do not mean that
            // the server is unhealthy, and the model can correct its call.
            return .text(redaction.line(error.message, limit: 2000), isError: true)
        } catch {
            try Task.checkCancellation()
            throw callError(error, "\(server).\(name) gave no result")
        }
    }

    /// Returns when the server has answered a `ping`, with a result or an error. Throws ``ToolCallError``, also when
    /// the server answers that it does not know the session: then it answers nothing else.
    package func ping(within limit: Duration) async throws {
        do {
            _ = try await connection().request(MCPProtocol.Method.ping, limit: .fixed(limit))
        } catch MCPFailure.server(let error) where !error.reportsLostSession {
            return
        } catch {
            throw callError(error, "\(server) gave no sign of life")
        }
    }

    /// Closes the connection if one is ready; ``run()`` opens a new one.
    package func reconnect() { try? connection().close() }

    private func callError(_ error: any Error, _ what: String) -> ToolCallError {
        guard let failure = error as? MCPFailure else {
            return ToolCallError("\(what): it was cancelled.", mayHaveHappened: true)
        }
        return ToolCallError(
            "\(what): \(redaction.line(failure.explanation))", mayHaveHappened: failure.mayHaveHappened)
    }
}
