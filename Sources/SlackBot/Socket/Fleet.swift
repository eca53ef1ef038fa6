import Analytics
import Logging
import ServiceLifecycle

/// Watches how many processes live, and has this one keep its share of the connections; has Slack count again when it
/// counted too many.
struct Fleet: Service {
    /// How often it looks; others learn of a new process within this time.
    struct Rhythm: Sendable {
        var patrol = Duration.seconds(5)
        /// A process that gave no sign of life for so long is dead.
        var window = Duration.seconds(15)
        var ghosts = GhostWatch()
    }

    let record: Record
    let health: SocketHealth
    let orders: SocketOrders
    let rhythm: Rhythm
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var quota: SocketQuota?
            while !Task.isCancelled {
                // Until the store can say how many live, this one counts on nobody else.
                if let new = await look() ?? (quota == nil ? SocketQuota(processes: 1) : nil), new != quota {
                    quota = new
                    health.want(new)
                    orders.give(.want(new.perProcess))
                }
                if health.wantsCount() { orders.give(.renew) }
                try? await Task.sleep(for: rhythm.patrol)
            }
        }
    }

    /// nil when the store cannot say: then things stay as they are.
    private func look() async -> SocketQuota? {
        do {
            return SocketQuota(processes: try await record.liveProcesses(within: rhythm.window).count)
        } catch {
            logger.debug("The live processes could not be counted.", metadata: ["error": "\(error)"])
            return nil
        }
    }
}

/// What Socket Mode is told to do.
struct SocketOrders: Sendable {
    enum Order: Sendable, Hashable {
        /// So many connections.
        case want(Int)
        /// One of them anew.
        case renew
    }

    let stream: AsyncStream<Order>
    private let feed: AsyncStream<Order>.Continuation

    init() { (stream, feed) = AsyncStream.makeStream(of: Order.self, bufferingPolicy: .bufferingNewest(8)) }

    func give(_ order: Order) { feed.yield(order) }
}
