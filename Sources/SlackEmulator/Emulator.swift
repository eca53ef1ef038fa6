package import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// A Slack workspace on loopback: Web API, Socket Mode, users that act by function calls, and a web page.
///
/// Follows docs.slack.dev strictly: what Slack refuses is refused, with Slack's error codes.
package final class Emulator: Service {
    /// The options that the workspace was created with.
    package let options: EmulatorOptions
    let workspace: Workspace
    let gateway: SocketGateway
    let trafficLog: TrafficLog
    let faults = FaultList()
    private let logger: Logger
    private let port = NIOLockedValueBox(0)
    private let readyContinuation: AsyncStream<Void>.Continuation
    private let ready: AsyncStream<Void>

    /// Creates the workspace's state; nothing listens before ``run()``.
    package init(_ options: EmulatorOptions = EmulatorOptions(), logger: Logger) {
        self.options = options
        self.logger = logger
        let workspace = Workspace(options: options)
        self.workspace = workspace
        trafficLog = TrafficLog(onEntry: { workspace.notify() })
        gateway = SocketGateway(options: options, workspace: workspace, trafficLog: trafficLog, logger: logger)
        (ready, readyContinuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// `http://127.0.0.1:PORT`; valid once ``waitUntilReady()`` has returned.
    package var httpURL: String { "http://127.0.0.1:\(port.withLockedValue { $0 })" }
    /// The value for `SLACK_API_URL`.
    package var apiURL: String { httpURL + "/api/" }
    /// The address of the web page.
    package var pageURL: String { httpURL + "/" }

    /// Returns when both ports are open. May be called once.
    ///
    /// - Throws: ``UserActionError`` when ``run()`` ended before that.
    package func waitUntilReady() async throws {
        for await _ in ready { return }
        throw UserActionError("the workspace did not open its ports")
    }

    /// Serves until the task is cancelled or a graceful shutdown is triggered.
    ///
    /// - Throws: when a port cannot be bound.
    package func run() async throws {
        defer { readyContinuation.finish() }
        try await cancelWhenGracefulShutdown {
            do { try await self.serve() } catch {
                // Errors after a cancellation are its consequence.
                if !Task.isCancelled { throw error }
            }
        }
    }

    private func serve() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (sockets, socketsOpen) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            group.addTask {
                defer { socketsOpen.finish() }
                try await self.gateway.run { _ in socketsOpen.yield() }
            }
            group.addTask {
                var iterator = sockets.makeAsyncIterator()
                guard await iterator.next() != nil else { return }
                try await WorkspaceServer(emulator: self, logger: self.logger).run { port in self.isOpen(on: port) }
            }
            // When one of the servers ends, the other is cancelled.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func isOpen(on port: Int) {
        self.port.withLockedValue { $0 = port }
        workspace.change { $0.baseURL = httpURL }
        readyContinuation.yield()
        logger.info("The local Slack workspace is open.", metadata: ["page": "\(pageURL)"])
    }
}

/// Runs an emulator while `body` runs, and stops it when `body` returns or throws.
package func withEmulator<Result: Sendable>(
    _ options: EmulatorOptions = EmulatorOptions(), logger: Logger = Logger(label: "emulator"),
    _ body: @Sendable (Emulator) async throws -> Result
) async throws -> Result {
    let emulator = Emulator(options, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await emulator.run() }
        defer { group.cancelAll() }
        try await emulator.waitUntilReady()
        return try await body(emulator)
    }
}
