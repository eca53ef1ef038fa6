import NIOConcurrencyHelpers
import ServiceLifecycle

/// Whether this process takes work: the last of the services, so the first that a stop reaches.
final class Readiness: Service, Sendable {
    enum State: String, Sendable, Hashable { case starting, ready, draining }

    private let box = NIOLockedValueBox(State.starting)

    var state: State { box.withLockedValue { $0 } }

    func run() async throws {
        box.withLockedValue { $0 = .ready }
        try? await gracefulShutdown()
        box.withLockedValue { $0 = .draining }
    }
}
