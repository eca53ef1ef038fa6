import Analytics
import Logging
import ServiceLifecycle

/// Computes roll-ups that are missing or of another time zone at the start; every hour sums the days of months and
/// applies the store's retention rules.
struct MaintenanceService: Service {
    let store: Store
    let live: LiveSettings
    /// Signs the records of removed rows; nil: sealed rows are left.
    let auditKey: AuditKey?
    let logger: Logger

    private static let interval = Duration.seconds(3600)
    private static let day = Duration.seconds(86_400)
    /// Until the roll-ups are asked for again, while the store is unavailable or another process computes them.
    private static let pause = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var hasRollups = false
            var tidied = ContinuousClock.now
            var retained: ContinuousClock.Instant?
            while !Task.isCancelled {
                if !hasRollups { hasRollups = await ensureRollups() }
                if hasRollups { await sumMonths() }
                try? await Task.sleep(for: hasRollups ? Self.interval : Self.pause)
                guard !Task.isCancelled else { return }
                guard tidied + Self.interval <= .now, !store.isAway else { continue }
                tidied = .now
                do {
                    try await store.applyRetention(isRepeated: retained.map { .now - $0 < Self.day } ?? false)
                    retained = .now
                    report(try await store.removeOld(days: live.current.retentionDays, key: auditKey))
                } catch {
                    logger.warning("Old rows of the store could not be deleted.", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func ensureRollups() async -> Bool {
        // The outage itself is in the log already.
        guard !store.isAway else { return false }
        do {
            return try await store.ensureRollups()
        } catch {
            guard !Task.isCancelled else { return false }
            logger.warning("The figures of past days were not computed yet.", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func sumMonths() async {
        guard !store.isAway else { return }
        do {
            try await store.sumMonths()
        } catch {
            guard !Task.isCancelled else { return }
            logger.warning("The figures of months were not summed yet.", metadata: ["error": "\(error)"])
        }
    }

    private func report(_ result: RetentionResult) {
        if !result.waiting.isEmpty {
            logger.warning(
                "Old months of the audit log are left: they have rows that are not sealed, or need the audit key.",
                metadata: ["months": "\(result.waiting.joined(separator: ", "))"])
        }
        guard !result.isEmpty else { return }
        logger.info(
            "Old rows of the audit log were deleted.",
            metadata: [
                "audit_rows": "\(result.auditRows)", "tool_calls": "\(result.toolCalls)",
                "months": "\(result.months.joined(separator: ", "))", "questions": "\(result.questions)",
            ])
    }
}
