/// The requests that a server may make of this client, by method, and what is done with them.
///
/// Sampling is not among them, since it lets a server spend tokens, nor are roots, which tell it of files.
struct ServerRequests: Sendable {
    /// What is done with the requests of one method. A method whose answer takes time gets a case of its own here, and
    /// an ``MCPAction`` that asks the driver for the answer.
    enum Handling: Sendable, Hashable {
        /// Answered at once with this result.
        case reply(JSONValue)
    }

    /// One method.
    struct Entry: Sendable, Hashable {
        let handling: Handling
        /// The members of `capabilities` with which the client announces it; none for a method that every client has.
        var capabilities: JSONObject = [:]
    }

    let entries: [String: Entry]

    static let standard = ServerRequests(entries: [MCPProtocol.Method.ping: Entry(handling: .reply([:]))])

    /// The client's `capabilities`.
    var capabilities: JSONValue {
        .object(entries.values.reduce(into: [:]) { $0.merge($1.capabilities) { first, _ in first } })
    }

    /// The response to a request. One of an unknown method is refused with -32601: without a response the server would
    /// wait for ever.
    func answer(to id: RequestID, _ method: String) -> JSONRPCMessage {
        switch entries[method]?.handling {
        case .reply(let result): .result(id: id, result)
        case nil: .error(id: id, JSONRPCError(code: JSONRPCError.methodNotFound, message: "Method not found"))
        }
    }
}
