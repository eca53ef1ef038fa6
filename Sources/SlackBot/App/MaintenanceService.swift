import Analytics
import Logging
import ServiceLifecycle

/// Applies the store's retention rules every hour.
struct MaintenanceService: Service {
    let store: Store
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(3600))
                guard !Task.isCancelled else { return }
                do {
                    try await store.applyRetention()
                } catch {
                    logger.warning("Old rows of the store could not be deleted.", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
