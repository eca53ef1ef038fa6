package import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// A Slack workspace on loopback: Web API, Socket Mode, people who act, and a page to look at it.
///
/// It speaks the protocol of docs.slack.dev strictly: what Slack refuses is refused here, with Slack's own error codes.
package final class Emulator: Service {
    package let options: EmulatorOptions
    let workspace: Workspace
    let gateway: SocketGateway
    let trafficLog: TrafficLog
    let faults = FaultList()
    private let logger: Logger
    private let port = NIOLockedValueBox(0)
    private let readyContinuation: AsyncStream<Void>.Continuation
    private let ready: AsyncStream<Void>

    package init(_ options: EmulatorOptions = EmulatorOptions(), logger: Logger) {
        self.options = options
        self.logger = logger
        let workspace = Workspace(options: options)
        self.workspace = workspace
        trafficLog = TrafficLog(onEntry: { workspace.notify() })
        gateway = SocketGateway(options: options, workspace: workspace, trafficLog: trafficLog, logger: logger)
        (ready, readyContinuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// `http://127.0.0.1:PORT`; meaningful once ``waitUntilReady()`` returned.
    package var httpURL: String { "http://127.0.0.1:\(port.withLockedValue { $0 })" }
    /// What `SLACK_API_URL` is set to.
    package var apiURL: String { httpURL + "/api/" }
    package var pageURL: String { httpURL + "/" }

    /// Returns when both ports are open. For one caller. Throws ``UserActionError`` when ``run()`` ended before that.
    package func waitUntilReady() async throws {
        for await _ in ready { return }
        throw UserActionError("the workspace did not open its ports")
    }

    /// Serves until it is cancelled or asked to stop. Throws when a port cannot be had.
    package func run() async throws {
        defer { readyContinuation.finish() }
        try await cancelWhenGracefulShutdown {
            do { try await self.serve() } catch {
                // The end that was asked for is no failure, whatever the layers below make of it.
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
            // Either end is the end of both.
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

/// Runs an emulator for the time of `body`, and ends it in every case.
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
