import Analytics
import Logging
import ServiceLifecycle

/// Watches how many processes live, and has this one keep its share of the connections; has Slack count again when it
/// counted too many.
struct ConnectionScaler: Service {
    /// How often it looks; others learn of a new process within this time.
    struct Intervals: Sendable {
        var poll = Duration.seconds(5)
        /// A process that gave no sign of life for so long is dead.
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
                // Until the store can say how many live, this one counts on nobody else.
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

    /// nil when the store cannot say: then things stay as they are.
    private func liveQuota() async -> ConnectionQuota? {
        do {
            return ConnectionQuota(processes: try await store.liveProcesses(within: intervals.window).count)
        } catch {
            logger.debug("The live processes could not be counted.", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
