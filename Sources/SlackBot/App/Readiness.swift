import NIOConcurrencyHelpers
import ServiceLifecycle

/// Whether this process takes work. The last service of the group, so it starts last and a graceful shutdown reaches it
/// first.
final class Readiness: Service, Sendable {
    /// `ready` from the start of all services until a graceful shutdown begins.
    enum State: String, Sendable, Hashable { case starting, ready, draining }

    private let box = NIOLockedValueBox(State.starting)

    var state: State { box.withLockedValue { $0 } }

    func run() async throws {
        box.withLockedValue { $0 = .ready }
        try? await gracefulShutdown()
        box.withLockedValue { $0 = .draining }
    }
}
