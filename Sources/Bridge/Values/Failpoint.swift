#if DEBUG
    import Glibc
#endif

/// A place on the path of a question where tests end the process, as kill -9 would: between every two steps that a
/// restart has to tell apart. Debug builds only; a release build has no such place.
package enum Failpoint: String, Sendable, CaseIterable {
    /// The question is in the record; whoever delivered it has no acknowledgement yet.
    case accepted
    case acknowledged
    case claimed
    /// A message is in the outbox and not sent.
    case postPlanned = "post-planned"
    /// A message is in its thread, and the outbox does not know.
    case postSent = "post-sent"
    case postRecorded = "post-recorded"
    /// A model turn is whole, and in the journal.
    case turnEnded = "turn-ended"
    case callStored = "call-stored"
    /// A tool has worked, and nobody has its result.
    case callMade = "call-made"
    case resultStored = "result-stored"
    /// The answer is there, in memory only.
    case answered
    /// The ending is in the record, with what is to be said; nothing of it is said.
    case finished
    /// The ending was said, and the outbox does not know.
    case said
    case delivered

    /// Ends the process here when `OMNI_FAULT_POINT` names this place, or with `OMNI_FAULT_SIGNAL=STOP` stops it, once.
    package func reach() {
        #if DEBUG
            guard Self.armed == self else { return }
            _ = Self.signalled
        #endif
    }

    #if DEBUG
        private static let stops = getenv("OMNI_FAULT_SIGNAL").map { String(cString: $0) == "STOP" } ?? false
        /// Sends the signal when it is first read; a stop is not repeated after the process was continued. To this thread:
        /// of a signal to the process another thread may take note, and this one would go on for a moment.
        private static let signalled = raise(stops ? SIGSTOP : SIGKILL)
        private static let armed = getenv("OMNI_FAULT_POINT").flatMap { Failpoint(rawValue: String(cString: $0)) }
    #endif
}
