/// The state of one server in the registry: a state machine without I/O, changed by what its supervisor and calls
/// report.
struct ServerState: Sendable {
    let name: String
    let displayName: String
    /// The tools of the last successful listing, also while they are not offered.
    private(set) var tools: [ToolDefinition] = []
    /// The tools that the last listing left out.
    private var unusable: [LeftOutTool] = []
    /// By bare name, the definitions that the model's provider refused.
    private var refused: [String: ToolDefinition] = [:]
    private(set) var breaker: CircuitBreaker
    private var connection: Connection
    private var listingProblem: String?
    private var callProblem: String?
    private var lastListing = 0

    private enum Connection: Sendable, Hashable {
        case disabled
        /// Neither a listing nor a disconnection was reported yet.
        case starting
        /// A listing succeeded since the connection was made; later ones may have failed.
        case up
        /// The connection was up and was lost. The tools stay offered until the next attempt to connect fails.
        case lost(String)
        /// An attempt to connect failed, or a listing failed and no tools are known.
        case down(String)
    }

    init(name: String, displayName: String, isEnabled: Bool, breaker: CircuitBreaker = CircuitBreaker()) {
        self.name = name
        self.displayName = displayName
        self.breaker = breaker
        connection = isEnabled ? .starting : .disabled
    }

    /// The tools that are offered: none while the server is starting, unhealthy or disabled.
    var offered: [ToolDefinition] {
        switch status.state {
        case .healthy, .degraded: tools
        case .starting, .unhealthy, .disabled: []
        }
    }

    /// The state and the problem for users.
    var status: ServerStatus {
        let (state, problem) = judgement
        var status = ServerStatus(
            name: name, displayName: displayName, state: state, tools: tools.count, problem: problem)
        if !unusable.isEmpty || !refused.isEmpty {
            let reason = "the model's provider refuses its definition"
            let present = tools.filter { refused[$0.name.tool] == $0 }
            status.leftOut =
                unusable + present.map { LeftOutTool(name: $0.name.tool, reason: reason, isRefused: true) }
        }
        return status
    }

    private var judgement: (ServerStatus.State, String?) {
        switch connection {
        case .disabled: return (.disabled, nil)
        case .starting: return (.starting, nil)
        case .down(let problem): return (.unhealthy, problem)
        case .lost(let problem): return (.degraded, "reconnecting: \(problem)")
        case .up: break
        }
        if !breaker.isClosed { return (.unhealthy, callProblem ?? listingProblem ?? "too many calls failed") }
        let problem = listingProblem ?? callProblem
        return (problem == nil ? .healthy : .degraded, problem)
    }

    /// The connection was lost, or an attempt to connect failed.
    mutating func disconnected(_ problem: String) {
        switch connection {
        case .up: connection = .lost(problem)
        case .starting, .lost, .down: connection = .down(problem)
        case .disabled: break
        }
    }

    /// Returns the number of a listing that begins now. Of concurrent listings only the result of the newest is used.
    mutating func beginListing() -> Int {
        lastListing += 1
        return lastListing
    }

    /// A listing succeeded. Returns whether the tools changed; false also for a listing that is not the newest.
    ///
    /// - Parameter unusable: the tools that the listing left out.
    mutating func listed(_ tools: [ToolDefinition], without unusable: [LeftOutTool] = [], by listing: Int) -> Bool {
        guard connection != .disabled, listing == lastListing else { return false }
        connection = .up
        listingProblem = nil
        callProblem = nil
        breaker.succeeded()
        self.unusable = unusable
        defer { self.tools = tools }
        return tools != self.tools
    }

    /// The model's provider refused a tool: it is not offered to a model until its definition changes.
    mutating func refuse(_ tool: ToolDefinition) { refused[tool.name.tool] = tool }

    /// Offers the refused tools again.
    mutating func forgetRefusals() { refused = [:] }

    /// A listing failed. The tools of an earlier listing are kept.
    mutating func listingFailed(_ problem: String, by listing: Int) {
        guard listing == lastListing else { return }
        listingProblem = problem
        // A server that is reachable and has never listed tools has none to offer.
        if connection == .starting || tools.isEmpty, connection != .disabled { connection = .down(problem) }
    }

    /// ``CircuitBreaker/admits(at:)``.
    mutating func admitsCall(at now: CircuitBreaker.Instant) -> Bool { breaker.admits(at: now) }

    /// A call or a ping was answered.
    mutating func answered() {
        callProblem = nil
        breaker.succeeded()
    }

    /// A call or a ping failed or was not answered.
    mutating func failed(_ problem: String, at now: CircuitBreaker.Instant) {
        callProblem = problem
        breaker.failed(at: now)
    }

    /// A call was cancelled.
    mutating func callWithdrawn(at now: CircuitBreaker.Instant) { breaker.withdrew(at: now) }
}
