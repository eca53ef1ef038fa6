/// The id of a JSON-RPC request: a string or a number, never null (MCP, "Messages").
enum RequestID: Sendable, Hashable, CustomStringConvertible {
    /// A whole number, also if it was written as `1.0`.
    case number(Int64)
    case text(String)
    /// A number that is not whole, which JSON-RPC 2.0 (section 4) advises against and does not forbid.
    case fraction(Double)

    /// nil for a value that is neither a string nor a number.
    init?(_ value: JSONValue?) {
        switch value {
        case .int(let number): self = .number(number)
        case .double(let number): self = Int64(exactly: number).map { .number($0) } ?? .fraction(number)
        case .string(let text): self = .text(text)
        default: return nil
        }
    }

    var json: JSONValue {
        switch self {
        case .number(let number): .int(number)
        case .text(let text): .string(text)
        case .fraction(let number): .double(number)
        }
    }

    var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): text
        case .fraction(let number): "\(number)"
        }
    }

    /// Whether both are the same number or text. Servers return the id 1 also as `"1"`, `1.0` and `"1.0"`.
    func isSame(as other: RequestID) -> Bool {
        if self == other { return true }
        guard let whole, let others = other.whole else { return false }
        return whole == others
    }

    private var whole: Int64? {
        switch self {
        case .number(let number): number
        case .text(let text): Int64(text) ?? Double(text).flatMap { Int64(exactly: $0) }
        case .fraction: nil
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

    /// Reads the `error` of a response as servers write it: an object, or in breach of JSON-RPC a text. nil when there
    /// is none: for null, false, and what is empty.
    init?(received value: JSONValue?) {
        switch value {
        case .object(let members) where !members.isEmpty:
            let code = members["code"]
            self.init(
                code: code?.int ?? code?.string.flatMap { Int($0) } ?? Self.internalError,
                message: members["message"].flatMap { $0.string ?? ($0.isNull ? nil : $0.text()) } ?? "no message",
                data: members["data"])
        case .string(let text) where !text.isEmpty: self.init(code: Self.internalError, message: text)
        default: return nil
        }
    }

    // Codes of JSON-RPC 2.0, section 5.1.
    static let parseError = -32700
    static let invalidRequest = -32600
    static let methodNotFound = -32601
    static let invalidParameters = -32602
    static let internalError = -32603

    /// Whether the server has rejected the request before it was carried out (JSON-RPC 2.0, section 5.1).
    var rejectsRequest: Bool {
        [Self.parseError, Self.invalidRequest, Self.methodNotFound, Self.invalidParameters].contains(code)
    }
}

/// One JSON-RPC 2.0 message.
enum JSONRPCMessage: Sendable, Hashable {
    case request(id: RequestID, method: String, params: JSONValue?)
    case notification(method: String, params: JSONValue?)
    /// The id is nil when the sender has not written that of the request.
    case result(id: RequestID?, JSONValue)
    /// The id is nil when the sender could not read that of the request.
    case error(id: RequestID?, JSONRPCError)

    /// Reads a message leniently: the members that determine its kind must be valid, others may be missing, null or
    /// unknown. nil when it is no message.
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
        } else if let error = JSONRPCError(received: value["error"]) {
            self = .error(id: id, error)
        } else if let result = value["result"], id != nil || value["jsonrpc"] != nil {
            self = .result(id: id, result)
        } else {
            return nil
        }
    }

    /// As ``init(_:)``, for a message of a server: one that has a method and the id null is a notification, since the
    /// serializers of some languages write absent members as null.
    init?(received value: JSONValue) {
        if value["method"]?.string != nil, value["id"]?.isNull == true {
            var notification = value
            notification["id"] = nil
            self.init(notification)
        } else {
            self.init(value)
        }
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
            members["id"] = id?.json ?? .null
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

    /// The id in a response; nil when it has none, and for requests and notifications.
    var answeredID: RequestID? {
        switch self {
        case .result(let id, _), .error(let id, _): id
        case .request, .notification: nil
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
