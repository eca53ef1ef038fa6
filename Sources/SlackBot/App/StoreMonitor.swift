import Analytics
import ServiceLifecycle

/// Watches whether the database of the store is available, until the shutdown.
struct StoreMonitor: Service {
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown { await store.watchStore() }
        // Without a spool `watchStore()` returns at once, and a service that returns would stop the group.
        try? await gracefulShutdown()
    }
}
