import Analytics
import Logging
import ServiceLifecycle

/// Applies the store's retention rules every hour.
struct MaintenanceService: Service {
    let store: Store
    let live: LiveSettings
    /// Signs the records of removed rows; nil: sealed rows are left.
    let auditKey: AuditKey?
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(3600))
                guard !Task.isCancelled else { return }
                do {
                    try await store.applyRetention()
                    report(try await store.removeOld(days: live.current.retentionDays, key: auditKey))
                } catch {
                    logger.warning("The record was not tidied.", metadata: ["error": "\(error)"])
                }
            }
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
            "Old rows of the record were deleted.",
            metadata: [
                "audit_rows": "\(result.auditRows)", "tool_calls": "\(result.toolCalls)",
                "months": "\(result.months.joined(separator: ", "))", "questions": "\(result.questions)",
            ])
    }
}
