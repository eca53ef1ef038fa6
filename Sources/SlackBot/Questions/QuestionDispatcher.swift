import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Works on the questions that were stored: one child task each, a bounded number at a time, one at a time in a thread.
///
/// On a graceful stop it claims nothing more, waits for the questions in flight, also of callers, and cancels what takes
/// longer than `drain`; what was only stored is left for the successor. It ends the same way, with an error, when another
/// process of its name is running.
struct QuestionDispatcher: Service {
    /// Questions at the same time in this process. Most of them wait for a model.
    static let capacity = 256
    private static let renewal = Duration.milliseconds(1_500)
    /// How often the store is polled without a signal: leases of other processes end, threads become free.
    private static let pollInterval = Duration.seconds(1)
    /// How long the cancelled questions of callers have to be ended; their leases are not renewed any more.
    private static let callersEnding = Duration.seconds(3)

    private let store: Store
    private let process: ProcessRow
    private let drain: Duration
    private let logger: Logger
    private let workSignal: WorkSignal
    private let inFlight: InFlightQuestions
    /// Answers one claimed question to its end; when its task is cancelled, it gives the question back.
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

    private var room: Int { Self.capacity - inFlight.countWithoutCaller }

    func run() async throws {
        let failure = NIOLockedValueBox<StoreError?>(nil)
        await withDiscardingTaskGroup { group in
            group.addTask {
                await renewLeases { error in
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
            // Callers' questions are no children of this group.
            await inFlight.drain(within: Self.callersEnding)
        }
        if let error = failure.withLockedValue({ $0 }) { throw error }
    }

    /// Begins the questions that were signalled, and those that the store has when it is to be polled.
    private func begin(in group: inout DiscardingTaskGroup) async {
        var (ids, isPoll) = workSignal.take()
        if isPoll, room > 0 { ids += await claimable(limit: room) }
        for id in ids {
            guard room > 0 else { return }
            guard inFlight.begin(id) else { continue }
            group.addTask {
                await claimAndProcess(id)
                // The next of its thread may be free now.
                if inFlight.end(id) { workSignal.send() }
            }
        }
    }

    private func claimable(limit: Int) async -> [ULID] {
        do {
            return try await store.claimable(at: .slack, limit: limit)
        } catch {
            logger.warning("Stored questions could not be read.", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func claimAndProcess(_ id: ULID) async {
        do {
            guard let claim = try await store.claim(id, for: process) else { return inFlight.block(id) }
            inFlight.claim(id)
            await withTaskGroup { group in
                group.addTask { await work(claim) }
                group.addTask { await inFlight.lost(id) }
                await group.next()
                group.cancelAll()
            }
        } catch {
            logger.warning("A question could not be claimed.", metadata: ["question": "\(id)", "error": "\(error)"])
        }
    }

    private func renewLeases(onNameTaken stop: @Sendable (StoreError) -> Void) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.renewal)
            do {
                let working = inFlight.claimed
                let held = try await store.renewLeases(of: process)
                for id in working.subtracting(held) { inFlight.lose(id) }
                try await store.stayRegistered(process)
            } catch let error as StoreError where error.code == .nameTaken {
                stop(error)
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning("Leases could not be renewed.", metadata: ["error": "\(error)"])
            }
        }
    }

    private func poll() async {
        while !Task.isCancelled {
            workSignal.send()
            try? await Task.sleep(for: Self.pollInterval)
        }
    }
}
