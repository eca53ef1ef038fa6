import Analytics
import Logging
import ServiceLifecycle

/// Tidies the record every hour.
struct Housekeeping: Service {
    let record: Record
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(3600))
                guard !Task.isCancelled else { return }
                do {
                    try await record.tidy()
                } catch {
                    logger.warning("The record was not tidied.", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
