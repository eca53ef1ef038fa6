import Bridge
import ServiceLifecycle

/// Service that does nothing until the shutdown reaches it, which is after all later services have stopped; then runs
/// `close`.
struct ShutdownHook: Service {
    private let close: @Sendable () async -> Void

    init(_ close: @escaping @Sendable () async -> Void) { self.close = close }

    func run() async throws {
        try? await gracefulShutdown()
        // Also when the group is cancelled: the resource must be closed then too.
        await withCancellationShield(close)
    }
}
