import Analytics
import Bridge

/// The state of every part at one moment, for `/health` and `/omni-status`.
struct HealthReport: Sendable {
    /// The state of the whole, as `/health` spells it.
    enum State: String, Sendable, Hashable { case healthy, degraded, unhealthy }

    var servers: [ServerStatus]
    /// nil when this process has no Socket Mode connections.
    var slack: SocketModeHealth.State?
    /// nil while the store is available.
    var storeProblem: String?
    /// State of the spool and of the database behind it; nil for a store without a spool.
    var spool: StoreStatus?
    /// Whether questions are refused while the store is unavailable (`audit.required`).
    var needsStore = true
    /// The kind of the store, for display.
    var store: String
    var model: String
    /// Questions in flight in this process.
    var questions: Int
    var uptime: Duration
    var readiness: Readiness.State

    /// Unhealthy when no question can be received or answered: no live connection, or no store and no spool to use
    /// instead. Degraded when a connection, a server or the store is missing, or unknown connections take events.
    var state: State {
        let isDisconnected = slack.map { $0.wanted > 0 && $0.live.isEmpty } ?? false
        let isSpooling = spool != nil && !needsStore
        if isDisconnected || (storeProblem != nil && !isSpooling) { return .unhealthy }
        let isShort = slack.map { $0.live.count < $0.wanted || $0.unknownConnections > 0 } ?? false
        let isWell = servers.allSatisfy { $0.state == .healthy || $0.state == .disabled }
        return isShort || !isWell || storeProblem != nil ? .degraded : .healthy
    }

    private var database: JSONObject {
        var entry: JSONObject = [
            "status": .string(storeProblem == nil ? "healthy" : "unhealthy"), "kind": .string(store),
        ]
        if let since = spool?.awaySince { entry["away_since"] = .string(Timestamp.text(since)) }
        if let spool { entry["spooled_questions"] = .int(Int64(spool.spooled)) }
        return entry
    }

    /// The body of `/health`: the keys of the original bot, and more.
    ///
    /// - Parameter tellsProblems: whether the problem of each MCP server is included. The text may be the server's own
    ///   and is for administrators only.
    func json(tellsProblems: Bool) -> JSONValue {
        var report: JSONObject = [
            "status": .string(state.rawValue), "version": .string(Version.current),
            "readiness": .string(readiness.rawValue), "uptime_seconds": .int(uptime.components.seconds),
            "database": .object(database),
            "model": .string(model), "questions_in_flight": .int(Int64(questions)),
        ]
        if let slack { report["slack"] = slack.json }
        report["mcps"] = .array(
            servers.map { server in
                var entry: JSONObject = [
                    "name": .string(server.name), "status": .string(server.state.rawValue),
                    "tools": .int(Int64(server.tools)),
                ]
                if tellsProblems, let problem = server.problem { entry["problem"] = .string(problem) }
                return .object(entry)
            })
        return .object(report)
    }
}

extension SocketModeHealth.State {
    /// `wanted_total` and Slack's own count `reported` are of all processes. `ghosts` are the connections that Slack
    /// counts and no live process accounts for.
    var json: JSONValue {
        var entry: JSONObject = [
            "connections": .int(Int64(live.count)), "wanted": .int(Int64(wanted)),
            "wanted_total": .int(Int64(wantedTotal)), "ghosts": .int(Int64(unknownConnections)), "events": events.json,
        ]
        if let reported { entry["reported"] = .int(Int64(reported)) }
        if let problem { entry["problem"] = .string(problem) }
        return .object(entry)
    }
}

extension EnvelopeStatistics.Figure {
    fileprivate var json: JSONValue {
        [
            "total": .int(Int64(total)), "last_5_minutes": .int(Int64(recent)),
            "seconds_since_last": age.map { .int($0.components.seconds) } ?? .null,
            "redelivered": .int(Int64(redelivered)), "acknowledged_late": .int(Int64(late)),
        ]
    }
}

/// Collects a ``HealthReport``.
struct Health: Sendable {
    let registry: ToolRegistry
    let store: Store
    let storeKind: String
    let live: LiveSettings
    let sockets: SocketModeHealth?
    let readiness: Readiness
    let inFlight: @Sendable () -> Int
    private let started = ContinuousClock.now

    init(
        registry: ToolRegistry, store: Store, storeKind: String, live: LiveSettings, sockets: SocketModeHealth?,
        readiness: Readiness, inFlight: @escaping @Sendable () -> Int
    ) {
        self.registry = registry
        self.store = store
        self.storeKind = storeKind
        self.live = live
        self.sockets = sockets
        self.readiness = readiness
        self.inFlight = inFlight
    }

    /// The state now. Pings a store without a spool.
    func report() async -> HealthReport {
        let model = live.current.model
        return HealthReport(
            servers: registry.catalogue.servers, slack: sockets?.state, storeProblem: await storeProblem(),
            spool: store.status, needsStore: live.current.auditRequired, store: storeKind,
            model: model.provider == .offline ? "offline" : model.model, questions: inFlight(),
            uptime: ContinuousClock.now - started, readiness: readiness.state)
    }

    private func storeProblem() async -> String? {
        // With a spool the store watches its database; a ping of a database that hangs would hang too.
        if let reason = store.status?.reason { return reason }
        do {
            try await store.ping()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
