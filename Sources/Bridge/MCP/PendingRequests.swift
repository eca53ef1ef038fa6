/// The requests of one connection that have no response yet, in any dialect: their ids and deadlines, and which of them
/// a response or a progress notification is about.
struct PendingRequests: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Request: Sendable {
        let message: JSONRPCMessage
        let limit: RequestLimit
        let latest: Instant
        fileprivate(set) var deadline: Instant
        fileprivate var progress = -Double.infinity
        /// The number of the session in which it was last sent.
        var session = 0
        /// Whether it was sent again, since the server had not handled it.
        var isRepeated = false
    }

    private var requests: [RequestID: Request] = [:]
    private var lastID: Int64 = 0

    /// A pending request can be changed; only ``add(_:limit:at:)`` adds one, and only ``remove(_:)`` removes one.
    subscript(id: RequestID) -> Request? {
        get { requests[id] }
        set { if let newValue, requests[id] != nil { requests[id] = newValue } }
    }

    var ids: [RequestID] { requests.keys.sorted { "\($0)" < "\($1)" } }

    /// An id that was not used before.
    mutating func nextID() -> RequestID {
        lastID += 1
        return .number(lastID)
    }

    /// No effect for a message that is no request.
    mutating func add(_ message: JSONRPCMessage, limit: RequestLimit, at now: Instant) {
        guard let id = message.requestID else { return }
        let latest = now + limit.total
        requests[id] = Request(
            message: message, limit: limit, latest: latest, deadline: min(now + limit.quiet, latest))
    }

    /// Returns whether it was pending.
    mutating func remove(_ id: RequestID) -> Bool { requests.removeValue(forKey: id) != nil }

    /// The limit that the request has reached; nil when it has time left or is not pending.
    func limitReached(by id: RequestID, at now: Instant) -> Duration? {
        guard let request = requests[id], now >= request.deadline else { return nil }
        return request.deadline == request.latest ? request.limit.total : request.limit.quiet
    }

    /// The request with the id of a response. A response without an id is that to the only pending request.
    func answered(by id: RequestID?) -> RequestID? {
        guard let id else { return requests.count == 1 ? requests.keys.first : nil }
        return requests[id] != nil ? id : requests.keys.first { $0.isSame(as: id) }
    }

    /// Restarts the quiet limit of the request that a progress notification is about, if its progress has grown.
    mutating func progressed(_ params: JSONValue?, at now: Instant) {
        guard let token = RequestID(params?["progressToken"]), let id = answered(by: token),
            var request = requests[id], let progress = params?["progress"]?.double, progress > request.progress
        else { return }
        request.progress = progress
        request.deadline = min(now + request.limit.quiet, request.latest)
        requests[id] = request
    }
}
