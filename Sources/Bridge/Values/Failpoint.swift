#if DEBUG
    import Glibc
#endif

/// A named point in the processing of a question at which a test kills or stops the process. There is one between every
/// two steps that a restart must distinguish. In release builds ``reach()`` does nothing.
package enum Failpoint: String, Sendable, CaseIterable {
    /// The question is stored; its envelope or request is not acknowledged yet.
    case accepted
    /// The acknowledgement was sent.
    case acknowledged
    /// This process has claimed the question.
    case claimed
    /// A message is in the outbox and not sent.
    case postPlanned = "post-planned"
    /// A message was posted; the outbox does not hold it as sent yet.
    case postSent = "post-sent"
    /// The outbox holds the progress message, or the parent message of the thread, as sent.
    case postRecorded = "post-recorded"
    /// A model turn is complete and in the journal.
    case turnEnded = "turn-ended"
    /// The start of a tool call is in the journal; the call is not sent yet.
    case callStored = "call-stored"
    /// A tool call returned; its result is in memory only.
    case callMade = "call-made"
    /// The result of a tool call is in the journal.
    case resultStored = "result-stored"
    /// The wait is stored, with its messages in the outbox; none of them is sent.
    case suspended
    /// The outcome is known, in memory only.
    case answered
    /// The outcome is stored, with its messages in the outbox; none of them is sent.
    case finished
    /// A message of the outcome was sent; the outbox does not hold it as sent yet.
    case said
    /// The content of a file of the outcome was uploaded; the file is not shared yet.
    case fileUploaded = "file-uploaded"
    /// A file of the outcome was shared; the outbox does not hold it as sent yet.
    case fileShared = "file-shared"
    /// The outbox holds the last message of the outcome as sent.
    case delivered

    /// Sends SIGKILL to this process when `OMNI_FAULT_POINT` is the raw value of this point; with
    /// `OMNI_FAULT_SIGNAL=STOP` SIGSTOP instead, once. Debug builds only.
    package func reach() {
        #if DEBUG
            guard Self.armed == self else { return }
            _ = Self.signalled
        #endif
    }

    #if DEBUG
        private static let stops = getenv("OMNI_FAULT_SIGNAL").map { String(cString: $0) == "STOP" } ?? false
        /// Raises the signal when it is first read, so that a process that was continued does not stop again. Raised
        /// for this thread: a signal to the process may be taken by another thread while this one goes on.
        private static let signalled = raise(stops ? SIGSTOP : SIGKILL)
        private static let armed = getenv("OMNI_FAULT_POINT").flatMap { Failpoint(rawValue: String(cString: $0)) }
    #endif
}
