import Logging

extension MCPClient {
    /// Pages of one list; a server that never stops is stopped.
    private static let mostPages = 64
    /// How much longer than its quiet limit a call may take while it reports progress.
    private static let progressFactor = 10

    /// All pages of the server's tools, in its order; unusable and repeated ones are left out and logged.
    ///
    /// - Throws: ``ToolCallError`` when the server cannot be asked or does not answer.
    package func listTools() async throws -> [ToolDefinition] {
        do {
            let connection = try connection()
            guard connection.server?.hasTools == true else { return [] }
            return try await pages(of: connection)
        } catch MCPFailure.server(let error) where error.code == JSONRPCError.methodNotFound {
            return []  // advertised and not there: seen in the wild
        } catch {
            throw callError(error, "\(server) could not list its tools")
        }
    }

    private func pages(of connection: MCPConnection) async throws -> [ToolDefinition] {
        var tools: [ToolDefinition] = []
        var names: Set<String> = []
        var cursors: Set<String> = []
        var parameters: JSONValue = [:]
        for _ in 0..<Self.mostPages {
            let page = try await connection.request(
                MCPProtocol.Method.listTools, parameters, limit: .fixed(configuration.callTimeout))
            for entry in page["tools"]?.array ?? [] {
                do throws(ToolDecoding.Unusable) {
                    let tool = try ToolDecoding.tool(entry, of: server)
                    if names.insert(tool.name.tool).inserted { tools.append(tool) }
                } catch {
                    logger.warning(
                        "A tool cannot be used.",
                        metadata: ["tool": "\(redaction.line(error.name, limit: 80))", "reason": "\(error.reason)"])
                }
            }
            // Only an absent or null cursor is the end; servers that repeat one (often the empty one) are stopped.
            guard let cursor = page["nextCursor"]?.string else { return tools }
            guard cursors.insert(cursor).inserted else {
                logger.warning("A server repeats a page of its tools; the rest is not read.")
                return tools
            }
            parameters = ["cursor": .string(cursor)]
        }
        logger.warning(
            "A server has too many pages of tools; the rest is not read.", metadata: ["pages": "\(Self.mostPages)"])
        return tools
    }

    /// Calls a tool. The entry's call timeout starts again with every progress that the server reports.
    ///
    /// - Throws: ``ToolCallError``, or `CancellationError` when the task was cancelled.
    package func callTool(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        let quiet = configuration.callTimeout
        do {
            // Always an object: many servers reject a call without one.
            let parameters: JSONValue = [
                "name": .string(name), "arguments": arguments.object == nil ? [:] : arguments,
            ]
            let result = try await connection().request(
                MCPProtocol.Method.callTool, parameters,
                limit: MCPSession.Limit(quiet: quiet, total: quiet * Self.progressFactor), reportsProgress: true)
            return ToolDecoding.result(result)
        } catch MCPFailure.server(let error)
            where error.code == JSONRPCError.invalidParameters || error.code == JSONRPCError.methodNotFound
        {
            // Before 2025-11-25 wrong arguments and unknown tools are protocol errors: the model can do better, and
            // the server is well.
            return .text(redaction.line(error.message, limit: 2000), isError: true)
        } catch {
            try Task.checkCancellation()
            throw callError(error, "\(server).\(name) gave no result")
        }
    }

    /// Asks for a sign of life. An error is one too. Throws ``ToolCallError``.
    package func ping(within limit: Duration) async throws {
        do {
            _ = try await connection().request(MCPProtocol.Method.ping, limit: .fixed(limit))
        } catch MCPFailure.server {
            return
        } catch {
            throw callError(error, "\(server) gave no sign of life")
        }
    }

    /// Drops the connection that is ready now; ``run()`` makes a new one.
    package func reconnect() { try? connection().close() }

    private func callError(_ error: any Error, _ what: String) -> ToolCallError {
        guard let failure = error as? MCPFailure else {
            return ToolCallError("\(what): it was cancelled.", mayHaveHappened: true)
        }
        return ToolCallError(
            "\(what): \(redaction.line(failure.explanation))", mayHaveHappened: failure.mayHaveHappened)
    }
}
