/// The state machine of one question. Pure: the store reads the row, applies an event and writes the row in one
/// transaction.
///
///     received ── claim ──▸ working ── finish ──▸ terminal ── delivered ──▸ over
///      ▴    ▴                │   │                   │
///      │    └─── release ────┘   │ suspend    claim: to send the remaining messages
///      └──── wake ──── waiting ◂─┘
///
/// `publish` makes a question that is over undelivered again.
///
/// A claim raises the epoch. Every other event of a claim names the epoch under which it is made, so that a process
/// that was suspended and resumes cannot change a question that another process has claimed.
///
/// A waiting question is claimed only to send its messages, as an ended one, and stays waiting then. When its time is
/// over it is claimed as a received one.
package struct QuestionStateMachine: Sendable, Hashable {
    package var state = QuestionState.received
    package var waitingFor: QuestionState.Reason?
    /// See ``QuestionRow/owner``.
    package var owner: String?
    /// Number of claims.
    package var epoch: Int64 = 0
    /// Number of claims to answer it, minus those that were released or led to a wait.
    package var attempts = 0
    /// The question has ended or begun to wait, and some of its messages are not sent.
    package var isUndelivered = false
    /// The owner's lease has not expired.
    package var isHeld = false
    /// It waits, and the time of the wait is over.
    package var isDue = false

    package init() {}

    /// An event. `epoch` is that of the claim under which the event is made.
    package enum Event: Sendable, Hashable {
        case claim(by: String)
        /// The question waits from now on, and the attempt does not count; `undelivered`: messages are to be sent.
        case suspend(epoch: Int64, for: QuestionState.Reason, undelivered: Bool)
        /// The wait has ended with an answer, in whatever process.
        case wake
        /// The time of the wait is over.
        case waitOver
        /// It is to end before it is answered, at the present claim or the next: a wait ends.
        case stop
        /// The owner gives the question up; it continues at its last complete step. The attempt does not count.
        case release(epoch: Int64)
        /// The question has ended; `undelivered`: messages are to be sent.
        case finish(epoch: Int64, QuestionState, undelivered: Bool)
        /// All messages are sent.
        case delivered(epoch: Int64)
        /// Further messages are to be sent after all others: a private answer is shown to everyone.
        case publish
        /// Claim and end of a question that no process works on. No attempt was made.
        case withdraw(by: String, QuestionState)
        /// The owner's lease has expired or was ended.
        case leaseEnded
    }

    /// True if nothing is left to do.
    package var isOver: Bool { state.isTerminal && !isUndelivered }

    /// Applies the event. Returns false, and changes nothing, if it is not allowed.
    package mutating func handle(_ event: Event) -> Bool {
        switch event {
        case .claim(let process): return claim(by: process)
        case .suspend(let epoch, let reason, let undelivered):
            guard isUnderway(epoch) else { return false }
            (state, waitingFor, isUndelivered) = (.waiting, reason, undelivered)
            attempts -= 1
            if !undelivered { isHeld = false }
        case .wake:
            guard state == .waiting else { return false }
            (state, waitingFor, isDue) = (.received, nil, false)
        case .waitOver:
            guard state == .waiting else { return false }
            isDue = true
        case .stop:
            guard !state.isTerminal else { return false }
            if state == .waiting { (state, waitingFor, isDue) = (.received, nil, false) }
        case .release(let epoch):
            guard isUnderway(epoch) || isDelivering(epoch) else { return false }
            if state == .working {
                state = .received
                attempts -= 1
            }
            (owner, isHeld) = (nil, false)
        case .finish(let epoch, let ending, let undelivered):
            guard isUnderway(epoch), ending.isTerminal else { return false }
            (state, isUndelivered) = (ending, undelivered)
            if !undelivered { isHeld = false }
        case .delivered(let epoch):
            guard isDelivering(epoch) else { return false }
            (isUndelivered, isHeld) = (false, false)
        case .publish:
            guard isOver else { return false }
            isUndelivered = true
        case .withdraw(let process, let ending): return withdraw(by: process, ending)
        case .leaseEnded:
            isHeld = false
        }
        return true
    }

    private mutating func claim(by process: String) -> Bool {
        guard !isOver, !isHeld else { return false }
        if state == .waiting, !isDue {
            guard isUndelivered else { return false }
        } else if !state.isTerminal {
            // The attempt plans its messages anew, also those of a wait that were not sent.
            (state, waitingFor, isUndelivered, isDue) = (.working, nil, false, false)
            attempts += 1
        }
        (owner, isHeld) = (process, true)
        epoch += 1
        return true
    }

    private mutating func withdraw(by process: String, _ ending: QuestionState) -> Bool {
        var ended = self
        guard ended.claim(by: process),
            ended.handle(.finish(epoch: ended.epoch, ending, undelivered: false))
        else { return false }
        ended.attempts = 0
        self = ended
        return true
    }

    private func isUnderway(_ epoch: Int64) -> Bool { epoch == self.epoch && state == .working }

    /// Of a question that waits, was woken since, or has ended.
    private func isDelivering(_ epoch: Int64) -> Bool {
        epoch == self.epoch && state != .working && isUndelivered && owner != nil
    }
}
