import Analytics
import Logging
import ServiceLifecycle

/// Sets this process's number of connections from the number of live processes in the store. Requests the renewal of a
/// connection when Slack's count is higher than expected and a new count is due.
struct ConnectionScaler: Service {
    /// The intervals of the scaler.
    struct Intervals: Sendable {
        /// Between two polls of the store; a process learns of a new or ended process within this time.
        var poll = Duration.seconds(5)
        /// A process whose last heartbeat is older than this counts as ended.
        var window = Duration.seconds(15)
        var unknownConnections = UnknownConnectionDetector()
    }

    let store: Store
    let health: SocketModeHealth
    let commands: ConnectionCommands
    let intervals: Intervals
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var quota: ConnectionQuota?
            while !Task.isCancelled {
                // Until the store has answered once, this process assumes that it is the only one.
                if let new = await liveQuota() ?? (quota == nil ? ConnectionQuota(processes: 1) : nil), new != quota {
                    quota = new
                    health.want(new)
                    commands.send(.want(new.perProcess))
                }
                if health.wantsCount() { commands.send(.renew) }
                try? await Task.sleep(for: intervals.poll)
            }
        }
    }

    /// nil when the store cannot be read: then the quota stays as it is.
    private func liveQuota() async -> ConnectionQuota? {
        do {
            return ConnectionQuota(processes: try await store.liveProcesses(within: intervals.window).count)
        } catch {
            logger.debug("The live processes could not be counted.", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
