/// The id of a JSON-RPC request: a string or a whole number, never null (MCP, "Messages").
enum RequestID: Sendable, Hashable, CustomStringConvertible {
    case number(Int64)
    case text(String)

    /// nil for a value that is neither a string nor a whole number.
    init?(_ value: JSONValue?) {
        switch value {
        case .int(let number): self = .number(number)
        case .string(let text): self = .text(text)
        default: return nil
        }
    }

    var json: JSONValue {
        switch self {
        case .number(let number): .int(number)
        case .text(let text): .string(text)
        }
    }

    var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): text
        }
    }
}

/// The error member of a JSON-RPC response.
struct JSONRPCError: Error, Sendable, Hashable {
    let code: Int
    let message: String
    let data: JSONValue?

    init(code: Int, message: String, data: JSONValue? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    // Codes of JSON-RPC 2.0, section 5.1.
    static let parseError = -32700
    static let invalidRequest = -32600
    static let methodNotFound = -32601
    static let invalidParameters = -32602
    static let internalError = -32603
}

/// One JSON-RPC 2.0 message.
enum JSONRPCMessage: Sendable, Hashable {
    case request(id: RequestID, method: String, params: JSONValue?)
    case notification(method: String, params: JSONValue?)
    case result(id: RequestID, JSONValue)
    /// The id is nil when the sender could not read that of the request.
    case error(id: RequestID?, JSONRPCError)

    /// Reads a message leniently: the members that determine its kind must be valid, others may be missing or unknown.
    /// nil when it is no message.
    init?(_ value: JSONValue) {
        guard value.object != nil else { return nil }
        let id = RequestID(value["id"])
        if let method = value["method"]?.string {
            if let id {
                self = .request(id: id, method: method, params: value["params"])
            } else if value["id"] == nil {
                self = .notification(method: method, params: value["params"])
            } else {
                return nil
            }
        } else if let error = value["error"], error.object != nil {
            self = .error(
                id: id,
                JSONRPCError(
                    code: error["code"]?.int ?? JSONRPCError.internalError,
                    message: error["message"]?.string ?? "no message", data: error["data"]))
        } else if let id, let result = value["result"] {
            self = .result(id: id, result)
        } else {
            return nil
        }
    }

    /// The messages in one JSON value: one, or those of a batch (an array, which revision 2025-03-26 allows). Entries
    /// that are no messages are left out.
    static func all(in frame: JSONValue) -> [JSONRPCMessage] {
        (frame.array ?? [frame]).compactMap(JSONRPCMessage.init)
    }

    var json: JSONValue {
        var members: JSONObject = ["jsonrpc": "2.0"]
        switch self {
        case .request(let id, let method, let params):
            members["id"] = id.json
            members["method"] = .string(method)
            members["params"] = params
        case .notification(let method, let params):
            members["method"] = .string(method)
            members["params"] = params
        case .result(let id, let result):
            members["id"] = id.json
            members["result"] = result
        case .error(let id, let error):
            members["id"] = id?.json ?? .null
            var body: JSONObject = ["code": .int(Int64(error.code)), "message": .string(error.message)]
            body["data"] = error.data
            members["error"] = .object(body)
        }
        return .object(members)
    }

    /// The id of a request; nil for every other message.
    var requestID: RequestID? { if case .request(let id, _, _) = self { id } else { nil } }

    /// The method of a request or a notification; nil for a response.
    var method: String? {
        switch self {
        case .request(_, let method, _), .notification(let method, _): method
        case .result, .error: nil
        }
    }

    /// A response with its id replaced; any other message unchanged.
    func answering(_ id: RequestID) -> JSONRPCMessage {
        switch self {
        case .result(_, let result): .result(id: id, result)
        case .error(_, let error): .error(id: id, error)
        case .request, .notification: self
        }
    }
}
