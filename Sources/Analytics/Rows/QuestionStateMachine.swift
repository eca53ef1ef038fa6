/// The state machine of one question. Pure: the store reads the row, applies an event and writes the row in one
/// transaction.
///
///     received ── claim ──▸ working ◂──▸ waiting ── finish ──▸ terminal ── delivered ──▸ over
///         ▴                    │             │                   │
///         └───────────────  release  ────────┘          claim: to send the remaining messages
///
/// `publish` makes a question that is over undelivered again.
///
/// A claim raises the epoch. Every other event of a claim names the epoch under which it is made, so that a process
/// that was suspended and resumes cannot change a question that another process has claimed.
package struct QuestionStateMachine: Sendable, Hashable {
    package var state = QuestionState.received
    package var waitingFor: QuestionState.Reason?
    /// See ``QuestionRow/owner``.
    package var owner: String?
    /// Number of claims.
    package var epoch: Int64 = 0
    /// Number of claims before the end, minus releases.
    package var attempts = 0
    /// The question has ended and some of its messages are not sent.
    package var isUndelivered = false
    /// The owner's lease has not expired.
    package var isHeld = false

    package init() {}

    /// An event. `epoch` is that of the claim under which the event is made.
    package enum Event: Sendable, Hashable {
        case claim(by: String)
        /// The question waits for a user or for its turn.
        case wait(epoch: Int64, for: QuestionState.Reason)
        /// The work continues after a wait.
        case work(epoch: Int64)
        /// The owner gives the question up; it continues at its last complete step. The attempt does not count.
        case release(epoch: Int64)
        /// The question has ended; `undelivered`: messages are to be sent.
        case finish(epoch: Int64, QuestionState, undelivered: Bool)
        /// All messages are sent.
        case delivered(epoch: Int64)
        /// Further messages are to be sent after all others: a private answer is shown to everyone.
        case publish
        /// The owner's lease has expired or was ended.
        case leaseEnded
    }

    /// True if nothing is left to do.
    package var isOver: Bool { state.isTerminal && !isUndelivered }

    /// Applies the event. Returns false, and changes nothing, if it is not allowed.
    package mutating func handle(_ event: Event) -> Bool {
        switch event {
        case .claim(let process):
            guard !isOver, !isHeld else { return false }
            if !state.isTerminal {
                (state, waitingFor) = (.working, nil)
                attempts += 1
            }
            (owner, isHeld) = (process, true)
            epoch += 1
        case .wait(let epoch, let reason):
            guard isUnderway(epoch) else { return false }
            (state, waitingFor) = (.waiting, reason)
        case .work(let epoch):
            guard isUnderway(epoch) else { return false }
            (state, waitingFor) = (.working, nil)
        case .release(let epoch):
            guard isUnderway(epoch) || isDelivering(epoch) else { return false }
            if !state.isTerminal {
                (state, waitingFor) = (.received, nil)
                attempts -= 1
            }
            (owner, isHeld) = (nil, false)
        case .finish(let epoch, let ending, let undelivered):
            guard isUnderway(epoch), ending.isTerminal else { return false }
            (state, waitingFor, isUndelivered) = (ending, nil, undelivered)
            if !undelivered { isHeld = false }
        case .delivered(let epoch):
            guard isDelivering(epoch) else { return false }
            (isUndelivered, isHeld) = (false, false)
        case .publish:
            guard isOver else { return false }
            isUndelivered = true
        case .leaseEnded:
            isHeld = false
        }
        return true
    }

    private func isUnderway(_ epoch: Int64) -> Bool {
        epoch == self.epoch && (state == .working || state == .waiting)
    }

    private func isDelivering(_ epoch: Int64) -> Bool {
        epoch == self.epoch && state.isTerminal && isUndelivered && owner != nil
    }
}
