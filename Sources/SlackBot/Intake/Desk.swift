import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Works on the questions that were stored: one child task each, a bounded number at a time, one at a time in a thread.
///
/// On a graceful stop it claims nothing more, waits for the questions in flight and cancels what takes longer than
/// `drain`; what was only stored is left for the successor.
struct Desk: Service {
    /// Questions at the same time in this process.
    static let capacity = 64
    private static let renewal = Duration.milliseconds(1_500)
    /// How often the store is looked at although nobody rang: leases of other processes end, threads become free.
    private static let patrol = Duration.seconds(1)

    private let record: Record
    private let process: ProcessRow
    private let drain: Duration
    private let logger: Logger
    private let bell: Bell
    private let flights = Flights()
    /// Answers one claimed question to its end.
    private let work: @Sendable (Claim) async -> Void

    init(
        record: Record, process: ProcessRow, drain: Duration, bell: Bell, logger: Logger,
        work: @escaping @Sendable (Claim) async -> Void
    ) {
        self.work = work
        self.record = record
        self.process = process
        self.drain = drain
        self.bell = bell
        self.logger = logger
    }

    var inFlight: Int { flights.count }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await renewLeases() }
            group.addTask { await patrol() }
            for await _ in bell.rings.cancelOnGracefulShutdown() { await claimAll(in: &group) }
            await flights.settle(within: drain)
            group.cancelAll()
        }
    }

    private func claimAll(in group: inout DiscardingTaskGroup) async {
        do {
            let room = Self.capacity - inFlight
            guard room > 0 else { return }
            for id in try await record.claimable(door: .slack, limit: room) {
                guard let claim = try await record.claim(id, for: process) else { continue }
                flights.began()
                group.addTask {
                    await work(claim)
                    flights.ended()
                    bell.ring()
                }
            }
        } catch {
            logger.warning("Stored questions could not be claimed.", metadata: ["error": "\(error)"])
        }
    }

    private func renewLeases() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.renewal)
            do {
                _ = try await record.renewLeases(of: process)
                _ = try await record.heartbeat(process)
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning("Leases could not be renewed.", metadata: ["error": "\(error)"])
            }
        }
    }

    private func patrol() async {
        while !Task.isCancelled {
            bell.ring()
            try? await Task.sleep(for: Self.patrol)
        }
    }
}

/// Says that there may be work. Rings that nobody has heard yet are one ring.
struct Bell: Sendable {
    let rings: AsyncStream<Void>
    private let rope: AsyncStream<Void>.Continuation

    init() { (rings, rope) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func ring() { rope.yield() }
}

/// Counts what is in the air and lets a stop wait until nothing is.
final class Flights: Sendable {
    private struct State {
        var count = 0
        var landed: AsyncStream<Void>.Continuation?
    }

    private let box = NIOLockedValueBox(State())

    var count: Int { box.withLockedValue { $0.count } }

    func began() { box.withLockedValue { $0.count += 1 } }

    func ended() {
        box.withLockedValue { state in
            state.count -= 1
            if state.count == 0 { state.landed?.finish() }
        }
    }

    /// Returns when nothing is in the air, or after the time.
    func settle(within limit: Duration) async {
        let (landed, continuation) = AsyncStream.makeStream(of: Void.self)
        let isEmpty = box.withLockedValue { state in
            state.landed = continuation
            return state.count == 0
        }
        guard !isEmpty else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in landed {} }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
