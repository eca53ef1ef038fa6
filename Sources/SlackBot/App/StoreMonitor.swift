import Analytics
import ServiceLifecycle

/// Detects when the store becomes unavailable and available again, until the app ends.
struct StoreMonitor: Service {
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown { await store.watchStore() }
        // A record without a spool has nothing to watch, and a service ends by a stop only.
        try? await gracefulShutdown()
    }
}
