/// The life of one question as a value: what may happen to it and what it becomes (decisions, section 1). Pure: the
/// record reads a row, lets this decide, and writes the row, in one transaction.
///
///     received ── claim ──▸ working ◂──▸ waiting ── finish ──▸ an end ── delivered ──▸ over
///         ▴                    │             │                   │
///         └───────────────  release  ────────┘          claim: to deliver what is left
///
/// A claim raises the epoch, and every change but a claim names the epoch under which it is made, so that a process
/// which was stopped and comes back changes nothing that somebody else has taken over.
package struct QuestionStateMachine: Sendable, Hashable {
    package var state = QuestionState.received
    package var waitingFor: QuestionState.Reason?
    /// The process that works on it, or did last.
    package var owner: String?
    package var epoch: Int64 = 0
    /// How often it was begun and neither ended nor given back.
    package var attempts = 0
    /// It has ended, and not all that is to be said of it was said.
    package var isUndelivered = false
    /// The owner's lease has not run out.
    package var isHeld = false

    package init() {}

    package enum Event: Sendable, Hashable {
        case claim(by: String)
        case wait(epoch: Int64, for: QuestionState.Reason)
        case work(epoch: Int64)
        /// Given back at its last complete step. No attempt: nothing went wrong.
        case release(epoch: Int64)
        case finish(epoch: Int64, QuestionState, undelivered: Bool)
        case delivered(epoch: Int64)
        /// The owner did not renew its lease, or said that it has died.
        case leaseEnded
    }

    /// Whether anything is left to do.
    package var isOver: Bool { state.isTerminal && !isUndelivered }

    /// True when the event may happen; false changes nothing.
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
