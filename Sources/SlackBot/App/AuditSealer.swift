import Analytics
import Bridge
import Logging
import ServiceLifecycle

/// Chains and signs the new rows of the audit log every ten seconds, so that later changes of them can be found.
struct AuditSealer: Service {
    /// Between two runs.
    static let interval = Duration.seconds(10)
    /// Rows of a transaction, for which writers of the embedded store wait.
    private static let batch = 1000

    let store: Store
    /// nil: the key could not be read or made; nothing is sealed.
    let key: AuditKey?
    var interval = AuditSealer.interval
    let logger: Logger

    func run() async throws {
        guard let key else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown { await seal(key) }
    }

    /// The key of the environment or of the data folder, which is made if it is missing. nil, with an error in the log,
    /// if that is not possible: the bot answers all the same. Throws ``StoreError`` for a value or a file that is no
    /// key.
    static func key(_ settings: Settings, logger: Logger) throws -> AuditKey? {
        do {
            return try AuditKey.load(variable: settings.auditKey, dataFolder: settings.dataFolder, making: true)
        } catch let error as StoreError where error.code == .unavailable {
            logger.error(
                "The audit log is not sealed: there is no key. Set OMNI_AUDIT_KEY.", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func seal(_ key: AuditKey) async {
        var problem = try? await store.auditKeyProblem(key)
        if let problem { logger.error("The audit log is not sealed.", metadata: ["error": "\(problem)"]) }
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            do {
                var isFull = true
                while isFull, !Task.isCancelled {
                    let result = try await store.sealAudit(key: key, limit: Self.batch)
                    isFull = result.isFull
                    // A copy outside the database shows later whether a whole end of the chain was removed.
                    if let last = result.finished { log(last) }
                }
                problem = nil
            } catch {
                let text = "\(error)"
                guard !Task.isCancelled, text != problem else { continue }
                problem = text
                logger.error("The audit log is not sealed.", metadata: ["error": "\(text)"])
            }
        }
    }

    private func log(_ head: AuditHead) {
        logger.info(
            "A day of the audit log is sealed.",
            metadata: ["day": "\(head.day)", "rows": "\(head.seq)", "hash": "\(head.hash)", "key": "\(head.keyID)"])
    }
}
