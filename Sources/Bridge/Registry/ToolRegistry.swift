package import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// All sources of tools: which there are, what they offer, how they feel.
///
/// One service for all servers: it supervises each in a child task, so a bad server delays and hides nobody else's
/// tools and never ends the service. Everything but ``run()`` may be used before it starts.
package final class ToolRegistry: Service, Sendable {
    struct Entry: Sendable {
        /// nil for tools in this process.
        let configuration: ServerConfiguration?
        /// nil for a disabled server.
        let supervisor: ServerSupervisor?
        var server: ServerState
    }

    struct State: Sendable {
        var entries: [String: Entry] = [:]
        var catalogue = Catalogue.empty
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0

        mutating func rebuild() {
            let servers = entries.values.map(\.server).sorted { $0.name < $1.name }
            catalogue = Catalogue(tools: servers.flatMap(\.offered), servers: servers.map(\.status))
        }
    }

    private let state = NIOLockedValueBox(State())
    private let starts: AsyncStream<ServerSupervisor>
    private let start: AsyncStream<ServerSupervisor>.Continuation
    private let identity: MCPImplementation
    private let http: HTTPClient
    private let logger: Logger

    /// - Parameters:
    ///   - identity: how this program introduces itself to servers.
    ///   - http: for servers that are reached over HTTP; its `run()` must outlast this one's.
    package init(
        servers: [ServerConfiguration] = [],
        identity: MCPImplementation = MCPImplementation(name: "omni", version: "1"),
        http: HTTPClient, logger: Logger
    ) {
        self.identity = identity
        self.http = http
        self.logger = logger
        // Unbounded, and still bounded: one element for each entry of a configuration.
        (starts, start) = AsyncStream.makeStream()
        apply(servers)
    }

    /// Supervises until the graceful shutdown or the cancellation of the task, then closes every connection in order.
    /// Never throws for a server's trouble. Call it once.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await supervisor in self.starts {
                    group.addTask { await supervisor.run(reporting: self) }
                }
                group.cancelAll()
            }
        }
    }

    /// All tools that are offered now, and all servers.
    package var catalogue: Catalogue { state.withLockedValue { $0.catalogue } }

    /// How every server feels, sorted by name.
    package var statuses: [ServerStatus] { catalogue.servers }

    /// Waits until no server is starting, at most that long. Returns the display names of the servers whose tools are
    /// missing: starting still, or unhealthy.
    ///
    /// - Parameter isOfInterest: of a server's name; the others are neither waited for nor named.
    @discardableResult
    package func settled(
        within limit: Duration, clock: any Clock<Duration> = ContinuousClock(),
        of isOfInterest: @escaping @Sendable (String) -> Bool = { _ in true }
    ) async -> [String] {
        let (changes, watcher) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLockedValue { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = watcher
            return state.nextWatcher
        }
        defer { _ = state.withLockedValue { $0.watchers.removeValue(forKey: id) } }
        let isStarting = { @Sendable in self.statuses.contains { $0.state == .starting && isOfInterest($0.name) } }
        if isStarting() {
            _ = await withDeadline(limit, clock: clock) { for await _ in changes where !isStarting() { return } }
        }
        return statuses.filter { [.starting, .unhealthy].contains($0.state) && isOfInterest($0.name) }
            .map(\.displayName)
    }

    /// Adds tools of this process. A source of the same name is replaced.
    package func add(_ source: any ToolSource, displayName: String) {
        let supervisor = ServerSupervisor(source, logger: logger)
        let server = ServerState(name: source.server, displayName: displayName, isEnabled: true)
        install(Entry(configuration: nil, supervisor: supervisor, server: server))
    }

    /// Makes these the configured servers: starts new ones, retires missing ones, does both for changed ones. Sources
    /// of this process stay.
    package func apply(_ servers: [ServerConfiguration]) {
        let wanted = Dictionary(servers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let retired = state.withLockedValue { state in
            let gone = state.entries.values.filter { entry in
                entry.configuration.map { wanted[$0.name] != $0 } ?? false
            }
            for entry in gone { state.entries[entry.server.name] = nil }
            state.rebuild()
            return gone
        }
        for entry in retired { entry.supervisor?.retire() }
        for configuration in servers where wanted[configuration.name] == configuration {
            guard state.withLockedValue({ $0.entries[configuration.name] == nil }) else { continue }
            var supervisor: ServerSupervisor?
            if configuration.isEnabled {
                let client = MCPClient(configuration, identity: identity, http: http, logger: logger)
                supervisor = ServerSupervisor(client: client, configuration, logger: logger)
            }
            let server = ServerState(
                name: configuration.name, displayName: configuration.displayName, isEnabled: configuration.isEnabled)
            install(Entry(configuration: configuration, supervisor: supervisor, server: server))
        }
        announce()
    }

    private func install(_ entry: Entry) {
        let replaced = state.withLockedValue { state in
            defer { state.rebuild() }
            return state.entries.updateValue(entry, forKey: entry.server.name)
        }
        replaced?.supervisor?.retire()
        if let supervisor = entry.supervisor { start.yield(supervisor) }
        announce()
    }

    /// Lists the tools of that server, or of all, again now; returns when it is done. A server that is not connected
    /// keeps trying by itself.
    package func refresh(_ server: String? = nil) async {
        let supervisors = state.withLockedValue { state in
            state.entries.values.filter { server == nil || $0.server.name == server }.compactMap(\.supervisor)
        }
        await withDiscardingTaskGroup { group in
            for supervisor in supervisors where supervisor.isReachable { group.addTask { await self.list(supervisor) } }
        }
    }

    /// Calls a tool. The verdict was the caller's.
    ///
    /// - Throws: ``ToolCallError``, or `CancellationError` when the task was cancelled.
    package func call(_ name: ToolName, arguments: JSONValue) async throws -> ToolResult {
        let found = state.withLockedValue { state -> (ServerSupervisor, Bool, ServerStatus)? in
            guard var entry = state.entries[name.server], let supervisor = entry.supervisor else { return nil }
            let isAdmitted = entry.server.admitsCall(at: .now)
            state.entries[name.server] = entry
            return (supervisor, isAdmitted, entry.server.status)
        }
        guard let (supervisor, isAdmitted, status) = found else {
            throw ToolCallError("There is no server \(name.server) in use.", mayHaveHappened: false)
        }
        guard isAdmitted else {
            let problem = status.problem ?? "too many calls failed"
            throw ToolCallError(
                "\(name.server) is left alone for a while, because it failed repeatedly: \(problem)",
                mayHaveHappened: false)
        }
        do {
            let result = try await supervisor.source.callTool(name.tool, arguments: arguments)
            update(supervisor) { $0.answered() }
            return result
        } catch let error as ToolCallError {
            update(supervisor) { $0.failed(error.message, at: .now) }
            throw error
        } catch {
            update(supervisor) { $0.callWithdrawn(at: .now) }
            throw error
        }
    }

    /// Lists the tools of one server and keeps them.
    func list(_ supervisor: ServerSupervisor) async {
        var listing = 0
        update(supervisor) { listing = $0.beginListing() }
        do {
            let tools = try await supervisor.source.listTools()
            var changed = false
            update(supervisor) { changed = $0.listed(tools, by: listing) }
            guard changed else { return }
            logger.info(
                "The tools of a server are known.",
                metadata: ["server": "\(supervisor.source.server)", "tools": "\(tools.count)"])
        } catch {
            guard !Task.isCancelled else { return }
            let problem = (error as? ToolCallError)?.message ?? "its tools could not be listed"
            update(supervisor) { $0.listingFailed(problem, by: listing) }
        }
    }

    /// Changes what is known of a server, unless it was retired or replaced meanwhile.
    func update(_ supervisor: ServerSupervisor, _ change: (inout ServerState) -> Void) {
        state.withLockedValue { state in
            let name = supervisor.source.server
            guard var entry = state.entries[name], entry.supervisor === supervisor else { return }
            let (status, tools) = (entry.server.status, entry.server.offered)
            change(&entry.server)
            state.entries[name] = entry
            if entry.server.status != status || entry.server.offered != tools { state.rebuild() }
        }
        announce()
    }

    private func announce() {
        for watcher in state.withLockedValue({ Array($0.watchers.values) }) { watcher.yield() }
    }
}
