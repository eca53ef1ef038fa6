/// What the registry knows of one server: a value that changes with what happens, without I/O.
struct ServerState: Sendable {
    let name: String
    let displayName: String
    private(set) var tools: [ToolDefinition] = []
    private(set) var breaker: CircuitBreaker
    private var connection: Connection
    private var listingProblem: String?
    private var callProblem: String?
    private var lastListing = 0

    private enum Connection: Sendable, Hashable {
        case disabled
        /// Nothing is known yet.
        case starting
        case up
        /// It was up and was lost: its tools stay while it is given the time of one attempt.
        case lost(String)
        case down(String)
    }

    init(name: String, displayName: String, isEnabled: Bool, breaker: CircuitBreaker = CircuitBreaker()) {
        self.name = name
        self.displayName = displayName
        self.breaker = breaker
        connection = isEnabled ? .starting : .disabled
    }

    /// The tools that are offered: none of a server that cannot be reached.
    var offered: [ToolDefinition] {
        switch status.state {
        case .healthy, .degraded: tools
        case .starting, .unhealthy, .disabled: []
        }
    }

    var status: ServerStatus {
        let (state, problem) = judgement
        return ServerStatus(name: name, displayName: displayName, state: state, tools: tools.count, problem: problem)
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

    mutating func disconnected(_ problem: String) {
        switch connection {
        case .up: connection = .lost(problem)
        case .starting, .lost, .down: connection = .down(problem)
        case .disabled: break
        }
    }

    /// The number of a listing that begins now: of two at the same time the later one counts.
    mutating func beginListing() -> Int {
        lastListing += 1
        return lastListing
    }

    /// Whether the tools changed.
    mutating func listed(_ tools: [ToolDefinition], by listing: Int) -> Bool {
        guard connection != .disabled, listing == lastListing else { return false }
        connection = .up
        listingProblem = nil
        callProblem = nil
        breaker.succeeded()
        defer { self.tools = tools }
        return tools != self.tools
    }

    /// Keeps the tools that are known.
    mutating func listingFailed(_ problem: String, by listing: Int) {
        guard listing == lastListing else { return }
        listingProblem = problem
        // Reachable but without a first list there is nothing to offer.
        if connection == .starting || tools.isEmpty, connection != .disabled { connection = .down(problem) }
    }

    mutating func admitsCall(at now: CircuitBreaker.Instant) -> Bool { breaker.admits(at: now) }

    /// A call or a ping had an answer.
    mutating func answered() {
        callProblem = nil
        breaker.succeeded()
    }

    /// A call or a ping had none.
    mutating func failed(_ problem: String, at now: CircuitBreaker.Instant) {
        callProblem = problem
        breaker.failed(at: now)
    }

    mutating func callWithdrawn(at now: CircuitBreaker.Instant) { breaker.withdrew(at: now) }
}
