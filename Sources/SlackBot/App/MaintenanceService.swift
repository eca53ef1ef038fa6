import Analytics
import Logging
import ServiceLifecycle

/// Computes roll-ups that are missing or of another time zone at the start, and applies the store's retention rules
/// every hour.
struct MaintenanceService: Service {
    let store: Store
    let logger: Logger

    private static let interval = Duration.seconds(3600)
    /// Until the roll-ups are asked for again, while the store is unavailable or another process computes them.
    private static let pause = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var hasRollups = false
            var tidied = ContinuousClock.now
            while !Task.isCancelled {
                if !hasRollups { hasRollups = await ensureRollups() }
                try? await Task.sleep(for: hasRollups ? Self.interval : Self.pause)
                guard !Task.isCancelled else { return }
                guard tidied + Self.interval <= .now else { continue }
                tidied = .now
                do {
                    try await store.applyRetention()
                } catch {
                    logger.warning("Old rows of the store could not be deleted.", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func ensureRollups() async -> Bool {
        do {
            return try await store.ensureRollups()
        } catch {
            guard !Task.isCancelled else { return false }
            logger.warning("The figures of past days were not computed yet.", metadata: ["error": "\(error)"])
            return false
        }
    }
}
