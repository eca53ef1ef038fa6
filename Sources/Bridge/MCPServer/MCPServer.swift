package import Logging
import NIOConcurrencyHelpers
import OrderedCollections

/// State of the server for one client. An HTTP endpoint without sessions may create one for each request.
package final class MCPServerSession: Sendable {
    /// What the lock protects.
    struct State: Sendable {
        var version: String?
        /// Cancels a `tools/call` that is running.
        var calls: [RequestID: CancellationScope] = [:]
    }

    let state = NIOLockedValueBox(State())

    package init() {}

    /// The negotiated protocol version; nil before `initialize`.
    package var protocolVersion: String? { state.withLockedValue { $0.version } }
}

/// MCP server for tools, independent of the transport: takes JSON-RPC messages and returns the responses.
///
/// Supports the revisions 2024-11-05 to 2025-11-25 and does not require `initialize`, so that an HTTP endpoint needs no
/// sessions: it passes the body of each POST to ``handle(_:session:)`` and responds with 200 and the returned JSON, or
/// with 202 for nil.
package struct MCPServer: Sendable {
    private let handler: any MCPToolHandler
    private let identity: MCPImplementation
    private let instructions: String?
    private let pageSize: Int
    private let logger: Logger

    /// - Parameters:
    ///   - instructions: for the client's model, sent with the result of `initialize`.
    ///   - pageSize: the most tools of one page of `tools/list`, at least 1.
    package init(
        _ handler: any MCPToolHandler, identity: MCPImplementation, instructions: String? = nil, pageSize: Int = 100,
        logger: Logger
    ) {
        self.handler = handler
        self.identity = identity
        self.instructions = instructions
        self.pageSize = max(1, pageSize)
        self.logger = logger
    }

    /// The response to a message that is no JSON.
    package static let notJSON: JSONValue = JSONRPCMessage.error(
        id: nil, JSONRPCError(code: JSONRPCError.parseError, message: "Parse error")
    ).json

    /// The most messages of one batch.
    private static let largestBatch = 100

    /// Handles one message, or in sequence those of a batch (revision 2025-03-26), and returns the response or the
    /// array of responses; nil when there is none: for notifications, responses and cancelled calls. An empty batch and
    /// one of more than 100 messages are refused with one error, and nothing of them is handled.
    package func handle(_ message: JSONValue, session: MCPServerSession) async -> JSONValue? {
        guard let batch = message.array else { return await handleOne(message, session)?.json }
        guard !batch.isEmpty else { return Self.invalidRequest("Invalid request: the batch is empty").json }
        guard batch.count <= Self.largestBatch else {
            let problem = "the batch has \(batch.count) messages; at most \(Self.largestBatch) are allowed"
            return Self.invalidRequest("Invalid request: \(problem)").json
        }
        var answers: [JSONValue] = []
        for entry in batch {
            if let answer = await handleOne(entry, session) { answers.append(answer.json) }
        }
        return answers.isEmpty ? nil : .array(answers)
    }

    private func handleOne(_ value: JSONValue, _ session: MCPServerSession) async -> JSONRPCMessage? {
        switch JSONRPCMessage(value) {
        case .request(let id, let method, let params):
            do throws(JSONRPCError) {
                return try await result(of: method, params ?? [:], id, session).map { .result(id: id, $0) }
            } catch {
                return .error(id: id, error)
            }
        case .notification(let method, let params):
            if method == MCPProtocol.Method.cancelled, let id = RequestID(params?["requestId"]) {
                session.state.withLockedValue { $0.calls[id] }?.cancel()
            }
            return nil
        case .result, .error: return nil
        case nil: return Self.invalidRequest("Invalid request")
        }
    }

    private static func invalidRequest(_ message: String) -> JSONRPCMessage {
        .error(id: nil, JSONRPCError(code: JSONRPCError.invalidRequest, message: message))
    }

    /// The result of one request; nil for a cancelled call.
    private func result(
        of method: String, _ params: JSONValue, _ id: RequestID, _ session: MCPServerSession
    ) async throws(JSONRPCError) -> JSONValue? {
        switch method {
        case MCPProtocol.Method.initialize: return initialize(params, session)
        case MCPProtocol.Method.ping: return [:]
        case MCPProtocol.Method.listTools: return try page(of: try await tools(), params)
        case MCPProtocol.Method.callTool: return try await call(params, id, session)
        default: throw JSONRPCError(code: JSONRPCError.methodNotFound, message: "Method not found")
        }
    }

    /// Responds with the client's version if it is supported, else with the newest one (MCP, "Version Negotiation").
    private func initialize(_ params: JSONValue, _ session: MCPServerSession) -> JSONValue {
        let asked = params["protocolVersion"]?.string ?? ""
        let version = MCPProtocol.handshakeVersions.contains(asked) ? asked : MCPProtocol.offered
        session.state.withLockedValue { $0.version = version }
        var result: JSONObject = [
            "protocolVersion": .string(version), "capabilities": ["tools": [:]], "serverInfo": identity.json,
        ]
        result["instructions"] = instructions.map(JSONValue.string)
        return .object(result)
    }

    private func tools() async throws(JSONRPCError) -> [ToolDefinition] {
        do {
            return try await handler.tools()
        } catch {
            logger.error("The tools could not be listed.", metadata: ["error": "\(error)"])
            throw JSONRPCError(code: JSONRPCError.internalError, message: "The tools cannot be listed now")
        }
    }

    /// One page of `tools/list`. The cursor is the index of its first tool.
    private func page(of tools: [ToolDefinition], _ params: JSONValue) throws(JSONRPCError) -> JSONValue {
        var first = 0
        if let cursor = params["cursor"], !cursor.isNull {
            guard let index = cursor.string.flatMap({ Int($0) }), tools.indices.contains(index) else {
                throw JSONRPCError(code: JSONRPCError.invalidParameters, message: "Invalid cursor")
            }
            first = index
        }
        let end = min(first + pageSize, tools.count)
        var result: JSONObject = ["tools": .array(tools[first..<end].map(ToolEncoding.tool))]
        if end < tools.count { result["nextCursor"] = .string("\(end)") }
        return .object(result)
    }

    private func call(
        _ params: JSONValue, _ id: RequestID, _ session: MCPServerSession
    ) async throws(JSONRPCError) -> JSONValue? {
        guard let name = params["name"]?.string else {
            throw JSONRPCError(code: JSONRPCError.invalidParameters, message: "name is missing")
        }
        guard let tool = try await tools().first(where: { $0.name.tool == name }) else {
            throw JSONRPCError(code: JSONRPCError.invalidParameters, message: "Unknown tool: \(name.prefix(100))")
        }
        var arguments = params["arguments"] ?? [:]
        if arguments.isNull { arguments = [:] }
        // An error of the tool, not of the protocol, so that the model can correct its call (MCP 2025-11-25, "Error
        // Handling").
        if let problem = JSONSchemaValidator.problem(of: arguments, against: tool.inputSchema) {
            return ToolEncoding.result(.text("Invalid arguments: \(problem)", isError: true))
        }
        let scope = CancellationScope()
        session.state.withLockedValue { $0.calls[id] = scope }
        defer { _ = session.state.withLockedValue { $0.calls.removeValue(forKey: id) } }
        let result = await scope.run { [handler, arguments] () -> ToolResult? in
            do {
                return try await handler.call(name, arguments: arguments)
            } catch {
                return Task.isCancelled ? nil : .text("\(error)", isError: true)
            }
        }
        return result.map(ToolEncoding.result)
    }
}
