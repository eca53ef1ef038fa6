import Analytics
import Bridge

/// How a thread looks while the answer is made. The ``Outbox`` delivers the answer itself.
protocol Reply: Sendable {
    /// Opens the thread and shows progress in it until `events` ends, which means that the answer is ready, or a user
    /// stops it (``ReplyTarget/stop``). A request in flight then is awaited, within limits: the ts of a
    /// posted message must be known, and an edit that Slack carries out after the answer's would replace the answer.
    ///
    /// - Parameter planned: the outbox.
    func run(_ claimed: ClaimedQuestion, planned: [PostRow], showing events: AsyncStream<AnswerEvent>) async
        -> ReplyTarget
}

/// Shows nothing before an answer that only its asker sees.
struct PrivateReply: Reply {
    func run(_ claimed: ClaimedQuestion, planned: [PostRow], showing events: AsyncStream<AnswerEvent>) async
        -> ReplyTarget
    {
        ReplyTarget(privately: claimed, planned: planned)
    }
}
