import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Claims stored questions and works on each in a child task: at most ``capacity`` at a time, and one at a time in a
/// thread.
///
/// On a graceful shutdown it claims no more, waits for the questions in flight (callers' too) and cancels those that
/// take longer than `drain`; stored questions are left for the successor. When another process of the same name is
/// running it shuts down the same way, and throws ``StoreError`` `.nameTaken`.
struct QuestionDispatcher: Service {
    /// Maximum number of questions that it works on at the same time, without those of callers of this process. Most of
    /// them wait for a model.
    static let capacity = 256
    /// Interval of polls without a signal, for questions whose lease has run out or whose thread has become free.
    private static let pollInterval = Duration.seconds(1)
    /// How long cancelled questions of callers may take to end; their leases are not renewed during this time.
    private static let callersEnding = Duration.seconds(3)

    private let store: Store
    private let process: ProcessRow
    private let drain: Duration
    private let logger: Logger
    private let workSignal: WorkSignal
    private let inFlight: InFlightQuestions
    /// Works on one claimed question until it has ended or is released; releases it when its task is cancelled.
    private let work: @Sendable (Claim) async -> Void

    init(
        store: Store, process: ProcessRow, drain: Duration, workSignal: WorkSignal, inFlight: InFlightQuestions,
        logger: Logger, work: @escaping @Sendable (Claim) async -> Void
    ) {
        self.work = work
        self.store = store
        self.process = process
        self.drain = drain
        self.workSignal = workSignal
        self.inFlight = inFlight
        self.logger = logger
    }

    private var leases: LeaseRenewal {
        LeaseRenewal(store: store, process: process, inFlight: inFlight, logger: logger)
    }
    private var room: Int { Self.capacity - inFlight.countWithoutCaller }

    func run() async throws {
        let failure = NIOLockedValueBox<StoreError?>(nil)
        await withDiscardingTaskGroup { group in
            group.addTask {
                await leases.run { error in
                    let isFirst = failure.withLockedValue { failure in
                        defer { failure = error }
                        return failure == nil
                    }
                    guard isFirst else { return }
                    logger.critical("This process stops: its name is another's.", metadata: ["error": "\(error)"])
                    workSignal.finish()
                }
            }
            group.addTask { await poll() }
            await withGracefulShutdownHandler {
                for await _ in workSignal.signals { await begin(in: &group) }
            } onGracefulShutdown: {
                workSignal.finish()
            }
            await inFlight.drain(within: drain)
            inFlight.close()
            group.cancelAll()
            // Callers' questions run in their callers' tasks, which `cancelAll()` does not reach.
            await inFlight.drain(within: Self.callersEnding)
        }
        if let error = failure.withLockedValue({ $0 }) { throw error }
    }

    /// Begins the questions that were signalled and, when a poll was signalled, those that the store returns.
    private func begin(in group: inout DiscardingTaskGroup) async {
        var (ids, isPoll) = workSignal.take()
        if isPoll, room > 0 { ids += await claimable(limit: room) }
        for id in ids {
            guard room > 0 else { return }
            guard inFlight.begin(id) else { continue }
            group.addTask {
                await claimAndProcess(id)
                // The next question of its thread may be claimable now.
                if inFlight.end(id) { workSignal.send() }
            }
        }
    }

    private func claimable(limit: Int) async -> [ULID] {
        do {
            return try await store.claimable(leavingCallers: true, limit: limit)
        } catch {
            logger.warning("Stored questions could not be read.", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func claimAndProcess(_ id: ULID) async {
        do {
            guard let claim = try await store.claim(id, for: process) else { return inFlight.block(id) }
            inFlight.claim(id)
            await inFlight.untilLost(id) { await work(claim) }
        } catch {
            logger.warning("A question could not be claimed.", metadata: ["question": "\(id)", "error": "\(error)"])
        }
    }

    private func poll() async {
        while !Task.isCancelled {
            workSignal.send()
            try? await Task.sleep(for: Self.pollInterval)
        }
    }
}
