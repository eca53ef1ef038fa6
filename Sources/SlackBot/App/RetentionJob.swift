import Analytics
import Logging
import NIOConcurrencyHelpers

/// Applies the store's retention rules every hour, and makes the partitions of the next month.
struct RetentionJob: Sendable {
    let store: Store
    let live: LiveSettings
    /// Signs the records of removed rows; nil: sealed rows are left.
    let auditKey: AuditKey?
    let logger: Logger
    /// When this process last applied the rules to all rows; afterwards only to those that have become old since.
    private let applied = NIOLockedValueBox<ContinuousClock.Instant?>(nil)

    private static let day = Duration.seconds(86_400)

    init(store: Store, live: LiveSettings, auditKey: AuditKey?, logger: Logger) {
        self.store = store
        self.live = live
        self.auditKey = auditKey
        self.logger = logger
    }

    private static let interval = Duration.seconds(3600)

    var job: BackgroundJob {
        BackgroundJob(name: "retention", interval: Self.interval, pause: Self.interval, run: run)
    }

    /// Old months need the audit key, which this process has not. As the error of a run it gives the job to another
    /// process, which may have it.
    private struct NeedsAuditKey: Error, CustomStringConvertible {
        let months: [String]
        var description: String { "the months \(months.joined(separator: ", ")) need the audit key (OMNI_AUDIT_KEY)" }
    }

    private func run() async throws {
        let last = applied.withLockedValue { $0 }
        try await store.applyRetention(isRepeated: last.map { .now - $0 < Self.day } ?? false)
        applied.withLockedValue { $0 = .now }
        let result = try await store.removeOld(days: live.current.retentionDays, key: auditKey)
        report(result)
        if auditKey == nil, !result.waiting.isEmpty { throw NeedsAuditKey(months: result.waiting) }
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
