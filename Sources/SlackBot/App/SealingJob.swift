import Analytics
import Logging

/// Chains and signs the new rows of the audit log every ten seconds, so that later changes of them can be found.
struct SealingJob: Sendable {
    /// Rows of a transaction, for which writers of the embedded store wait.
    private static let batch = 1000

    let store: Store
    let key: AuditKey
    let logger: Logger

    var job: BackgroundJob { BackgroundJob(name: "sealing", interval: .seconds(10), pause: .seconds(10), run: run) }

    /// The key of the environment or of the data folder, which is made if it is missing. nil, with an error in the log,
    /// if that is not possible: the bot answers all the same. Throws ``StoreError`` for a value or a file that is no
    /// key.
    static func key(_ settings: Settings, logger: Logger) throws -> AuditKey? {
        do {
            return try settings.loadAuditKey(making: true)
        } catch let error as StoreError where error.code == .unavailable {
            logger.error(
                "The audit log is not sealed: there is no key. Set OMNI_AUDIT_KEY.", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func run() async throws {
        // A log without new rows would not show that this key may not sign.
        if let problem = try await store.auditKeyProblem(key) { throw StoreError(.auditKey, problem) }
        var isFull = true
        while isFull {
            try Task.checkCancellation()
            let result = try await store.sealAudit(key: key, limit: Self.batch)
            isFull = result.isFull
            // A copy outside the database shows later whether a whole end of the chain was removed.
            if let last = result.finished { log(last) }
        }
    }

    private func log(_ head: AuditHead) {
        logger.info(
            "A day of the audit log is sealed.",
            metadata: ["day": "\(head.day)", "rows": "\(head.seq)", "hash": "\(head.hash)", "key": "\(head.keyID)"])
    }
}
