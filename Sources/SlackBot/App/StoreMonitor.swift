import Analytics
import ServiceLifecycle

/// Sees when the store goes away and comes back, for as long as the house stands.
struct StoreMonitor: Service {
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown { await store.watchStore() }
        // A record without a spool has nothing to watch, and a service ends by a stop only.
        try? await gracefulShutdown()
    }
}
