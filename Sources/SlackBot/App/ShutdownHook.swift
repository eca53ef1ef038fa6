import Bridge
import ServiceLifecycle

/// Something that only has to be closed when everything after it has stopped.
struct ShutdownHook: Service {
    private let close: @Sendable () async -> Void

    init(_ close: @escaping @Sendable () async -> Void) { self.close = close }

    func run() async throws {
        try? await gracefulShutdown()
        // Also when the group was cancelled instead of stopped: what is open must be closed.
        await withCancellationShield(close)
    }
}
