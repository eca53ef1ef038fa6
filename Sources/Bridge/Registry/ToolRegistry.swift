package import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// All tool sources (MCP servers and tools in this process), with their tools and their health.
///
/// One service supervises each source in a child task, so that a failing server neither delays nor hides the tools of
/// others and does not end the service. All other methods may be called before ``run()``.
package final class ToolRegistry: Service, Sendable {
    /// One source.
    struct Entry: Sendable {
        /// nil for tools in this process.
        let configuration: ServerConfiguration?
        /// nil for a disabled server.
        let supervisor: ServerSupervisor?
        var server: ServerState
    }

    /// Everything that the lock protects.
    struct State: Sendable {
        /// By the source's name.
        var entries: [String: Entry] = [:]
        var catalogue = Catalogue.empty
        /// Callers of ``settled(within:clock:of:)`` that wait for a change.
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0

        /// Computes the catalogue from the entries.
        mutating func rebuild() {
            let servers = entries.values.map(\.server).sorted { $0.name < $1.name }
            catalogue = Catalogue(tools: servers.flatMap(\.offered), servers: servers.map(\.status))
        }
    }

    private let state = NIOLockedValueBox(State())
    /// Supervisors that ``run()`` starts.
    private let starts: AsyncStream<ServerSupervisor>
    private let start: AsyncStream<ServerSupervisor>.Continuation
    private let identity: MCPImplementation
    private let http: HTTPClient
    private let logger: Logger

    /// - Parameters:
    ///   - identity: the `clientInfo` that servers receive.
    ///   - http: for servers that are reached over HTTP; its `run()` must end after the registry's.
    package init(
        servers: [ServerConfiguration] = [],
        identity: MCPImplementation = MCPImplementation(name: "omni", version: "1"),
        http: HTTPClient, logger: Logger
    ) {
        self.identity = identity
        self.http = http
        self.logger = logger
        // Unbounded: it holds one element for each source that was added or changed since `run()` last read it.
        (starts, start) = AsyncStream.makeStream()
        apply(servers)
    }

    /// Supervises all sources until the graceful shutdown or the cancellation of the task, and returns when every
    /// connection is closed. Does not throw when a server fails. Call it once.
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

    /// The tools that are offered now, and the status of all servers.
    package var catalogue: Catalogue { state.withLockedValue { $0.catalogue } }

    /// The status of every server, sorted by name.
    package var statuses: [ServerStatus] { catalogue.servers }

    /// Waits until no server is starting, at most for `limit`; cancellation of the task ends the wait. Returns the
    /// display names of the servers whose tools are missing because they are starting or unhealthy.
    ///
    /// - Parameter isOfInterest: selects servers by name; others are neither waited for nor returned.
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

    /// Adds tools in this process. Replaces a source of the same name.
    package func add(_ source: any ToolSource, displayName: String) {
        let supervisor = ServerSupervisor(source, logger: logger)
        let server = ServerState(name: source.server, displayName: displayName, isEnabled: true)
        install(Entry(configuration: nil, supervisor: supervisor, server: server))
    }

    /// Replaces the configured servers: starts new ones, retires missing ones, and does both for changed ones. Of two
    /// with the same name the first is used. Sources in this process stay, also when a server has the same name.
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

    /// Adds an entry, retires the one that it replaces, and starts its supervisor.
    private func install(_ entry: Entry) {
        let replaced = state.withLockedValue { state in
            defer { state.rebuild() }
            return state.entries.updateValue(entry, forKey: entry.server.name)
        }
        replaced?.supervisor?.retire()
        if let supervisor = entry.supervisor { start.yield(supervisor) }
        announce()
    }

    /// Lists the tools of that source, or of all, and returns when this is done. Servers that are not connected are
    /// skipped; their tools are listed once they connect. Tools that the model's provider refused are offered again.
    package func refresh(_ server: String? = nil) async {
        let supervisors = state.withLockedValue { state in
            state.entries.values.filter { server == nil || $0.server.name == server }.compactMap(\.supervisor)
        }
        for supervisor in supervisors { update(supervisor) { $0.forgetRefusals() } }
        await withDiscardingTaskGroup { group in
            for supervisor in supervisors where supervisor.isReachable { group.addTask { await self.list(supervisor) } }
        }
    }

    /// Notes that the model's provider refused a tool: new questions do not offer it to a model until its definition
    /// changes or ``refresh(_:)`` is called. It can still be called directly.
    package func refused(_ tool: ToolDefinition) {
        let supervisor = state.withLockedValue { $0.entries[tool.name.server]?.supervisor }
        if let supervisor { update(supervisor) { $0.refuse(tool) } }
    }

    /// Calls a tool. Does not check rights: the caller has applied the policy.
    ///
    /// - Throws: ``ToolCallError``, also when the server is not in use or its circuit breaker is open;
    ///   ``InputRequired``; `CancellationError` when the task was cancelled.
    package func call(_ call: ToolCall) async throws -> ToolResult {
        let name = call.name
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
            let result = try await supervisor.source.call(call)
            update(supervisor) { $0.answered() }
            return result
        } catch let error as InputRequired {
            update(supervisor) { $0.answered() }
            throw error
        } catch let error as ToolCallError {
            update(supervisor) { $0.failed(error.message, at: .now) }
            throw error
        } catch {
            update(supervisor) { $0.callWithdrawn(at: .now) }
            throw error
        }
    }

    /// Lists the tools of one source and stores them in its state, or the failure.
    func list(_ supervisor: ServerSupervisor) async {
        var listing = 0
        update(supervisor) { listing = $0.beginListing() }
        do {
            let tools = try await supervisor.source.listTools()
            let unusable = supervisor.source.leftOutTools
            var changed = false
            update(supervisor) { changed = $0.listed(tools, without: unusable, by: listing) }
            guard changed else { return }
            logger.info(
                "The tools of a server are known.",
                metadata: ["server": "\(supervisor.source.server)", "tools": "\(tools.count)"])
            for tool in tools where !tool.modelSchema.losses.isEmpty {
                let losses = tool.modelSchema.losses.prefix(5).joined(separator: "; ")
                logger.info(
                    "A model is not told all of a tool's schema.",
                    metadata: ["tool": "\(tool.name)", "left_out": "\(losses)"])
            }
        } catch {
            guard !Task.isCancelled else { return }
            let problem = (error as? ToolCallError)?.message ?? "its tools could not be listed"
            update(supervisor) { $0.listingFailed(problem, by: listing) }
        }
    }

    /// Changes the state of a source, unless its supervisor was retired or replaced since.
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

    /// Notifies the callers that wait in ``settled(within:clock:of:)``.
    private func announce() {
        for watcher in state.withLockedValue({ Array($0.watchers.values) }) { watcher.yield() }
    }
}
