package import Logging
import NIOConcurrencyHelpers
import OrderedCollections

/// What the server side knows of one client; for stateless HTTP one a request is enough.
package final class MCPServerSession: Sendable {
    struct State: Sendable {
        var version: String?
        var calls: [RequestID: CancellationScope] = [:]
    }

    let state = NIOLockedValueBox(State())

    package init() {}

    /// The protocol version that was agreed on; nil before `initialize`.
    package var protocolVersion: String? { state.withLockedValue { $0.version } }
}

/// The server side of MCP for tools: JSON-RPC in, JSON-RPC out, whatever carries it.
///
/// Speaks the revisions 2024-11-05 to 2025-11-25, without asking for `initialize` first, so that an HTTP endpoint
/// needs no sessions: POST a message to ``handle(_:session:)``; answer 200 with the returned JSON, or 202 for nil.
package struct MCPServer: Sendable {
    private let handler: any MCPToolHandler
    private let identity: MCPImplementation
    private let instructions: String?
    private let pageSize: Int
    private let logger: Logger

    /// - Parameters:
    ///   - instructions: guidance for the client's model.
    ///   - pageSize: the most tools of one page.
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

    /// What to answer when the text of a message is no JSON.
    package static let notJSON: JSONValue = JSONRPCMessage.error(
        id: nil, JSONRPCError(code: JSONRPCError.parseError, message: "Parse error")
    ).json

    /// Carries out one message, or each of a batch (2025-03-26), and returns what to answer; nil when there is nothing
    /// to answer: for notifications, responses and cancelled calls.
    package func handle(_ message: JSONValue, session: MCPServerSession) async -> JSONValue? {
        guard let batch = message.array else { return await handleOne(message, session)?.json }
        var answers: [JSONValue] = []
        for entry in batch.prefix(100) {
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
        case nil: return .error(id: nil, JSONRPCError(code: JSONRPCError.invalidRequest, message: "Invalid request"))
        }
    }

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

    /// The client's version when we speak it, else our newest ("Version Negotiation").
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

    /// The cursor is the index of the page's first tool.
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
        // The model shall read what was wrong and call again, so this is the tool's error (2025-11-25, "Error Handling").
        if let problem = JSONSchemaValidator.problem(of: arguments, against: tool.inputSchema) {
            return ToolEncoding.result(.text("Invalid arguments: \(problem)", isError: true))
        }
        let scope = CancellationScope()
        let outcome = NIOLockedValueBox<ToolResult?>(nil)
        session.state.withLockedValue { $0.calls[id] = scope }
        defer { _ = session.state.withLockedValue { $0.calls.removeValue(forKey: id) } }
        await scope.run { [handler, arguments] in
            do {
                let result = try await handler.call(name, arguments: arguments)
                outcome.withLockedValue { $0 = result }
            } catch {
                guard !Task.isCancelled else { return }
                outcome.withLockedValue { $0 = .text("\(error)", isError: true) }
            }
        }
        return outcome.withLockedValue { $0 }.map(ToolEncoding.result)
    }
}
