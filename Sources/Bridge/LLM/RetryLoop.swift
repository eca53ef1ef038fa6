import Logging

/// Repeats the attempts for one turn until one succeeds, must not be repeated, or is the last; the same for every
/// provider.
struct RetryLoop: Sendable {
    let policy: RetryPolicy
    let logger: Logger
    /// Waits between attempts.
    let sleep: @Sendable (Duration) async throws -> Void

    typealias DeltaHandler = @Sendable (ModelDelta) async -> Void

    /// Returns the turn of the first attempt that succeeds. Announces waits, and that deltas are void, to `onDelta`.
    ///
    /// Tokens of failed attempts are billed too: they are in `spent` of the turn, or of the error when no turn is
    /// returned.
    ///
    /// - Parameter attempt: makes one attempt; throws ``ModelFailure``.
    /// - Throws: ``BridgeError``, with the code `cancelled` when the task was cancelled.
    func run(
        _ request: ModelRequest, _ onDelta: DeltaHandler, attempt: () async throws -> ModelTurn
    ) async throws -> ModelTurn {
        var spent: [TokenUsage] = []
        var schedule = RetrySchedule(policy: policy, budget: policy.budget(until: request.deadline, at: .now))
        while true {
            do {
                var turn = try await attempt()
                turn.calls = turn.calls.map { $0.underOwnNames(of: request.tools) }
                // Under the name that the provider answers with, so that all attempts are priced alike.
                if !spent.isEmpty { turn.spent[turn.model] = spent }
                return turn
            } catch var failure as ModelFailure {
                failure.isWaitedOut = failure.isWaitedOut && failure.spent.isEmpty
                spent += failure.spent
                failure.spent = spent
                if let last = await pause(&schedule, failure, onDelta) { throw last.charged(to: request.model) }
            }
        }
    }

    /// Waits before the next attempt. Returns the failure to report when there is none.
    private func pause(
        _ schedule: inout RetrySchedule, _ failure: ModelFailure, _ onDelta: DeltaHandler
    ) async -> ModelFailure? {
        guard failure.error.code != .cancelled else { return failure }
        let code = failure.error.code.rawValue
        let metadata: Logger.Metadata = ["code": "\(code)", "cause": "\(failure.error.cause ?? "")"]
        let step =
            failure.mayRepeat
            ? schedule.next(demanded: failure.wait, isOverload: failure.isWaitedOut, at: .now) : .stop
        switch step {
        case .stop:
            logger.warning("the model request failed", metadata: metadata)
            return failure
        case .tooLong(let demanded): return failure.tooLongAWait(demanded)
        case .wait(let wait):
            logger.info("the model is asked again", metadata: metadata)
            if failure.hasDeltas { await onDelta(.restarted) }
            await onDelta(.retrying(attempt: schedule.retries, after: wait, reason: failure.error.message))
            do { try await sleep(wait) } catch { return .cancelled(failure.spent) }
            return nil
        }
    }
}
